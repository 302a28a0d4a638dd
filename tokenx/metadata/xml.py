"""Metadata files: bytes to definitions; xml_writer.py has the way back.

A file is read as a stream, by the declarations of definition.py. What is wrong with it is
gathered, so that a person can repair all of it at once; only what is no XML any more ends
the reading. There is no DOCTYPE, so there are no entities and no bombs of them.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, BinaryIO, TypeVar
from xml.parsers import expat

from .definition import NAMESPACE, Kept
from .elements import Document, Element, Spot
from .errors import MetadataError, Problem
from .xml_words import full_name, misplaced, shown, why_no_xml
from .xml_writer import escape, write

__all__ = ["Document", "escape", "read", "write"]

T = TypeVar("T")

CHUNK = 65_536
MAX_SIZE = 629_145_600
MAX_DEPTH = 30
MAX_TEXT = 1_000_000
MAX_TAG = 1_000_000
MAX_PROBLEMS = 100
BOMS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)
SPACE = " \t\r\n"
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
    return Document(found, reader.root)


class _EndError(Exception):
    """The rest of the file cannot be read."""


@dataclass(slots=True)
class _Frame:
    """An element that is open and has elements in it, with what these said so far."""

    spot: Spot
    number: int
    place: tuple[int, int]
    values: dict[str, Any] = field(default_factory=dict)


class _Reader:
    def __init__(self, definition: type) -> None:
        name = definition.type_name  # type: ignore[attr-defined]
        self.root = Spot(Element(name, "", 0, True, False, False, False, definition))
        self.problems: list[Problem] = []
        self.found: Any = None
        # What is open: elements of a type; in them a text, or elements that are kept with
        # what is in them; and in these whatever is wrong where it is.
        self.open: list[_Frame] = []
        self.leaf: Element | None = None
        self.leaf_at = (0, 0)
        self.keeping: list[tuple[str, list[Kept]]] = []
        self.left_out: list[str] = []
        self.text: list[str] = []
        self.length = 0
        self.has_bom = False
        # Users come again and again: one text for each of them saves most of the memory.
        self.known: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration

    def read(self, source: BinaryIO) -> Any:
        size = 0
        try:
            while data := source.read(CHUNK):
                self.has_bom = self.has_bom or (not size and data.startswith(BOMS))
                size += len(data)
                if size > MAX_SIZE:
                    self.stop(f"The file has more than {MAX_SIZE:,} bytes")
                self.parser.Parse(data, False)
                # The parser keeps all of what has not ended yet: a tag, or a comment.
                if size - self.parser.CurrentByteIndex > MAX_TAG:
                    self.stop(f"Error parsing file: a tag has more than {MAX_TAG:,} bytes")
            self.parser.Parse(b"", True)
        except _EndError:
            pass
        except expat.ExpatError as error:
            words = why_no_xml(
                error, is_begun=bool(self.open or self.found), open_element=self.innermost()
            )
            at = self.counted(error.lineno, error.offset)
            self.problems.append(Problem(*at, f"Error parsing file: {words}"))
        return self.found

    def counted(self, line: int, column: int) -> tuple[int, int]:
        """A place as people count it: from 1, and without the mark of the encoding."""
        return line, column if self.has_bom and line == 1 else column + 1

    def here(self) -> tuple[int, int]:
        parser = self.parser
        return self.counted(parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def innermost(self) -> str:
        """The name of the element that is open."""
        if self.left_out:
            return self.left_out[-1].rpartition(" ")[2]
        if self.keeping:
            return self.keeping[-1][0]
        if self.leaf:
            return self.leaf.name
        return self.open[-1].spot.element.name if self.open else ""

    def kind(self) -> str:
        """The type of the element that is open; its name, where it has none."""
        is_untyped = self.leaf or self.keeping
        return self.innermost() if is_untyped else self.open[-1].spot.type_name

    # --- What expat calls ----------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        if self.left_out:
            self.leave_out(name)
            return
        if attributes:
            self.refuse_attributes(attributes)
        if self.leaf or self.keeping or not self.open:
            self.start_other(name)
            return
        frame = self.open[-1]
        if (spot := frame.spot.inside.get(name)) is None:
            self.start_other(name)
            return
        element, place = spot.element, self.here()
        if element.is_list:
            frame.values.setdefault(element.attribute, [])
        elif element.attribute in frame.values:
            self.refuse(misplaced(name, self.kind(), "is duplicated at"), place)
            self.leave_out(name)
            return
        number = spot.note(frame.number, *place)
        if element.inner:
            self.open.append(_Frame(spot, number, place))
        else:
            self.leaf, self.leaf_at = element, place

    def start_other(self, name: str) -> None:
        """The root, or an element that its type does not declare: to be kept, or wrong."""
        short = name[len(_OURS) :] if name.startswith(_OURS) else ""
        if not self.open:
            self.start_root(name, short)
            return
        keeps = self.open[-1].spot.keeps
        if short and keeps and not self.leaf and not "".join(self.text).strip(SPACE):
            self.check_depth()
            self.keeping.append((short, []))
            self.text, self.length = [], 0
            return
        self.refuse(misplaced(name, self.kind(), "invalid at"), self.here())
        self.text = []
        self.leave_out(name)

    def start_root(self, name: str, short: str) -> None:
        if short != self.root.element.name:
            expected = full_name(_OURS + self.root.element.name)
            words = f"the root element is {full_name(name)}; it has to be {expected}"
            self.stop(f"Error parsing file: {words}")
        place = self.here()
        self.open.append(_Frame(self.root, self.root.note(0, *place), place))

    def leave_out(self, name: str) -> None:
        self.check_depth()
        self.left_out.append(name)

    def check_depth(self) -> None:
        if len(self.open) + len(self.keeping) + len(self.left_out) >= MAX_DEPTH:
            self.stop(f"Error parsing file: elements are nested more than {MAX_DEPTH} deep")

    def characters(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_TEXT:
            self.stop(f"Error parsing file: a text has more than {MAX_TEXT:,} letters")
        if self.left_out:
            return
        if self.leaf or (self.keeping and not self.keeping[-1][1]):
            self.text.append(text)
        elif text.strip(SPACE):
            words = f"text is not allowed at this location in type {shown(self.kind())}"
            self.refuse(f"Error parsing file: {words}", self.here())

    def end(self, name: str) -> None:
        self.length = 0
        if self.left_out:
            self.left_out.pop()
            return
        text, self.text = "".join(self.text), []
        if leaf := self.leaf:
            self.leaf = None
            self.say(leaf, self.value(leaf, text))
        elif self.keeping:
            short, inside = self.keeping.pop()
            values = self.open[-1].values
            above = self.keeping[-1][1] if self.keeping else values.setdefault("kept", [])
            above.append(Kept(short, tuple(inside) or text))
        else:
            frame = self.open.pop()
            made = self.built(frame)
            if self.open:
                self.say(frame.spot.element, made)
            else:
                self.found = made

    def say(self, element: Element, value: Any) -> None:
        values = self.open[-1].values
        if element.is_list:
            values[element.attribute].append(value)
        else:
            values[element.attribute] = value

    def doctype(self, *_: object) -> None:
        self.stop("Error parsing file: a DOCTYPE is not allowed")

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            words = f"the encoding {shown(encoding)} is not UTF-8 or UTF-16"
            self.stop(f"Error parsing file: {words}")

    # --- What it makes of them -----------------------------------------------

    def value(self, element: Element, text: str) -> str | bool:
        """What a text says; anything, with a problem noted, where it cannot be that."""
        if element.is_boolean:
            value = BOOLEANS.get(text.strip(SPACE))
            if value is None:
                words = f"'{shown(text)}' is not a valid value for the type xsd:boolean"
                self.refuse(words, self.leaf_at)
            return bool(value)
        if element.is_required and not element.may_be_empty and not text.strip():
            self.refuse(f"Required field is missing: {element.name}", self.leaf_at)
        if element.length and len(text) > element.length:
            words = f"Value too long for field: {element.name} maximum length is:"
            self.refuse(f"{words}{element.length}", self.leaf_at)
        if len(self.known) > 1_000:
            self.known.clear()
        return self.known.setdefault(text, text)

    def built(self, frame: _Frame) -> Any:
        """The definition that an element stands for.

        Something stands for what is missing: the file is refused, but only after all that
        is wrong with it is found.
        """
        spot, values = frame.spot, frame.values
        if "kept" in values:
            values["kept"].sort(key=attrgetter("name"))
        for attribute in spot.lists:
            values[attribute] = tuple(values.get(attribute, ()))
        for attribute, name in spot.required:
            if attribute not in values:
                self.refuse(f"Required field is missing: {name}", frame.place)
                values[attribute] = ""
        made = spot.element.inner(**values)  # type: ignore[misc]
        if spot.has_rules:
            for path, words in made.contradictions():
                self.refuse(words, spot.place(path, frame.number))
        return made

    def refuse_attributes(self, attributes: list[str]) -> None:
        for name in attributes[::2]:
            if not name.startswith(_SCHEMA_INSTANCE):
                words = f"Error parsing file: attribute {full_name(name)} is not allowed"
                self.refuse(words, self.here())

    def refuse(self, words: str, place: tuple[int, int]) -> None:
        self.problems.append(Problem(*place, words))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _EndError

    def stop(self, words: str) -> None:
        self.problems.append(Problem(*self.here(), words))
        raise _EndError
