"""XmlStreamReader: goes from event to event of a document that was read as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..types import ApexType
from ..values import EnumConstant, PlatformObject, Value
from .allocation import constant, decode
from .checks import given
from .dom import Attribute, XmlNode, parse_xml, xml_error
from .http import HttpResponse
from .registry import constructor, method


@dataclass(frozen=True, slots=True)
class XmlEvent:
    """An event: the name of its XmlTag, and the node that it's about."""

    tag: str
    node: XmlNode | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class StreamReader(PlatformObject):
    """An XmlStreamReader: its document, and the events to come."""

    root: XmlNode
    events: Iterator[XmlEvent]
    current: XmlEvent = field(default=XmlEvent("START_DOCUMENT"))
    following: XmlEvent | None = None

    def children(self) -> Iterator[Value]:
        """Yield the document."""
        yield self.root

    @property
    def element(self) -> XmlNode | None:
        """Return the element that starts or ends here, or None."""
        is_element = self.current.tag in ("START_ELEMENT", "END_ELEMENT")
        return self.current.node if is_element else None


def _events(root: XmlNode) -> Iterator[XmlEvent]:
    """Yield the events of a document after its start, without recursion."""
    waiting: list[XmlEvent | XmlNode] = [XmlEvent("END_DOCUMENT"), root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, XmlEvent):
            yield each
        elif each.kind == "ELEMENT":
            yield XmlEvent("START_ELEMENT", each)
            waiting.append(XmlEvent("END_ELEMENT", each))
            waiting += reversed(each.nodes)
        else:
            yield XmlEvent("COMMENT" if each.kind == "COMMENT" else "CHARACTERS", each)


def _reader(run: Run, text: str) -> StreamReader:
    root = parse_xml(run, text)
    events = _events(root)
    return StreamReader(
        type=ApexType("XmlStreamReader"), root=root, events=events, following=next(events)
    )


@constructor("XmlStreamReader")
def new_reader(run: Run, type_: ApexType, text: str | None) -> StreamReader:
    """Read a document; the reader is at its start."""
    return _reader(run, given(text))


@method("HttpResponse", "getXmlStreamReader")
def get_xml_stream_reader(run: Run, receiver: HttpResponse) -> StreamReader:
    """Read the body of a response."""
    return _reader(run, decode(run, receiver.body))


@method("XmlStreamReader", "hasNext")
def has_next(run: Run, receiver: StreamReader) -> bool:
    """Say whether an event follows."""
    return receiver.following is not None


@method("XmlStreamReader", "next")
def next_event(run: Run, receiver: StreamReader) -> int:
    """Go to the next event, and return its number in the list of XmlTag."""
    if receiver.following is None:
        raise thrown("NoSuchElementException", "The document has no more events")
    run.budget.charge()
    receiver.current = receiver.following
    receiver.following = next(receiver.events, None)
    return _tag(receiver).ordinal


@method("XmlStreamReader", "nextTag")
def next_tag(run: Run, receiver: StreamReader) -> int:
    """Go to the next start or end of an element; only white space can be skipped."""
    while True:
        number = next_event(run, receiver)
        if receiver.element is not None:
            return number
        if receiver.current.tag == "CHARACTERS" and not is_white_space(run, receiver):
            raise xml_error("Expected start or end tag")


def _tag(receiver: StreamReader) -> EnumConstant:
    return constant("XmlTag", receiver.current.tag)


@method("XmlStreamReader", "getEventType")
def get_event_type(run: Run, receiver: StreamReader) -> EnumConstant:
    """Return the kind of event."""
    return _tag(receiver)


@method("XmlStreamReader", "isStartElement")
def is_start_element(run: Run, receiver: StreamReader) -> bool:
    """Say whether an element starts here."""
    return receiver.current.tag == "START_ELEMENT"


@method("XmlStreamReader", "isEndElement")
def is_end_element(run: Run, receiver: StreamReader) -> bool:
    """Say whether an element ends here."""
    return receiver.current.tag == "END_ELEMENT"


@method("XmlStreamReader", "isCharacters")
def is_characters(run: Run, receiver: StreamReader) -> bool:
    """Say whether a text is here."""
    return receiver.current.tag == "CHARACTERS"


@method("XmlStreamReader", "isWhiteSpace")
def is_white_space(run: Run, receiver: StreamReader) -> bool:
    """Say whether a text of only white space is here."""
    if receiver.current.tag != "CHARACTERS" or receiver.current.node is None:
        return False
    run.budget.charge_for(len(receiver.current.node.content))
    return not receiver.current.node.content.strip(" \t\r\n")


@method("XmlStreamReader", "hasName")
def has_name(run: Run, receiver: StreamReader) -> bool:
    """Say whether an element starts or ends here."""
    return receiver.element is not None


@method("XmlStreamReader", "hasText")
def has_text(run: Run, receiver: StreamReader) -> bool:
    """Say whether a text or comment is here."""
    return receiver.current.tag in ("CHARACTERS", "COMMENT")


@method("XmlStreamReader", "getText")
def get_text(run: Run, receiver: StreamReader) -> str | None:
    """Return the text or comment here, or null."""
    node = receiver.current.node
    return node.content if node is not None and node.kind != "ELEMENT" else None


@method("XmlStreamReader", "getLocalName")
def get_local_name(run: Run, receiver: StreamReader) -> str | None:
    """Return the name of the element here, without its prefix."""
    return receiver.element.name if receiver.element else None


@method("XmlStreamReader", "getNamespace")
def get_namespace(run: Run, receiver: StreamReader) -> str | None:
    """Return the namespace of the element here."""
    return receiver.element.namespace if receiver.element else None


@method("XmlStreamReader", "getPrefix")
def get_prefix(run: Run, receiver: StreamReader) -> str | None:
    """Return the prefix of the element here."""
    return receiver.element.prefix if receiver.element else None


@method("XmlStreamReader", "setCoalescing", "setNamespaceAware")
def set_option(run: Run, receiver: StreamReader, flag: bool | None) -> None:
    """Accept an option. Texts are always whole, and namespaces are always read."""


@method("XmlStreamReader", "getVersion")
def get_version(run: Run, receiver: StreamReader) -> str:
    """Return the version of XML."""
    return "1.0"


# --- Attributes and namespaces ---------------------------------------------------------


def _attributes(receiver: StreamReader) -> list[Attribute]:
    return receiver.element.attributes if receiver.element else []


def _attribute(receiver: StreamReader, index: int | None) -> Attribute:
    attributes, index = _attributes(receiver), given(index)
    if not 0 <= index < len(attributes):
        raise xml_error(f"Attribute index out of bounds: {index}")
    return attributes[index]


@method("XmlStreamReader", "getAttributeCount")
def get_attribute_count(run: Run, receiver: StreamReader) -> int:
    """Return the number of attributes."""
    return len(_attributes(receiver))


@method("XmlStreamReader", "getAttributeLocalName")
def get_attribute_local_name(run: Run, receiver: StreamReader, index: int | None) -> str:
    """Return the name of an attribute by its position."""
    return _attribute(receiver, index).name


@method("XmlStreamReader", "getAttributeNamespace")
def get_attribute_namespace(
    run: Run, receiver: StreamReader, index: int | None
) -> str | None:
    """Return the namespace of an attribute by its position."""
    return _attribute(receiver, index).namespace


@method("XmlStreamReader", "getAttributePrefix")
def get_attribute_prefix(run: Run, receiver: StreamReader, index: int | None) -> str | None:
    """Return the prefix of an attribute by its position."""
    return _attribute(receiver, index).prefix


@method("XmlStreamReader", "getAttributeType")
def get_attribute_type(run: Run, receiver: StreamReader, index: int | None) -> str:
    """Return the type of an attribute: CDATA, because documents have no DTD."""
    _attribute(receiver, index)
    return "CDATA"


@method("XmlStreamReader", "getAttributeValueAt")
def get_attribute_value_at(run: Run, receiver: StreamReader, index: int | None) -> str:
    """Return the value of an attribute by its position."""
    return _attribute(receiver, index).value


@method("XmlStreamReader", "getAttributeValue")
def get_attribute_value(
    run: Run, receiver: StreamReader, namespace: str | None, name: str | None
) -> str | None:
    """Return the value of an attribute by its namespace and name, or null."""
    name = given(name)
    run.budget.charge(len(_attributes(receiver)) // 10)
    for each in _attributes(receiver):
        if each.name == name and (not namespace or each.namespace == namespace):
            return each.value
    return None
