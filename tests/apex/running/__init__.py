"""Runs Apex without an org's database.

assert run_apex("Integer x = 1; return x + 1;") == 2
assert fails("Integer x; x++;") == "System.NullPointerException: Attempt to …"
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.apex.compiling import parser
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.errors import RunEndedError, ThrownError, thrown
from tokenx.apex.runtime.ports import (
    CalloutRequest,
    CalloutResponse,
    CertificateOfOrg,
    DmlOutcome,
    FieldDescription,
    ObjectDescription,
    RunningUser,
    RunPorts,
)
from tokenx.apex.runtime.run import ApexRun
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.tree import (
    ClassDeclaration,
    CompilationUnit,
    Expression,
    FieldDeclaration,
    MethodDeclaration,
    Position,
)
from tokenx.apex.values import Id, QueryRows, Record
from tokenx.apex.values.text import to_text

FIELDS: Mapping[str, Mapping[str, str]] = {
    "user": {
        "id": "Id", "username": "String", "firstname": "String", "lastname": "String",
        "name": "String", "email": "String", "isactive": "Boolean", "profileid": "Id",
        "profile": "Profile", "federationidentifier": "String", "alias": "String",
        "createddate": "Datetime", "employee_id__c": "String", "manager": "User",
        "managerid": "Id",
    },
    "profile": {"id": "Id", "name": "String"},
    "account": {"id": "Id", "name": "String", "parent": "Account", "ownerid": "Id"},
    "contact": {"id": "Id", "lastname": "String", "account": "Account"},
}  # fmt: skip
NAMES = {name.lower(): name for name in ["Id", "IsActive", "Email", "Name", "FirstName"]}
USER_ID = Id("005000000000001AAA")
NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)
Answer = QueryRows | int
ON_QUERY = Callable[[str, Mapping[str, Any]], Answer]


@dataclass
class FakeRecords:
    """Answers queries with `rows`, and saves every record."""

    rows: list[Record] = field(default_factory=list)
    answer: ON_QUERY | None = None
    outcome: Callable[[str, Record], DmlOutcome] | None = None
    queries: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changes: list[tuple[str, list[Record]]] = field(default_factory=list)

    def binds_of(self, text: str) -> Sequence[str]:
        return re.findall(r":\s*(\w+(?:\.\w+|\(\))*)", text)

    def query(self, text: str, binds: Mapping[str, Any]) -> Answer:
        self.queries.append((text, dict(binds)))
        if self.answer:
            return self.answer(text, binds)
        if re.search(r"COUNT\(\)", text, re.IGNORECASE):
            return len(self.rows)
        name = re.search(r"\bFROM\s+(\w+)", text, re.IGNORECASE)
        if name is None:
            raise thrown("QueryException", "unexpected token: '<EOF>'")
        return QueryRows(name[1], self.rows)

    def change(
        self, operation: str, records: Sequence[Record], *, all_or_none: bool
    ) -> list[DmlOutcome]:
        self.changes.append((operation, list(records)))
        if self.outcome:
            return [self.outcome(operation, each) for each in records]
        return [
            DmlOutcome(each.id or Id(f"00500000000{index:04}AAA"), is_created=not each.id)
            for index, each in enumerate(records)
        ]

    def savepoint(self) -> object:
        return object()

    def roll_back(self, savepoint: object) -> None:
        pass

    def fields_of(self, object_name: str) -> Mapping[str, str] | None:
        return FIELDS.get(object_name.lower())

    def field_names(self, object_name: str) -> Mapping[str, str] | None:
        return NAMES

    def describe(self, object_name: str) -> ObjectDescription | None:
        fields = FIELDS.get(object_name.lower())
        if fields is None:
            return None
        described = {
            key: FieldDescription(NAMES.get(key, key.capitalize()), key.upper(), kind)
            for key, kind in fields.items()
        }
        is_user = object_name.lower() == "user"
        name = object_name.capitalize()
        return ObjectDescription(name, "005" if is_user else "", True, False, described)

    def object_names(self) -> Sequence[str]:
        return ["Account", "Contact", "Profile", "User"]

    def object_name_of(self, prefix: str) -> str | None:
        return {"005": "User", "00e": "Profile"}.get(prefix)


@dataclass
class FakeCallouts:
    """Answers callouts by URL; another address is unauthorized."""

    answers: dict[str, CalloutResponse] = field(default_factory=dict)
    requests: list[CalloutRequest] = field(default_factory=list)

    def send(self, request: CalloutRequest) -> CalloutResponse:
        self.requests.append(request)
        if request.endpoint not in self.answers:
            raise thrown(
                "CalloutException",
                "Unauthorized endpoint, please check Setup->Security->Remote site "
                f"settings. endpoint = {request.endpoint}",
            )
        return self.answers[request.endpoint]


@dataclass
class FakeConfiguration:
    labels: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, list[Record]] = field(default_factory=dict)
    certificates: dict[str, CertificateOfOrg] = field(default_factory=dict)

    def label(self, name: str) -> str | None:
        return self.labels.get(name.lower())

    def custom_metadata(self, type_name: str) -> Sequence[Record] | None:
        return self.metadata.get(type_name.lower())

    def certificate(self, name: str) -> CertificateOfOrg | None:
        return self.certificates.get(name.lower())


class FakeClock:
    def __init__(self) -> None:
        self._count = 0

    def now(self) -> datetime:
        return NOW

    def random_bytes(self, count: int) -> bytes:
        self._count += 1
        return bytes((self._count * 37 + index) % 256 for index in range(count))


RUNNING_USER = RunningUser(
    id=USER_ID,
    username="ada@example.com",
    first_name="Ada",
    last_name="Lovelace",
    email="ada@example.com",
    profile_id=Id("00e000000000001AAA"),
    profile_name="System Administrator",
    time_zone="America/Los_Angeles",
    locale="en_US",
    language="en_US",
    organization_id=Id("00D000000000001EAA"),
    organization_name="Example",
    my_domain="https://example.my.salesforce.com",
)


def make_ports(**replaced: Any) -> RunPorts:
    """Return ports of fakes; keyword arguments replace some."""
    ports = {
        "records": FakeRecords(),
        "callouts": FakeCallouts(),
        "configuration": FakeConfiguration(),
        "clock": FakeClock(),
        "user": RUNNING_USER,
    }
    return RunPorts(**(ports | replaced))


@lru_cache(maxsize=500)
def unit_of(code: str) -> CompilationUnit:
    parsed = parser().parse(code)
    assert not parsed.problems, (code, parsed.problems)
    assert parsed.unit
    return parsed.unit


@lru_cache(maxsize=500)
def parse_expression(text: str, at: Position) -> Expression | None:
    before = "class C{Object x="
    parsed = parser().parse(
        f"{before}{text};}}", Position(at.line, at.column - len(before))
    )
    assert not parsed.problems, (text, parsed.problems)
    unit = parsed.unit
    member = unit.members[0] if isinstance(unit, ClassDeclaration) else None
    return member.declarators[0].value if isinstance(member, FieldDeclaration) else None


def make_run(
    *classes: str,
    ports: RunPorts | None = None,
    trace: Trace | None = None,
    budget: Budget | None = None,
) -> ApexRun:
    """Return a run with the code of classes of the org."""
    units = {unit.name.lower(): unit for unit in map(unit_of, classes)}
    return ApexRun(units, ports or make_ports(), parse_expression, trace, budget)


def run_in(run: ApexRun, statements: str) -> Any:
    """Run statements as anonymous Apex, and return the value of their `return`.

    The first line is line 1.
    """
    before = "class C { Object run() {"
    parsed = parser().parse(f"{before}{statements}\n}}}}", Position(1, 1 - len(before)))
    assert not parsed.problems, (statements, parsed.problems)
    unit = parsed.unit
    assert isinstance(unit, ClassDeclaration)
    method = unit.members[0]
    assert isinstance(method, MethodDeclaration)
    assert method.body
    return run.run_block(method.body.statements)


def run_apex(
    statements: str, *classes: str, ports: RunPorts | None = None, **options: Any
) -> Any:
    """Run statements and return the value of their `return`."""
    return run_in(make_run(*classes, ports=ports, **options), statements)


def fails(
    statements: str, *classes: str, ports: RunPorts | None = None, **options: Any
) -> str:
    """Run statements, and return what ended them, as text."""
    run = make_run(*classes, ports=ports, **options)
    return failure_of(run, lambda: run_in(run, statements))[0]


def outcome(code: str, *classes: str, **options: Any) -> str:
    """Return as text what code returns, or what ends it.

    Code without a semicolon is an expression.
    """
    run = make_run(*classes, **options)
    statements = code if ";" in code else f"return {code};"
    try:
        return to_text(run, run_in(run, statements))
    except (ThrownError, RunEndedError) as error:
        return run.describe(error)[0]


def stack_of(statements: str, *classes: str, **options: Any) -> list[str]:
    """Run statements, and return the stack of what ended them."""
    run = make_run(*classes, **options)
    return list(failure_of(run, lambda: run_in(run, statements))[1])


def failure_of(run: ApexRun, action: Callable[[], Any]) -> tuple[str, tuple[str, ...]]:
    """Return the text and stack of what an action raises."""
    try:
        value = action()
    except (ThrownError, RunEndedError) as error:
        return run.describe(error)
    raise AssertionError(f"Nothing ended the run; it returned {value!r}.")
