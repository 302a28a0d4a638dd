"""The checker's ports for queries: SOQL's grammar and the objects that tokenx knows."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache, cached_property
from types import MappingProxyType

from tokenx.apex.ports import Bind, Ports, QueryError, QueryShape
from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.org.models import UserField
from tokenx.soql.binds import mask_binds
from tokenx.soql.custom_metadata import SUFFIX
from tokenx.soql.inline import parse_inline
from tokenx.soql.parser import MALFORMED, parse
from tokenx.soql.schema import SObject
from tokenx.soql.sobjects import SOBJECTS
from tokenx.soql.tree import (
    Aggregate,
    Aliased,
    Comparison,
    Query,
    SemiJoin,
    SoqlError,
    SoqlPath,
)

from .absent_objects import ABSENT
from .configuration import OrgConfiguration

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "datetime": "Datetime",
    "int": "Integer",
}
_WORD = re.compile(r"\w+")
_OTHER = "part of its syntax"


def parse_query(text: str) -> QueryShape:
    """Return the shape of an inline query. Raise QueryError if it's certainly invalid."""
    try:
        return _shape(parse(text, has_binds=True))
    except SoqlError as error:
        if not error.is_unexpected and error.code == MALFORMED:
            raise QueryError(error.sentence, error.at) from None
        return _unsupported(text, error)


def _shape(query: Query) -> QueryShape:
    """Return the shape of a query that can run."""
    own = {query.entity.names[0].lower(), (query.alias or "").lower()}
    fields = (
        each.names[1:]
        if len(each.names) > 1 and each.names[0].lower() in own
        else each.names
        for each in _paths(query)
    )
    return QueryShape(
        objects=query.entity.names,
        fields=tuple(".".join(names) for names in fields),
        binds=_binds(query.text),
        is_count=query.is_count,
        is_aggregate=query.is_aggregate,
    )


def _paths(query: Query) -> Iterator[SoqlPath]:
    """Yield the fields that a query selects, filters, and sorts by."""
    for each in query.select:
        if isinstance(each, SoqlPath):
            yield each
        elif isinstance(each, Aggregate | Aliased) and each.path:
            yield each.path
    waiting = [query.where] if query.where else []
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, Comparison | SemiJoin):
            yield condition.path
        else:
            waiting += reversed(condition.inner)
    yield from query.group
    aliases = {each.alias for each in query.select if isinstance(each, Aggregate | Aliased)}
    for order in query.order:
        if isinstance(order.path, SoqlPath) and str(order.path) not in aliases:
            yield order.path


def _unsupported(text: str, refusal: SoqlError) -> QueryShape:
    """Return the shape of a query that can't run, although Apex can compile it."""
    try:
        query = parse_inline(text)
    except SoqlError as error:
        raise QueryError(error.sentence, error.at) from None
    unknown, unknown_offset = query.unknown, query.unknown_at
    if query.objects and query.objects[0].lower() in ABSENT and not query.is_aggregate:
        unknown, unknown_offset = "", 0  # It runs, and returns no rows.
    elif not unknown:
        word = _WORD.match(text, refusal.at)
        unknown, unknown_offset = word.group() if word else _OTHER, refusal.at
    return QueryShape(
        objects=query.objects,
        fields=tuple(map(str, query.paths)),
        binds=_binds(text),
        is_count=query.is_count,
        is_aggregate=query.is_aggregate,
        unknown=unknown,
        unknown_offset=unknown_offset,
    )


def _binds(text: str) -> tuple[Bind, ...]:
    return tuple(Bind(each.text, each.at) for each in mask_binds(text)[1])


def fields_of(object_name: str) -> Mapping[str, str] | None:
    """Return the Apex types of an object's fields and relationships, or None.

    The names are in lower case. A relationship has the type of its object.
    """
    if absent := ABSENT.get(object_name.lower()):
        return absent.fields
    return _known_fields().get(object_name.lower())


# The ports for code that belongs to no org.
PORTS = Ports(parse_query, fields_of, frozenset(ABSENT))


def ports_of(org: int) -> Ports:
    """Return the checker's ports for an org, which know its custom fields on User."""

    user_fields = _UserFields(org)
    configuration = OrgConfiguration(org)

    def fields(object_name: str) -> Mapping[str, str] | None:
        if object_name.lower().endswith(SUFFIX):
            return _fields_of_metadata(configuration, object_name)
        return user_fields if object_name.lower() == "user" else fields_of(object_name)

    def has_label(name: str) -> bool:
        with suppress(NotRunnableError):
            return configuration.label(name) is not None
        return False

    return Ports(parse_query, fields, frozenset(ABSENT), has_label)


class _UserFields(Mapping[str, str]):
    """The Apex types of a user's fields. Custom ones are read when one is needed."""

    def __init__(self, org: int) -> None:
        self._org = org
        self._standard = fields_of("User") or {}

    @cached_property
    def _all(self) -> Mapping[str, str]:
        names = UserField.objects.filter(org=self._org).values_list("name", flat=True)
        custom = {name.rpartition(".")[2].lower(): "String" for name in names}
        return {**self._standard, **custom}

    def __getitem__(self, name: str) -> str:
        return self._standard.get(name) or self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _fields_of_metadata(
    configuration: OrgConfiguration, name: str
) -> Mapping[str, str] | None:
    """Return the fields of a custom metadata type, or None if its files are too large."""
    try:
        return configuration.fields_of_metadata(name)
    except NotRunnableError:
        return None


@cache
def _objects() -> Mapping[str, SObject]:
    """Return the objects that queries know, and those that they only reach."""
    reached = {each.name.lower(): each for each in _reached()}
    return reached | SOBJECTS


def _reached() -> Iterator[SObject]:
    for sobject in SOBJECTS.values():
        yield from (each.to for each in sobject.relationships)


@cache
def _known_fields() -> Mapping[str, Mapping[str, str]]:
    return {name: _fields_of(sobject) for name, sobject in _objects().items()}


def _fields_of(sobject: SObject) -> Mapping[str, str]:
    types = {
        each.name.lower(): _APEX_TYPES.get(each.type, "String") for each in sobject.fields
    }
    types |= {each.name.lower(): each.to.name for each in sobject.relationships}
    return MappingProxyType({"id": "Id"} | types)
