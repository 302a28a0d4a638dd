"""The methods of records, which are the same for all objects."""

from collections.abc import Collection

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import OBJECT, STRING
from ..values import ApexList, ApexMap, ExceptionObject, Instance, Record, Value
from ..values.kinds import DmlError
from .checks import given
from .database import ROW_ERROR, RowError
from .exceptions import message_of
from .field_names import names_of_fields
from .registry import method
from .schema import FieldToken, key_of_field


def _key(run: Run, record: Record, name: Value) -> str:
    """Return the key of a field, which the object must have."""
    if isinstance(name, FieldToken):
        return key_of_field(record, name)
    if not isinstance(given(name), str):
        raise NotRunnableError("SObject.get")
    key = str(name).strip().lower()
    known: Collection[str] = run.ports.records.fields_of(record.object_name) or {}
    if record.object_name == "AggregateResult":
        known = record.fields
    if key not in known and key != "id":
        words = f"Invalid field {str(name)[:200]} for {record.object_name}"
        raise thrown("SObjectException", words)
    return key


@method("SObject", "get")
def get(run: Run, receiver: Record, name: Value) -> Value:
    """Return a field by its name."""
    return run.get_field(receiver, _key(run, receiver, name))


@method("SObject", "put")
def put(run: Run, receiver: Record, name: Value, value: Value) -> Value:
    """Set a field by its name, and return its former value."""
    key = _key(run, receiver, name)
    former = receiver.fields.get(key)
    try:
        run.set_field(receiver, key, value)
    except ThrownError as error:
        type_name = (run.ports.records.fields_of(receiver.object_name) or {}).get(key, "Id")
        given_type = "null" if value is None else run.type_of(value)
        words = f"Illegal assignment from {given_type} to {type_name}"
        raise thrown("SObjectException", words) from error
    return former


@method("SObject", "getSObject")
def get_parent(run: Run, receiver: Record, name: Value) -> Record | None:
    """Return a parent, such as Profile, or null."""
    found = run.get_field(receiver, _key(run, receiver, name))
    if found is not None and not isinstance(found, Record):
        words = f"Invalid relationship {str(name)[:200]} for {receiver.object_name}"
        raise thrown("SObjectException", words)
    return found


@method("SObject", "putSObject")
def put_parent(run: Run, receiver: Record, name: Value, parent: Record | None) -> Value:
    """Set a parent, and return the former one."""
    return put(run, receiver, name, parent)


@method("SObject", "isSet")
def is_set(run: Run, receiver: Record, name: Value) -> bool:
    """Say whether a field was set or queried."""
    return _key(run, receiver, name) in receiver.fields


@method("SObject", "getPopulatedFieldsAsMap")
def get_populated_fields_as_map(run: Run, receiver: Record) -> ApexMap:
    """Return the fields that were set or queried, by name."""
    names = names_of_fields(run, receiver)
    run.allocate(24 * len(names))
    run.budget.charge(len(names) // 10)
    items = {
        run.key_of(names[key]): (names[key], value)
        for key, value in receiver.fields.items()
        if value is not None
    }
    return ApexMap(STRING, OBJECT, items)


@method("SObject", "clone")
def clone(
    run: Run,
    receiver: Record,
    keeps_id: bool | None = False,
    is_deep: bool | None = False,
    keeps_times: bool | None = False,
    keeps_numbers: bool | None = False,
) -> Record:
    """Return a copy, without the ID unless the code asks for it."""
    run.allocate(32 + 16 * len(receiver.fields))
    run.budget.charge(len(receiver.fields) // 10)
    fields = dict(receiver.fields)
    if not keeps_id:
        fields.pop("id", None)
    return Record(receiver.object_name, fields, is_queried=receiver.is_queried)


@method("SObject", "clear")
def clear(run: Run, receiver: Record) -> None:
    """Remove all fields."""
    receiver.fields.clear()


def _errors_of(run: Run, record: Record) -> list[Value]:
    """Return the errors that the code added to a record; the run keeps both."""
    known: tuple[Record, list[Value]] = run.memo.setdefault(
        f"errors of {id(record)}", (record, [])
    )
    return known[1]


@method("SObject", "hasErrors")
def has_errors(run: Run, receiver: Record) -> bool:
    """Say whether the code added errors."""
    return bool(_errors_of(run, receiver))


@method("SObject", "getErrors")
def get_errors(run: Run, receiver: Record) -> ApexList:
    """Return the errors that the code added."""
    errors = _errors_of(run, receiver)
    run.allocate(16 + 8 * len(errors))
    return ApexList(ROW_ERROR, list(errors))


@method("SObject", "addError")
def add_error(run: Run, receiver: Record, *arguments: Value) -> None:
    """Add an error. Only a trigger's error prevents a change, and no triggers run here."""
    values = [each for each in arguments if not isinstance(each, bool)]
    fields: tuple[str, ...] = ()
    if len(values) == 2:
        key = _key(run, receiver, values[0])
        names = run.ports.records.field_names(receiver.object_name) or {}
        fields = (names.get(key, key),)
    value = given(values[-1])
    state = value.base if isinstance(value, Instance) else value
    is_exception = isinstance(state, ExceptionObject)
    message = message_of(value) if is_exception else run.to_text(value)
    run.allocate(64 + len(message))
    error = DmlError(0, "FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields)
    _errors_of(run, receiver).append(RowError(type=ROW_ERROR, error=error))
