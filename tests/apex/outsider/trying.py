"""Runs handlers on tokens in an org that a case sets up, and compares the outcomes."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.factories import (
    ApexClassFactory,
    IssuerFactory,
    OrgFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    UserFactory,
    UserFieldFactory,
)
from tokenx.org.models import ApexClass, BuiltInProfile, CompileStatus, Issuer, User
from tokenx.setup.apex_runs.run_handler import HandlerRun, run_handler
from tokenx.setup.apex_runs.tokens import Broken, Mint, TokenKind, mint
from tokenx.setup.compile_classes import compile_body

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_METADATA = "http://soap.sforce.com/2006/04/metadata"
_SCHEMA = "http://www.w3.org/2001/XMLSchema"


@dataclass
class CaseOrg:
    """An org with the helpers that cases set it up with."""

    org: Any = field(default_factory=OrgFactory)
    issuers: dict[str, Issuer] = field(default_factory=dict)
    run_as: Any = None

    def __post_init__(self) -> None:
        self.run_as = self.user(
            "handler@acme.example",
            profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
            first_name="Hanna",
            last_name="Handler",
        )

    def user(self, username: str, **fields: Any) -> User:
        user: User = UserFactory(org=self.org, username=username, **fields)
        return user

    def field(self, name: str) -> None:
        UserFieldFactory(org=self.org, name=f"User.{name}")

    def site(self, url: str, **fields: Any) -> None:
        RemoteSiteFactory(org=self.org, url=url, **fields)

    def issuer(self, name: str = "main", **fields: Any) -> None:
        self.issuers[name] = IssuerFactory(org=self.org, **fields)

    def labels(self, **texts: str) -> None:
        labels = "".join(
            f"<labels><fullName>{name}</fullName><language>en_US</language>"
            f"<protected>false</protected><shortDescription>{name}</shortDescription>"
            f"<value>{escape(text)}</value></labels>"
            for name, text in texts.items()
        )
        self._store("CustomLabels", "CustomLabels", labels)

    def record(self, type_name: str, name: str, label: str = "", **values: Any) -> None:
        """Add a record of a custom metadata type."""
        content = f"<label>{label or name}</label><protected>false</protected>"
        for field_name, value in values.items():
            content += f"<values><field>{field_name}</field>{_xml_value(value)}</values>"
        self._store("CustomMetadata", f"{type_name}.{name}", content)

    def credential(self, name: str, url: str) -> None:
        content = (
            f"<endpoint>{url}</endpoint><label>{name}</label>"
            "<principalType>Anonymous</principalType>"
            "<protocol>NoAuthentication</protocol>"
        )
        self._store("NamedCredential", name, content)

    def classes(self, folder: Path, names: tuple[str, ...]) -> list[ApexClass]:
        """Add classes and compile them. The last one is the handler."""
        rows = [
            ApexClassFactory(
                org=self.org,
                name=name,
                body=(folder / f"{name}.cls").read_text(encoding="utf-8"),
                compile_status=CompileStatus.NOT_COMPILED,
            )
            for name in names
        ]
        for row in rows:
            compiled = compile_body(org=self.org.pk, body=row.body, name=row.name)
            row.set_compiled(compiled)
            row.save()
        return rows

    def _store(self, type_name: str, name: str, content: str) -> None:
        schemas = f'xmlns:xsi="{_SCHEMA}-instance" xmlns:xsd="{_SCHEMA}"'
        file = (
            f'{_HEAD}<{type_name} xmlns="{_METADATA}" {schemas}>{content}</{type_name}>\n'
        )
        StoredComponentFactory(org=self.org, type=type_name, name=name, file=file)


def _xml_value(value: Any) -> str:
    if value is None:
        return '<value xsi:nil="true"/>'
    if isinstance(value, bool):
        return f'<value xsi:type="xsd:boolean">{str(value).lower()}</value>'
    if isinstance(value, date):
        return f'<value xsi:type="xsd:date">{value.isoformat()}</value>'
    if isinstance(value, int | float):
        return f'<value xsi:type="xsd:double">{value}</value>'
    return f'<value xsi:type="xsd:string">{escape(value)}</value>'


@dataclass(frozen=True)
class Expected:
    """The outcome of a run: a user, a reason to refuse the token, or an exception."""

    # None if validateIncomingToken must throw.
    valid: bool | None
    user: str = ""
    new_user: bool = False
    # The whole custom error message, or a pattern that it matches.
    error: str | None = None
    error_matches: str = ""
    # The text of the uncaught exception.
    throws: str = ""


@dataclass(frozen=True)
class Try:
    """A token for a handler, and the expected outcome."""

    name: str
    token: Callable[[CaseOrg], str]
    expected: Expected
    token_type: str = "JWT"
    app_type: str = "CA"
    can_create: bool = False
    prepare: Callable[[CaseOrg], Any] | None = None
    check: Callable[[CaseOrg, HandlerRun], str] = lambda case_org, run: ""
    commit: bool = False

    @property
    def changes_org(self) -> bool:
        return self.commit or self.prepare is not None


@dataclass(frozen=True)
class Case:
    """A handler, the org that it runs in, and the tokens that it's tried on."""

    classes: tuple[str, ...]
    set_up: Callable[[CaseOrg], None]
    tries: tuple[Try, ...]


def token(issuer: str = "main", /, **claims: Any) -> Callable[[CaseOrg], str]:
    """Return a function that mints a token. The options of Mint start with `mint_`."""
    how = {name: claims.pop(name) for name in list(claims) if name in _OPTIONS}
    for name, broken in _BROKEN.items():
        if claims.pop(name, False):
            how["broken"] = broken

    def minted(case_org: CaseOrg) -> str:
        found = case_org.issuers[issuer]
        return mint(found, {**found.claims, **claims}, Mint(**how))

    return minted


_OPTIONS = {"lifetime", "kind"}
_BROKEN = {"is_forged": Broken.FORGED, "is_expired": Broken.EXPIRED}
OPAQUE, SAML = TokenKind.OPAQUE, TokenKind.SAML


def hs256(secret: str, header: dict[str, Any] | None = None, **claims: Any) -> Any:
    """Return a function that makes a JWT with a shared secret."""

    def made(case_org: CaseOrg) -> str:
        full = {"exp": int(time.time()) + 300, **claims}
        full = {name: value for name, value in full.items() if value is not None}
        parts = [header or {"alg": "HS256", "typ": "JWT"}, full]
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_base64url(mac)}"

    return made


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def run_case(case: Case, folder: Path) -> list[tuple[str, str]]:
    """Run a case's tokens. Return the differences by token.

    Tokens that change the org get an org of their own.
    """
    differences = []
    shared: tuple[CaseOrg, list[ApexClass]] | None = None
    for each in case.tries:
        if shared is None or each.changes_org:
            case_org = CaseOrg()
            case.set_up(case_org)
            rows = case_org.classes(folder, case.classes)
            if each.prepare:
                each.prepare(case_org)
            shared = None if each.changes_org else (case_org, rows)
        else:
            case_org, rows = shared
        run = run_handler(
            org=case_org.org,
            apex_class=rows[-1],
            run_as=case_org.run_as,
            token=each.token(case_org),
            token_type=each.token_type,
            app_developer_name="Case_App",
            app_type=each.app_type,
            can_create_users=each.can_create,
            my_domain="https://acme.my.salesforce.com",
            commit=each.commit,
        )
        problem = difference(run, each.expected) or each.check(case_org, run)
        differences.append((each.name, problem))
    return differences


def difference(run: HandlerRun, expected: Expected) -> str:
    """Return how an outcome differs, or an empty string."""
    found = {
        "valid": run.validation.is_valid if run.validation else None,
        "user": run.user.username if run.is_successful and run.user else "",
        "new_user": run.is_new_user,
        "throws": run.error.text if run.error else "",
    }
    error = run.validation.custom_error if run.validation else ""
    differing = [
        f"{name}: {value!r} instead of {getattr(expected, name)!r}"
        for name, value in found.items()
        if not _is(value, getattr(expected, name))
    ]
    if expected.error is not None and error != expected.error:
        differing.append(f"error: {error!r} instead of {expected.error!r}")
    if expected.error_matches and not re.fullmatch(expected.error_matches, error, re.S):
        differing.append(f"error: {error!r} doesn't match {expected.error_matches!r}")
    if differing and run.refusal:
        differing.append(f"refusal: {run.refusal}")
    return "; ".join(differing)


def _is(value: Any, expected: Any) -> bool:
    """Compare values. A text that ends with a star stands for any end."""
    if isinstance(expected, str) and expected.endswith("*"):
        return str(value).startswith(expected[:-1])
    return bool(value == expected)
