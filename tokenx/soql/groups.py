"""GROUP BY and aggregate functions."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, Count, F, Max, Min, QuerySet, When

from .ordering import order_terms, part_of
from .schema import Field, SObject, SoqlColumn, find_column
from .tree import Aggregate, Order, Query, SoqlPath

Writer = Callable[[Field], Callable[[Any], Any]]
_SORTED_TYPES = {"string", "email", "picklist", "datetime", "int", "double"}


class Groups:
    """An aggregate query's groups; without GROUP BY, all rows are one group."""

    def __init__(self, query: Query, sobject: SObject, writer: Writer) -> None:
        self._query, self._sobject, self._writer = query, sobject, writer
        self._grouped = {
            f"group_{place}": self._group_column(path)
            for place, path in enumerate(query.group)
        }
        self._functions: dict[str, Any] = {}
        # The name of each selected value in a row, and how it's written.
        self._selected = [self._select(each) for each in query.select]

    def records(self, rows: QuerySet[Any], most: int) -> list[dict[str, Any]]:
        """Return the values of at most so many groups by their names in the result."""
        if not self._query.group:
            return [self._record(rows.aggregate(**self._functions))]
        keys = {name: _value_of(column) for name, column in self._grouped.items()}
        order = [term for each in self._query.order for term in self._terms(each)]
        groups = rows.annotate(**keys).values(*keys).annotate(**self._functions)
        found = part_of(self._query, groups.order_by(*order, *keys))[:most]
        return [self._record(each) for each in found]

    def _group_column(self, path: SoqlPath) -> SoqlColumn:
        column = find_column(self._query, self._sobject, path)
        if column.field.is_long:
            sentence = f"field '{column.field.name}' can not be grouped in a query call"
            raise self._query.error("INVALID_FIELD", sentence, path.at)
        return column

    def _select(self, selected: Any) -> tuple[str, Callable[[Any], Any]]:
        if isinstance(selected, Aggregate):
            return self._function(selected)
        path = selected if isinstance(selected, SoqlPath) else selected.path
        column = find_column(self._query, self._sobject, path)
        name = next(name for name, each in self._grouped.items() if each == column)
        return name, self._writer(column.field)

    def _function(self, function: Aggregate) -> tuple[str, Callable[[Any], Any]]:
        """Add a function, and return its name in a row and how its value is written."""
        assert function.path  # noqa: S101 (COUNT() alone is another query)
        column = find_column(self._query, self._sobject, function.path)
        field = column.field
        is_count = function.function in {"COUNT", "COUNT_DISTINCT"}
        if field.is_long or not (is_count or field.type in _SORTED_TYPES):
            sentence = (
                f"field {field.name} does not support aggregate operator "
                f"{function.function}"
            )
            raise self._query.error("MALFORMED_QUERY", sentence, function.at)
        name = f"value_{len(self._functions)}"
        has_value = ~column.is_null if column.can_be_null else None
        if function.function == "COUNT":
            self._functions[name] = Count("pk", filter=has_value)
        elif is_count:
            value = _value_of(column)
            self._functions[name] = Count(value, filter=has_value, distinct=True)
        elif field.source is None:
            return name, lambda _: None
        else:
            kind = Min if function.function == "MIN" else Max
            self._functions[name] = kind(_value_of(column), filter=has_value)
        return name, int if is_count else self._writer(field)

    def _terms(self, order: Order) -> list[Any]:
        name = self._name_of(order.path)
        if name is None:
            assert isinstance(order.path, SoqlPath)  # noqa: S101 (functions have a name)
            column = find_column(self._query, self._sobject, order.path)
            return order_terms(self._query, column, order, order.path)
        if order.is_descending:
            return [F(name).desc(nulls_last=not order.is_nulls_first or None)]
        return [F(name).asc(nulls_first=order.is_nulls_first or None)]

    def _name_of(self, path: SoqlPath | Aggregate) -> str | None:
        """Return the name of a function's value in a row; None for a group's field."""
        if isinstance(path, Aggregate):
            return self._function(path)[0]
        alias = str(path).lower()
        names = [name.lower() for name in self._query.result_names]
        if alias not in names:
            return None
        name = self._selected[names.index(alias)][0]
        return name if name in self._functions else None

    def _record(self, row: dict[str, Any]) -> dict[str, Any]:
        values = (
            None if row.get(name) is None else write(row[name])
            for name, write in self._selected
        )
        return dict(zip(self._query.result_names, values, strict=True))


def _value_of(column: SoqlColumn) -> Any:
    if column.field.source is None:
        # The same number in each row: a constant can't be grouped.
        return F("pk") * 0
    if not column.only:
        return column.expression
    return Case(When(column.has_value, then=column.expression))
