"""Trace flags, debug levels, and debug logs over the Tooling API.

See docs/salesforce/oauth.md, "Log records".
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.org import record_ids
from tokenx.org.models import ApexLog, DebugLevel, LogType, TraceFlag, User
from tokenx.org.models.trace_flag import LEVEL_CHOICES
from tokenx.setup.actions import debug_levels, trace_flags
from tokenx.setup.actions.apex_logs import delete_log
from tokenx.soql.log_objects import LEVELS, LOG_OBJECTS

from .references import find_reference
from .values import RestError, as_rest_errors, not_found, require_fields

TRACE_FLAG, DEBUG_LEVEL, APEX_LOG = "traceflag", "debuglevel", "apexlog"
# sf creates this debug level for `sf apex tail log`, even if it exists.
TAIL_LEVEL = "SFDC_DevConsole"
_WRITABLE = {
    # The levels of the debug level count, not those of the trace flag.
    TRACE_FLAG: {
        "TracedEntityId", "DebugLevelId", "LogType", "StartDate", "ExpirationDate", *LEVELS
    },
    DEBUG_LEVEL: {"DeveloperName", "MasterLabel", "Language", *LEVELS},
}  # fmt: skip
_CHOICES = {
    "LogType": [*LogType.values, "CLASS_TRACING", "PROFILING"],
    **{name: [level for level, _ in LEVEL_CHOICES] for name in LEVELS},
}
_ATTRIBUTES = {
    "traced_user": "TracedEntityId",
    "debug_level": "DebugLevelId",
    "log_type": "LogType",
    "starts_at": "StartDate",
    "expires_at": "ExpirationDate",
    "name": "DeveloperName",
    "label": "MasterLabel",
    **{column: name for name, column in LEVELS.items()},
}
_MODELS: dict[str, tuple[str, Callable[[], Any]]] = {
    TRACE_FLAG: (
        record_ids.TRACE_FLAG,
        lambda: TraceFlag.objects.select_related("traced_user", "debug_level"),
    ),
    DEBUG_LEVEL: (record_ids.DEBUG_LEVEL, DebugLevel.objects.all),
    APEX_LOG: (
        record_ids.APEX_LOG,
        lambda: ApexLog.objects.kept().without_bodies().select_related("user"),
    ),
}


def create_log_record(caller: Caller, entity: str, data: Mapping[str, Any]) -> str:
    """Create a trace flag or a debug level, and return its ID. Raise a RestError."""
    values = _values(entity, data)
    with _as_tooling_errors(), transaction.atomic():
        if entity == TRACE_FLAG:
            return _create_trace_flag(caller, values)
        return _create_debug_level(caller, values)


def update_log_record(
    caller: Caller, entity: str, record_id: str, data: Mapping[str, Any]
) -> None:
    """Change the given fields of a trace flag or debug level. Raise a RestError."""
    values = _values(entity, data)
    row = find_log_row(caller, entity, record_id)
    with _as_tooling_errors(), transaction.atomic():
        if isinstance(row, DebugLevel):
            debug_levels.edit_debug_level(level=row, by=caller.user, **_columns(values))
            return
        if fixed := sorted(values.keys() & {"TracedEntityId", "LogType"}):
            unchanged = {
                "TracedEntityId": record_ids.record_id(record_ids.USER, row.traced_user_id),
                "LogType": row.log_type,
            }
            if any(values[name] != unchanged[name] for name in fixed):
                message = f"Unable to create/update fields: {', '.join(fixed)}."
                raise RestError("INVALID_FIELD_FOR_INSERT_UPDATE", message, *fixed)
        level = values.get("DebugLevelId")
        trace_flags.edit_trace_flag(
            flag=row,
            debug_level=_debug_level(caller, level) if level else None,
            starts_at=values.get("StartDate"),
            expires_at=values.get("ExpirationDate"),
            by=caller.user,
        )


def delete_log_record(caller: Caller, entity: str, record_id: str) -> None:
    """Delete a row. Raise a RestError if it's unknown or in use."""
    row = find_log_row(caller, entity, record_id)
    with _as_tooling_errors():
        if isinstance(row, TraceFlag):
            trace_flags.delete_trace_flag(flag=row, by=caller.user)
        elif isinstance(row, DebugLevel):
            debug_levels.delete_debug_level(level=row, by=caller.user)
        else:
            delete_log(log=row, by=caller.user)


def find_log_row(caller: Caller, entity: str, record_id: str) -> Any:
    """Return a row of the caller's org, or raise a RestError."""
    prefix, rows = _MODELS[entity]
    pk = record_ids.pk_of(prefix, record_id)
    row = rows().filter(org=caller.org, pk=pk).first() if pk is not None else None
    if row is None:
        raise not_found()
    return row


def check_can_write(entity: str, *, deletes: bool = False) -> None:
    """Raise a RestError if rows of an object can't be changed over the Tooling API."""
    if entity in _WRITABLE or (deletes and entity == APEX_LOG):
        return
    name = LOG_OBJECTS[entity].name if entity in LOG_OBJECTS else entity
    message = f"entity type {name} does not support create, update or delete"
    raise RestError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


# --- Trace flags and debug levels ---------------------------------------------------------


def _create_trace_flag(caller: Caller, values: dict[str, Any]) -> str:
    require_fields(values, ["TracedEntityId", "LogType"])
    if not values.get("DebugLevelId"):
        message = "DebugLevelId is required"
        raise RestError("REQUIRED_FIELD_MISSING", message, "DebugLevelId")
    if values["LogType"] not in LogType.values:
        message = "tokenx traces users only: LogType must be USER_DEBUG or DEVELOPER_LOG"
        raise RestError("FIELD_INTEGRITY_EXCEPTION", message, "LogType")
    users, name = User.objects.all(), "TracedEntityId"
    flag = trace_flags.create_trace_flag(
        user=find_reference(caller, users, record_ids.USER, values[name], name),
        debug_level=_debug_level(caller, values["DebugLevelId"]),
        log_type=values["LogType"],
        starts_at=values.get("StartDate"),
        expires_at=values.get("ExpirationDate"),
        is_from_setup=False,
        by=caller.user,
    )
    return record_ids.record_id(record_ids.TRACE_FLAG, flag.pk)


def _debug_level(caller: Caller, record_id: str) -> DebugLevel:
    rows, name = DebugLevel.objects.all(), "DebugLevelId"
    level: DebugLevel = find_reference(
        caller, rows, record_ids.DEBUG_LEVEL, record_id, name
    )
    return level


def _create_debug_level(caller: Caller, values: dict[str, Any]) -> str:
    require_fields(values, ["DeveloperName", "MasterLabel"])
    columns = _columns(values)
    if columns["name"].lower() == TAIL_LEVEL.lower():
        rows = DebugLevel.objects.filter(org=caller.org, name__iexact=TAIL_LEVEL)
        if level := rows.first():
            debug_levels.edit_debug_level(level=level, by=caller.user, **columns)
            return record_ids.record_id(record_ids.DEBUG_LEVEL, level.pk)
    level = debug_levels.create_debug_level(by=caller.user, **columns)
    return record_ids.record_id(record_ids.DEBUG_LEVEL, level.pk)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    names = {name: attribute for attribute, name in _ATTRIBUTES.items()}
    return {names[name]: value for name, value in values.items() if name != "Language"}


# --- Values -------------------------------------------------------------------------------


def _values(entity: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by field name. Clients write names in any case."""
    known = {field.lower(): field for field in _WRITABLE[entity]}
    values = {}
    for name, value in data.items():
        if name == "attributes":
            continue
        field = known.get(name.lower())
        if field is None:
            raise _unknown(entity, name)
        values[field] = _value(field, value)
    return values


def _unknown(entity: str, name: str) -> RestError:
    sobject = LOG_OBJECTS[entity]
    if field := sobject.field(name):
        message = f"Unable to create/update fields: {field.name}."
        return RestError("INVALID_FIELD_FOR_INSERT_UPDATE", message, field.name)
    message = f"No such column '{name[:100]}' on sobject of type {sobject.name}"
    return RestError("INVALID_FIELD", message)


def _value(field: str, value: Any) -> Any:
    if field in {"StartDate", "ExpirationDate"}:
        return _moment(field, value)
    if value is None:
        value = ""
    if not isinstance(value, str) or "\0" in value:
        message = f"Cannot deserialize a value of the field {field}"
        raise RestError("JSON_PARSER_ERROR", message, field)
    if field not in _CHOICES:
        return value
    if value.upper() not in _CHOICES[field]:
        message = f"{field}: bad value for restricted picklist field: {value[:80]}"
        raise RestError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field)
    return value.upper()


def _moment(field: str, value: Any) -> datetime | None:
    """Read a time: milliseconds, ISO 8601, or as in an email."""
    if value is None or value == "":
        return None
    try:
        return _parsed(value)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        text = str(value)[:80]
        message = f"Cannot deserialize instance of datetime from the value {text}"
        raise RestError("JSON_PARSER_ERROR", message, field) from error


def _parsed(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    if isinstance(value, str) and not value.strip().isdecimal():
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(float(value) / 1_000, UTC)


@contextmanager
def _as_tooling_errors() -> Iterator[None]:
    """Turn the errors of an action into a RestError, with Salesforce's names of fields."""
    try:
        with as_rest_errors(**_ATTRIBUTES):
            yield
    except RestError as error:
        for each in error.errors:
            if each["message"] == trace_flags.OVERLAP:
                each["message"] += ": Traced Entity ID"
        raise
