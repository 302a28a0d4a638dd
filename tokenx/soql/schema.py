"""What objects, fields and relationships are made of; which there are is in sobjects.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Exact

from tokenx.org.models import Org

from .tree import Path, Query, SoqlError

_SEE = "Please reference your WSDL or the describe call for the appropriate names."
# Fields of a row that is reached over so many foreign keys: `handler__apex_class__`.
Expression = Callable[[str], Any]


class OnlyWhere(NamedTuple):
    """What a row has to be, so that there is a value: otherwise it is null."""

    path: str
    value: str


@dataclass(frozen=True)
class Field:
    """A column: its name, its type in SOQL, and what it is in the database."""

    name: str
    type: str
    label: str
    # A path of the ORM or an expression; without one, the field is always null.
    source: str | Expression | None
    # The first letters of the ids that it has.
    prefix: str = ""
    only: OnlyWhere | None = None
    # Whether the database has it in small letters only.
    is_lower: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is too long to be compared and sorted, in Salesforce as here."""
        return self.type == "textarea"

    @property
    def is_text(self) -> bool:
        return self.type in {"string", "email", "picklist", "textarea"}

    def expression(self, path: str) -> Any:
        if callable(self.source):
            return self.source(path)
        return F(f"{path}{self.source}")


@dataclass(frozen=True)
class Relationship:
    """A way from a row to another one; over a foreign key, or staying on the row."""

    name: str
    to: "SObject"
    path: str
    only: OnlyWhere | None = None


@dataclass(frozen=True)
class SObject:
    name: str
    fields: tuple[Field, ...]
    rows: Callable[[Org], QuerySet[Any]] | None = None
    prefix: str = ""
    relationships: tuple[Relationship, ...] = ()
    _fields: dict[str, Field] = field(init=False, repr=False, compare=False)
    _relationships: dict[str, Relationship] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {each.name.lower(): each for each in self.fields}
        object.__setattr__(self, "_fields", by_name)
        ways = {each.name.lower(): each for each in self.relationships}
        object.__setattr__(self, "_relationships", ways)

    def rows_of(self, org: Org) -> QuerySet[Any]:
        """All of an org's, and nobody else's."""
        assert self.rows  # noqa: S101 (what has none is no object that is queried)
        return self.rows(org)

    def field(self, name: str) -> Field | None:
        return self._fields.get(name.lower())

    def relationship(self, name: str) -> Relationship | None:
        return self._relationships.get(name.lower())


NOTHING = Q(pk__in=())
ANYTHING = ~NOTHING


class Column(NamedTuple):
    """A field as it was found: over which relationships, and where the ORM has it."""

    field: Field
    relationships: tuple[Relationship, ...]
    path: str
    # All that has to be, on the way and at its end, so that there is a value.
    only: tuple[OnlyWhere, ...]

    @property
    def expression(self) -> Any:
        return self.field.expression(self.path)

    @property
    def has_value(self) -> Q:
        return Q(*(Q((where.path, where.value)) for where in self.only))

    @property
    def can_be_null(self) -> bool:
        return bool(self.only) or self.field.is_text or self.field.source is None

    @property
    def is_null(self) -> Q:
        if self.field.source is None:
            return ANYTHING
        no_value = ~self.has_value if self.only else NOTHING
        if self.field.is_text:
            return no_value | Q(Exact(self.expression, Value("")))
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


def find_column(query: Query, sobject: SObject, path: Path) -> Column:
    """The column that a path of the query leads to. Raises SoqlError."""
    names, here, orm_path = list(path.names), sobject, ""
    over: list[Relationship] = []
    only: list[OnlyWhere] = []
    own = {sobject.name.lower(), (query.alias or sobject.name).lower()}
    if len(names) > 1 and names[0].lower() in own:
        del names[0]
    for name in names[:-1]:
        relationship = here.relationship(name)
        if relationship is None:
            raise _no_relationship(query, path, name)
        only += _below(orm_path, relationship.only)
        over.append(relationship)
        here, orm_path = relationship.to, orm_path + relationship.path
    found = here.field(names[-1])
    if found is None:
        raise _no_column(query, path, names[-1], here)
    only += _below(orm_path, found.only)
    return Column(found, tuple(over), orm_path, tuple(only))


def _below(path: str, where: OnlyWhere | None) -> list[OnlyWhere]:
    return [OnlyWhere(path + where.path, where.value)] if where else []


def _no_column(query: Query, path: Path, name: str, sobject: SObject) -> SoqlError:
    sentence = (
        f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use "
        f"a custom field, be sure to append the '__c' after the custom field name. {_SEE}"
    )
    return query.error("INVALID_FIELD", sentence, path.at)


def _no_relationship(query: Query, path: Path, name: str) -> SoqlError:
    sentence = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to "
        "use a custom relationship, be sure to append the '__r' after the custom "
        f"relationship name. {_SEE}"
    )
    return query.error("INVALID_FIELD", sentence, path.at)
