"""SOAP answers, in the form in which every client finds its way: facts/metadata-api.md 5.

What is answered is plain data, and is written as it is asked for: a list may be an
iterator, a file is encoded piece by piece.
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
# The two APIs that a login may be asked for at, by the letter of their addresses.
LOGIN_APIS = {"u": "partner", "c": "enterprise"}

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PIECE = 49_152


class Nil(Enum):
    """The record of what does not exist: clients raise when it is left out (6)."""

    NIL = "nil"


NIL = Nil.NIL


@dataclass(frozen=True)
class Record:
    """A component as readMetadata has it: typed, and with its full name first.

    `version` is that of the client: zeep raises at an element that its schema lacks.
    """

    full_name: str
    definition: Any
    version: float = inf

    def as_written(self) -> Any:
        """The definition without what is newer, and without a name that it keeps itself."""
        kind = self.definition.__class__
        newer = (e for e in elements_of(kind).values() if e.since > self.version)
        changes: dict[str, Any] = {element.attribute: None for element in newer}
        if kept := getattr(self.definition, "kept", ()):
            changes["kept"] = tuple(each for each in kept if each.name != "fullName")
        return replace(self.definition, **changes)


def write_response(
    operation: str, results: Any = None, *, namespace: str = NAMESPACE
) -> Iterator[str]:
    """The answer to an operation, in pieces of text.

    Of `results`, a dict is a structure; its elements come in the order of the alphabet,
    which is the schema's. A list, or an iterator, is an element for each. None is left
    out; what has a `read` is a file to be sent as base64.
    """
    return _gathered(_response(operation, results, namespace))


def _response(operation: str, results: Any, namespace: str) -> Iterator[str]:
    # Body has no attributes, Envelope has a prefix, and the rest none: 5.1.
    yield (
        f'{_DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
        f' xmlns="{namespace}" xmlns:xsi="{XSI}"><soapenv:Body><{operation}Response>'
    )
    yield from _element("result", results)
    yield f"</{operation}Response></soapenv:Body></soapenv:Envelope>"


def _element(name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, str | int | float | datetime):
        yield f"<{name}>{_text(value)}</{name}>"
    elif isinstance(value, Mapping):
        yield f"<{name}>"
        for key in sorted(value):
            yield from _element(key, value[key])
        yield f"</{name}>"
    elif isinstance(value, Record):
        yield from _record(name, value)
    elif value is NIL:
        yield f'<{name} xsi:nil="true"/>'
    elif hasattr(value, "read"):
        yield f"<{name}>"
        yield from _base64(value)
        yield f"</{name}>"
    else:
        for each in value:
            yield from _element(name, each)


def _text(value: str | float | datetime) -> str:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        milliseconds = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return milliseconds.removesuffix("+00:00") + "Z"
    return str(value)


def _record(name: str, record: Record) -> Iterator[str]:
    definition = record.as_written()
    yield f'<{name} xsi:type="{definition.type_name}">'
    yield f"<fullName>{escape(record.full_name)}</fullName>\n"
    yield from write_inside(definition)
    yield f"</{name}>"


def _base64(source: Any) -> Iterator[str]:
    rest = b""
    while data := source.read(_PIECE):
        data = rest + data
        end = len(data) - len(data) % 3
        rest = data[end:]
        yield b2a_base64(data[:end], newline=False).decode("ascii")
    yield b2a_base64(rest, newline=False).decode("ascii")


def _gathered(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in larger pieces: a server sends each of them by itself."""
    gathered: list[str] = []
    length = 0
    for piece in pieces:
        gathered.append(piece)
        length += len(piece)
        if length >= _PIECE:
            yield "".join(gathered)
            gathered, length = [], 0
    if gathered:
        yield "".join(gathered)


# --- Faults ----------------------------------------------------------------------------


def write_fault(fault: Fault) -> str:
    """A fault. faultcode and faultstring are in no namespace, as SOAP 1.1 wants it: 5.2."""
    return _fault(fault.faultcode, fault.faultstring, NAMESPACE)


def write_login_fault(fault: Fault, api: str = "u") -> str:
    """A refused login. simple-salesforce looks for the tags in its detail: 4.2."""
    detail = (
        '<detail><sf:LoginFault xsi:type="sf:LoginFault">'
        f"<sf:exceptionCode>{fault.code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(fault.text)}</sf:exceptionMessage>"
        "</sf:LoginFault></detail>"
    )
    namespace = f"urn:fault.{LOGIN_APIS[api]}.soap.sforce.com"
    return _fault(fault.code, fault.faultstring, namespace, detail)


def _fault(faultcode: str, faultstring: str, namespace: str, detail: str = "") -> str:
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
    """Whom a session belongs to."""

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
    """Who has signed in, and the server's address as the client's request has it (3.1)."""

    server: str
    api: str
    version: str
    session_id: str
    user: LoginUser


def write_login(login: Login) -> Iterator[str]:
    """The answer to a login. jsforce finds four of its tags by their plain names: 4.2."""
    services = f"{login.server}/services/Soap"
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
