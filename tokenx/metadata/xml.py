"""Metadata files: bytes to definitions; xml_writer.py has the way back.

A file is read as a stream, by the declarations of definition.py. What is wrong with it is
gathered, so that a person can repair all of it at once; only what is no XML any more ends
the reading. There is no DOCTYPE, so there are no entities and no bombs of them.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar
from xml.parsers import expat

from .definition import NAMESPACE, Kept
from .elements import Document, Element, Places, elements_of
from .errors import MetadataError, Problem
from .xml_words import full_name, misplaced, why_no_xml
from .xml_writer import escape, write

__all__ = ["Document", "escape", "read", "write"]

T = TypeVar("T")

CHUNK = 65_536
MAX_SIZE = 629_145_600
MAX_DEPTH = 30
MAX_TEXT = 1_000_000
MAX_PROBLEMS = 100
ENCODINGS = {"UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII"}
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "
_OURS = f"{NAMESPACE} "


def read(definition: type[T], source: BinaryIO) -> Document[T]:
    """Read a file of the definition's type, in UTF-8 or UTF-16.

    Raises MetadataError with all that is wrong, each at its place.
    """
    reader = _Reader(definition)
    found = reader.read(source)
    if reader.problems or found is None:
        raise MetadataError(reader.problems)
    return Document(found, reader.places)


class _EndError(Exception):
    """The rest of the file cannot be read."""


@dataclass
class _Frame:
    """An element that is open and has elements in it, with what these said so far."""

    name: str
    path: tuple[str, ...] = ()
    number: int = 0
    definition: Any = None  # none: the element is kept as it is
    element: Element | None = None
    elements: dict[str, Element] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    kept: list[Kept] | None = None
    line: int = 0
    column: int = 0


class _Reader:
    def __init__(self, root: type) -> None:
        self.root = root
        self.places = Places()
        self.problems: list[Problem] = []
        self.found: Any = None
        self.open: list[_Frame] = []
        self.left_out = 0
        # The text that is open, if one is: what it is, where it began, and its letters.
        self.leaf: Element | None = None
        self.leaf_at = (0, 0)
        self.text: list[str] = []
        self.length = 0
        # Users come again and again: one text for each of them saves most of the memory.
        self.known: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration

    def read(self, source: BinaryIO) -> Any:
        size = 0
        try:
            while data := source.read(CHUNK):
                size += len(data)
                if size > MAX_SIZE:
                    self.stop(f"The file has more than {MAX_SIZE:,} bytes")
                self.parser.Parse(data, False)
            self.parser.Parse(b"", True)
        except _EndError:
            pass
        except expat.ExpatError as error:
            above = self.open[-1].name if self.open else ""
            words = why_no_xml(
                error,
                is_begun=bool(above or self.found or self.left_out),
                open_element=self.leaf.name if self.leaf else above,
            )
            text = f"Error parsing file: {words}"
            self.problems.append(Problem(error.lineno, error.offset + 1, text))
        return self.found

    # --- What expat calls ----------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        if len(self.open) + self.left_out >= MAX_DEPTH:
            self.stop(f"Error parsing file: elements are nested more than {MAX_DEPTH} deep")
        if self.left_out:
            self.left_out += 1
            return
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        if attributes:
            self.refuse_attributes(attributes)
        short = name[len(_OURS) :] if name.startswith(_OURS) else ""
        if not self.open:
            self.start_root(name, short, line, column)
            return
        above = self.open[-1]
        element = None if self.leaf else above.elements.get(short)
        if element is None:
            self.start_other(above, name, short, line, column)
            return
        values, path, number = above.values, (*above.path, short), above.number
        if element.is_list:
            listed = values.setdefault(element.attribute, [])
            number = len(listed) if element.inner else number
        elif element.attribute in values:
            self.refuse(misplaced(name, above.definition, "is duplicated at"), line, column)
            self.left_out = 1
            return
        self.places.note(path, number, line, column)
        if element.inner:
            self.open.append(self.frame(short, element.inner, line, column))
            self.open[-1].path, self.open[-1].number = path, number
            self.open[-1].element = element
        else:
            self.leaf, self.leaf_at = element, (line, column)

    def frame(self, name: str, definition: type, line: int, column: int) -> _Frame:
        frame = _Frame(name, definition=definition, elements=elements_of(definition))
        frame.kept = [] if hasattr(definition, "kept") else None
        frame.line, frame.column = line, column
        return frame

    def start_root(self, name: str, short: str, line: int, column: int) -> None:
        expected = self.root.type_name  # type: ignore[attr-defined]
        if short != expected:
            self.refuse(
                f"Error parsing file: the root element is {full_name(name)}; it has to be "
                f"{full_name(_OURS + expected)}",
                line,
                column,
            )
            raise _EndError
        self.places.note((), 0, line, column)
        self.open.append(self.frame(short, self.root, line, column))

    def start_other(
        self, above: _Frame, name: str, short: str, line: int, column: int
    ) -> None:
        """An element that its type does not declare: to be kept, or wrong."""
        if short and above.kept is not None and not self.leaf:
            self.open.append(_Frame(short, kept=[]))
            self.text = []
            return
        definition = self.leaf.name if self.leaf else above.definition or above.name
        self.refuse(misplaced(name, definition, "invalid at"), line, column)
        self.left_out = 1

    def characters(self, text: str) -> None:
        if self.left_out:
            return
        if self.leaf or self.open[-1].definition is None:
            self.length += len(text)
            if self.length > MAX_TEXT:
                self.stop(f"Error parsing file: a text has more than {MAX_TEXT:,} letters")
            self.text.append(text)
        elif not text.isspace():
            line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
            kind = self.open[-1].definition.type_name
            words = (
                f"Error parsing file: text is not allowed at this location in type {kind}"
            )
            self.refuse(words, line, column)

    def end(self, name: str) -> None:
        if self.left_out:
            self.left_out -= 1
            return
        text, self.text, self.length = "".join(self.text), [], 0
        if leaf := self.leaf:
            self.leaf = None
            self.say(self.open[-1], leaf, self.value(leaf, text))
            return
        frame = self.open.pop()
        if frame.definition is None:
            content = tuple(frame.kept or ()) or text
            self.open[-1].kept.append(Kept(frame.name, content))  # type: ignore[union-attr]
        elif frame.element:
            self.say(self.open[-1], frame.element, self.built(frame))
        else:
            self.found = self.built(frame)

    def say(self, frame: _Frame, element: Element, value: Any) -> None:
        if element.is_list:
            frame.values[element.attribute].append(value)
        else:
            frame.values[element.attribute] = value

    def doctype(self, *_: object) -> None:
        self.stop("Error parsing file: a DOCTYPE is not allowed")

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            self.stop(f"Error parsing file: the encoding {encoding} is not UTF-8 or UTF-16")

    # --- What it makes of them -----------------------------------------------

    def value(self, element: Element, text: str) -> str | bool:
        """What a text says; anything, with a problem noted, where it cannot be that."""
        if element.is_boolean:
            value = BOOLEANS.get(text.strip())
            if value is None:
                words = f"'{text}' is not a valid value for the type xsd:boolean"
                self.refuse(words, *self.leaf_at)
            return bool(value)
        if element.is_required and not element.may_be_empty and not text.strip():
            self.refuse(f"Required field is missing: {element.name}", *self.leaf_at)
        if element.length and len(text) > element.length:
            words = f"Value too long for field: {element.name} maximum length is:"
            self.refuse(f"{words}{element.length}", *self.leaf_at)
        if len(self.known) > 1_000:
            self.known.clear()
        return self.known.setdefault(text, text)

    def built(self, frame: _Frame) -> Any:
        """The definition that an element stands for; None, where something is missing."""
        values, is_whole = frame.values, True
        for name, element in frame.elements.items():
            if element.is_list:
                if element.attribute in values:
                    values[element.attribute] = tuple(values[element.attribute])
            elif element.is_required and element.attribute not in values:
                words = f"Required field is missing: {name}"
                self.refuse(words, frame.line, frame.column)
                is_whole = False
        if not is_whole:
            return None
        if frame.kept:
            values["kept"] = tuple(frame.kept)
        made = frame.definition(**values)
        if not self.problems and hasattr(made, "contradictions"):
            for path, words in made.contradictions():
                line, column = self.places.of((*frame.path, *_at(frame, path), *path))
                self.problems.append(Problem(line, column, words))
        return made

    def refuse_attributes(self, attributes: list[str]) -> None:
        for name in attributes[::2]:
            if not name.startswith(_SCHEMA_INSTANCE):
                line = self.parser.CurrentLineNumber
                column = self.parser.CurrentColumnNumber
                words = f"Error parsing file: attribute {full_name(name)} is not allowed"
                self.refuse(words, line, column)

    def refuse(self, words: str, line: int, column: int) -> None:
        self.problems.append(Problem(line, column + 1, words))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _EndError

    def stop(self, words: str) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        self.problems.append(Problem(line, column + 1, words))
        raise _EndError


def _at(frame: _Frame, path: tuple[str | int, ...]) -> tuple[int, ...]:
    """Which of a list the frame is, where the path does not say it itself."""
    is_listed = frame.element is not None and frame.element.is_list
    return (frame.number,) if is_listed and not any(map(_is_number, path)) else ()


def _is_number(part: str | int) -> bool:
    return isinstance(part, int)
