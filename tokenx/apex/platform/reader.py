"""Reads the data files that list the members of the platform's types.

A file is blocks of lines. A block starts with a line that isn't indented, such as
`abstract class Auth.Oauth2TokenExchangeHandler`, `class List<T> implements Iterable<T>`,
or `enum Auth.IntegratingAppType`. Its members follow, one a line:

    new(String, Integer)
    static Boolean isBlank(String)
    virtual User getUserForTokenSubject(Id, Boolean)
    property String name
    values CA ECA

`readonly property` can't be assigned. A line that starts with `#` is a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..types import VOID, ApexType, parse_type
from .declarations import PlatformType, PropertySignature, Signature

_HEADER = re.compile(
    r"^(?P<words>(?:(?:abstract|virtual)\ )*)"
    r"(?P<kind>class|interface|enum)\ (?P<name>[\w.]+)"
    r"(?:<(?P<parameters>[\w,\ ]+)>)?"
    r"(?:\ extends\ (?P<superclass>[\w.]+))?"
    r"(?:\ implements\ (?P<interfaces>.+))?$",
    re.MULTILINE,
)
_MEMBER = re.compile(
    r"(?P<words>(?:(?:static|virtual|abstract|readonly|property)\ )*)"
    r"(?P<type>[\w.?]+(?:<.*?>)?(?:\[\])*(?=[\ (]))"
    r"\ ?(?P<name>\w*)"
    r"(?:\((?P<parameters>.*)\))?$"
)


@dataclass
class _Members:
    constructors: list[Signature] = field(default_factory=list)
    methods: dict[str, tuple[Signature, ...]] = field(default_factory=dict)
    properties: dict[str, PropertySignature] = field(default_factory=dict)
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeText:
    """The text that declares a type; its members are read when they're asked for."""

    name: str
    head: re.Match[str]
    members: str


def read_blocks(text: str) -> Iterator[TypeText]:
    """Yield the blocks of a data file."""
    heads = list(_HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield TypeText(head["name"], head, text[head.end() : end])


def read_type(block: TypeText) -> PlatformType:
    """Return the type that a block declares, without what it inherits."""
    head = block.head
    members = _Members()
    for line in block.members.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            _add_member(members, line.strip(), is_interface=head["kind"] == "interface")
    superclass = parse_type(head["superclass"]) if head["superclass"] else None
    return PlatformType(
        name=block.name,
        kind=head["kind"],
        parameters=tuple(re.findall(r"\w+", head["parameters"] or "")),
        superclass=superclass,
        interfaces=tuple(_types(head["interfaces"] or "")),
        is_abstract="abstract" in head["words"] or head["kind"] == "interface",
        is_virtual=bool(head["words"]),
        constructors=tuple(members.constructors),
        methods=members.methods,
        properties=members.properties,
        values=members.values,
    )


def _add_member(members: _Members, line: str, *, is_interface: bool) -> None:
    if line.startswith("values "):
        members.values += tuple(line.split()[1:])
        return
    match = _MEMBER.match(line)
    if match is None:
        raise ValueError(f"Not a member: {line!r}")
    words = set(match["words"].split())
    if "property" in words:
        declared = _property(match, words)
        members.properties[declared.name.lower()] = declared
    elif match["type"] == "new":
        parameters = tuple(_types(match["parameters"] or ""))
        members.constructors.append(Signature("new", parameters, VOID))
    else:
        method = _method(match, words, is_interface=is_interface)
        same_name = members.methods.get(method.name.lower(), ())
        members.methods[method.name.lower()] = (*same_name, method)


def _property(match: re.Match[str], words: set[str]) -> PropertySignature:
    return PropertySignature(
        name=match["name"],
        type=parse_type(match["type"]),
        is_static="static" in words,
        is_writable="readonly" not in words,
    )


def _method(match: re.Match[str], words: set[str], *, is_interface: bool) -> Signature:
    if match["parameters"] is None:
        raise ValueError(f"A method without parentheses: {match[0]!r}")
    is_abstract = is_interface or "abstract" in words
    return Signature(
        name=match["name"],
        parameters=tuple(_types(match["parameters"])),
        returns=parse_type(match["type"]),
        is_static="static" in words,
        is_virtual=is_abstract or "virtual" in words,
        is_abstract=is_abstract,
    )


def _types(text: str) -> Iterator[ApexType]:
    """Read types separated by commas, some of which belong to type arguments."""
    if text.strip():
        yield from parse_type(f"All<{text}>").arguments
