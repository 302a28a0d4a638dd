"""SELECT: the columns to fetch, and the conversion of rows to records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import F, QuerySet

from tokenx.org.record_ids import record_id

from .schema import (
    Field,
    MemoryRow,
    OnlyWhere,
    Relationship,
    SObject,
    SoqlColumn,
    find_column,
)
from .tree import Aliased, Fields, Query, SoqlPath

Row = Sequence[Any]
Record = dict[str, Any]


class RecordFormat(Protocol):
    """The format in which records and their values are written."""

    def writer(self, field: Field) -> Callable[[Any], Any]:
        """Return a function that writes a field's value in the database."""

    def record(self, sobject: SObject, pk: int | None, parts: Record) -> Any:
        """Return a record with these parts; without a prefix, an object has no IDs."""


class Part(Protocol):
    """A field of a record, or a nested record."""

    def of(self, row: Row) -> Any: ...


@dataclass(frozen=True)
class _Value:
    """A field: the index of its column, and its format."""

    place: int
    write: Callable[[Any], Any]
    only: tuple[int, str] | None

    def of(self, row: Row) -> Any:
        if self.only and row[self.only[0]] != self.only[1]:
            return None
        return self.write(row[self.place])


@dataclass
class _Record:
    """An object with its selected fields."""

    sobject: SObject
    format: RecordFormat
    key: int | None
    only: tuple[int, str] | None = None
    parts: dict[str, Part] = field(default_factory=dict)

    def of(self, row: Row) -> Any:
        if self.only and row[self.only[0]] != self.only[1]:
            return None
        return self.written(row)

    def written(self, row: Row) -> Any:
        pk = None if self.key is None else row[self.key]
        parts = {name: part.of(row) for name, part in self.parts.items()}
        return self.format.record(self.sobject, pk, parts)


@dataclass(frozen=True)
class JsonFormat:
    """Records as the REST API has them. Their URLs start with `service`."""

    service: str

    def writer(self, field: Field) -> Callable[[Any], Any]:
        """Return a function that writes a field's value for JSON."""
        return _writer(field)

    def record(self, sobject: SObject, pk: int | None, parts: Record) -> Record:
        """Return the record with its type and URL."""
        attributes = {"type": sobject.name}
        if pk is not None:
            record_pk = record_id(sobject.prefix, pk)
            attributes["url"] = f"{self.service}/sobjects/{sobject.name}/{record_pk}"
        return {"attributes": attributes, **parts}


class Selection:
    """A query's selection, and the format of its records."""

    def __init__(self, query: Query, sobject: SObject, format_: RecordFormat) -> None:
        self._format = format_
        self._places: dict[Any, int] = {}
        self.aliases: dict[str, Any] = {}
        self.root = self._record(sobject, "", None)
        for column, path in selected(query, sobject):
            self._add(query, column, path)

    def rows(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with their selected values."""
        return rows.annotate(**self.aliases).values_list(*self.aliases)

    def record(self, row: Row) -> Any:
        return self.root.written(row)

    def record_in_memory(self, row: MemoryRow) -> Any:
        names = (expression.name for expression in self.aliases.values())
        return self.record([row.pk if name == "pk" else row.values[name] for name in names])

    def _add(self, query: Query, column: SoqlColumn, path: SoqlPath) -> None:
        here, orm_path = self.root, ""
        for relationship in column.relationships:
            here = self._inner(here, relationship, orm_path)
            orm_path += relationship.path
        name = column.field.name
        if name in here.parts:
            sentence = f"duplicate field selected: {name}"
            raise query.error("INVALID_FIELD", sentence, path.at)
        key = column.path, "pk" if column.field.type == "id" else column.field
        place = self._place(key, column.expression) if column.field.source else 0
        only = self._only(column.path, column.field.only)
        here.parts[name] = _Value(place, self._format.writer(column.field), only)

    def _inner(self, outer: _Record, relationship: Relationship, path: str) -> _Record:
        found = outer.parts.get(relationship.name)
        if not isinstance(found, _Record):
            below = path + relationship.path
            found = self._record(
                relationship.to, below, self._only(path, relationship.only)
            )
            outer.parts[relationship.name] = found
        return found

    def _record(self, sobject: SObject, path: str, only: tuple[int, str] | None) -> _Record:
        key = self._place((path, "pk"), F(f"{path}pk")) if sobject.prefix else None
        return _Record(sobject, self._format, key, only)

    def _only(self, path: str, where: OnlyWhere | None) -> tuple[int, str] | None:
        if where is None:
            return None
        name = path + where.path
        return self._place((name,), F(name)), where.value

    def _place(self, key: Any, expression: Any) -> int:
        """Return the expression's index in the row; each is fetched once."""
        if key not in self._places:
            self._places[key] = len(self._places)
            self.aliases[f"selected_{self._places[key]}"] = expression
        return self._places[key]


def selected(query: Query, sobject: SObject) -> list[tuple[SoqlColumn, SoqlPath]]:
    """Return the selected columns, each with the text that selects it."""
    found = []
    for each in query.select:
        if isinstance(each, Fields):
            paths = [SoqlPath((one.name,), each.at) for one in sobject.fields]
        else:
            path = each.path if isinstance(each, Aliased) else each
            paths = [path] if isinstance(path, SoqlPath) else []
        found += [(find_column(query, sobject, path), path) for path in paths]
    return found


def _writer(field: Field) -> Callable[[Any], Any]:
    if field.source is None:
        return lambda _: None
    if field.type in {"id", "reference"}:
        return lambda value: record_id(field.prefix, value)
    if field.type == "datetime":
        return _moment
    if field.type == "boolean":
        return bool
    if field.is_number:
        return lambda value: float(value) if isinstance(value, Decimal) else value
    if field.type == "date":
        return lambda value: value and value.isoformat()
    return lambda value: value or None


def _moment(value: datetime | None) -> str | None:
    """Format a time as Salesforce does: in UTC, with milliseconds."""
    if value is None:
        return None
    moment = value.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"
