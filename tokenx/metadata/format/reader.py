"""The reader of metadata files: bytes to definitions. writer.py does the reverse.

A file is read as a stream, by the declarations in definitions.py. All problems are reported
together; only malformed XML ends the reading. A DOCTYPE is refused, which rules out
entities and entity bombs.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress
from typing import IO, Any, TypeVar
from xml.parsers import expat

from tokenx.metadata.limits import MAX_PROBLEMS, MAX_TAG, MAX_TEXT, MAX_UNPACKED_SIZE
from tokenx.web.limits import CHUNK

from .definitions import NAMESPACE, UnknownElement
from .elements import Document, Element, Spot, packed
from .errors import MetadataError, Problem
from .parser_messages import (
    SPACE,
    Frame,
    full_name,
    invalid_value_messages,
    misplaced,
    shown,
    value_of,
    why_no_xml,
)
from .writer import escape, write

__all__ = ["Document", "escape", "read", "write"]

T = TypeVar("T")

MAX_DEPTH = 30
BOMS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)
ENCODINGS = {"UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII"}
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "
_OURS = f"{NAMESPACE} "
_LONG_TEXT = f"Error parsing file: a text has more than {MAX_TEXT:,} characters"


def read(definition: type[T], source: IO[bytes]) -> Document[T]:
    """Read a file of the definition's type, in UTF-8 or UTF-16.

    Raise MetadataError with all problems and their locations.
    """
    reader = _FileReader(definition)
    found = reader.read(source)
    if reader.problems or found is None:
        raise MetadataError(reader.problems)
    return Document(found, reader.root)


class _EndError(Exception):
    """The rest of the file can't be read."""


class _FileReader:
    def __init__(self, definition: type) -> None:
        name = definition.type_name  # type: ignore[attr-defined]
        self.root = Spot(Element(name, "", 0, True, False, False, False, definition))
        self.problems: list[Problem] = []
        self.found: Any = None
        # Open elements: typed ones; in them text or unknown elements; and in those,
        # misplaced ones.
        self.open: list[Frame] = []
        self.leaf: Spot | None = None
        self.unknown: list[tuple[str, list[UnknownElement]]] = []
        self.left_out: list[str] = []
        # The text since the last tag, in chunks.
        self.text: list[str] = []
        # The line that starts with a byte order mark, if any.
        self.marked_line = 0
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append

    def read(self, source: IO[bytes]) -> Any:
        with suppress(_EndError):
            try:
                self.parse(source)
            except expat.ExpatError as error:
                self.explain(error)
        return self.found

    def parse(self, source: IO[bytes]) -> None:
        size = 0
        while data := source.read(CHUNK):
            if not size and data.startswith(BOMS):
                self.marked_line = 1
            size += len(data)
            if size > MAX_UNPACKED_SIZE:
                self.stop(f"The file has more than {MAX_UNPACKED_SIZE:,} bytes")
            self.parser.Parse(data, False)
            self.end_piece()
            # The parser buffers an unfinished tag or comment.
            if size - self.parser.CurrentByteIndex > MAX_TAG:
                self.stop(f"Error parsing file: a tag has more than {MAX_TAG:,} bytes")
        self.parser.Parse(b"", True)

    def explain(self, error: expat.ExpatError) -> None:
        """Report why the rest of the file isn't XML."""
        is_begun = bool(self.open or self.found)
        words = why_no_xml(error, is_begun=is_begun, open_element=self.innermost())
        at = self.counted(error.lineno, error.offset)
        self.problems.append(Problem(*at, f"Error parsing file: {words}"))

    def end_piece(self) -> None:
        """Handle text that can continue in the next chunk of the file."""
        if sum(map(len, self.text)) > MAX_TEXT:
            self.stop(_LONG_TEXT)
        if not self.is_blank() and not (self.left_out or self.takes_text()):
            self.end_gap()

    def counted(self, line: int, column: int) -> tuple[int, int]:
        """Return a location that counts from 1 and ignores the byte order mark."""
        return line, column + (line != self.marked_line)

    def here(self) -> tuple[int, int]:
        return self.counted(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber)

    def innermost(self) -> str:
        """Return the name of the open element."""
        if self.left_out:
            return self.left_out[-1].rpartition(" ")[2]
        if self.unknown:
            return self.unknown[-1][0]
        if self.leaf:
            return self.leaf.element.name
        return self.open[-1].spot.element.name if self.open else ""

    def kind(self) -> str:
        """Return the type of the open element, or its name if it has none."""
        is_untyped = self.leaf or self.unknown
        return self.innermost() if is_untyped else self.open[-1].spot.type_name

    def inside(self) -> dict[str, Spot]:
        """Return the elements allowed here: none in text, unknown, or invalid elements."""
        is_other = self.leaf or self.unknown or self.left_out or not self.open
        return {} if is_other else self.open[-1].spot.inside

    # --- Expat handlers ------------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        if attributes and not self.left_out:
            self.refuse_attributes(attributes)
        spot = self.inside().get(name)
        if spot is None:
            self.start_other(name)
            return
        self.end_gap()
        frame, element, place = self.open[-1], spot.element, self.here()
        if element.attribute in frame.values and not element.is_list:
            self.refuse(misplaced(name, self.kind(), "is duplicated at"), place)
            self.leave_out(name)
            return
        number = spot.note(frame.number, packed(*place))
        if element.inner:
            self.open.append(Frame(spot, number))
        else:
            self.leaf = spot

    def start_other(self, name: str) -> None:
        """Handle the root or an undeclared element, which is unknown or invalid."""
        if self.left_out:
            self.text.clear()
            self.leave_out(name)
            return
        short = name[len(_OURS) :] if name.startswith(_OURS) else ""
        if not self.open:
            self.start_root(name, short)
            return
        text = self.taken() if self.takes_text() else self.end_gap()
        if (
            short
            and self.open[-1].spot.allows_unknown
            and not self.leaf
            and not text.strip(SPACE)
        ):
            self.check_depth()
            self.unknown.append((short, []))
            return
        self.refuse(misplaced(name, self.kind(), "invalid at"), self.here())
        self.leave_out(name)

    def start_root(self, name: str, short: str) -> None:
        if short != self.root.element.name:
            expected = full_name(_OURS + self.root.element.name)
            words = f"the root element is {full_name(name)}, but must be {expected}"
            self.stop(f"Error parsing file: {words}")
        number = self.root.note(0, packed(*self.here()))
        self.open.append(Frame(self.root, number))

    def leave_out(self, name: str) -> None:
        self.check_depth()
        self.left_out.append(name)

    def check_depth(self) -> None:
        if len(self.open) + len(self.unknown) + len(self.left_out) >= MAX_DEPTH:
            self.stop(f"Error parsing file: elements are nested more than {MAX_DEPTH} deep")

    def end(self, _: str) -> None:
        if self.left_out:
            self.text.clear()
            self.left_out.pop()
        elif spot := self.leaf:
            value = self.value(spot, self.taken())
            self.open[-1].add(spot.element, value)
            self.leaf = None
        elif self.unknown:
            self.end_unknown()
        else:
            self.end_frame()

    def end_unknown(self) -> None:
        text = self.taken() if self.takes_text() else self.end_gap()
        short, inside = self.unknown.pop()
        above = (
            self.unknown[-1][1]
            if self.unknown
            else self.open[-1].values["unknown_elements"]
        )
        above.append(UnknownElement(short, tuple(inside) or text))

    def end_frame(self) -> None:
        self.end_gap()
        frame = self.open.pop()
        definition = frame.definition(self.refuse)
        if self.open:
            self.open[-1].add(frame.spot.element, definition)
        else:
            self.found = definition

    def doctype(self, *_: object) -> None:
        self.stop("Error parsing file: a DOCTYPE is not allowed")

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            words = f"the encoding {shown(encoding)} is not UTF-8 or UTF-16"
            self.stop(f"Error parsing file: {words}")

    # --- Elements ------------------------------------------------------------

    def value(self, spot: Spot, text: str) -> str | bool:
        """Return a text's value, and remember that it's valid."""
        value = value_of(spot.element, text)
        messages = invalid_value_messages(spot.element, text)
        for message in messages:
            self.refuse(message, spot.last_place())
        if not messages:
            spot.remember(text, value)
        return value

    def takes_text(self) -> bool:
        return bool(self.leaf or (self.unknown and not self.unknown[-1][1]))

    def taken(self) -> str:
        """Return the text since the last tag."""
        text = "".join(self.text)
        self.text.clear()
        if len(text) > MAX_TEXT:
            self.stop(_LONG_TEXT)
        return text

    def end_gap(self) -> str:
        """Refuse text between elements."""
        is_blank = self.is_blank()
        self.text.clear()
        if not is_blank:
            words = f"text is not allowed at this location in type {shown(self.kind())}"
            self.refuse(f"Error parsing file: {words}", self.here())
        return ""

    def is_blank(self) -> bool:
        # In chunks: there can be much white space.
        return not any(piece.strip(SPACE) for piece in self.text)

    def refuse_attributes(self, attributes: list[str]) -> None:
        for name in attributes[::2]:
            if not name.startswith(_SCHEMA_INSTANCE):
                words = f"Error parsing file: attribute {full_name(name)} is not allowed"
                self.refuse(words, self.here())

    def refuse(self, words: str, place: tuple[int, int]) -> None:
        self.problems.append(Problem(*place, words))
        if len(self.problems) >= MAX_PROBLEMS:
            self.stop(f"Stopped reading after {MAX_PROBLEMS} problems")

    def stop(self, words: str) -> None:
        self.problems.append(Problem(*self.here(), words))
        raise _EndError
