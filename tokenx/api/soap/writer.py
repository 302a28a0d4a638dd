"""SOAP responses in the one form that all clients can read.

See docs/salesforce/metadata-api.md, SOAP envelopes. Results are plain data that's streamed
lazily: a list can be an iterator, and a file is encoded in pieces.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from math import inf
from typing import Any

from tokenx.api.faults import Fault
from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.writer import escape, write_inside

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# The two APIs with a login, by the character in their URLs.
LOGIN_APIS = {"u": "partner", "c": "enterprise"}

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PIECE = 49_152


class Nil(Enum):
    """The record for a component that doesn't exist; clients fail without one.

    See docs/salesforce/metadata-api.md, readMetadata.
    """

    NIL = "nil"


NIL = Nil.NIL


@dataclass(frozen=True)
class MetadataRecord:
    """A component in the result of readMetadata, with its type and its full name first.

    `version` is the client's API version: zeep fails on an element that its schema lacks.
    """

    full_name: str
    definition: Any
    version: float = inf

    def visible_definition(self) -> Any:
        """Return the definition without newer elements and without a second full name."""
        elements = elements_of(self.definition.__class__).values()
        newer = [element for element in elements if element.since > self.version]
        changes: dict[str, Any] = {element.attribute: None for element in newer}
        if hasattr(self.definition, "full_name"):
            changes["full_name"] = None
        if unknown := getattr(self.definition, "unknown_elements", ()):
            changes["unknown_elements"] = tuple(
                each for each in unknown if each.name != "fullName"
            )
        return replace(self.definition, **changes)


def write_response(
    operation: str,
    results: Any = None,
    *,
    namespace: str = NAMESPACE,
    header: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """Write the response to an operation, in pieces of text.

    In `results`, a dict is a structure whose elements are in alphabetical order, which is
    the schema's. A list or an iterator becomes repeated elements. None is left out, and an
    object with a `read` method is a file that's sent as base64. NIL is a null element.
    """
    return _join_pieces(_write_envelope(operation, results, namespace, header))


def _write_envelope(
    operation: str, results: Any, namespace: str, header: Mapping[str, Any] | None
) -> Iterator[str]:
    # Body has no attributes, and only Envelope and Body have a prefix
    # (docs/salesforce/metadata-api.md, SOAP responses).
    yield (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
        f' xmlns="{namespace}" xmlns:xsi="{XSI}">'
    )
    if header:
        yield "<soapenv:Header>"
        for name, value in header.items():
            yield from _write_element(name, value)
        yield "</soapenv:Header>"
    yield f"<soapenv:Body><{operation}Response>"
    yield from _write_element("result", results)
    yield f"</{operation}Response></soapenv:Body></soapenv:Envelope>"


def _write_element(name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, str | int | float | datetime):
        yield f"<{name}>{_text(value)}</{name}>"
    elif isinstance(value, Mapping):
        yield f"<{name}>"
        for key in sorted(value):
            yield from _write_element(key, value[key])
        yield f"</{name}>"
    elif isinstance(value, MetadataRecord):
        yield from _write_record(name, value)
    elif value is NIL:
        yield f'<{name} xsi:nil="true"/>'
    elif hasattr(value, "read"):
        yield f"<{name}>"
        yield from _encode_base64(value)
        yield f"</{name}>"
    else:
        for each in value:
            yield from _write_element(name, each)


def _text(value: str | float | datetime) -> str:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        milliseconds = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return milliseconds.removesuffix("+00:00") + "Z"
    return str(value)


def _write_record(name: str, record: MetadataRecord) -> Iterator[str]:
    definition = record.visible_definition()
    yield f'<{name} xsi:type="{definition.type_name}">'
    yield f"<fullName>{escape(record.full_name)}</fullName>\n"
    yield from write_inside(definition)
    yield f"</{name}>"


def _encode_base64(source: Any) -> Iterator[str]:
    rest = b""
    while data := source.read(_PIECE):
        data = rest + data
        end = len(data) - len(data) % 3
        rest = data[end:]
        yield b2a_base64(data[:end], newline=False).decode("ascii")
    yield b2a_base64(rest, newline=False).decode("ascii")


def _join_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """Join short pieces of text, because a server sends each piece separately."""
    short_pieces: list[str] = []
    length = 0
    for piece in pieces:
        short_pieces.append(piece)
        length += len(piece)
        if length >= _PIECE:
            yield "".join(short_pieces)
            short_pieces, length = [], 0
    if short_pieces:
        yield "".join(short_pieces)


# --- Faults ----------------------------------------------------------------------------


def write_fault(fault: Fault) -> str:
    """Write a fault, whose faultcode and faultstring are in no namespace.

    See docs/salesforce/metadata-api.md, SOAP faults.
    """
    return _write_fault(fault.faultcode, fault.faultstring, NAMESPACE)


def write_login_fault(fault: Fault, api: str = "u") -> str:
    """Write the fault of a refused login; simple-salesforce looks for the detail's tags.

    See docs/salesforce/metadata-api.md, SOAP login.
    """
    detail = (
        '<detail><sf:LoginFault xsi:type="sf:LoginFault">'
        f"<sf:exceptionCode>{fault.code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(fault.text)}</sf:exceptionMessage>"
        "</sf:LoginFault></detail>"
    )
    namespace = f"urn:fault.{LOGIN_APIS[api]}.soap.sforce.com"
    return _write_fault(fault.code, fault.faultstring, namespace, detail)


def _write_fault(faultcode: str, faultstring: str, namespace: str, detail: str = "") -> str:
    return (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
        f' xmlns:sf="{namespace}" xmlns:xsi="{XSI}"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{faultcode}</faultcode>"
        f"<faultstring>{escape(faultstring)}</faultstring>{detail}"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )


# --- Login and logout ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LoginUser:
    """The user of a session."""

    id: str
    name: str
    full_name: str
    email: str
    organization_id: str
    organization_name: str

    def info(self) -> dict[str, str]:
        return {
            "organizationId": self.organization_id,
            "organizationName": self.organization_name,
            "userEmail": self.email,
            "userFullName": self.full_name,
            "userId": self.id,
            "userName": self.name,
            "userType": "Standard",
        }


@dataclass(frozen=True, kw_only=True)
class Login:
    """A new session, and the server's URL as the client reached it."""

    server_url: str
    api: str
    version: str
    session_id: str
    user: LoginUser


def write_login(login: Login) -> Iterator[str]:
    """Write the response to a login; jsforce finds four of its tags by plain name.

    See docs/salesforce/metadata-api.md, SOAP login.
    """
    services = f"{login.server_url}/services/Soap"
    end = f"{login.version}/{login.user.organization_id[:15]}"
    result = {
        "metadataServerUrl": f"{services}/m/{end}",
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": f"{services}/{login.api}/{end}",
        "sessionId": login.session_id,
        "userId": login.user.id,
        "userInfo": login.user.info(),
    }
    return _write_for(login.api, "login", result)


def write_user_info(user: LoginUser, api: str) -> Iterator[str]:
    return _write_for(api, "getUserInfo", user.info())


def write_logout(api: str) -> Iterator[str]:
    return _write_for(api, "logout")


def _write_for(api: str, operation: str, result: Any = None) -> Iterator[str]:
    namespace = f"urn:{LOGIN_APIS[api]}.soap.sforce.com"
    return write_response(operation, result, namespace=namespace)
