"""Each function of the library with edge values: only Apex's own exceptions come out."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tokenx.apex.library import registry
from tokenx.apex.platform import PlatformType, Signature, platform_types
from tokenx.apex.runtime.errors import RunEndedError, ThrownError
from tokenx.apex.runtime.run import ApexRun
from tokenx.apex.types import ApexType, parse_type
from tokenx.apex.values import (
    ApexList,
    ApexMap,
    ApexSet,
    Id,
    Long,
    QueryRows,
    Record,
    TypeValue,
)

from . import FakeRecords, make_ports, make_run

ROUNDS = 12
TEXTS = [
    "", "a", "-1", "0", "UTF-8", "SHA-256", "hmacSHA256", "RSA-SHA256", "AES256",
    "AES128-GCM", "https://a.b:99/c?d#e", "https://[::1", "http://", '{"a": [1, null]}',
    "[1, 2]", "nul", "[", "<a b='c'><d/>x</a>", "<a", "\ud800", "\U0001f600\u00e4", "a.b.c",
    "eyJhbGciOiJSUzI1NiJ9.e30.x", "2026-11-30", "2026-11-30T10:00:00Z", "%zz+%41", "ZZZ=",
    "0x", "005000000000001AAA", "Email", "Profile", "User", "x" * 3_000, "\x00\r\n",
    "SELECT Id FROM User WHERE Name = :name", "America/Los_Angeles",
]  # fmt: skip
BLOBS = [b"", b"\x00" * 16, b"k" * 32, b"\xff\xfe", b"x" * 3_000, b"0\x82\x01\x0a"]
VALUES: dict[str, list[Any]] = {
    "String": TEXTS,
    "Id": [Id("005000000000001AAA"), Id("00e000000000001AAA")],
    "Blob": BLOBS,
    "Boolean": [True, False],
    "Integer": [0, 1, -1, 2**31 - 1, -(2**31), 128, 200],
    "Long": [Long(0), Long(-(2**63)), Long(2**63 - 1)],
    "Double": [0.0, -1.5, 1e308, float("nan"), float("inf")],
    "Decimal": [Decimal(0), Decimal("-1.50"), Decimal("1E+400")],
    "Date": [date(1, 1, 1), date(2026, 11, 30), date(9999, 12, 31)],
    "Datetime": [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
    "Time": [time(0), time(23, 59, 59, 999_000)],
    "Type": [
        TypeValue(parse_type(each))
        for each in (
            "String", "User", "List<Integer>", "Map<Id, User>", "JSONToken", "Object",
            "Exception", "HttpRequest",
        )
    ],
}  # fmt: skip


def made(run: ApexRun, declared: PlatformType, choose: random.Random) -> Any:
    """Return an instance of a platform class by one of its constructors, or None."""
    for signature in choose.sample(declared.constructors, len(declared.constructors)):
        function = registry.find_constructor(declared.name)
        if function is None:
            return None
        arguments = [value(run, each, choose, depth=1) for each in signature.parameters]
        try:
            return function(run, ApexType(declared.name), *arguments)
        except (ThrownError, RunEndedError):
            continue
    factory = FACTORIES.get(declared.name)
    return factory(run, choose) if factory else None


def by_static(type_name: str, name: str, *parameters: str):
    def make(run: ApexRun, choose: random.Random) -> Any:
        arguments = [value(run, parse_type(each), choose, depth=1) for each in parameters]
        function = registry.find_method(type_name, name, len(arguments), is_static=True)
        try:
            return function(run, *arguments) if function else None
        except (ThrownError, RunEndedError):
            return None

    return make


def root_node(run: ApexRun, choose: random.Random) -> Any:
    document = registry.find_constructor("Dom.Document")(run, ApexType("Dom.Document"))
    load = registry.find_method("Dom.Document", "load", 1, is_static=False)
    load(run, document, "<a xmlns:p='urn:p' p:x='1' y='2'>t<b/><!--c--><p:b/></a>")
    return choose.choice([document.root, *document.root.nodes])


FACTORIES = {
    "JSONParser": by_static("JSON", "createParser", "String"),
    "JSONGenerator": by_static("JSON", "createGenerator", "Boolean"),
    "Savepoint": by_static("Database", "setSavepoint"),
    "Database.SaveResult": by_static("Database", "insert", "SObject"),
    "Dom.XmlNode": root_node,
    "Type": lambda run, choose: choose.choice(VALUES["Type"]),
}
BY_NAME = {each.name.lower(): each for each in platform_types()}


def value(run: ApexRun, type_: ApexType, choose: random.Random, depth: int = 0) -> Any:
    """Return a value of a type; null is one of each type."""
    if choose.random() < 0.12:
        return None
    if type_.name in VALUES:
        return choose.choice(VALUES[type_.name])
    if type_.name in ("Object", "?"):
        return choose.choice([each for values in VALUES.values() for each in values])
    if type_.name in ("SObject", "User"):
        return Record("User", choose.choice([{}, {"email": "x"}, {"id": VALUES["Id"][0]}]))
    if depth > 2:
        return None
    if type_.name in ("List", "Set", "Map"):
        return collection(run, type_, choose, depth)
    declared = BY_NAME.get(type_.key)
    if declared is None:
        return None
    if declared.values:
        return run.enum_value(type_, choose.choice(declared.values))
    return made(run, declared, choose)


def collection(run: ApexRun, type_: ApexType, choose: random.Random, depth: int) -> Any:
    inner = [
        [value(run, each, choose, depth + 1) for _ in range(2)] for each in type_.arguments
    ]
    if type_.name == "List":
        return ApexList(type_.arguments[0], inner[0])
    if type_.name == "Set":
        found = ApexSet(type_.arguments[0])
        found.items = {run.key_of(each): each for each in inner[0]}
        return found
    pairs = ApexMap(*type_.arguments)
    pairs.items = {run.key_of(k): (k, v) for k, v in zip(*inner, strict=True)}
    return pairs


def functions() -> Iterator[tuple[PlatformType, Signature, Callable]]:
    for declared in platform_types():
        if declared.parameters:
            continue
        for signatures in declared.methods.values():
            for each in signatures:
                function = registry.find_method(
                    declared.name, each.name, len(each.parameters), is_static=each.is_static
                )
                if function and function.__module__.rpartition(".")[2] in MINE:
                    yield declared, each, function


# The modules that are tested here.
MINE = {
    "asserting", "auth", "crypto", "database", "encoding", "encryption", "exceptions",
    "http", "json", "json_parser", "jwt", "limits", "records", "signing", "system", "typed",
    "urls", "users", "xml", "xml_stream",
}  # fmt: skip


def shown(declared: PlatformType, signature: Signature) -> str:
    parameters = ", ".join(map(str, signature.parameters))
    return f"{declared.name}.{signature.name}({parameters})"


def test_only_exceptions_of_apex_come_out(subtests):
    for declared, signature, function in functions():
        name = shown(declared, signature)
        choose = random.Random(name)
        with subtests.test(name):
            for _ in range(ROUNDS):
                call(declared, signature, function, choose)


def call(
    declared: PlatformType, signature: Signature, function: Callable, choose: random.Random
) -> None:
    records = FakeRecords(answer=lambda text, binds: QueryRows("User", []))
    run = make_run(ports=make_ports(records=records))
    receiver = [] if signature.is_static else [value(run, declared.type, choose)]
    if receiver == [None]:
        return
    arguments = [value(run, each, choose) for each in signature.parameters]
    with suppress(ThrownError, RunEndedError):
        function(run, *receiver, *arguments)
