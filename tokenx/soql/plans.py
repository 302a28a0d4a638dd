"""Plans: the SQL of Apex queries on users and profiles, compiled once for each query.

A handler runs the same queries for each token, with other texts in their binds. Composing
and compiling the SQL takes the ORM several times as long as the database takes to run it.
A plan has placeholders for the org and for the texts in the query's conditions. A query
with other literals, such as dates, or with another query in it, has no plan.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from threading import local
from typing import Any, TypeGuard

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from tokenx.org.models import Org
from tokenx.org.search.prepared import converter_of

from .schema import SObject
from .sobjects import PROFILE, USER
from .tree import Comparison, Condition, Query, SemiJoin, Text

Compose = Callable[[Org, Query], QuerySet[Any]]
# Queries and lists that are longer have no plan.
_LONGEST_QUERY = 4_000
_MOST_VALUES = 20
# Plans that a thread keeps; the least recently used ones are removed first.
_MOST_PLANS = 200
# Rows that are read from the database in one go.
_CHUNK = 500
# Stands for the org's key while a query is compiled; it's lower than any key.
_ORG = -(2**62)


class _Placeholder(str):
    """Stands for a text of the query's conditions while the query is compiled."""

    number: int
    is_lower: bool

    @classmethod
    def at(cls, number: int, *, is_lower: bool = False) -> "_Placeholder":
        made = cls(f"\x02{number}\x03")
        made.number, made.is_lower = number, is_lower
        return made

    def lower(self) -> "_Placeholder":
        return self.at(self.number, is_lower=True)

    def text(self, texts: Sequence[str]) -> str:
        """Return the text that it stands for."""
        text = texts[self.number]
        return text.lower() if self.is_lower else text


@dataclass(frozen=True)
class _Plan:
    """The SQL of a query, its parameters with placeholders, and a conversion of rows."""

    sql: str
    parameters: tuple[Any, ...]
    # Whether its rows are read in one go.
    is_short: bool
    convert: Callable[[list[Any]], list[Any]]
    connection: Any

    def rows(self, org: int, texts: Sequence[str]) -> Iterator[Any]:
        """Run the query for an org, with these texts."""
        values = [_value(each, org, texts) for each in self.parameters]
        connection = self.connection
        open_ = connection.cursor if self.is_short else connection.chunked_cursor
        with open_() as cursor:
            cursor.execute(self.sql, values)
            while chunk := cursor.fetchmany(_CHUNK):
                yield from self.convert(chunk)


def _value(parameter: Any, org: int, texts: Sequence[str]) -> Any:
    if isinstance(parameter, _Placeholder):
        return parameter.text(texts)
    return org if parameter == _ORG else parameter


# A connection belongs to a thread, and so does a query compiled for it.
_kept = local()


def _plans() -> OrderedDict[Any, _Plan | None]:
    """Return the thread's plans, the least recently used one first."""
    if not hasattr(_kept, "plans"):
        _kept.plans = OrderedDict()
    plans: OrderedDict[Any, _Plan | None] = _kept.plans
    return plans


def planned_rows(
    org: Org, query: Query, sobject: SObject, compose: Compose
) -> Iterator[Any] | None:
    """Return the rows of a query, whose binds have values; None if it can't have a plan.

    `compose` returns a `values_list()` that depends on nothing but its arguments.
    """
    # Their rows depend on the org's key alone. With custom fields, they're other objects.
    is_known = sobject is USER or sobject is PROFILE
    if not is_known or len(query.text) > _LONGEST_QUERY or query.semi_joins:
        return None
    comparisons = [*_comparisons(query.where)] if query.where else []
    if not all(map(_can_be_planned, comparisons)):
        return None
    connection = connections[DEFAULT_DB_ALIAS]
    plans = _plans()
    key = query.text, query.limit, query.offset, *map(_shape, comparisons)
    plan = plans.get(key)
    if key not in plans or (plan and plan.connection is not connection):
        plan = plans[key] = _compiled(query, compose, connection)
        if len(plans) > _MOST_PLANS:
            plans.popitem(last=False)
    plans.move_to_end(key)
    texts = [each.value for one in comparisons for each in one.values if _is_text(each)]
    return plan.rows(org.pk, texts) if plan else None


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    elif not isinstance(condition, SemiJoin):
        for each in condition.inner:
            yield from _comparisons(each)


def _can_be_planned(comparison: Comparison) -> bool:
    is_simple = comparison.operator != "LIKE" and len(comparison.values) <= _MOST_VALUES
    return is_simple and all(
        each.value.isprintable()
        if isinstance(each, Text)
        else each is None or isinstance(each, bool | Decimal)
        for each in comparison.values
    )


def _is_text(literal: Any) -> TypeGuard[Text]:
    """Tell whether a literal is a text that isn't empty, which is null."""
    return isinstance(literal, Text) and literal.value != ""


def _shape(comparison: Comparison) -> tuple[Any, ...]:
    """Return what the SQL of a comparison depends on, in addition to the query's text."""
    values = (Text if _is_text(each) else (type(each), each) for each in comparison.values)
    return comparison.operator, *values


def _compiled(query: Query, compose: Compose, connection: Any) -> _Plan | None:
    """Compile a query; None if its SQL doesn't have each text, as for an ID."""
    is_short = query.limit is not None and query.limit <= _CHUNK
    numbers = count()
    where = _with_placeholders(query.where, numbers) if query.where else None
    rows = compose(Org(pk=_ORG), replace(query, where=where))
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    found = {each.number for each in parameters if isinstance(each, _Placeholder)}
    if found != {*range(next(numbers))} or _ORG not in parameters:
        return None
    return _Plan(sql, tuple(parameters), is_short, converter_of(compiler), connection)


def _with_placeholders(condition: Condition, numbers: Iterator[int]) -> Condition:
    if isinstance(condition, SemiJoin):
        return condition
    if not isinstance(condition, Comparison):
        inner = tuple(_with_placeholders(each, numbers) for each in condition.inner)
        return replace(condition, inner=inner)
    values = tuple(
        Text(_Placeholder.at(next(numbers)), "") if _is_text(each) else each
        for each in condition.values
    )
    return replace(condition, values=values)
