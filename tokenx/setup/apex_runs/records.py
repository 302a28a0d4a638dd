"""The records of an org for a run: queries and changes, as the user who runs the code.

As in the APIs, the user sees all rows of the org, and code changes users with any profile:
Apex runs in system mode.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple, NoReturn

from django.db import transaction

from tokenx.apex.runtime.budget import MAX_ROWS, Budget
from tokenx.apex.runtime.errors import NotRunnableError, thrown
from tokenx.apex.runtime.ports import DmlOutcome, ObjectDescription
from tokenx.apex.values import Id, QueryRows, Record, Value
from tokenx.apex.values.kinds import DmlError
from tokenx.org.models import Org, User
from tokenx.soql.bind_values import with_values
from tokenx.soql.binds import mask_binds
from tokenx.soql.custom_fields import names_custom_fields, sobjects_of
from tokenx.soql.custom_metadata import SUFFIX
from tokenx.soql.inline import parse_inline
from tokenx.soql.parser import MALFORMED, Query, SoqlError, parse
from tokenx.soql.run import Rows, run_inline
from tokenx.soql.schema import SObject
from tokenx.soql.sobjects import SOBJECTS

from .absent_objects import ABSENT, AbsentRecords
from .configuration import OrgConfiguration
from .descriptions import describe, describe_absent
from .queries import ports_of
from .record_values import ApexFormat, as_binds
from .transactions import RunTransaction, Savepoint
from .user_changes import MIXED, UserChanges

# Longer queries are parsed each time.
_LONGEST_KEPT = 4_000
# A longer query takes as many steps as it takes time.
_USUAL_SIZE = 1_000
# Why tokenx has no such object, field, or relationship.
_WHY_NOT = {
    "userrole": "tokenx has no roles: User.UserRoleId is always null.",
    "user.userrole": "tokenx has no roles: User.UserRoleId is always null.",
    "user.manager": "tokenx's users have no managers: User.ManagerId is always null.",
    "user.contact": "tokenx's users have no contacts: User.ContactId is always null.",
    "user.account": "tokenx's users have no accounts: User.AccountId is always null.",
}
_CUSTOM = re.compile(r"__(?:c|r)$", re.IGNORECASE)


class _State(NamedTuple):
    """The changes of a run, apart from rows of the database."""

    # The object that changed first of those that exclude each other, if any.
    changed_setup: str = ""
    changed_other: str = ""
    made: frozenset[Id] = frozenset()


class _RecordsSavepoint(NamedTuple):
    point: Savepoint
    state: _State


class OrgRecords:
    """The records of an org, and what a run changes."""

    def __init__(
        self,
        org: Org,
        user: User,
        *,
        budget: Budget,
        transaction: RunTransaction,
        configuration: OrgConfiguration,
    ) -> None:
        self._org, self._budget = org, budget
        self._transaction, self._configuration = transaction, configuration
        self._absent = AbsentRecords()
        self._users = UserChanges(org, user, self._absent)
        self._checker_fields = ports_of(org.pk).fields_of
        self._changed_setup = self._changed_other = ""

    # --- Queries ----------------------------------------------------------------------

    def binds_of(self, text: str) -> Sequence[str]:
        """Return the Apex expressions of a query's binds, without the colons, in order."""
        return _kept_binds(text) if len(text) <= _LONGEST_KEPT else _binds(text)

    def query(self, text: str, binds: Mapping[str, Value]) -> QueryRows | int:
        """Run a query; the keys of `binds` are its expressions. COUNT() gives an int."""
        self._charge_for_text(len(text))
        values = as_binds(binds)
        try:
            query = _parsed(text)
        except SoqlError as error:
            return self._without_grammar(text, error)
        for each in self.binds_of(text):
            if each not in values:
                raise thrown("QueryException", f"Variable does not exist: {each.strip()}")
        try:
            return self._rows(query, values)
        except SoqlError as error:
            raise _query_exception(error) from error
        except OverflowError as error:
            raise thrown("QueryException", "Invalid date") from error

    def _charge_for_text(self, size: int) -> None:
        """Count the work of reading a query, whether its tree is kept or not."""
        self._budget.charge_for(size, 20)
        self._budget.charge_for(max(0, size - _USUAL_SIZE), 2)

    def _rows(self, query: Query, values: Mapping[str, object]) -> QueryRows | int:
        name = query.entity.names[0]
        if name.lower() in ABSENT:
            return _no_rows(with_values(query, values))
        known = self._known(query)
        if name.lower() not in known:
            raise NotRunnableError(f"a query on {name}", _WHY_NOT.get(name.lower(), ""))
        for each in query.semi_joins:
            if each.entity.names[0].lower() not in known:
                raise NotRunnableError(f"a query on {each.entity}")
        # One more than the limit, so that the caller notices too many.
        max_rows = max(0, MAX_ROWS - self._budget.rows) + 1
        found: Rows = run_inline(
            self._org,
            query,
            values,
            known=known,
            format_=ApexFormat(),
            max_rows=max_rows,
            counter=self._budget,
        )
        if found.count is not None:
            return found.count
        if found.entity == "AggregateResult":
            return QueryRows(found.entity, [_aggregate(each) for each in found.records])
        return QueryRows(found.entity, found.records)

    @cached_property
    def _sobjects(self) -> dict[str, SObject]:
        return sobjects_of(self._org)

    def _known(self, query: Query) -> dict[str, SObject]:
        """Return the objects that a query can name."""
        name = query.entity.names[0].lower()
        if name.endswith(SUFFIX):
            found = self._configuration.metadata_object(name)
            if found is None:
                what = f"a query on {query.entity.names[0]}"
                raise NotRunnableError(what, "The org has no records of it.")
            return {name: found}
        return self._sobjects if names_custom_fields(query.text) else SOBJECTS

    def _without_grammar(self, text: str, error: SoqlError) -> QueryRows:
        """Answer a query that Apex can compile, but that tokenx's grammar doesn't have."""
        if not error.is_unexpected:
            raise _query_exception(error) from error
        try:
            query = parse_inline(text)
        except SoqlError as invalid:
            raise _query_exception(invalid) from invalid
        name = query.objects[0] if query.objects else ""
        if name.lower() in ABSENT and not query.is_aggregate and not query.is_count:
            return QueryRows(ABSENT[name.lower()].name, [])
        raise NotRunnableError(f"{query.unknown or 'part of the syntax'} in a query")

    def fields_of(self, object_name: str) -> Mapping[str, str] | None:
        """Return the Apex type names of an object's fields and parents."""
        key = object_name.lower()
        if key.endswith(SUFFIX):
            return self._configuration.fields_of_metadata(key)
        return self._checker_fields(key)

    def field_names(self, object_name: str) -> Mapping[str, str] | None:
        """Return the names of an object's fields and parents by lower-case name."""
        key = object_name.lower()
        if key.endswith(SUFFIX):
            return self._configuration.names_of_metadata(key)
        if key in ABSENT:
            return ABSENT[key].fields.names
        sobject = self._sobjects.get(key)
        if sobject is None:
            return None
        names = [each.name for each in sobject.fields]
        names += [each.name for each in sobject.relationships]
        return {name.lower(): name for name in names}

    def describe(self, object_name: str) -> ObjectDescription | None:
        """Describe an object by its name without case, or return None."""
        key = object_name.lower()
        if key in ABSENT:
            return describe_absent(ABSENT[key])
        sobject = self._sobjects.get(key)
        return describe(sobject) if sobject else None

    def object_names(self) -> Sequence[str]:
        """Return the names of all objects."""
        names = [each.name for each in self._sobjects.values()]
        return sorted([*names, *(each.name for each in ABSENT.values())])

    def object_name_of(self, prefix: str) -> str | None:
        """Return the object whose IDs start with three characters, such as 005."""
        return _OBJECTS_BY_PREFIX.get(prefix)

    # --- Changes ----------------------------------------------------------------------

    def change(
        self, operation: str, records: Sequence[Record], *, all_or_none: bool
    ) -> list[DmlOutcome]:
        """Insert, update, upsert, delete, or undelete records."""
        operation = operation.lower()
        for record in records:
            _check_can_change(operation, record)
        _check_no_duplicates(operation, records)
        if not records:
            return []
        self._transaction.open()
        self._transaction.has_changes = True
        point, state = transaction.savepoint(), self._state
        outcomes = [
            self._change(operation, place, record) for place, record in enumerate(records)
        ]
        if all_or_none and any(each.errors for each in outcomes):
            transaction.savepoint_rollback(point)
            self._state = state
        else:
            transaction.savepoint_commit(point)
        return outcomes

    def insert_for_platform(self, record: Record) -> DmlOutcome:
        """Insert the user that a handler returned, which is no DML of its code."""
        self._transaction.open()
        return self._users.change("insert", 0, record)

    def find_user(self, id_: str) -> User | None:
        """Return the org's user with this ID, or None."""
        return self._users.find(id_)

    def _change(self, operation: str, place: int, record: Record) -> DmlOutcome:
        """Change a record. Errors of one that has an ID name it."""
        outcome = self._outcome(operation, place, record)
        if not outcome.errors or record.id is None or operation == "insert":
            return outcome
        errors = (replace(each, record_id=record.id) for each in outcome.errors)
        return DmlOutcome(outcome.id, tuple(errors))

    def _outcome(self, operation: str, place: int, record: Record) -> DmlOutcome:
        absent = ABSENT.get(record.object_name.lower())
        if absent:
            if self._changed_setup:
                return _mixed(place, absent.name, self._changed_setup)
            outcome = self._absent.change(operation, place, record, absent)
            if not outcome.errors:
                self._changed_other = self._changed_other or absent.name
            return outcome
        is_exclusive = self._users.is_exclusive(operation, record)
        if is_exclusive and self._changed_other:
            return _mixed(place, "User", self._changed_other)
        outcome = self._users.change(operation, place, record)
        if is_exclusive and not outcome.errors:
            self._changed_setup = "User"
        return outcome

    @property
    def _state(self) -> _State:
        return _State(self._changed_setup, self._changed_other, self._absent.made)

    @_state.setter
    def _state(self, state: _State) -> None:
        self._changed_setup, self._changed_other, self._absent.made = state

    def savepoint(self) -> object:
        """Set a savepoint."""
        return _RecordsSavepoint(self._transaction.savepoint(), self._state)

    def roll_back(self, savepoint: object) -> None:
        """Return to a savepoint, also in what this run has changed so far."""
        if not isinstance(savepoint, _RecordsSavepoint) or not self._transaction.roll_back(
            savepoint.point
        ):
            raise thrown("TypeException", "Invalid savepoint")
        self._state = savepoint.state


def _binds(text: str) -> Sequence[str]:
    return [each.text for each in mask_binds(text)[1]]


_kept_binds = lru_cache(maxsize=512)(_binds)


@lru_cache(maxsize=512)
def _kept(text: str) -> Query:
    return parse(text, has_binds=True)


def _parsed(text: str) -> Query:
    """Return the tree of a query, which depends on nothing but its text."""
    if len(text) <= _LONGEST_KEPT:
        return _kept(text)
    return parse(text, has_binds=True)


def _no_rows(query: Query) -> QueryRows | int:
    """Return the result of a query on an object without records."""
    if query.is_count:
        return 0
    if query.group:
        return QueryRows("AggregateResult", [])
    if not query.is_aggregate:
        return QueryRows(ABSENT[query.entity.names[0].lower()].name, [])
    values = {
        name: 0 if each.function in ("COUNT", "COUNT_DISTINCT") else None
        for name, each in zip(query.result_names, query.aggregates, strict=True)
    }
    return QueryRows("AggregateResult", [_aggregate(values)])


def _aggregate(values: Mapping[str, Value]) -> Record:
    fields = {name.lower(): value for name, value in values.items()}
    return Record("AggregateResult", fields, is_queried=True)


def _query_exception(error: SoqlError) -> Exception:
    """Return Salesforce's exception, or name what Salesforce has and tokenx doesn't."""
    unknown = error.unknown_field
    if unknown and not _CUSTOM.search(unknown):
        return NotRunnableError(f"{unknown} in a query", _WHY_NOT.get(unknown.lower(), ""))
    is_syntax = error.code == MALFORMED
    return thrown("QueryException", error.sentence if is_syntax else error.message)


_OBJECTS_BY_PREFIX = {each.prefix: each.name for each in SOBJECTS.values() if each.prefix}
_OBJECTS_BY_PREFIX |= {each.prefix: each.name for each in ABSENT.values()}


def _check_can_change(operation: str, record: Record) -> None:
    """Raise what ends the statement for an object whose records can't be changed."""
    name = record.object_name
    if name.lower() == "user":
        if operation in ("delete", "undelete"):
            _refuse(f"DML operation {operation.upper()} not allowed on User")
    elif name.lower() not in ABSENT:
        raise NotRunnableError(f"{operation} {name}")


def _refuse(message: str) -> NoReturn:
    raise thrown("TypeException", message)


def _check_no_duplicates(operation: str, records: Sequence[Record]) -> None:
    if operation == "insert":
        return
    seen = set()
    for record in records:
        if record.id is not None and record.id in seen:
            raise thrown("ListException", f"Duplicate id in list: {record.id}")
        seen.add(record.id)


def _mixed(place: int, name: str, original: str) -> DmlOutcome:
    message = (
        "DML operation on setup object is not permitted after you have updated a non-setup "
        f"object (or vice versa): {name}, original object: {original}"
    )
    return DmlOutcome(None, (DmlError(place, MIXED, message),))
