"""SOQL queries for one org: from the text, through the ORM, to records.

    run(org, "SELECT Id, Name FROM User WHERE IsActive = true ORDER BY Name LIMIT 10")

A result has up to 2,000 records and the URL of the next ones, with a locator (locator.py).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.models import Org
from tokenx.org.record_ids import pk_of

from .bind_values import with_values
from .custom_fields import sobjects_for
from .locator import BATCH, create_locator, read_locator
from .log_objects import LOG_OBJECTS
from .parser import parse
from .schema import SObject, find_column, find_object
from .select import JsonFormat, Record, RecordFormat, Selection
from .tree import Count, Order, Query, SoqlError
from .where import Where

# The first API version with handlers; callers pass the requested version.
VERSION = "60.0"
# Rows of an Apex query that are read from the database in one go.
_CHUNK = 500


@dataclass(frozen=True)
class QueryResult:
    """A part of a result. `total_size` counts all of its records."""

    entity: str
    total_size: int
    records: list[Record]
    next_records_url: str | None = None


@dataclass(frozen=True)
class Service:
    """The API that was called, and its version."""

    version: str = VERSION
    is_tooling: bool = False
    # The user to whose rows private objects are limited; None reads all rows.
    reader: int | None = None

    @property
    def url(self) -> str:
        tooling = "/tooling" if self.is_tooling else ""
        return f"/services/data/v{self.version}{tooling}"


REST = Service()


def run(org: Org, text: str, service: Service = REST) -> QueryResult:
    """Return a query's result, or its first 2,000 records. Raise SoqlError."""
    return _run(org, parse(text), service)


@dataclass(frozen=True)
class Rows:
    """The result of an Apex query: a number for COUNT(), otherwise records."""

    entity: str
    records: list[Any]
    count: int | None = None


def run_inline(
    org: Org,
    query: Query,
    binds: Mapping[str, Any],
    *,
    known: dict[str, SObject],
    format_: RecordFormat,
    max_rows: int,
) -> Rows:
    """Return the records of an Apex query, but no more than `max_rows`. Raise SoqlError.

    The keys of `binds` are the query's Apex expressions. `known` are the org's objects.
    """
    query = with_values(query, binds)
    sobject = find_object(query, known)
    if isinstance(query.select[0], Count):
        counted = _count(org, query, sobject, REST)
        is_rows = bool(counted.records)
        return Rows(
            counted.entity, counted.records, None if is_rows else counted.total_size
        )
    selection = Selection(query, sobject, format_)
    rows = selection.rows(_ordered(org, query, sobject, REST))
    found = _part(query, rows)[:max_rows].iterator(chunk_size=_CHUNK)
    return Rows(sobject.name, [selection.record(row) for row in found])


def _run(org: Org, query: Query, service: Service) -> QueryResult:
    if isinstance(query.select[0], Count):
        sobject = find_object(query, _known(org, query.text, service))
        return _count(org, query, sobject, service)
    return _page(org, query, service, start=0, total=None)


def run_more(org: Org, locator: str, service: Service = REST) -> QueryResult:
    """Return the records after those of an earlier result. Raise SoqlError."""
    text, total, start = read_locator(org, locator)
    return _page(org, parse(text), service, start=start, total=total)


def find_record(
    org: Org,
    entity: str,
    id_text: str,
    service: Service = REST,
    fields: Sequence[str] = (),
) -> Record | None:
    """Return one record by its ID, with some or all fields, or None.

    Raises SoqlError for a field that is not there.
    """
    names = " ".join(fields) or "FIELDS(ALL)"
    sobject = _known(org, f"{names} {entity}", service).get(entity.lower())
    pk = pk_of(sobject.prefix, id_text) if sobject else None
    if sobject is None or pk is None:
        return None
    for name in fields:
        if not re.fullmatch(r"[A-Za-z0-9_.]+", name):
            raise SoqlError("INVALID_FIELD", f"No such column '{name[:100]}'")
    chosen = ", ".join(fields) or "FIELDS(ALL)"
    query = parse(f"SELECT {chosen} FROM {sobject.name} LIMIT 1")  # noqa: S608 (SOQL)
    selection = Selection(query, sobject, JsonFormat(service.url))
    rows = selection.rows(_readable(org, sobject, service).filter(pk=pk))
    return next(map(selection.record, rows), None)


def answer(result: QueryResult) -> dict[str, Any]:
    """Format a result as the REST API does."""
    found = {
        "totalSize": result.total_size,
        "done": result.next_records_url is None,
        "records": result.records,
    }
    if result.next_records_url:
        found["nextRecordsUrl"] = result.next_records_url
    return found


def tooling_answer(result: QueryResult) -> dict[str, Any]:
    """Format a result as the Tooling API does."""
    return {
        "size": len(result.records),
        "queryLocator": None,
        "entityTypeName": result.entity,
        **answer(result),
    }


def _known(org: Org, text: str, service: Service) -> dict[str, SObject]:
    """Return the objects that a query can name."""
    known = sobjects_for(org, text)
    return {**known, **LOG_OBJECTS} if service.is_tooling else known


def _readable(org: Org, sobject: SObject, service: Service) -> QuerySet[Any]:
    """Return all rows of the org that the service's user can read."""
    rows = sobject.rows_of(org)
    if sobject.owner and service.reader is not None:
        return rows.filter(**{sobject.owner: service.reader})
    return rows


def _matching(org: Org, query: Query, sobject: SObject, service: Service) -> QuerySet[Any]:
    """Return all of the org's rows that match the query, unordered."""
    where = Where(query, sobject, timezone.now())
    rows = _readable(org, sobject, service)
    return rows.alias(**where.aliases).filter(where.q)


def _ordered(org: Org, query: Query, sobject: SObject, service: Service) -> QuerySet[Any]:
    matching = _matching(org, query, sobject, service)
    return matching.order_by(*_order(query, sobject), "pk")


def _part(query: Query, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the number of rows after the query's OFFSET and LIMIT."""
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _page(
    org: Org, query: Query, service: Service, *, start: int, total: int | None
) -> QueryResult:
    """Return up to 2,000 records of the result, starting at `start`."""
    sobject = find_object(query, _known(org, query.text, service))
    selection = Selection(query, sobject, JsonFormat(service.url))
    ordered = selection.rows(_ordered(org, query, sobject, service))
    # Fetch one more to know whether there are more.
    found = list(_part(query, ordered)[start : start + BATCH + 1])
    more = len(found) > BATCH
    if total is None:
        matching = _matching(org, query, sobject, service)
        total = _part(query, matching).count() if more else len(found)
    following = _following(org, query, service, start + BATCH, total) if more else None
    records = [selection.record(row) for row in found[:BATCH]]
    return QueryResult(sobject.name, total, records, following)


def _following(org: Org, query: Query, service: Service, start: int, total: int) -> str:
    """Return the URL of the records from `start` on."""
    locator = create_locator(org, query.text, total=total, start=start)
    return f"{service.url}/query/{locator}"


def _order(query: Query, sobject: SObject) -> list[Any]:
    return [term for each in query.order for term in _terms(query, sobject, each)]


def _terms(query: Query, sobject: SObject, order: Order) -> list[Any]:
    """Order nulls first or last, and then by value."""
    column = find_column(query, sobject, order.path)
    field = column.field
    if field.is_long:
        sentence = f"field '{field.name}' can not be sorted in a query call"
        raise query.error("INVALID_FIELD", sentence, order.path.at)
    if field.source is None or isinstance(column.expression, Value):
        return []  # It is the same in all rows.
    value = Lower(column.expression) if field.is_text else column.expression
    term = value.desc() if order.is_descending else value.asc()
    # Empty text, which is null, already sorts first. Databases order null differently.
    is_in_order = not column.only and not field.can_have_null
    if is_in_order and order.is_nulls_first != order.is_descending:
        return [term]
    if not column.can_be_null:
        return [term]
    first, last = Value(0), Value(1)
    nulls, others = (first, last) if order.is_nulls_first else (last, first)
    return [Case(When(column.is_null, then=nulls), default=others), term]


def _count(org: Org, query: Query, sobject: SObject, service: Service) -> QueryResult:
    """Count the rows, or those with a value in some fields."""
    matching = _matching(org, query, sobject, service)
    counts = [each for each in query.select if isinstance(each, Count)]
    paths = [each.path for each in counts if each.path]
    if not paths:
        return QueryResult(sobject.name, _part(query, matching).count(), [])
    columns = [find_column(query, sobject, path) for path in paths]
    found = matching.aggregate(
        **{
            f"counted_{place}": models.Count(
                "pk", filter=~column.is_null if column.can_be_null else None
            )
            for place, column in enumerate(columns)
        }
    )
    record: Record = {"attributes": {"type": "AggregateResult"}}
    record |= dict(zip(query.count_names, found.values(), strict=True))
    return QueryResult("AggregateResult", 1, [record])
