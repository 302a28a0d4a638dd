"""Calls for up to 200 records, with a result for each; optionally all or none is saved."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.org import record_ids

from .changes import create_record, delete_record, update_record
from .entities import check_can_change
from .values import ASSIGNMENT, HANDLER, HANDLER_APP, USER, RestError

MAX_RECORDS = 200
RecordResult = dict[str, Any]
# A change of one record, which returns its ID.
RecordChange = Callable[[], str]

_ENTITIES = {
    record_ids.HANDLER: HANDLER,
    record_ids.ENABLEMENT: HANDLER_APP,
    record_ids.USER: USER,
    record_ids.PERMISSION_SET_ASSIGNMENT: ASSIGNMENT,
}
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was "
    "using AllOrNone header",
    "fields": [],
}


def create_all(caller: Caller, records: Any, *, all_or_none: bool) -> list[RecordResult]:
    changes = [partial(_create, caller, each) for each in _check_records(records)]
    return _run_changes(changes, all_or_none)


def update_all(caller: Caller, records: Any, *, all_or_none: bool) -> list[RecordResult]:
    changes = [partial(_update, caller, each) for each in _check_records(records)]
    return _run_changes(changes, all_or_none)


def delete_all(caller: Caller, ids: list[str], *, all_or_none: bool) -> list[RecordResult]:
    changes = [partial(_delete, caller, each) for each in check_count(ids)]
    return _run_changes(changes, all_or_none)


def check_count(items: list[Any]) -> list[Any]:
    """Return the items; raise a RestError if a call can't have so many."""
    if len(items) > MAX_RECORDS:
        message = (
            f"record limit reached. cannot submit more than {MAX_RECORDS} records in this "
            "call"
        )
        raise RestError("LIMIT_EXCEEDED", message)
    return items


def _check_records(records: Any) -> list[dict[str, Any]]:
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise RestError("JSON_PARSER_ERROR", "records must be a list of objects")
    return check_count(records)


def _create(caller: Caller, record: dict[str, Any]) -> str:
    return create_record(caller, _entity(caller, record), record)


def _update(caller: Caller, record: dict[str, Any]) -> str:
    entity = _entity(caller, record)
    values = {name: value for name, value in record.items() if name.lower() != "id"}
    record_id = str(record.get("id") or record.get("Id") or "")
    update_record(caller, entity, record_id, values)
    return record_id


def _delete(caller: Caller, record_id: str) -> str:
    entity = _ENTITIES.get(record_id[:3])
    if entity is None:
        raise RestError("MALFORMED_ID", f"malformed id {record_id[:20]}")
    check_can_change(caller, entity)
    delete_record(caller, entity, record_id)
    return record_id


def _entity(caller: Caller, record: dict[str, Any]) -> str:
    """Return the object that a record names, if the caller can change its rows."""
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise RestError("INVALID_TYPE", "Include an Id or a type in each record")
    check_can_change(caller, name)
    return name.lower()


def _run_changes(changes: Iterable[RecordChange], all_or_none: bool) -> list[RecordResult]:
    with transaction.atomic():
        results = [_run_change(change) for change in changes]
        is_rolled_back = all_or_none and not all(each["success"] for each in results)
        if is_rolled_back:
            transaction.set_rollback(True)
    if is_rolled_back:
        return [_rolled_back(each) for each in results]
    return results


def _run_change(change: RecordChange) -> RecordResult:
    try:
        return {"id": change(), "success": True, "errors": []}
    except RestError as error:
        return {"success": False, "errors": [_error_row(each) for each in error.errors]}


def _error_row(error: dict[str, Any]) -> dict[str, Any]:
    """Return an error as a result contains it, where its code has another name."""
    return {
        "statusCode": error["errorCode"],
        "message": error["message"],
        "fields": error["fields"],
    }


def _rolled_back(result: RecordResult) -> RecordResult:
    return {"success": False, "errors": result["errors"] or [_ROLLED_BACK]}
