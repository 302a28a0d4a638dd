"""SOAP requests: bytes to a tree of names and texts; soap_writer.py has the answers.

Clients differ in prefixes, namespaces and parameter names, so only local names count and
nothing is held to a schema (facts/metadata-api.md 5.3). A request is read as a stream: its
zip file goes to a file while it comes, and only the rest, which is small, becomes a tree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, NoReturn, Protocol
from xml.parsers import expat

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.format.parser_messages import shown, why_no_xml
from tokenx.metadata.format.reader import BOMS, ENCODINGS
from tokenx.metadata.limits import MAX_TAG, MAX_TEXT
from tokenx.web.limits import CHUNK, IN_MEMORY, MAX_BODY

from .node import Node
from .zip_stream import ZipDecoder

__all__ = ["Fault", "FaultCode", "Node", "SoapRequest", "read_request"]

MAX_DEPTH = 40
MAX_ELEMENTS = 100_000
MAX_LETTERS = 10_000_000
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ZIP_FILE = "ZipFile"


class Source(Protocol):
    """What bytes are read from: a file, or Django's request."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """What a client asks for: the operation is the element in Body, never the path."""

    operation: str
    parameters: Node
    session_id: str | None
    all_or_none: bool
    zip_file: IO[bytes] | None


def spooled() -> IO[bytes]:
    """A file in memory while it is small, then one on disk without a name."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)


def anyone(session_id: str | None) -> None:
    """Admits every session, and none: for the login, which is asked for without one."""


def read_request(
    source: Source,
    *,
    spool: Callable[[], IO[bytes]] = spooled,
    admit: Callable[[str | None], None] = anyone,
) -> SoapRequest:
    """Read a request in UTF-8 or UTF-16, whatever its headers say.

    `spool` makes the file that a zip is decoded into. `admit` is called with the session id
    before anything of Body is read, and raises a Fault for a bad one: the session comes
    before all else that can be wrong (facts/metadata-api.md 4.4), and a stranger shall not
    fill the disk. Raises Fault for what is no request.
    """
    reader = _Reader(spool, admit)
    try:
        reader.read(source)
        return reader.request()
    except BaseException:
        if reader.zip_file:
            reader.zip_file.close()
        raise


class _Reader:
    def __init__(
        self, spool: Callable[[], IO[bytes]], admit: Callable[[str | None], None]
    ) -> None:
        self.spool = spool
        self.admit = admit
        self.root = Node("")
        self.open: list[Node] = []
        self.text: list[str] = []
        self.length = self.letters = self.elements = 0
        self.zip_file: IO[bytes] | None = None
        self.decoder: ZipDecoder | None = None
        self.has_bom = False
        # The same few names come again and again.
        self.names: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration

    def read(self, source: Source) -> None:
        size = 0
        try:
            while data := source.read(CHUNK):
                self.has_bom = self.has_bom or (not size and data.startswith(BOMS))
                size += len(data)
                if size > MAX_BODY:
                    self.exceed("request", f"{MAX_BODY} bytes")
                self.parser.Parse(data, False)
                # The parser keeps all of what has not ended yet: a tag, or a comment.
                if size - self.parser.CurrentByteIndex > MAX_TAG:
                    self.exceed("tag", f"{MAX_TAG} bytes")
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            innermost = self.open[-1].name if self.open else ""
            is_begun = bool(self.elements)
            words = why_no_xml(error, is_begun=is_begun, open_element=innermost)
            self.refuse(words, *self.counted(error.lineno, error.offset))

    def request(self) -> SoapRequest:
        body = self.root.child("Body")
        if body is None or not body.children:
            self.refuse("Body holds no operation")
        operation = body.children[0]
        header = self.root.child("Header") or Node("Header")
        all_or_none = header.child("AllOrNoneHeader") or Node("")
        return SoapRequest(
            operation.name,
            operation,
            self.session_id(),
            all_or_none.flag("allOrNone"),
            self.zip_file,
        )

    def session_id(self) -> str | None:
        header = self.root.child("Header") or Node("")
        session = header.child("SessionHeader") or Node("")
        return session.text_of("sessionId").strip() or None

    # --- What expat calls ----------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        node = Node(self.local(name), *self.here())
        if attributes:
            self.note(node, attributes)
        self.check_bounds(node)
        if self.open:
            self.open[-1].children.append(node)
        elif node.name == "Envelope":
            self.root = node
        else:
            self.refuse(f"The root element is {shown(node.name)}; it has to be Envelope")
        self.open.append(node)
        self.text, self.length = [], 0
        if len(self.open) == 2 and node.name == "Body":
            self.admit(self.session_id())
        elif self.is_zip(node):
            self.start_zip()

    def is_zip(self, node: Node) -> bool:
        """Whether it is the zip file of the operation: the one in Body, and no other."""
        if node.name != _ZIP_FILE or len(self.open) != 4:
            return False
        body = self.open[1]
        return body is self.root.child("Body") and body.children[0] is self.open[2]

    def start_zip(self) -> None:
        if self.zip_file:
            self.refuse("ZipFile is duplicated", *self.here())
        self.zip_file = self.spool()
        self.decoder = ZipDecoder(self.zip_file)

    def characters(self, text: str) -> None:
        if self.decoder:
            self.decoder.feed(text)
            return
        self.length += len(text)
        if self.length > MAX_TEXT:
            self.exceed("text", f"{MAX_TEXT} characters")
        self.spend(len(text))
        self.text.append(text)

    def end(self, _: str) -> None:
        node = self.open.pop()
        if self.decoder:
            self.decoder.finish()
            self.decoder = None
        elif not node.children:
            node.text = "".join(self.text)
        self.text, self.length = [], 0

    def doctype(self, *_: object) -> None:
        self.refuse("A DOCTYPE is not allowed", *self.here())

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            self.refuse(f"The encoding {shown(encoding)} is not UTF-8 or UTF-16")

    # --- What it makes of them -----------------------------------------------

    def local(self, name: str) -> str:
        found = self.names.get(name)
        if found is None:
            found = self.names[name] = name.rpartition(" ")[2]
            self.spend(len(name))
        return found

    def note(self, node: Node, attributes: list[str]) -> None:
        """What a schema's attributes say; all others say nothing here."""
        found = dict(zip(attributes[::2], attributes[1::2], strict=True))
        node.type = found.get(f"{_XSI} type", "").rpartition(":")[2].strip()
        self.spend(len(node.type))
        node.is_nil = found.get(f"{_XSI} nil", "").strip() in ("true", "1")

    def check_bounds(self, node: Node) -> None:
        if self.decoder:
            self.refuse("ZipFile holds an element", node.line, node.column)
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            self.exceed("request", f"{MAX_ELEMENTS} elements")
        if len(self.open) >= MAX_DEPTH:
            self.exceed("nesting", f"{MAX_DEPTH} elements")

    def spend(self, letters: int) -> None:
        """Note what is kept in memory: there is no end to it otherwise."""
        self.letters += letters
        if self.letters > MAX_LETTERS:
            self.exceed("request without its zip file", f"{MAX_LETTERS} characters")

    def here(self) -> tuple[int, int]:
        parser = self.parser
        return self.counted(parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def counted(self, line: int, column: int) -> tuple[int, int]:
        """A place as people count it: from 1, and without the mark of the encoding."""
        return line, column if self.has_bom and line == 1 else column + 1

    def exceed(self, what: str, most: str) -> NoReturn:
        """Refuse what is too large, in the vendor's words for a request that is."""
        words = f"Maximum size of {what} reached. Maximum size of {what} is {most}"
        raise Fault(FaultCode.LIMIT_EXCEEDED, words)

    def refuse(self, words: str, line: int = 0, column: int = 0) -> NoReturn:
        words = str(Problem(line, column, f"Error parsing request: {words}"))
        raise Fault(FaultCode.CLIENT, words) from None
