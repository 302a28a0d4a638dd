"""REST: many records in one call, as jsforce asks where it is given a list."""

from typing import Any

from django.http import HttpRequest

from tokenx.api.caller import Caller
from tokenx.api.records import collections
from tokenx.api.records.entities import known, may_query
from tokenx.api.records.values import RefusedError
from tokenx.soql.run import Service, find_record

from .base import json_body, names_in, rest_view


@rest_view("POST", "PATCH", "DELETE")
def many(caller: Caller, request: HttpRequest) -> Any:
    """Create, update or delete rows of the two handler objects."""
    if request.method == "DELETE":
        ids = names_in(request, "ids")
        all_or_none = request.GET.get("allOrNone", "").lower() == "true"
        return collections.delete_all(caller, ids, all_or_none=all_or_none)
    said = json_body(request)
    change = collections.create_all if request.method == "POST" else collections.update_all
    return change(caller, said.get("records"), all_or_none=said.get("allOrNone") is True)


@rest_view("GET", "HEAD", "POST")
def read_many(caller: Caller, request: HttpRequest, entity: str) -> list[Any]:
    """Rows by their ids, in that order, and null for what is not there."""
    may_query(caller, known(entity).name)
    said: dict[str, Any] = json_body(request) if request.method == "POST" else {}
    ids = said.get("ids") or names_in(request, "ids")
    fields = said.get("fields") or names_in(request, "fields")
    if not _are_texts(ids) or not _are_texts(fields):
        raise RefusedError("JSON_PARSER_ERROR", "ids and fields are lists of texts")
    service = Service(caller.version_text)
    return [
        find_record(caller.org, entity, each, service, fields)
        for each in collections.few(ids)
    ]


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)
