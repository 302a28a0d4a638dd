"""Rows of the database as records of Apex, and values of Apex as binds of a query."""

from collections.abc import Callable, Mapping
from typing import Any

from tokenx.apex.runtime.budget import MAX_HEAP
from tokenx.apex.runtime.errors import LimitExceededError
from tokenx.apex.values import ApexList, ApexSet, Id, QueryRows, Record, Value
from tokenx.org.record_ids import record_id
from tokenx.soql.schema import Field, SObject

from .moments import as_datetime_or_null

# The heap of a field, in addition to its text: see `apex/runtime/heap.py`.
_FIELD_SIZE = 8


class ApexFormat:
    """Records of Apex. Together, those of one query have at most the size of the heap."""

    def __init__(self) -> None:
        self._size = 0

    def writer(self, field: Field) -> Callable[[Any], Value]:
        """Return a function that converts a field's value in the database."""
        if field.source is None:
            return lambda _: None
        if field.type in {"id", "reference"}:
            return lambda pk: Id(record_id(field.prefix, pk))
        if field.type == "datetime":
            return as_datetime_or_null
        if field.type == "boolean":
            return bool
        if field.type == "int":
            return int
        if field.type in {"date", "double"}:
            return lambda value: value
        return self._text

    def _text(self, text: str) -> str | None:
        self._size += len(text or "")
        return text or None

    def record(self, sobject: SObject, pk: int | None, parts: Mapping[str, Any]) -> Record:
        """Return the record, which has its ID even if the query doesn't select it."""
        fields: dict[str, Value] = {}
        if pk is not None:
            fields["id"] = Id(record_id(sobject.prefix, pk))
        for name, value in parts.items():
            fields[name.lower()] = value
        self._size += _FIELD_SIZE * (len(fields) + 1)
        if self._size > MAX_HEAP:
            raise LimitExceededError(f"Apex heap size too large: {self._size}")
        return Record(sobject.name, fields, is_queried=True)


def as_binds(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the values of binds as SOQL takes them; a record stands for its ID."""
    return {expression: _as_bind(value) for expression, value in values.items()}


def _as_bind(value: Value) -> Any:
    if isinstance(value, ApexList):
        return [_as_bind(each) for each in value.items]
    if isinstance(value, ApexSet):
        return [_as_bind(each) for each in value.items.values()]
    if isinstance(value, QueryRows):
        return [each.id for each in value.records]
    return value.id if isinstance(value, Record) else value
