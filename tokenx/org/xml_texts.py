"""Replaces texts and removes elements in an XML file without changing anything else."""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

_ENTITIES = {'"': "&quot;", "'": "&apos;", "\r": "&#xd;"}
_EMPTY_TAG = re.compile(rb"""<(?:[^>"'/]|/(?!>)|"[^"]*"|'[^']*')*+/>""")


def with_texts(xml: str, texts: Mapping[str, str]) -> str:
    """Return the XML with these texts in the root's elements.

    An element whose text becomes blank is removed. A missing element is added in
    alphabetical order. The XML must be well-formed.
    """
    for name, text in texts.items():
        xml = _with_text(xml, name, text)
    return xml


def elements_named(xml: str, names: Collection[str]) -> list["XmlElement"]:
    """Return the outermost elements with these names, at any depth.

    Raise ExpatError if the XML isn't well-formed.
    """
    return _NamedElements(xml.encode(), names).found


def without_elements(xml: str, names: Collection[str]) -> str:
    """Return the XML without elements of these names, or lines that had nothing else.

    Raise ExpatError if the XML isn't well-formed.
    """
    data = xml.encode()
    for element in reversed(_NamedElements(data, names).found):
        before, after = data[: element.start], data[element.end :]
        line = before[before.rfind(b"\n") + 1 :]
        rest, newline, following = after.partition(b"\n")
        if newline and not line.strip() and not rest.strip():
            before, after = before[: len(before) - len(line)], following
        data = before + after
    return data.decode()


class XmlElement(NamedTuple):
    """An element without its prefix: its name and text, and where it is in the bytes."""

    name: str
    text: str
    start: int
    end: int


class _Children:
    """The elements in the root element of some XML."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.prefix = ""
        self.found: list[XmlElement] = []
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
            text = "".join(self._text)
            end = _end_of(self.data, self._start, at)
            found = XmlElement(name.removeprefix(self.prefix), text, self._start, end)
            self.found.append(found)


class _NamedElements:
    """The outermost elements with some names, without their texts."""

    def __init__(self, data: bytes, names: Collection[str]) -> None:
        self.data, self.names = data, names
        self.found: list[XmlElement] = []
        # The depth in the element that is being read, or 0.
        self._depth = self._start = 0
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.Parse(data, True)

    def _open(self, name: str, _: Any) -> None:
        if self._depth:
            self._depth += 1
        elif name.rpartition(":")[2] in self.names:
            self._depth, self._start = 1, self._parser.CurrentByteIndex

    def _close(self, name: str) -> None:
        if not self._depth:
            return
        self._depth -= 1
        if self._depth == 0:
            end = _end_of(self.data, self._start, self._parser.CurrentByteIndex)
            local_name = name.rpartition(":")[2]
            self.found.append(XmlElement(local_name, "", self._start, end))


def _end_of(data: bytes, start: int, at: int) -> int:
    """Return the end of an element that starts here and whose end tag is at `at`."""
    is_empty = _EMPTY_TAG.fullmatch(data, start, at)
    return at if is_empty else data.index(b">", at) + 1


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
