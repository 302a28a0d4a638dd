"""Classes for objects, fields, and relationships; sobjects.py has the data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Exact, IsNull

from tokenx.org.models import Org

from .tree import Query, SoqlError, SoqlPath

_SEE = "Please reference your WSDL or the describe call for the appropriate names."
# The longest path of foreign keys to a field: `handler__apex_class__`.
Expression = Callable[[str], Any]


class OnlyWhere(NamedTuple):
    """A condition on the row; if it isn't met, the value is null."""

    path: str
    value: str


@dataclass(frozen=True)
class Field:
    """A column: its name, its SOQL type, and its path in the database."""

    name: str
    type: str
    label: str
    # An ORM path or an expression; without one, the field is always null.
    source: str | Expression | None
    # The key prefix of its IDs.
    prefix: str = ""
    only: OnlyWhere | None = None
    # Whether the database stores it in lowercase.
    is_lower: bool = False
    # Whether the database has null; empty text always is null.
    is_nullable: bool = False
    # The values and labels of a picklist.
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_long(self) -> bool:
        """Tell whether it's too long to filter and sort by, as in Salesforce."""
        return self.type == "textarea"

    @property
    def is_number(self) -> bool:
        return self.type in {"int", "double"}

    @property
    def can_have_null(self) -> bool:
        return self.is_number or self.is_nullable

    @property
    def is_text(self) -> bool:
        return self.type in {"string", "email", "picklist", "textarea"}

    def expression(self, path: str) -> Any:
        if callable(self.source):
            return self.source(path)
        return F(f"{path}{self.source}")


@dataclass(frozen=True)
class Relationship:
    """A relationship from a row to another, by foreign key or on the same row."""

    name: str
    to: "SObject"
    path: str
    only: OnlyWhere | None = None


class MemoryRow(NamedTuple):
    """A record that's no row of the database: its values by the fields' sources."""

    pk: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class SObject:
    name: str
    fields: tuple[Field, ...]
    rows: Callable[[Org], QuerySet[Any]] | None = None
    prefix: str = ""
    relationships: tuple[Relationship, ...] = ()
    # The column of the user who can read a row, if others need more rights.
    owner: str = ""
    # Instead of rows, the records in memory of an org or its key.
    records: Callable[[Org | int], Sequence[MemoryRow]] | None = None
    _fields: dict[str, Field] = field(init=False, repr=False, compare=False)
    _relationships: dict[str, Relationship] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {each.name.lower(): each for each in self.fields}
        object.__setattr__(self, "_fields", by_name)
        ways = {each.name.lower(): each for each in self.relationships}
        object.__setattr__(self, "_relationships", ways)

    def rows_of(self, org: Org) -> QuerySet[Any]:
        """Return all rows of an org."""
        assert self.rows  # noqa: S101 (what has none is no object that is queried)
        return self.rows(org)

    def field(self, name: str) -> Field | None:
        return self._fields.get(name.lower())

    def relationship(self, name: str) -> Relationship | None:
        return self._relationships.get(name.lower())


NOTHING = Q(pk__in=())
ANYTHING = ~NOTHING


class SoqlColumn(NamedTuple):
    """A resolved field: its relationships and its ORM path."""

    field: Field
    relationships: tuple[Relationship, ...]
    path: str
    # All conditions, along the path and at its end, for a value to exist.
    only: tuple[OnlyWhere, ...]

    @property
    def expression(self) -> Any:
        return self.field.expression(self.path)

    @property
    def has_value(self) -> Q:
        return Q(*(Q((where.path, where.value)) for where in self.only))

    @property
    def can_be_null(self) -> bool:
        has_null = self.field.is_text or self.field.can_have_null
        return bool(self.only) or has_null or self.field.source is None

    @property
    def is_null(self) -> Q:
        if self.field.source is None:
            return ANYTHING
        no_value = ~self.has_value if self.only else NOTHING
        if self.field.is_text:
            return no_value | Q(Exact(self.expression, Value("")))
        if self.field.can_have_null:
            return no_value | Q(IsNull(self.expression, True))
        return no_value


def find_object(query: Query, known: dict[str, SObject]) -> SObject:
    [name] = query.entity.names
    found = known.get(name.lower())
    if found is None:
        sentence = (
            f"sObject type '{name}' is not supported. If you are attempting to use a "
            f"custom object, be sure to append the '__c' after the entity name. {_SEE}"
        )
        raise query.error("INVALID_TYPE", sentence, query.entity.at)
    return found


def find_column(query: Query, sobject: SObject, path: SoqlPath) -> SoqlColumn:
    """Resolve a path of the query to a column. Raise SoqlError."""
    names, here, orm_path = list(path.names), sobject, ""
    over: list[Relationship] = []
    only: list[OnlyWhere] = []
    own = {sobject.name.lower(), (query.alias or sobject.name).lower()}
    if len(names) > 1 and names[0].lower() in own:
        del names[0]
    for name in names[:-1]:
        relationship = here.relationship(name)
        if relationship is None:
            raise _no_relationship(query, path, name, here)
        only += _below(orm_path, relationship.only)
        over.append(relationship)
        here, orm_path = relationship.to, orm_path + relationship.path
    found = here.field(names[-1])
    if found is None:
        raise _no_column(query, path, names[-1], here)
    only += _below(orm_path, found.only)
    return SoqlColumn(found, tuple(over), orm_path, tuple(only))


def _below(path: str, where: OnlyWhere | None) -> list[OnlyWhere]:
    return [OnlyWhere(path + where.path, where.value)] if where else []


def _no_column(query: Query, path: SoqlPath, name: str, sobject: SObject) -> SoqlError:
    sentence = (
        f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use "
        f"a custom field, be sure to append the '__c' after the custom field name. {_SEE}"
    )
    error = query.error("INVALID_FIELD", sentence, path.at)
    error.unknown_field = f"{sobject.name}.{name}"
    return error


def _no_relationship(
    query: Query, path: SoqlPath, name: str, sobject: SObject
) -> SoqlError:
    sentence = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to "
        "use a custom relationship, be sure to append the '__r' after the custom "
        f"relationship name. {_SEE}"
    )
    error = query.error("INVALID_FIELD", sentence, path.at)
    error.unknown_field = f"{sobject.name}.{name}"
    return error
