"""SOQL queries for one org: from the text, through the ORM, to records.

    run(org, "SELECT Id, Name FROM User WHERE IsActive = true ORDER BY Name LIMIT 10")

A result has up to 2,000 records and the URL of the next ones, with a locator (locator.py).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tokenx.org.models import Org
from tokenx.org.record_ids import pk_of

from .bind_values import with_values
from .custom_fields import sobjects_for
from .groups import Groups, Writer
from .locator import BATCH, create_locator, read_locator
from .log_objects import LOG_OBJECTS
from .memory_query import ApiCounter, Counter, MemoryQuery
from .ordering import order_terms, part_of
from .parser import MALFORMED, parse
from .plans import planned_rows
from .schema import SObject, find_column, find_object
from .select import JsonFormat, Record, RecordFormat, Selection
from .tree import Order, Query, SoqlError, SoqlPath
from .where import Keys, Where

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
    counter: Counter | None = None,
) -> Rows:
    """Return the records of an Apex query, but no more than `max_rows`. Raise SoqlError.

    The keys of `binds` are the query's Apex expressions. `known` are the org's objects.
    """
    asked = _Asked(org, with_values(query, binds), known, REST, counter)
    query, sobject = asked.query, asked.sobject
    if query.is_count:
        return Rows(sobject.name, [], asked.count())
    if query.is_aggregate:
        return Rows("AggregateResult", asked.groups(format_.writer, max_rows))
    selection = Selection(query, sobject, format_)
    if sobject.records:
        in_memory = asked.in_memory.ordered(sobject.records(org))[:max_rows]
        return Rows(sobject.name, [*map(selection.record_in_memory, in_memory)])
    most = max_rows if query.limit is None else min(query.limit, max_rows)

    def compose(org: Org, query: Query) -> QuerySet[Any]:
        rows = _Asked(org, query, known, REST, counter).ordered()
        return part_of(query, selection.rows(rows))

    query = replace(query, limit=most)
    planned = planned_rows(org, query, sobject, compose)
    found = planned or compose(org, query).iterator(chunk_size=_CHUNK)
    return Rows(sobject.name, [selection.record(row) for row in found])


def _run(org: Org, query: Query, service: Service) -> QueryResult:
    asked = _Asked(org, query, _known(org, query.text, service), service)
    if query.is_count:
        return QueryResult(asked.sobject.name, asked.count(), [])
    if query.is_aggregate:
        return _groups(asked)
    return _page(asked, start=0, total=None)


def run_more(org: Org, locator: str, service: Service = REST) -> QueryResult:
    """Return the records after those of an earlier result. Raise SoqlError."""
    text, total, start = read_locator(org, locator)
    asked = _Asked(org, parse(text), _known(org, text, service), service)
    return _page(asked, start=start, total=total)


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
    if sobject.records:
        found = (each for each in sobject.records(org) if each.pk == pk)
        return next(map(selection.record_in_memory, found), None)
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


class _Asked:
    """A query to an org, and the objects that it can name."""

    def __init__(
        self,
        org: Org,
        query: Query,
        known: dict[str, SObject],
        service: Service,
        counter: Counter | None = None,
    ) -> None:
        self.org, self.query, self.service = org, query, service
        self._known = known
        self._counter = counter or ApiCounter()
        self.sobject = find_object(query, known)

    def matching(self) -> QuerySet[Any]:
        """Return all of the org's rows that match the query, unordered."""
        where = Where(self.query, self.sobject, timezone.now(), self._find_keys)
        rows = _readable(self.org, self.sobject, self.service)
        return rows.alias(**where.aliases).filter(where.q)

    def ordered(self) -> QuerySet[Any]:
        return self.matching().order_by(*_order(self.query, self.sobject), "pk")

    @property
    def in_memory(self) -> MemoryQuery:
        """Return the query on an object that has records instead of rows."""
        return MemoryQuery(self.query, self.sobject, timezone.now(), self._counter)

    def count(self) -> int:
        if self.sobject.records:
            query = self.in_memory
            return len(query.part(query.matching(self.sobject.records(self.org))))
        return part_of(self.query, self.matching()).count()

    def groups(self, writer: Writer, most: int) -> list[dict[str, Any]]:
        """Return at most so many groups, or the values of all rows."""
        if self.sobject.records:
            rows = self.sobject.records(self.org)
            return self.in_memory.groups(rows, writer)[:most]
        return Groups(self.query, self.sobject, writer).records(self.matching(), most)

    def _find_keys(self, nested: Query) -> Keys:
        """Return the IDs that a nested query selects. Raise SoqlError."""
        asked = _Asked(self.org, nested, self._known, self.service, self._counter)
        [path] = nested.select
        assert isinstance(path, SoqlPath)  # noqa: S101 (the grammar has a path here)
        column = find_column(nested, asked.sobject, path)
        field = column.field
        if field.type not in {"id", "reference"}:
            sentence = f"The selected field '{field.name}' in the subquery should be an id"
            raise nested.error(MALFORMED, sentence, path.at)
        if field.type == "id" and (asked.sobject is self.sobject or asked.sobject.records):
            sentence = "The inner and outer selects should not be on the same object type"
            raise nested.error(MALFORMED, sentence, nested.entity.at)
        rows = asked.matching().filter(column.has_value)
        if field.source is None:
            return Keys(field, rows.none().values("pk"))
        name = f"{column.path}{field.source}"
        return Keys(field, rows.filter(**{f"{name}__isnull": False}).values(name))


def _page(asked: _Asked, *, start: int, total: int | None) -> QueryResult:
    """Return up to 2,000 records of the result, starting at `start`."""
    query, sobject, service = asked.query, asked.sobject, asked.service
    selection = Selection(query, sobject, JsonFormat(service.url))
    if sobject.records:
        return _page_in_memory(asked, selection, start)
    ordered = selection.rows(asked.ordered())
    # Fetch one more to know whether there are more.
    found = list(part_of(query, ordered)[start : start + BATCH + 1])
    more = len(found) > BATCH
    if total is None:
        total = asked.count() if more else len(found)
    following = _following(asked, start + BATCH, total) if more else None
    records = [selection.record(row) for row in found[:BATCH]]
    return QueryResult(sobject.name, total, records, following)


def _page_in_memory(asked: _Asked, selection: Selection, start: int) -> QueryResult:
    assert asked.sobject.records  # noqa: S101 (the caller checked it)
    found = asked.in_memory.ordered(asked.sobject.records(asked.org))
    end, total = start + BATCH, len(found)
    following = _following(asked, end, total) if end < total else None
    records = [*map(selection.record_in_memory, found[start:end])]
    return QueryResult(asked.sobject.name, total, records, following)


def _following(asked: _Asked, start: int, total: int) -> str:
    """Return the URL of the records from `start` on."""
    locator = create_locator(asked.org, asked.query.text, total=total, start=start)
    return f"{asked.service.url}/query/{locator}"


def _groups(asked: _Asked) -> QueryResult:
    """Return the groups of a query, or the values of all its rows."""
    found = asked.groups(JsonFormat(asked.service.url).writer, BATCH + 1)
    if len(found) > BATCH:
        sentence = "Aggregate query does not support queryMore(), use LIMIT to restrict"
        raise SoqlError("EXCEEDED_ID_LIMIT", f"{sentence} the results to a single batch")
    attributes = {"attributes": {"type": "AggregateResult"}}
    records = [attributes | each for each in found]
    return QueryResult("AggregateResult", len(records), records)


def _order(query: Query, sobject: SObject) -> list[Any]:
    return [term for each in query.order for term in _terms(query, sobject, each)]


def _terms(query: Query, sobject: SObject, order: Order) -> list[Any]:
    """Order nulls first or last, and then by value."""
    assert isinstance(order.path, SoqlPath)  # noqa: S101 (the parser refuses others)
    column = find_column(query, sobject, order.path)
    return order_terms(query, column, order, order.path)
