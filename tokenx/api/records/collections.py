"""Up to two hundred rows in a call, each with a result of its own, or all or none."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.org import record_ids

from . import changes as sobject_changes
from .entities import may_change
from .values import HANDLER, HANDLER_APP, RefusedError

MOST = 200
Result = dict[str, Any]
# A change of one row, which says the id of it.
Change = Callable[[], str]

_ENTITIES = {record_ids.HANDLER: HANDLER, record_ids.ENABLEMENT: HANDLER_APP}
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was "
    "using AllOrNone header",
    "fields": [],
}


class _RollBackError(Exception):
    pass


def create_all(caller: Caller, records: Any, *, all_or_none: bool) -> list[Result]:
    changes = [partial(_create, caller, each) for each in _checked(records)]
    return _made(changes, all_or_none)


def update_all(caller: Caller, records: Any, *, all_or_none: bool) -> list[Result]:
    changes = [partial(_update, caller, each) for each in _checked(records)]
    return _made(changes, all_or_none)


def delete_all(caller: Caller, ids: list[str], *, all_or_none: bool) -> list[Result]:
    changes = [partial(_delete, caller, each) for each in few(ids)]
    return _made(changes, all_or_none)


def few(items: list[Any]) -> list[Any]:
    """The items. Raises RefusedError where there are more than a call may have."""
    if len(items) > MOST:
        words = f"record limit reached. cannot submit more than {MOST} records in this call"
        raise RefusedError("LIMIT_EXCEEDED", words)
    return items


def _checked(records: Any) -> list[dict[str, Any]]:
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise RefusedError("JSON_PARSER_ERROR", "records is a list of objects")
    return few(records)


def _create(caller: Caller, said: dict[str, Any]) -> str:
    return sobject_changes.create(caller, _entity(caller, said), said)


def _update(caller: Caller, said: dict[str, Any]) -> str:
    entity = _entity(caller, said)
    values = {name: value for name, value in said.items() if name.lower() != "id"}
    found = str(said.get("id") or said.get("Id") or "")
    sobject_changes.update(caller, entity, found, values)
    return found


def _delete(caller: Caller, record_id: str) -> str:
    entity = _ENTITIES.get(record_id[:3])
    if entity is None:
        raise RefusedError("MALFORMED_ID", f"malformed id {record_id[:20]}")
    may_change(caller, entity)
    sobject_changes.delete(caller, entity, record_id)
    return record_id


def _entity(caller: Caller, said: dict[str, Any]) -> str:
    """The object that a record says it is of, if the caller may change it."""
    attributes = said.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        words = "Include an Id or a type in each of the records"
        raise RefusedError("INVALID_TYPE", words)
    may_change(caller, name)
    return name.lower()


def _made(changes: Iterable[Change], all_or_none: bool) -> list[Result]:
    results: list[Result] = []
    try:
        with transaction.atomic():
            results = [_result(change) for change in changes]
            if all_or_none and not all(each["success"] for each in results):
                raise _RollBackError
    except _RollBackError:
        return [_rolled_back(each) for each in results]
    return results


def _result(change: Change) -> Result:
    try:
        return {"id": change(), "success": True, "errors": []}
    except RefusedError as error:
        return {"success": False, "errors": [_as_row(each) for each in error.errors]}


def _as_row(error: dict[str, Any]) -> dict[str, Any]:
    """An error as it is written in a result: its code is called otherwise there."""
    return {
        "statusCode": error["errorCode"],
        "message": error["message"],
        "fields": error["fields"],
    }


def _rolled_back(result: Result) -> Result:
    return {"success": False, "errors": result["errors"] or [_ROLLED_BACK]}
