"""SOAP requests, read from bytes into a tree; writer.py writes the responses.

Clients differ in prefixes, namespaces, and parameter names, so only local names count and
no schema is enforced (docs/salesforce/metadata-api.md, Variations in requests). A request
is read as a stream: its zip file is decoded into a file, and only the small rest becomes a
tree.
"""

import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, NoReturn, Protocol
from xml.parsers import expat

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.format.parser_messages import shown, why_no_xml
from tokenx.metadata.format.reader import BOMS, ENCODINGS
from tokenx.metadata.limits import MAX_TAG, MAX_TEXT, MAX_ZIP_SIZE
from tokenx.web.limits import CHUNK, IN_MEMORY, MAX_BODY

MAX_DEPTH = 40
MAX_ELEMENTS = 100_000
MAX_CHARACTERS = 10_000_000
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ZIP_FILE = "ZipFile"
_WHITESPACE = b" \t\r\n"
# simple-salesforce writes True; all other clients write true.
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class ByteSource(Protocol):
    """A source of bytes: a file, or Django's request."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class SoapNode:
    """An element of a request, without its namespace and prefix.

    An element that contains elements has no text, because clients put stray text between
    them. `type` is the local part of xsi:type. Lines and columns count from 1.
    """

    name: str
    line: int = 0
    column: int = 0
    type: str = ""
    is_nil: bool = False
    text: str = ""
    children: list["SoapNode"] = field(default_factory=list)

    def child(self, name: str) -> "SoapNode | None":
        """Return the first child with that name."""
        return next((each for each in self.children if each.name == name), None)

    def children_named(self, name: str) -> list["SoapNode"]:
        return [each for each in self.children if each.name == name]

    def text_of(self, name: str, default: str = "") -> str:
        """Return the text of a child, or the default if it's missing or nil."""
        child = self.child(name)
        return default if child is None or child.is_nil else child.text

    def flag(self, name: str, default: bool = False) -> bool:
        """Return the boolean of a child, or the default if it's missing, nil, or empty."""
        text = self.text_of(name).strip()
        if not text:
            return default
        value = _BOOLEANS.get(text.lower())
        if value is None:
            message = f"'{shown(text)}' is not a valid value for the type xsd:boolean"
            raise Fault(FaultCode.CLIENT, f"{name}: {message}")
        return value

    def sole(self) -> "SoapNode":
        """Return the only parameter by its position, because clients vary its name."""
        if not self.children:
            raise Fault(FaultCode.CLIENT, f"{shown(self.name)}: a parameter is missing")
        return self.children[0]

    def first(self, name: str) -> str:
        """Return the text of the named parameter, or of the first one.

        nforce uses parameter names of its own.
        """
        if self.child(name) or not self.children:
            return self.text_of(name).strip()
        return self.children[0].text.strip()


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """A client's request. The operation is the element in Body, never the path."""

    operation: str
    parameters: SoapNode
    session_id: str | None
    all_or_none: bool
    zip_file: IO[bytes] | None
    # The DebuggingHeader of the Apex API.
    debugging: SoapNode = field(default_factory=lambda: SoapNode(""))


def open_spooled_file() -> IO[bytes]:
    """Create a file that's in memory while it's small, and then on disk without a name."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)


def admit_anyone(session_id: str | None) -> None:
    """Accept any session ID, and none; a login has no session yet."""


def read_request(
    source: ByteSource,
    *,
    spool: Callable[[], IO[bytes]] = open_spooled_file,
    admit: Callable[[str | None], None] = admit_anyone,
) -> SoapRequest:
    """Read a request in UTF-8 or UTF-16, regardless of its headers.

    `spool` opens the file that receives the zip. `admit` gets the session ID before Body is
    read, and raises a Fault if it's invalid. The session comes before all other checks
    (docs/salesforce/metadata-api.md, Invalid sessions), so a request without one can't fill
    the disk. Raise a Fault if the bytes aren't a request.
    """
    reader = _SoapReader(spool, admit)
    try:
        reader.read(source)
        return reader.request()
    except BaseException:
        if reader.zip_file:
            reader.zip_file.close()
        raise


class _SoapReader:
    """A parser of one request, which calls its methods for each piece of XML."""

    def __init__(
        self, spool: Callable[[], IO[bytes]], admit: Callable[[str | None], None]
    ) -> None:
        self.spool = spool
        self.admit = admit
        self.root = SoapNode("")
        self.open: list[SoapNode] = []
        self.text: list[str] = []
        self.text_length = self.characters = self.elements = 0
        self.zip_file: IO[bytes] | None = None
        self.decoder: ZipDecoder | None = None
        self.has_bom = False
        # Requests repeat a few names, so each is stored once.
        self.local_names: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartElementHandler = self.on_start
        parser.EndElementHandler = self.on_end
        parser.CharacterDataHandler = self.on_text
        parser.StartDoctypeDeclHandler = self.on_doctype
        parser.XmlDeclHandler = self.on_declaration

    def read(self, source: ByteSource) -> None:
        size = 0
        try:
            while data := source.read(CHUNK):
                self.has_bom = self.has_bom or (not size and data.startswith(BOMS))
                size += len(data)
                if size > MAX_BODY:
                    self.exceed_limit("request", f"{MAX_BODY} bytes")
                self.parser.Parse(data, False)
                # The parser buffers a tag or a comment until it ends.
                if size - self.parser.CurrentByteIndex > MAX_TAG:
                    self.exceed_limit("tag", f"{MAX_TAG} bytes")
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            innermost = self.open[-1].name if self.open else ""
            is_begun = bool(self.elements)
            message = why_no_xml(error, is_begun=is_begun, open_element=innermost)
            self.refuse(message, *self.position(error.lineno, error.offset))

    def request(self) -> SoapRequest:
        body = self.root.child("Body")
        if body is None or not body.children:
            self.refuse("Body contains no operation")
        operation = body.children[0]
        header = self.root.child("Header") or SoapNode("Header")
        all_or_none = header.child("AllOrNoneHeader") or SoapNode("")
        return SoapRequest(
            operation.name,
            operation,
            self.session_id(),
            all_or_none.flag("allOrNone"),
            self.zip_file,
            header.child("DebuggingHeader") or SoapNode(""),
        )

    def session_id(self) -> str | None:
        header = self.root.child("Header") or SoapNode("")
        session = header.child("SessionHeader") or SoapNode("")
        return session.text_of("sessionId").strip() or None

    # --- Handlers of the parser ----------------------------------------------

    def on_start(self, name: str, attributes: list[str]) -> None:
        node = SoapNode(self.local_name(name), *self.current_position())
        if attributes:
            self.read_attributes(node, attributes)
        self.check_limits(node)
        if self.open:
            self.open[-1].children.append(node)
        elif node.name == "Envelope":
            self.root = node
        else:
            self.refuse(f"The root element must be Envelope, not {shown(node.name)}")
        self.open.append(node)
        self.text, self.text_length = [], 0
        if len(self.open) == 2 and node.name == "Body":
            self.admit(self.session_id())
        elif self.is_zip(node):
            self.start_zip()

    def on_text(self, text: str) -> None:
        if self.decoder:
            self.decoder.feed(text)
            return
        self.text_length += len(text)
        if self.text_length > MAX_TEXT:
            self.exceed_limit("text", f"{MAX_TEXT} characters")
        self.count_characters(len(text))
        self.text.append(text)

    def on_end(self, _: str) -> None:
        node = self.open.pop()
        if self.decoder:
            self.decoder.finish()
            self.decoder = None
        elif not node.children:
            node.text = "".join(self.text)
        self.text, self.text_length = [], 0

    def on_doctype(self, *_: object) -> None:
        self.refuse("A DOCTYPE isn't allowed", *self.current_position())

    def on_declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            self.refuse(f"The encoding {shown(encoding)} is not UTF-8 or UTF-16")

    # --- Helpers of the handlers ---------------------------------------------

    def is_zip(self, node: SoapNode) -> bool:
        """Return whether the element is the zip file of the operation in Body."""
        if node.name != _ZIP_FILE or len(self.open) != 4:
            return False
        body = self.open[1]
        return body is self.root.child("Body") and body.children[0] is self.open[2]

    def start_zip(self) -> None:
        if self.zip_file:
            self.refuse("ZipFile is duplicated", *self.current_position())
        self.zip_file = self.spool()
        self.decoder = ZipDecoder(self.zip_file)

    def local_name(self, name: str) -> str:
        local_name = self.local_names.get(name)
        if local_name is None:
            local_name = self.local_names[name] = name.rpartition(" ")[2]
            self.count_characters(len(name))
        return local_name

    def read_attributes(self, node: SoapNode, attributes: list[str]) -> None:
        """Read the two attributes of XML Schema instances, and ignore all others."""
        values = dict(zip(attributes[::2], attributes[1::2], strict=True))
        node.type = values.get(f"{_XSI} type", "").rpartition(":")[2].strip()
        self.count_characters(len(node.type))
        node.is_nil = values.get(f"{_XSI} nil", "").strip() in ("true", "1")

    def check_limits(self, node: SoapNode) -> None:
        if self.decoder:
            self.refuse("ZipFile contains an element", node.line, node.column)
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            self.exceed_limit("request", f"{MAX_ELEMENTS} elements")
        if len(self.open) >= MAX_DEPTH:
            self.exceed_limit("nesting", f"{MAX_DEPTH} elements")

    def count_characters(self, number: int) -> None:
        """Count the characters in memory, which would otherwise be unlimited."""
        self.characters += number
        if self.characters > MAX_CHARACTERS:
            self.exceed_limit(
                "request without its zip file", f"{MAX_CHARACTERS} characters"
            )

    def current_position(self) -> tuple[int, int]:
        parser = self.parser
        return self.position(parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def position(self, line: int, column: int) -> tuple[int, int]:
        """Return a line and a column that count from 1, without the byte order mark."""
        return line, column if self.has_bom and line == 1 else column + 1

    def exceed_limit(self, subject: str, limit: str) -> NoReturn:
        """Refuse data that's too large, worded like Salesforce's error for requests."""
        message = f"Maximum size of {subject} reached. Maximum size of {subject} is {limit}"
        raise Fault(FaultCode.LIMIT_EXCEEDED, message)

    def refuse(self, message: str, line: int = 0, column: int = 0) -> NoReturn:
        problem = Problem(line, column, f"Error parsing request: {message}")
        raise Fault(FaultCode.CLIENT, str(problem)) from None


class ZipDecoder:
    """A decoder of base64 text in pieces, which buffers at most three characters."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target
        self.size = 0
        self.rest = b""
        self.is_padded = False

    def feed(self, text: str) -> None:
        try:
            data = self.rest + text.encode("ascii").translate(None, _WHITESPACE)
            end = len(data) - len(data) % 4
            decoded = binascii.a2b_base64(data[:end], strict_mode=True)
        except ValueError:
            self.refuse()
        if data and self.is_padded:
            self.refuse()
        self.rest = data[end:]
        self.is_padded = self.is_padded or data[:end].endswith(b"=")
        self.size += len(decoded)
        if self.size > MAX_ZIP_SIZE:
            message = (
                "Maximum size of zip file reached. "
                f"Maximum size of zip file is {MAX_ZIP_SIZE} bytes"
            )
            raise Fault(FaultCode.LIMIT_EXCEEDED, message)
        self.target.write(decoded)

    def finish(self) -> None:
        """End the text, which must be complete, and rewind the file."""
        if self.rest:
            self.refuse()
        self.target.seek(0)

    def refuse(self) -> NoReturn:
        message = "ZipFile is not a valid value for the type xsd:base64Binary"
        raise Fault(FaultCode.CLIENT, message) from None
