"""The Tooling API: debug logs, and reading other objects."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from tokenx.api.caller import Caller
from tokenx.api.records.describe import describe_object
from tokenx.api.records.logs import (
    APEX_LOG,
    check_can_write,
    create_log_record,
    delete_log_record,
    find_log_row,
    update_log_record,
)
from tokenx.api.records.values import not_found
from tokenx.org.permissions import can_change_setup, can_view_setup
from tokenx.soql.columns import columns
from tokenx.soql.log_objects import TOOLING_OBJECTS
from tokenx.soql.parser import parse
from tokenx.soql.run import Service, find_record, run, run_more, tooling_answer
from tokenx.soql.schema import SObject
from tokenx.soql.tree import SoqlError

from .base import as_json, json_body, no_content, query_list, rest_view


def _service(caller: Caller) -> Service:
    """Limit debug logs to the caller's own, unless the caller is an administrator."""
    reader = None if can_change_setup(caller.user) else caller.user.pk
    return Service(caller.version_text, is_tooling=True, reader=reader)


def _check_can_read(caller: Caller, entity: str) -> None:
    """Raise a Fault if the caller can't read the object. Everyone reads their own logs."""
    if entity.lower() != APEX_LOG:
        caller.check_can_view()


# --- Queries ---


@rest_view("GET", "HEAD")
def tooling_query(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    text = request.GET.get("q", "")
    _check_can_read(caller, _entity_of(caller, text))
    if request.GET.get("columns") == "true":
        return columns(caller.org, text, is_tooling=True)
    return tooling_answer(run(caller.org, text, _service(caller)))


def _entity_of(caller: Caller, text: str) -> str:
    """Return the object of a query; administrators and viewers can read all of them."""
    if can_view_setup(caller.user):
        return APEX_LOG
    try:
        return str(parse(text).entity)
    except SoqlError:
        return ""


@rest_view("GET", "HEAD")
def tooling_query_more(
    caller: Caller, request: HttpRequest, locator: str
) -> dict[str, Any]:
    caller.check_can_view()
    return tooling_answer(run_more(caller.org, locator, _service(caller)))


# --- Records ---


@rest_view("GET", "HEAD", "POST")
def tooling_records(caller: Caller, request: HttpRequest, entity: str) -> Any:
    """Summarize an object, or create a trace flag or debug level."""
    sobject = _find(entity)
    if request.method != "POST":
        caller.check_can_view()
        return describe_object(sobject, caller.version_text, is_short=True)
    caller.check_can_change()
    check_can_write(entity.lower())
    record_id = create_log_record(caller, entity.lower(), json_body(request))
    created = {"id": record_id, "success": True, "errors": []}
    return as_json({**created, "warnings": [], "infos": []}, 201)


@rest_view("GET", "HEAD")
def tooling_describe(caller: Caller, request: HttpRequest, entity: str) -> dict[str, Any]:
    sobject = _find(entity)
    caller.check_can_view()
    return describe_object(sobject, caller.version_text)


@rest_view("GET", "HEAD", "PATCH", "DELETE")
def tooling_record(
    caller: Caller, request: HttpRequest, entity: str, record_id: str
) -> Any:
    """Read a row, or change a row of the objects for debug logs."""
    sobject = _find(entity)
    if request.method in {"GET", "HEAD"}:
        _check_can_read(caller, entity)
        fields = query_list(request, "fields")
        row = find_record(caller.org, sobject.name, record_id, _service(caller), fields)
        if row is None:
            raise not_found()
        return row
    caller.check_can_change()
    check_can_write(entity.lower(), deletes=request.method == "DELETE")
    if request.method == "PATCH":
        update_log_record(caller, entity.lower(), record_id, json_body(request))
    else:
        delete_log_record(caller, entity.lower(), record_id)
    return no_content(204)


@rest_view("GET", "HEAD")
def log_body(caller: Caller, request: HttpRequest, record_id: str) -> HttpResponse:
    """Return the text of a debug log to its user or an administrator."""
    log = find_log_row(caller, APEX_LOG, record_id)
    if log.user_id != caller.user.pk and not can_change_setup(caller.user):
        raise not_found()
    return HttpResponse(log.text, content_type="text/plain;charset=UTF-8")


def _find(entity: str) -> SObject:
    sobject = TOOLING_OBJECTS.get(entity.lower())
    if sobject is None:
        raise not_found()
    return sobject
