"""Replaces texts in an XML file without changing anything else."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

_ENTITIES = {'"': "&quot;", "'": "&apos;", "\r": "&#xd;"}
_EMPTY_TAG = re.compile(rb"<[^>]*/>")


def with_texts(xml: str, texts: Mapping[str, str]) -> str:
    """Return the XML with these texts in the root's elements.

    An element whose text becomes blank is removed. A missing element is added in
    alphabetical order. The XML must be well-formed.
    """
    for name, text in texts.items():
        xml = _with_text(xml, name, text)
    return xml


class _Child(NamedTuple):
    """An element in the root element: its name and text, and where it is in the bytes."""

    name: str
    text: str
    start: int
    end: int


class _Children:
    """The elements in the root element of some XML."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.prefix = ""
        self.found: list[_Child] = []
        self.root_end = len(data)
        self._depth = self._start = 0
        self._text: list[str] = []
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._text.append
        parser.Parse(data, True)

    def _open(self, name: str, _: Any) -> None:
        if self._depth == 0:
            self.prefix = name[: name.find(":") + 1]
        elif self._depth == 1:
            self._start = self._parser.CurrentByteIndex
            self._text.clear()
        self._depth += 1

    def _close(self, name: str) -> None:
        self._depth -= 1
        at = self._parser.CurrentByteIndex
        if self._depth == 0:
            self.root_end = at
        elif self._depth == 1:
            is_empty = _EMPTY_TAG.fullmatch(self.data, self._start, at)
            end = at if is_empty else self.data.index(b">", at) + 1
            text = "".join(self._text)
            found = _Child(name.removeprefix(self.prefix), text, self._start, end)
            self.found.append(found)


def _with_text(xml: str, name: str, text: str) -> str:
    data = xml.encode()
    children = _Children(data)
    known = next((each for each in children.found if each.name == name), None)
    if (known.text if known else "").strip() == text.strip():
        return xml
    tag = children.prefix + name
    element = f"<{tag}>{escape(text, _ENTITIES)}</{tag}>".encode()
    if known and text:
        data = data[: known.start] + element + data[known.end :]
    elif known:
        data = data[: known.start].rstrip() + data[known.end :]
    else:
        later = next((each for each in children.found if each.name > name), None)
        at = later.start if later else children.root_end
        added = element + b"\n    " if later else b"    " + element + b"\n"
        data = data[:at] + added + data[at:]
    return data.decode()
