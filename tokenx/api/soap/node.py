"""An element of a SOAP request, by its local name: facts/metadata-api.md 5.3."""

from dataclasses import dataclass, field

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.parser_messages import shown

# simple-salesforce writes True, all others true.
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Node:
    """An element, whatever its namespace and prefix were.

    One with elements in it has no text: what stands between these is stray. `type` is the
    local part of xsi:type. Line and column count from 1.
    """

    name: str
    line: int = 0
    column: int = 0
    type: str = ""
    is_nil: bool = False
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def child(self, name: str) -> "Node | None":
        """The first element of that name in it."""
        return next((each for each in self.children if each.name == name), None)

    def children_named(self, name: str) -> list["Node"]:
        return [each for each in self.children if each.name == name]

    def text_of(self, name: str, default: str = "") -> str:
        """What the element of that name says; the default where it says nil, or is not."""
        found = self.child(name)
        return default if found is None or found.is_nil else found.text

    def flag(self, name: str, default: bool = False) -> bool:
        """The same of a boolean; one that is empty says nothing either."""
        text = self.text_of(name).strip()
        if not text:
            return default
        value = _BOOLEANS.get(text.lower())
        if value is None:
            words = f"'{shown(text)}' is not a valid value for the type xsd:boolean"
            raise Fault(FaultCode.CLIENT, f"{name}: {words}")
        return value

    def sole(self) -> "Node":
        """The only parameter, by its position: clients differ in what they call it."""
        if not self.children:
            raise Fault(FaultCode.CLIENT, f"{shown(self.name)}: a parameter is missing")
        return self.children[0]

    def first(self, name: str) -> str:
        """The parameter of that name, or else the first: nforce has names of its own."""
        if self.child(name) or not self.children:
            return self.text_of(name).strip()
        return self.children[0].text.strip()
