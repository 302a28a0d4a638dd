"""The lines of a sent file that a message speaks of, with the column marked."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.writer import UNWRITTEN
from tokenx.metadata.models import ComponentMessage, Source
from tokenx.metadata.package.safe_files import Archive
from tokenx.web.limits import CHUNK

from .uploads import opened

# How many lines around the one that is meant, and how much of a long line.
AROUND = 2
WIDTH = 160
# What is further to the right is not looked for.
MAX_LINE = 1_000_000
# What nobody is shown. As many dots keep the columns.
_SECRET = re.compile(rf"(<(?:{'|'.join(sorted(UNWRITTEN))})>)([^<]+)")


@dataclass
class Line:
    number: int
    before: str
    # The letter of the column, in the line that is meant.
    marked: str = ""
    after: str = ""

    @property
    def is_meant(self) -> bool:
        return bool(self.marked)


@dataclass
class WithExcerpt:
    message: ComponentMessage
    lines: list[Line] = field(default_factory=list)


def with_excerpts(
    source: Source, messages: Iterable[ComponentMessage]
) -> list[WithExcerpt]:
    """The messages, each with the lines that it is about, where there are any."""
    found = [WithExcerpt(message) for message in messages]
    placed = [e for e in found if e.message.line and e.message.column <= MAX_LINE]
    if placed:
        try:
            with opened(source) as archive:
                _fill(archive, placed)
        except MetadataError:
            pass  # What cannot be opened any more has no lines to show.
    return found


def _fill(archive: Archive, placed: list[WithExcerpt]) -> None:
    """Read each file once, however many messages are about it."""
    by_file: dict[str, list[WithExcerpt]] = {}
    for each in placed:
        by_file.setdefault(each.message.file_name, []).append(each)
    for name, messages in by_file.items():
        if name not in archive:
            continue
        wanted = {number for each in messages for number in _around(each.message)}
        with archive.open(name) as stream:
            lines = dict(_lines(stream, wanted))
        for each in messages:
            each.lines = [
                _line(each.message, number, lines[number])
                for number in _around(each.message)
                if number in lines
            ]


def _around(message: ComponentMessage) -> range:
    return range(message.line - AROUND, message.line + AROUND + 1)


def _lines(stream: BinaryIO, wanted: set[int]) -> Iterator[tuple[int, str]]:
    """Those lines of the file. It may be large, and so may one of its lines."""
    text = io.TextIOWrapper(stream, _encoding(stream), errors="replace")
    number, kept = 1, ""
    while number <= max(wanted) and (piece := text.readline(CHUNK)):
        kept = (kept + piece)[:MAX_LINE]
        if piece.endswith("\n"):
            if number in wanted:
                yield number, kept.removesuffix("\n")
            number, kept = number + 1, ""
    if kept and number in wanted:
        yield number, kept


def _encoding(stream: BinaryIO) -> str:
    """As the reader takes it: UTF-16 shows in the first bytes."""
    start = stream.peek(2)[:2]  # type: ignore[attr-defined]
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start, "utf-8-sig")


def _line(message: ComponentMessage, number: int, text: str) -> Line:
    """The line, or as much of it as is around the column."""
    text = _SECRET.sub(lambda secret: secret[1] + "•" * len(secret[2]), text)
    if number != message.line:
        return Line(number, _cut(text, WIDTH))
    place = min(max(message.column - 1, 0), len(text))
    start = max(0, place - WIDTH // 2)
    return Line(
        number,
        ("…" if start else "") + text[start:place],
        text[place : place + 1] or " ",
        _cut(text[place + 1 :], WIDTH),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
