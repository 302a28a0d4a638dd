"""Excerpts of the source around the location of each message."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.writer import UNWRITTEN
from tokenx.metadata.models import ComponentMessage, Source
from tokenx.metadata.package.safe_files import Archive
from tokenx.web.limits import CHUNK

from .uploads import open_source

# How many lines are shown above and below, and how much of a long line.
AROUND = 2
WIDTH = 160
# Columns further to the right have no excerpt.
MAX_LINE = 1_000_000
# Secrets are replaced by as many dots, which keeps the columns.
_SECRET = re.compile(rf"(<(?:{'|'.join(sorted(UNWRITTEN))})>)([^<]+)")


@dataclass
class ExcerptLine:
    number: int
    before: str
    # The character at the column, if the message is about this line.
    marked: str = ""
    after: str = ""

    @property
    def is_marked(self) -> bool:
        return bool(self.marked)


@dataclass
class MessageWithExcerpt:
    message: ComponentMessage
    lines: list[ExcerptLine] = field(default_factory=list)


def with_excerpts(
    source: Source, messages: Iterable[ComponentMessage]
) -> list[MessageWithExcerpt]:
    """Return the messages, each with the lines around its location, if it has one."""
    results = [MessageWithExcerpt(message) for message in messages]
    located = [r for r in results if r.message.line and r.message.column <= MAX_LINE]
    if located:
        try:
            with open_source(source) as archive:
                _add_lines(archive, located)
        except MetadataError:
            pass  # A source that can't be opened has no lines.
    return results


def _add_lines(archive: Archive, located: list[MessageWithExcerpt]) -> None:
    """Add the lines to the messages, and read each file only once."""
    by_file: dict[str, list[MessageWithExcerpt]] = {}
    for each in located:
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


def _lines(stream: IO[bytes], wanted: set[int]) -> Iterator[tuple[int, str]]:
    """Yield the wanted lines of a file. The file and its lines can be large."""
    text = io.TextIOWrapper(stream, _encoding(stream), errors="replace")
    number, line = 1, ""
    while number <= max(wanted) and (piece := text.readline(CHUNK)):
        line = (line + piece)[:MAX_LINE]
        if piece.endswith("\n"):
            if number in wanted:
                yield number, line.removesuffix("\n")
            number, line = number + 1, ""
    if line and number in wanted:
        yield number, line


def _encoding(stream: IO[bytes]) -> str:
    """Detect the encoding as the reader does: from the first bytes, for UTF-16."""
    start = stream.peek(2)[:2]  # type: ignore[attr-defined]
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start, "utf-8-sig")


def _line(message: ComponentMessage, number: int, text: str) -> ExcerptLine:
    """Return the line, cut to the part around the column."""
    text = _SECRET.sub(lambda secret: secret[1] + "•" * len(secret[2]), text)
    if number != message.line:
        return ExcerptLine(number, _cut(text, WIDTH))
    index = min(max(message.column - 1, 0), len(text))
    start = max(0, index - WIDTH // 2)
    return ExcerptLine(
        number,
        ("…" if start else "") + text[start:index],
        text[index : index + 1] or " ",
        _cut(text[index + 1 :], WIDTH),
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[:width]}…"
