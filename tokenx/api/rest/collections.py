"""REST: many records in one call, as jsforce sends a list of records."""

from typing import Any

from django.http import HttpRequest

from tokenx.api.caller import Caller
from tokenx.api.records.collections import check_count, create_all, delete_all, update_all
from tokenx.api.records.entities import check_can_read, find_entity
from tokenx.api.records.values import RestError
from tokenx.soql.run import find_record

from .base import json_body, query_list, rest_view
from .records import service_of


@rest_view("POST", "PATCH", "DELETE")
def collection(caller: Caller, request: HttpRequest) -> Any:
    """Create, update, or delete rows of the two handler objects."""
    if request.method == "DELETE":
        ids = query_list(request, "ids")
        all_or_none = request.GET.get("allOrNone", "").lower() == "true"
        return delete_all(caller, ids, all_or_none=all_or_none)
    data = json_body(request)
    change_all = create_all if request.method == "POST" else update_all
    all_or_none = data.get("allOrNone") is True
    return change_all(caller, data.get("records"), all_or_none=all_or_none)


@rest_view("GET", "HEAD", "POST")
def read_many(caller: Caller, request: HttpRequest, entity: str) -> list[Any]:
    """Return rows in the order of their IDs, with null for unknown ones."""
    check_can_read(caller, find_entity(entity, caller.org).name)
    data: dict[str, Any] = json_body(request) if request.method == "POST" else {}
    ids = data.get("ids") or query_list(request, "ids")
    fields = data.get("fields") or query_list(request, "fields")
    if not _is_string_list(ids) or not _is_string_list(fields):
        raise RestError("JSON_PARSER_ERROR", "ids and fields must be lists of strings")
    service = service_of(caller)
    return [
        find_record(caller.org, entity, record_id, service, fields)
        for record_id in check_count(ids)
    ]


def _is_string_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
