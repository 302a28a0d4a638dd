"""Url, like java.net.URL."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import ApexType
from ..values import PlatformObject, Value
from .checks import given
from .registry import constructor, method, static_method

_MOST_CHARACTERS = 100_000
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_PROTOCOL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_REST = re.compile(
    r"(?://(?P<authority>[^/?#]*+))?(?P<path>[^?#]*+)(?:\?(?P<query>[^#]*+))?(?:#(?P<ref>.*))?",
    re.DOTALL,
)


@dataclass(slots=True, eq=False, kw_only=True)
class Url(PlatformObject):
    """A URL; parts that it doesn't have are None."""

    protocol: str
    authority: str | None = None
    path: str = ""
    query: str | None = None
    reference: str | None = None

    def text(self) -> str:
        """Return the whole URL, as System.debug writes it."""
        authority = "" if self.authority is None else f"//{self.authority}"
        query = "" if self.query is None else f"?{self.query}"
        reference = "" if self.reference is None else f"#{self.reference}"
        return f"{self.protocol}:{authority}{self.path}{query}{reference}"

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Return the host and the port, which is -1 if the URL has none."""
        place = (self.authority or "").rpartition("@")[2]
        host, colon, port = place.rpartition(":")
        if colon and port.isascii() and port.isdigit() and len(port) <= 5:
            return host, int(port)
        return (host if colon and not port else place), -1


def _malformed(why: str) -> ThrownError:
    return thrown("StringException", f"java.net.MalformedURLException: {why}")


def _parse(run: Run, text: str) -> Url:
    run.budget.charge_for(len(text))
    if len(text) > _MOST_CHARACTERS:
        raise _malformed("too long")
    run.allocate(len(text))
    text = text.strip()
    protocol = _PROTOCOL.match(text)
    if protocol is None:
        raise _malformed(f"no protocol: {text[:1_000]}")
    if protocol[1].lower() not in ("http", "https", "ftp", "file", "jar", "mailto"):
        raise _malformed(f"unknown protocol: {protocol[1].lower()}")
    rest = _REST.match(text, protocol.end())
    if rest is None:
        raise _malformed(text[:1_000])
    url = Url(
        type=ApexType("Url"),
        protocol=protocol[1].lower(),
        authority=rest["authority"],
        path=rest["path"],
        query=rest["query"],
        reference=rest["ref"],
    )
    _check_port(url)
    return url


def _check_port(url: Url) -> None:
    place = (url.authority or "").rpartition("@")[2]
    _, colon, port = place.rpartition(":")
    if colon and port and not place.endswith("]") and url.host_and_port[1] < 0:
        raise _malformed(f'For input string: "{port[:100]}"')


@constructor("Url")
def new_url(run: Run, type_: ApexType, *arguments: Value) -> Url:
    """Make a URL from a text, a base and a text, or its parts."""
    if len(arguments) == 1:
        return _parse(run, given(arguments[0]))
    if len(arguments) == 2:
        base, text = arguments
        text = given(text)
        run.budget.charge_for(len(text))
        if base is None:
            return _parse(run, text)
        return _parse(run, _joined(base.text(), text))
    protocol, host, *port, file = arguments
    place = given(host)
    if port and given(port[0]) != -1:
        place += f":{port[0]}"
    file = given(file)
    slash = "" if file.startswith("/") or not file else "/"
    return _parse(run, f"{given(protocol)}://{place}{slash}{file}")


def _joined(base: str, text: str) -> str:
    try:
        return urljoin(base, text[:_MOST_CHARACTERS])
    except ValueError as error:
        raise _malformed(text[:1_000]) from error


@static_method("Url", "getOrgDomainUrl", "getSalesforceBaseUrl", "getCurrentRequestUrl")
def get_org_domain_url(run: Run) -> Url:
    """Return the org's address."""
    return _parse(run, run.ports.user.my_domain)


@static_method("Url", "getFileFieldURL")
def get_file_field_url(run: Run, record: str | None, name: str | None) -> str:
    """Refuse fields of files; orgs have none here."""
    raise NotRunnableError("Url.getFileFieldURL")


@method("Url", "getProtocol")
def get_protocol(run: Run, receiver: Url) -> str:
    """Return the protocol."""
    return receiver.protocol


@method("Url", "getAuthority")
def get_authority(run: Run, receiver: Url) -> str | None:
    """Return the user, host, and port."""
    return receiver.authority


@method("Url", "getHost")
def get_host(run: Run, receiver: Url) -> str:
    """Return the host."""
    return receiver.host_and_port[0]


@method("Url", "getPort")
def get_port(run: Run, receiver: Url) -> int:
    """Return the port, or -1."""
    return receiver.host_and_port[1]


@method("Url", "getDefaultPort")
def get_default_port(run: Run, receiver: Url) -> int:
    """Return the protocol's port, or -1."""
    return _DEFAULT_PORTS.get(receiver.protocol, -1)


@method("Url", "getPath")
def get_path(run: Run, receiver: Url) -> str:
    """Return the path."""
    return receiver.path


@method("Url", "getFile")
def get_file(run: Run, receiver: Url) -> str:
    """Return the path and the query."""
    run.allocate(len(receiver.path) + len(receiver.query or "") + 1)
    query = "" if receiver.query is None else f"?{receiver.query}"
    return f"{receiver.path}{query}"


@method("Url", "getQuery")
def get_query(run: Run, receiver: Url) -> str | None:
    """Return what follows the question mark, or null."""
    return receiver.query


@method("Url", "getRef")
def get_ref(run: Run, receiver: Url) -> str | None:
    """Return what follows the number sign, or null."""
    return receiver.reference


@method("Url", "getUserInfo")
def get_user_info(run: Run, receiver: Url) -> str | None:
    """Return the user and password, or null."""
    user, at, _ = (receiver.authority or "").rpartition("@")
    return user if at else None


@method("Url", "sameFile")
def same_file(run: Run, receiver: Url, other: Url | None) -> bool:
    """Say whether both are equal up to the number sign."""
    if other is None:
        return False
    one, two = receiver.text(), other.text()
    run.budget.charge_for(len(one) + len(two))
    return one.partition("#")[0] == two.partition("#")[0]


@method("Url", "toExternalForm", "toString")
def to_external_form(run: Run, receiver: Url) -> str:
    """Return the whole URL."""
    text = receiver.text()
    run.allocate(len(text))
    return text
