"""WHERE clauses as ORM conditions.

In SOQL, a comparison is true or false, never unknown as in SQL: null isn't equal to any
value, and `!=` finds it. Each comparison here handles null, so it can be negated. As in
Salesforce, empty text is null.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    CharField,
    FloatField,
    Lookup,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Lower

from tokenx.org.record_ids import pk_of

from .dates import Span, span
from .parser import MALFORMED
from .schema import NOTHING, Field, SObject, SoqlColumn, find_column
from .tree import (
    All,
    Comparison,
    Condition,
    Not,
    Query,
    Relative,
    SemiJoin,
    SoqlError,
    SoqlPath,
    Text,
)

_LOOKUPS = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
# Results of SQL for empty text, which is null.
_TRUE_OF_EMPTY = {"LIKE", "<", "<="}
# The types in errors whose values have no quotes.
_TYPE_NAMES = {
    "boolean": "boolean",
    "datetime": "dateTime",
    "int": "int",
    "double": "double",
}
# Salesforce compares times in milliseconds.
_MOMENT = timedelta(milliseconds=1)


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """A case-insensitive LIKE with wildcards, which Django's own lookups escape.

    SQLite disregards the case of the letters A to Z only: docs/decisions/soql.md.
    """

    lookup_name = "soql_like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._sql(compiler, connection, "LIKE")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._sql(compiler, connection, "ILIKE")

    def _sql(self, compiler: Any, connection: Any, operator: str) -> Any:
        left, params = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        return f"{left} {operator} {right} ESCAPE '\\'", (*params, *more)


class Keys(NamedTuple):
    """The field that a nested query selects, and its values in the database."""

    field: Field
    values: QuerySet[Any]


FindKeys = Callable[[Query], Keys]


class Where:
    """A query's condition, and the expressions that it needs."""

    def __init__(
        self, query: Query, sobject: SObject, now: datetime, find_keys: FindKeys
    ) -> None:
        self._query, self._sobject, self._now = query, sobject, now
        self._find_keys = find_keys
        self._names: dict[tuple[str, Field], str] = {}
        self.aliases: dict[str, Any] = {}
        self.q = self._condition(query.where) if query.where else Q()

    def _condition(self, condition: Condition) -> Q:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, SemiJoin):
            return self._semi_join(condition)
        inner = [self._condition(each) for each in condition.inner]
        if isinstance(condition, Not):
            return ~inner[0]
        return Q(*inner) if isinstance(condition, All) else _either(inner)

    def _comparison(self, comparison: Comparison) -> Q:
        column = find_column(self._query, self._sobject, comparison.path)
        if column.field.is_long:
            sentence = f"field '{column.field.name}' can not be filtered in a query call"
            raise self._error(comparison.path, sentence)
        tests = {
            "id": self._of_ids,
            "reference": self._of_ids,
            "boolean": self._of_flags,
            "datetime": self._of_moments,
            "int": self._of_numbers,
            "double": self._of_numbers,
        }
        return tests.get(column.field.type, self._of_texts)(column, comparison)

    def _semi_join(self, condition: SemiJoin) -> Q:
        column = find_column(self._query, self._sobject, condition.path)
        field = column.field
        if field.type not in {"id", "reference"}:
            sentence = (
                "The left operand field in the where expression for outer query should be "
                f"an id field, cannot use: '{field.name}'"
            )
            raise self._query.error(MALFORMED, sentence, condition.path.at)
        keys = self._find_keys(
            replace(
                self._query,
                select=(condition.selected,),
                entity=condition.entity,
                alias=condition.alias,
                where=condition.where,
                order=(),
                group=(),
                limit=None,
                offset=0,
            )
        )
        if keys.field.prefix != field.prefix:
            sentence = (
                f"The selected field '{keys.field.name}' in the subquery and the left "
                f"operand field '{field.name}' in the where expression in the outer query "
                "should point to the same object type"
            )
            raise self._query.error(MALFORMED, sentence, condition.selected.at)
        if field.source is None:
            return NOTHING
        is_one = Q((f"{column.path}{field.source}__in", keys.values))
        return column.has_value & is_one

    def _of_ids(self, column: SoqlColumn, comparison: Comparison) -> Q:
        self._check(column, comparison, Text, only_equal=True)
        keys = [
            pk
            for each in comparison.values
            if isinstance(each, Text)
            and (pk := pk_of(column.field.prefix, each.value)) is not None
        ]
        is_one = Q((f"{column.path}{column.field.source}__in", keys)) if keys else NOTHING
        return self._or_null(column, comparison, is_one)

    def _of_flags(self, column: SoqlColumn, comparison: Comparison) -> Q:
        self._check(column, comparison, bool, only_equal=True)
        name = self._alias(column)
        found = [Q((name, each)) for each in {*comparison.values} - {None}]
        return self._or_null(column, comparison, _either(found))

    def _of_moments(self, column: SoqlColumn, comparison: Comparison) -> Q:
        self._check(column, comparison, datetime | Relative)
        if column.field.source is None:
            return self._or_null(column, comparison, NOTHING)
        name = self._alias(column)
        found = [
            _within(name, comparison.operator, self._span(each, comparison.path))
            for each in comparison.values
            if isinstance(each, datetime | Relative)
        ]
        is_so = _either(found)
        if column.field.is_nullable:
            is_so &= Q((f"{name}__isnull", False))
        return self._or_null(column, comparison, is_so)

    def _of_numbers(self, column: SoqlColumn, comparison: Comparison) -> Q:
        self._check(column, comparison, Decimal)
        name = self._alias(column)
        numbers = [float(each) for each in comparison.values if isinstance(each, Decimal)]
        if comparison.operator == "IN":
            found = [Q((f"{name}__in", numbers))] if numbers else []
        else:
            lookup = f"{name}__{_LOOKUPS[comparison.operator]}"
            found = [Q((lookup, each)) for each in numbers]
        is_so = _either(found) & Q((f"{name}__isnull", False))
        return self._or_null(column, comparison, is_so)

    def _of_texts(self, column: SoqlColumn, comparison: Comparison) -> Q:
        self._check(column, comparison, Text)
        if column.field.source is None:
            return self._or_null(column, comparison, NOTHING)
        name = self._alias(column)
        texts = [each for each in comparison.values if isinstance(each, Text)]
        texts = [each for each in texts if each.value and _can_be_stored(each.value)]
        if comparison.operator == "LIKE":
            found = [Q((f"{name}__soql_like", each.pattern)) for each in texts]
        elif comparison.operator == "IN":
            folded = [_folded(column, each) for each in texts]
            found = [Q((f"{name}__in", folded))] if folded else []
        else:
            lookup = f"{name}__{_LOOKUPS[comparison.operator]}"
            found = [Q((lookup, _folded(column, each))) for each in texts]
        is_so = _either(found)
        if comparison.operator in _TRUE_OF_EMPTY:
            is_so &= ~Q((name, ""))
        return self._or_null(column, comparison, is_so)

    def _or_null(self, column: SoqlColumn, comparison: Comparison, is_so: Q) -> Q:
        """Require a value that matches, or null if null is one of the values."""
        is_so = column.has_value & is_so
        if comparison.operator not in {"=", "IN"} or not any(
            each is None or (isinstance(each, Text) and not each.value)
            for each in comparison.values
        ):
            return is_so
        return is_so | column.is_null

    def _alias(self, column: SoqlColumn) -> str:
        """Return the annotation that the ORM compares."""
        key = column.path, column.field
        if key not in self._names:
            self._names[key] = f"compared_{len(self._names)}"
            is_folded = column.field.is_text and not column.field.is_lower
            expression = column.expression
            value = Lower(expression) if is_folded else expression
            if column.field.is_number:
                value = Cast(expression, FloatField())
            self.aliases[self._names[key]] = value
        return self._names[key]

    def _check(
        self,
        column: SoqlColumn,
        comparison: Comparison,
        kind: Any,
        only_equal: bool = False,
    ) -> None:
        """Refuse values and operators that don't fit the field's type."""
        field = column.field
        if any(not isinstance(each, kind | None) for each in comparison.values):
            quotes = "should" if kind is Text else "should not"
            name = _TYPE_NAMES.get(field.type, "string")
            sentence = (
                f"value of filter criterion for field '{field.name}' must be of type "
                f"{name} and {quotes} be enclosed in quotes"
            )
            raise self._error(comparison.path, sentence)
        is_like = comparison.operator == "LIKE"
        if (only_equal and comparison.operator not in {"=", "IN"}) or (
            is_like and not field.is_text
        ):
            kinds = {"reference": "id", "datetime": "dateTime"}
            sentence = f"invalid operator on {kinds.get(field.type, field.type)} field"
            code = "INVALID_QUERY_FILTER_OPERATOR"
            raise self._query.error(code, sentence, comparison.path.at)

    def _span(self, value: datetime | Relative, path: SoqlPath) -> Span:
        if isinstance(value, datetime):
            start = value.replace(microsecond=value.microsecond // 1000 * 1000)
            return Span(start, start + _MOMENT)
        try:
            return span(value.word, value.number, self._now)
        except OverflowError:
            sentence = f"Invalid date: {value.word}:{value.number}"
            raise self._query.error(MALFORMED, sentence, path.at) from None

    def _error(self, path: SoqlPath, sentence: str) -> SoqlError:
        return self._query.error("INVALID_FIELD", sentence, path.at)


def _either(conditions: list[Q]) -> Q:
    return Q(*conditions, _connector=Q.OR) if conditions else NOTHING


def _within(name: str, operator: str, when: Span) -> Q:
    """Compare a time with an interval: it's after it if it's after its end."""
    if operator == "<":
        return Q((f"{name}__lt", when.start))
    if operator == "<=":
        return Q((f"{name}__lt", when.end))
    if operator == ">":
        return Q((f"{name}__gte", when.end))
    if operator == ">=":
        return Q((f"{name}__gte", when.start))
    return Q((f"{name}__gte", when.start), (f"{name}__lt", when.end))


def _folded(column: SoqlColumn, text: Text) -> Any:
    """Return the text in lowercase, converted by the database like the column."""
    return text.value.lower() if column.field.is_lower else Lower(Value(text.value))


def _can_be_stored(text: str) -> bool:
    """Tell whether a row can contain it: neither NUL nor a lone surrogate."""
    return "\0" not in text and text == text.encode(errors="replace").decode()
