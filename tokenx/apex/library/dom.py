"""The nodes of an XML document: reading and writing them without recursion.

A document has no DTD and therefore no entities. Elements are at most 500 levels deep.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from xml.parsers import expat
from xml.sax.saxutils import escape

from ..runtime.api import Run
from ..runtime.budget import MAX_HEAP
from ..runtime.errors import LimitExceededError, ThrownError, thrown
from ..types import ApexType
from ..values import PlatformObject, Value

MAX_DEPTH = 500
NODE = ApexType("Dom.XmlNode")
_NODE_SIZE = 128
_XML = "http://www.w3.org/XML/1998/namespace"


def xml_error(message: str) -> ThrownError:
    """Return an XmlException."""
    return thrown("XmlException", message)


@dataclass(slots=True)
class Attribute:
    """An attribute: its local name, namespace, prefix, and value."""

    name: str
    namespace: str | None
    prefix: str | None
    value: str


@dataclass(slots=True, eq=False, kw_only=True)
class XmlNode(PlatformObject):
    """An element, a text, or a comment."""

    kind: str = "ELEMENT"
    name: str | None = None
    namespace: str | None = None
    prefix: str | None = None
    content: str = ""
    attributes: list[Attribute] = field(default_factory=list)
    # The namespaces that the element declares, by prefix; "" is the default one.
    namespaces: dict[str, str] = field(default_factory=dict)
    nodes: "list[XmlNode]" = field(default_factory=list)
    parent: "XmlNode | None" = None

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from self.nodes
        yield from (self.content, self.parent, self.name)
        for attribute in self.attributes:
            yield attribute.value

    def text(self) -> str:
        """Return what System.debug writes."""
        if self.kind != "ELEMENT":
            return self.content
        return f"XMLNode[ELEMENT,{self.name},{self.namespace or ''},null,null]"

    def find_attribute(self, name: str, namespace: str | None) -> Attribute | None:
        """Return an attribute, or None."""
        for each in self.attributes:
            if each.name == name and (each.namespace or None) == (namespace or None):
                return each
        return None


def new_node(run: Run, parent: XmlNode | None, kind: str, content: str = "") -> XmlNode:
    """Make a node and add it to its parent."""
    run.budget.charge()
    run.allocate(_NODE_SIZE + len(content))
    node = XmlNode(type=NODE, kind=kind, content=content, parent=parent)
    if parent is not None:
        parent.nodes.append(node)
    return node


# --- Reading ---------------------------------------------------------------------------


def parse_xml(run: Run, text: str) -> XmlNode:
    """Return the root element of a document."""
    run.budget.charge_for(len(text), 100)
    run.allocate(len(text))
    reader = _XmlReader(run)
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        words = expat.errors.messages.get(error.code, "the document isn't well-formed")
        place = f"position: line {error.lineno}, column {error.offset + 1}"
        raise xml_error(f"Failed to parse XML due to: {words} ({place})") from error
    if reader.root is None:
        raise xml_error("Failed to parse XML due to: no element found")
    return reader.root


class _XmlReader:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.root: XmlNode | None = None
        self.open: list[XmlNode] = []
        self.declared: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartNamespaceDeclHandler = self.namespace
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.CommentHandler = self.comment

    def doctype(self, *_: object) -> None:
        raise xml_error("Failed to parse XML due to: a DOCTYPE isn't allowed")

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        self.run.budget.charge()
        self.run.allocate(64)
        self.declared[prefix or ""] = uri or ""

    def start(self, name: str, attributes: list[str]) -> None:
        if len(self.open) >= MAX_DEPTH:
            words = f"elements are nested more than {MAX_DEPTH} levels deep"
            raise xml_error(f"Failed to parse XML due to: {words}")
        node = new_node(self.run, self.open[-1] if self.open else None, "ELEMENT")
        node.namespace, node.name, node.prefix = _split(name)
        node.namespaces, self.declared = self.declared, {}
        self.run.budget.charge(len(attributes) // 2 + len(node.namespaces))
        self.run.allocate(64 * len(node.namespaces))
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            self.run.allocate(64 + len(value))
            namespace, local, prefix = _split(key)
            node.attributes.append(Attribute(local, namespace, prefix, value))
        if self.root is None:
            self.root = node
        self.open.append(node)

    def end(self, _: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        if self.open:
            new_node(self.run, self.open[-1], "TEXT", text)

    def comment(self, text: str) -> None:
        if self.open:
            new_node(self.run, self.open[-1], "COMMENT", text)


def _split(name: str) -> tuple[str | None, str, str | None]:
    """Return the namespace, local name, and prefix of a name of expat."""
    parts = name.split(" ")
    if len(parts) == 1:
        return None, name, None
    return parts[0], parts[1], parts[2] if len(parts) > 2 else None


# --- Writing ---------------------------------------------------------------------------


def write_xml(run: Run, root: XmlNode | None) -> str:
    """Return a document as text."""
    out = _XmlWriter(run)
    out.add('<?xml version="1.0" encoding="UTF-8"?>')
    waiting: list[XmlNode | str] = [root] if root else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            out.add(node)
        elif node.kind == "TEXT":
            out.add(escape(node.content))
        elif node.kind == "COMMENT":
            out.add(f"<!--{node.content}-->")
        elif node.nodes:
            out.add(f"<{_head(run, node)}>")
            waiting.append(f"</{_full_name(node.prefix, node.name)}>")
            waiting += reversed(node.nodes)
        else:
            out.add(f"<{_head(run, node)}/>")
    return out.text()


class _XmlWriter:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.out = StringIO()
        self.size = 0

    def add(self, text: str) -> None:
        self.run.budget.charge(1 + len(text) // 1_000)
        self.size += len(text)
        if self.size > MAX_HEAP:
            raise LimitExceededError(f"Apex heap size too large: {self.size}")
        self.run.allocate(len(text))
        self.out.write(text)

    def text(self) -> str:
        return self.out.getvalue()


def _quoted(value: str) -> str:
    """Return an attribute's value in quotation marks."""
    entities = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return f'"{escape(value, entities)}"'


def _full_name(prefix: str | None, name: str | None) -> str:
    return f"{prefix}:{name}" if prefix else str(name)


def _head(run: Run, node: XmlNode) -> str:
    """Return an element's name with its namespaces and attributes."""
    run.budget.charge(len(node.attributes) + len(node.namespaces))
    parts = [_full_name(node.prefix, node.name)]
    for prefix, uri in node.namespaces.items():
        name = f"xmlns:{prefix}" if prefix else "xmlns"
        parts.append(f"{name}={_quoted(uri)}")
    for each in node.attributes:
        shown = each.prefix or ("xml" if each.namespace == _XML else None)
        parts.append(f"{_full_name(shown, each.name)}={_quoted(each.value)}")
    return " ".join(parts)
