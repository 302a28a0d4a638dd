"""Dom.Document and Dom.XmlNode."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..runtime.api import Run
from ..runtime.errors import null_pointer
from ..types import ApexType
from ..values import ApexList, EnumConstant, PlatformObject, Value
from .allocation import constant, decode, encode
from .checks import given
from .dom import NODE, Attribute, XmlNode, new_node, parse_xml, write_xml, xml_error
from .http import Message
from .registry import constructor, method

_NAME = re.compile(r"[^\W\d][\w.\-]*+")


@dataclass(slots=True, eq=False, kw_only=True)
class XmlDocument(PlatformObject):
    """A Dom.Document."""

    root: XmlNode | None = None

    def children(self) -> Iterator[Value]:
        """Yield the root element."""
        yield self.root


def _checked_name(name: str | None) -> str:
    name = given(name)
    if not _NAME.fullmatch(name):
        raise xml_error(f"Invalid XML name: {name[:100]}")
    return name


def _element(
    run: Run, parent: XmlNode | None, name: str | None, namespace: str | None, prefix: Value
) -> XmlNode:
    """Make an element; it declares its namespace if it isn't declared yet."""
    name = _checked_name(name)
    prefix = _checked_name(prefix) if prefix else None
    node = new_node(run, parent, "ELEMENT")
    node.name, node.namespace, node.prefix = name, namespace or None, prefix
    if namespace and _namespace_of(run, node, prefix or "") != namespace:
        node.namespaces[prefix or ""] = namespace
    return node


def _namespace_of(run: Run, node: XmlNode, prefix: str) -> str | None:
    """Return the namespace that a prefix has at a node, or None."""
    at: XmlNode | None = node
    while at is not None:
        run.budget.charge()
        if prefix in at.namespaces:
            return at.namespaces[prefix]
        at = at.parent
    return None


# --- Dom.Document ----------------------------------------------------------------------


@constructor("Dom.Document")
def new_document(run: Run, type_: ApexType) -> XmlDocument:
    """Make an empty document."""
    run.allocate(32)
    return XmlDocument(type=type_)


@method("Dom.Document", "load")
def load(run: Run, receiver: XmlDocument, text: str | None) -> None:
    """Read a document."""
    receiver.root = parse_xml(run, given(text))


@method("Dom.Document", "getRootElement")
def get_root_element(run: Run, receiver: XmlDocument) -> XmlNode | None:
    """Return the root element, or null."""
    return receiver.root


@method("Dom.Document", "createRootElement")
def create_root_element(
    run: Run,
    receiver: XmlDocument,
    name: str | None,
    namespace: str | None,
    prefix: str | None,
) -> XmlNode:
    """Make the root element."""
    if receiver.root is not None:
        raise xml_error("The document already has a root element")
    receiver.root = _element(run, None, name, namespace, prefix)
    return receiver.root


@method("Dom.Document", "toXmlString")
def to_xml_string(run: Run, receiver: XmlDocument) -> str:
    """Return the document as text."""
    return write_xml(run, receiver.root)


@method("HttpRequest", "getBodyDocument")
@method("HttpResponse", "getBodyDocument")
def get_body_document(run: Run, receiver: Message) -> XmlDocument:
    """Return the body as a document."""
    root = parse_xml(run, decode(run, receiver.body))
    return XmlDocument(type=ApexType("Dom.Document"), root=root)


@method("HttpRequest", "setBodyDocument")
def set_body_document(run: Run, receiver: Message, document: XmlDocument | None) -> None:
    """Set the body to a document."""
    receiver.body = encode(run, write_xml(run, given(document).root))


# --- Dom.XmlNode: reading --------------------------------------------------------------


@method("Dom.XmlNode", "getName")
def get_name(run: Run, receiver: XmlNode) -> str | None:
    """Return the local name."""
    return receiver.name


@method("Dom.XmlNode", "getNamespace")
def get_namespace(run: Run, receiver: XmlNode) -> str | None:
    """Return the namespace."""
    return receiver.namespace


@method("Dom.XmlNode", "getNodeType")
def get_node_type(run: Run, receiver: XmlNode) -> EnumConstant:
    """Return the kind of node."""
    return constant("Dom.XmlNodeType", receiver.kind)


@method("Dom.XmlNode", "getParent")
def get_parent(run: Run, receiver: XmlNode) -> XmlNode | None:
    """Return the element that holds the node."""
    return receiver.parent


@method("Dom.XmlNode", "getText")
def get_text(run: Run, receiver: XmlNode) -> str:
    """Return a text, or the texts directly in an element."""
    if receiver.kind != "ELEMENT":
        return receiver.content
    run.budget.charge(len(receiver.nodes) // 10)
    texts = [each.content for each in receiver.nodes if each.kind == "TEXT"]
    size = sum(map(len, texts))
    run.allocate(size)
    run.budget.charge_for(size)
    return "".join(texts)


@method("Dom.XmlNode", "getChildElement")
def get_child_element(
    run: Run, receiver: XmlNode, name: str | None, namespace: str | None
) -> XmlNode | None:
    """Return the first element of a name and namespace, or null."""
    name = given(name)
    for count, each in enumerate(receiver.nodes):
        run.budget.charge(count % 10 == 9)
        is_named = each.kind == "ELEMENT" and each.name == name
        if is_named and (each.namespace or None) == (namespace or None):
            return each
    return None


@method("Dom.XmlNode", "getChildElements")
def get_child_elements(run: Run, receiver: XmlNode) -> ApexList:
    """Return the elements directly in this one."""
    run.budget.charge(len(receiver.nodes) // 10)
    run.allocate(8 * len(receiver.nodes))
    return ApexList(NODE, [each for each in receiver.nodes if each.kind == "ELEMENT"])


@method("Dom.XmlNode", "getChildren")
def get_children(run: Run, receiver: XmlNode) -> ApexList:
    """Return the elements, texts, and comments directly in this element."""
    run.budget.charge(len(receiver.nodes) // 10)
    run.allocate(8 * len(receiver.nodes))
    return ApexList(NODE, list(receiver.nodes))


@method("Dom.XmlNode", "getAttribute", "getAttributeValue")
def get_attribute(
    run: Run, receiver: XmlNode, name: str | None, namespace: str | None
) -> str | None:
    """Return an attribute's value, or null."""
    run.budget.charge(len(receiver.attributes) // 10)
    found = receiver.find_attribute(given(name), namespace)
    return found.value if found else None


@method("Dom.XmlNode", "getAttributeValueNs")
def get_attribute_value_ns(
    run: Run, receiver: XmlNode, name: str | None, namespace: str | None
) -> str | None:
    """Return the namespace of an attribute's value: values have none here."""
    return None


@method("Dom.XmlNode", "getAttributeCount")
def get_attribute_count(run: Run, receiver: XmlNode) -> int:
    """Return the number of attributes."""
    return len(receiver.attributes)


def _attribute_at(receiver: XmlNode, index: int | None) -> Attribute:
    index = given(index)
    if not 0 <= index < len(receiver.attributes):
        raise xml_error(f"Attribute index out of bounds: {index}")
    return receiver.attributes[index]


@method("Dom.XmlNode", "getAttributeKeyAt")
def get_attribute_key_at(run: Run, receiver: XmlNode, index: int | None) -> str:
    """Return an attribute's name by its position."""
    return _attribute_at(receiver, index).name


@method("Dom.XmlNode", "getAttributeKeyNsAt")
def get_attribute_key_ns_at(run: Run, receiver: XmlNode, index: int | None) -> str | None:
    """Return the namespace of an attribute's name by its position."""
    return _attribute_at(receiver, index).namespace


@method("Dom.XmlNode", "getNamespaceFor")
def get_namespace_for(run: Run, receiver: XmlNode, prefix: str | None) -> str | None:
    """Return the namespace of a prefix, or null."""
    return _namespace_of(run, receiver, prefix or "")


@method("Dom.XmlNode", "getPrefixFor")
def get_prefix_for(run: Run, receiver: XmlNode, namespace: str | None) -> str | None:
    """Return the prefix of a namespace, or null."""
    at: XmlNode | None = receiver
    while at is not None:
        for prefix, uri in at.namespaces.items():
            run.budget.charge()
            if uri == namespace:
                return prefix
        run.budget.charge()
        at = at.parent
    return None


# --- Dom.XmlNode: writing --------------------------------------------------------------


@method("Dom.XmlNode", "addChildElement")
def add_child_element(
    run: Run,
    receiver: XmlNode,
    name: str | None,
    namespace: str | None,
    prefix: str | None,
) -> XmlNode:
    """Add an element at the end."""
    _require_element(receiver)
    return _element(run, receiver, name, namespace, prefix)


@method("Dom.XmlNode", "addTextNode")
def add_text_node(run: Run, receiver: XmlNode, text: str | None) -> XmlNode:
    """Add a text at the end."""
    _require_element(receiver)
    return new_node(run, receiver, "TEXT", given(text))


@method("Dom.XmlNode", "addCommentNode")
def add_comment_node(run: Run, receiver: XmlNode, text: str | None) -> XmlNode:
    """Add a comment at the end."""
    _require_element(receiver)
    return new_node(run, receiver, "COMMENT", given(text).replace("--", "- -"))


def _require_element(node: XmlNode) -> None:
    if node.kind != "ELEMENT":
        raise xml_error("Only an element can have other nodes and attributes")


@method("Dom.XmlNode", "insertBefore")
def insert_before(
    run: Run, receiver: XmlNode, node: XmlNode | None, place: XmlNode | None
) -> XmlNode:
    """Add a node before another one, or at the end."""
    _require_element(receiver)
    node = given(node)
    at: XmlNode | None = receiver
    while at is not None:
        run.budget.charge()
        if at is node:
            raise xml_error("A node can't be inside of itself")
        at = at.parent
    run.budget.charge(len(receiver.nodes) // 10)
    if place is not None and place.parent is not receiver:
        raise xml_error("The node isn't a child of this element")
    if node is place:
        return node
    _detach(run, node)
    run.allocate(8)
    index = receiver.nodes.index(place) if place else len(receiver.nodes)
    receiver.nodes.insert(index, node)
    node.parent = receiver
    return node


def _detach(run: Run, node: XmlNode) -> None:
    if node.parent is not None:
        run.budget.charge(len(node.parent.nodes) // 10)
        node.parent.nodes.remove(node)
        node.parent = None


@method("Dom.XmlNode", "removeChild")
def remove_child(run: Run, receiver: XmlNode, node: XmlNode | None) -> bool:
    """Remove a node; false if it isn't in this element."""
    if node is None:
        raise null_pointer()
    if node.parent is not receiver:
        return False
    _detach(run, node)
    return True


@method("Dom.XmlNode", "setAttribute")
def set_attribute(run: Run, receiver: XmlNode, name: str | None, value: str | None) -> None:
    """Set an attribute without a namespace."""
    set_attribute_ns(run, receiver, name, value, None, None)


@method("Dom.XmlNode", "setAttributeNs")
def set_attribute_ns(
    run: Run,
    receiver: XmlNode,
    name: str | None,
    value: str | None,
    namespace: str | None,
    value_namespace: str | None,
) -> None:
    """Set an attribute with a namespace, which must have a prefix here."""
    _require_element(receiver)
    name, value = _checked_name(name), given(value)
    prefix = get_prefix_for(run, receiver, namespace) if namespace else None
    run.budget.charge(len(receiver.attributes) // 10)
    found = receiver.find_attribute(name, namespace)
    if found:
        found.value = value
        return
    run.allocate(64)
    receiver.attributes.append(Attribute(name, namespace or None, prefix, value))


@method("Dom.XmlNode", "removeAttribute")
def remove_attribute(
    run: Run, receiver: XmlNode, name: str | None, namespace: str | None
) -> bool:
    """Remove an attribute; false if the element doesn't have it."""
    run.budget.charge(len(receiver.attributes) // 10)
    found = receiver.find_attribute(given(name), namespace)
    if found:
        receiver.attributes.remove(found)
    return found is not None


@method("Dom.XmlNode", "setNamespace")
def set_namespace(
    run: Run, receiver: XmlNode, prefix: str | None, namespace: str | None
) -> None:
    """Declare a namespace."""
    _require_element(receiver)
    run.allocate(64)
    receiver.namespaces[_checked_name(prefix) if prefix else ""] = given(namespace)
