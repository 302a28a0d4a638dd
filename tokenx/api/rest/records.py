"""REST: versions, the session's user, records, and queries.

See docs/salesforce/metadata-api.md, REST.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tokenx.api.caller import Caller
from tokenx.api.records.changes import create_record, delete_record, update_record
from tokenx.api.records.describe import describe_object, describe_objects
from tokenx.api.records.entities import (
    check_can_change,
    check_can_query,
    check_can_read,
    find_entity,
)
from tokenx.api.records.values import RestError, not_found
from tokenx.oauth.identity import identity_url
from tokenx.org.permissions import can_change_setup
from tokenx.soql.columns import columns
from tokenx.soql.run import Service, answer, find_record, run, run_more

from .base import (
    as_json,
    json_body,
    no_content,
    open_view,
    query_list,
    rest_view,
)

# Up to the newest version (docs/salesforce/metadata-api.md, API versions).
VERSIONS = range(58, 68)
_SEASONS = ("Spring", "Summer", "Winter")


def _label(version: int) -> str:
    """Return the name of the release; version 60 was Spring '24."""
    season = _SEASONS[version % 3]
    year = 24 + (version - 60) // 3 + (season == "Winter")
    return f"{season} '{year}"


@open_view("GET", "HEAD")
def versions(request: HttpRequest) -> list[dict[str, str]]:
    """List the API versions without a session: clients choose one before they log in."""
    return [
        {
            "label": _label(version),
            "url": reverse("api:resources", args=[f"{version}.0"]),
            "version": f"{version}.0",
        }
        for version in VERSIONS
    ]


@rest_view("GET", "HEAD")
def resources(caller: Caller, request: HttpRequest) -> dict[str, str]:
    root = reverse("api:resources", args=[caller.version_text])
    names = ["composite", "limits", "metadata", "query", "sobjects", "tooling"]
    return {name: f"{root}/{name}" for name in names} | {
        "identity": identity_url(caller.server_url, caller.user)
    }


# --- Records ---


@rest_view("GET", "HEAD")
def objects(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    caller.check_can_view()
    return describe_objects(caller.org, caller.version_text)


@rest_view("GET", "HEAD", "POST")
def records(caller: Caller, request: HttpRequest, entity: str) -> Any:
    """Summarize an object, or create a row of one of the two handler objects."""
    if request.method != "POST":
        caller.check_can_view()
        sobject = find_entity(entity, caller.org)
        return describe_object(sobject, caller.version_text, is_short=True)
    check_can_change(caller, entity)
    record_id = create_record(caller, entity.lower(), json_body(request))
    return as_json({"id": record_id, "success": True, "errors": []}, 201)


@rest_view("GET", "HEAD")
def describe(caller: Caller, request: HttpRequest, entity: str) -> dict[str, Any]:
    caller.check_can_view()
    return describe_object(find_entity(entity, caller.org), caller.version_text)


@rest_view("GET", "HEAD", "PATCH", "DELETE")
def record(caller: Caller, request: HttpRequest, entity: str, record_id: str) -> Any:
    return _read_or_change(caller, request, entity, record_id)


def _read_or_change(
    caller: Caller, request: HttpRequest, entity: str, record_id: str
) -> Any:
    """Return all or some fields of a row; change or delete one of a handler object."""
    if request.method in {"GET", "HEAD"}:
        check_can_read(caller, entity)
        fields = query_list(request, "fields")
        row = find_record(caller.org, entity, record_id, service_of(caller), fields)
        if row is None:
            raise not_found()
        return row
    check_can_change(caller, entity)
    if request.method == "PATCH":
        update_record(caller, entity.lower(), record_id, json_body(request))
    else:
        delete_record(caller, entity.lower(), record_id)
    return no_content(204)


@rest_view("GET", "HEAD", "PATCH", "DELETE")
def record_by_field(
    caller: Caller, request: HttpRequest, entity: str, field: str, record_id: str
) -> Any:
    """Return or change a row by its external ID; no object has one other than Id."""
    if field.lower() != "id":
        message = f"Provided external ID field does not exist or is not accessible: {field}"
        raise RestError("NOT_FOUND", message, status=404)
    if request.method != "PATCH":
        return _read_or_change(caller, request, entity, record_id)
    check_can_change(caller, entity)
    update_record(caller, entity.lower(), record_id, json_body(request))
    return {"id": record_id, "success": True, "errors": [], "created": False}


# --- Queries ---


def service_of(caller: Caller) -> Service:
    """Return the caller's service. Users who can't change Setup read only their logins."""
    reader = None if can_change_setup(caller.user) else caller.user.pk
    return Service(caller.version_text, reader=reader)


@rest_view("GET", "HEAD")
def query(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    text = request.GET.get("q", "")
    check_can_query(caller, text)
    if request.GET.get("columns") == "true":
        return columns(caller.org, text)
    return answer(run(caller.org, text, service_of(caller)))


@rest_view("GET", "HEAD")
def query_more(caller: Caller, request: HttpRequest, locator: str) -> dict[str, Any]:
    caller.check_can_view()
    return answer(run_more(caller.org, locator, service_of(caller)))
