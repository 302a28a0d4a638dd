"""Database: queries as text, DML with results, and savepoints."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, null_pointer, thrown
from ..runtime.ports import DmlOutcome
from ..types import ApexType
from ..values import (
    ApexList,
    ApexMap,
    EnumConstant,
    Id,
    PlatformObject,
    QueryRows,
    Record,
    Value,
)
from ..values.kinds import DmlError
from .allocation import list_of_texts
from .checks import given
from .registry import getter, method, static_method

ROW_ERROR = ApexType("Database.Error")
_MOST_TEXT = 100_000
_RESULTS = {
    "insert": ApexType("Database.SaveResult"),
    "update": ApexType("Database.SaveResult"),
    "upsert": ApexType("Database.UpsertResult"),
    "delete": ApexType("Database.DeleteResult"),
    "undelete": ApexType("Database.UndeleteResult"),
}


@dataclass(slots=True, eq=False, kw_only=True)
class RowResult(PlatformObject):
    """A Database.SaveResult, UpsertResult, DeleteResult, or UndeleteResult."""

    outcome: DmlOutcome

    def text(self) -> str:
        """Return what System.debug writes."""
        name = self.type.name.removesuffix("Result")
        is_success = "false" if self.outcome.errors else "true"
        return f"{name}Result[getId={self.outcome.id};isSuccess={is_success};]"


@dataclass(slots=True, eq=False, kw_only=True)
class RowError(PlatformObject):
    """A Database.Error: why a row wasn't saved."""

    error: DmlError

    def text(self) -> str:
        """Return what System.debug writes."""
        fields = ",".join(self.error.fields)
        code, message = self.error.status_code, self.error.message
        parts = f"getFields=({fields});getMessage={message};getStatusCode={code};"
        return f"Database.Error[{parts}]"


@dataclass(slots=True, eq=False, kw_only=True)
class Savepoint(PlatformObject):
    """A point to which the run's changes can be rolled back."""

    state: object

    def children(self) -> Iterator[Value]:
        """Yield nothing: the changes are in the database."""
        yield from ()


@getter("AccessLevel", "USER_MODE")
def user_mode(run: Run, receiver: None) -> EnumConstant:
    """Return the mode in which the user's permissions count."""
    return EnumConstant(ApexType("AccessLevel"), "USER_MODE", 1)


@getter("AccessLevel", "SYSTEM_MODE")
def system_mode(run: Run, receiver: None) -> EnumConstant:
    """Return the mode in which the user's permissions don't count."""
    return EnumConstant(ApexType("AccessLevel"), "SYSTEM_MODE", 0)


# --- Queries ---------------------------------------------------------------------------


@static_method("Database", "query")
def query(run: Run, text: str | None, access: Value = None) -> Value:
    """Run a query; its binds are local variables of the code."""
    return run.query(_checked(text), None)


@static_method("Database", "queryWithBinds")
def query_with_binds(
    run: Run, text: str | None, binds: ApexMap | None, access: Value
) -> Value:
    """Run a query; its binds are keys of a map."""
    return run.query(_checked(text), _by_name(given(binds)))


@static_method("Database", "countQuery")
def count_query(run: Run, text: str | None, access: Value = None) -> int:
    """Run a query of COUNT()."""
    return _count(run.query(_checked(text), None))


@static_method("Database", "countQueryWithBinds")
def count_query_with_binds(
    run: Run, text: str | None, binds: ApexMap | None, access: Value
) -> int:
    """Run a query of COUNT(); its binds are keys of a map."""
    return _count(run.query(_checked(text), _by_name(given(binds))))


def _checked(text: str | None) -> str:
    text = given(text)
    if len(text) > _MOST_TEXT:
        words = f"SOQL statements cannot be longer than {_MOST_TEXT} characters."
        raise thrown("QueryException", words)
    return text


def _by_name(binds: ApexMap) -> dict[str, Value]:
    return {str(key).lower(): value for key, value in binds.items.values()}


def _count(result: Value) -> int:
    if isinstance(result, int):
        return result
    return len(result.records)


# --- DML -------------------------------------------------------------------------------


def _register(operation: str) -> None:
    def change(run: Run, target: Value, *options: Value) -> Value:
        return _change(run, operation, target, options)

    static_method("Database", operation)(change)


for _operation in _RESULTS:
    _register(_operation)


def _change(run: Run, operation: str, target: Value, options: tuple[Value, ...]) -> Value:
    """Save one record or a list; return one result or a list."""
    if target is None:
        raise null_pointer()
    flags = [each for each in options if isinstance(each, bool)]
    others = [each for each in options if each is not None and not isinstance(each, bool)]
    if any(not isinstance(each, EnumConstant) for each in others):
        raise NotRunnableError(f"Database.{operation}", "It takes allOrNone as its option.")
    is_list = isinstance(target, ApexList | QueryRows)
    records = _records(run, target)
    outcomes = run.change(operation, records, all_or_none=not flags or flags[0])
    run.allocate(48 * len(outcomes))
    type_ = _RESULTS[operation]
    results = [RowResult(type=type_, outcome=outcome) for outcome in outcomes]
    return ApexList(type_, list(results)) if is_list else results[0]


def _records(run: Run, target: Value) -> list[Record]:
    if isinstance(target, QueryRows):
        return list(target.records)
    items = target.items if isinstance(target, ApexList) else [target]
    return [_record(run, each) for each in items]


def _record(run: Run, value: Value) -> Record:
    if isinstance(value, Record):
        return value
    if value is None:
        raise null_pointer()
    record_id = run.coerce(value, ApexType("Id"))
    name = run.ports.records.object_name_of(record_id[:3])
    if name is None:
        raise NotRunnableError(f"DML on {record_id[:3]}")
    return Record(name, {"id": Id(record_id)})


@method("Database.SaveResult", "isSuccess")
@method("Database.UpsertResult", "isSuccess")
@method("Database.DeleteResult", "isSuccess")
@method("Database.UndeleteResult", "isSuccess")
def is_success(run: Run, receiver: RowResult) -> bool:
    """Say whether the row was saved."""
    return not receiver.outcome.errors


@method("Database.SaveResult", "getId")
@method("Database.UpsertResult", "getId")
@method("Database.DeleteResult", "getId")
@method("Database.UndeleteResult", "getId")
def get_id(run: Run, receiver: RowResult) -> Id | None:
    """Return the record's ID; null if it wasn't saved."""
    return None if receiver.outcome.errors else receiver.outcome.id


@method("Database.UpsertResult", "isCreated")
def is_created(run: Run, receiver: RowResult) -> bool:
    """Say whether the record is new."""
    return receiver.outcome.is_created


@method("Database.SaveResult", "getErrors")
@method("Database.UpsertResult", "getErrors")
@method("Database.DeleteResult", "getErrors")
@method("Database.UndeleteResult", "getErrors")
def get_errors(run: Run, receiver: RowResult) -> ApexList:
    """Return why the row wasn't saved."""
    errors = receiver.outcome.errors
    run.allocate(48 * len(errors))
    return ApexList(ROW_ERROR, [RowError(type=ROW_ERROR, error=each) for each in errors])


@method("Database.Error", "getMessage")
def get_message(run: Run, receiver: RowError) -> str:
    """Return the error's text."""
    return receiver.error.message


@method("Database.Error", "getFields")
def get_fields(run: Run, receiver: RowError) -> ApexList:
    """Return the names of the fields that the error is about."""
    return list_of_texts(run, list(receiver.error.fields))


@method("Database.Error", "getStatusCode")
def get_status_code(run: Run, receiver: RowError) -> EnumConstant:
    """Return the status code. The order of the enum's values isn't known here."""
    return EnumConstant(ApexType("StatusCode"), receiver.error.status_code, 0)


# --- Savepoints ------------------------------------------------------------------------


@static_method("Database", "setSavepoint")
def set_savepoint(run: Run) -> Savepoint:
    """Set a savepoint, which counts as a DML statement."""
    run.budget.count_dml(0)
    run.allocate(32)
    return Savepoint(type=ApexType("Savepoint"), state=run.ports.records.savepoint())


@static_method("Database", "rollback")
def roll_back(run: Run, savepoint: Savepoint | None) -> None:
    """Return to a savepoint, which counts as a DML statement."""
    savepoint = given(savepoint)
    run.budget.count_dml(0)
    run.ports.records.roll_back(savepoint.state)
