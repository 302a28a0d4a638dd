"""REST: versions, who is signed in, records, queries (facts/metadata-api.md 8)."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from tokenx.api.bearer import bearer
from tokenx.api.caller import Caller
from tokenx.api.records import changes as sobject_changes
from tokenx.api.records.describe import describe_object, describe_objects
from tokenx.api.records.entities import known, may_change, may_query
from tokenx.api.records.values import RefusedError, not_found
from tokenx.org.access_tokens import log_out, session_of
from tokenx.org.record_ids import ORG, USER, pk_of, record_id
from tokenx.soql.columns import columns
from tokenx.soql.run import Service, answer, find_record, run, run_more, tooling_answer

from .base import as_json, error_answer, json_body, names_in, nothing, open_view, rest_view

# From the first that has the type to the highest that is known (8.1).
VERSIONS = range(58, 68)
_SEASONS = ("Spring", "Summer", "Winter")


def _label(version: int) -> str:
    """Salesforce's name of a version: 60 was that of Spring '24."""
    season = _SEASONS[version % 3]
    year = 24 + (version - 60) // 3 + (season == "Winter")
    return f"{season} '{year}"


@open_view("GET", "HEAD")
def versions(request: HttpRequest) -> list[dict[str, str]]:
    """For everybody: clients choose the highest before they sign in."""
    return [
        {
            "label": _label(version),
            "url": f"/services/data/v{version}.0",
            "version": f"{version}.0",
        }
        for version in VERSIONS
    ]


@rest_view("GET", "HEAD")
def resources(caller: Caller, request: HttpRequest) -> dict[str, str]:
    root = f"/services/data/v{caller.version_text}"
    names = ["composite", "limits", "metadata", "query", "sobjects", "tooling"]
    return {name: f"{root}/{name}" for name in names} | {"identity": _identity_url(caller)}


@rest_view("GET", "HEAD", "POST")
def user_info(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    user = caller.user
    return {
        "sub": _identity_url(caller),
        "user_id": record_id(USER, user.pk),
        "organization_id": record_id(ORG, user.org_id),
        "preferred_username": user.username,
        "nickname": user.username.partition("@")[0],
        "name": user.name,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "email": user.email,
        "active": user.is_active,
        "user_type": "STANDARD",
        "zoneinfo": "UTC",
        "urls": {
            "rest": f"{caller.server}/services/data/v{{version}}/",
            "metadata": f"{caller.server}/services/Soap/m/{{version}}/",
        },
    }


def _identity_url(caller: Caller) -> str:
    ids = record_id(ORG, caller.user.org_id), record_id(USER, caller.user.pk)
    return f"{caller.server}/id/{ids[0]}/{ids[1]}"


@open_view("GET", "HEAD")
def identity(request: HttpRequest, org_id: str, user_id: str) -> HttpResponse:
    """Who a session is, for jsforce; it puts the session into the URL (9.3)."""
    token = bearer(request) or request.GET.get("oauth_token", "")
    session = session_of(token) if token else None
    asked = (pk_of(ORG, org_id), pk_of(USER, user_id))
    if session is None or asked != (session.org_id, session.user_id):
        return error_answer(403, "INVALID_SESSION_ID", "Bad_OAuth_Token")
    user = session.user
    return as_json(
        {
            "id": request.build_absolute_uri(request.path),
            "user_id": record_id(USER, user.pk),
            "organization_id": record_id(ORG, user.org_id),
            "username": user.username,
            "display_name": user.name,
            "email": user.email,
            "active": user.is_active,
            "user_type": "STANDARD",
        }
    )


@open_view("POST")
def revoke(request: HttpRequest) -> HttpResponse:
    """End a session (RFC 7009): an unknown one is ended already."""
    if session := session_of(request.POST.get("token", "")):
        log_out(session)
    return nothing(200)


# --- Records ---


@rest_view("GET", "HEAD")
def objects(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    caller.may_read()
    return describe_objects(caller.version_text)


@rest_view("GET", "HEAD", "POST")
def records(caller: Caller, request: HttpRequest, entity: str) -> Any:
    """Describe an object in short; create a row of one of the two handler objects."""
    if request.method != "POST":
        caller.may_read()
        return describe_object(known(entity), caller.version_text, is_short=True)
    may_change(caller, entity)
    made = sobject_changes.create(caller, entity.lower(), json_body(request))
    return as_json({"id": made, "success": True, "errors": []}, 201)


@rest_view("GET", "HEAD")
def describe(caller: Caller, request: HttpRequest, entity: str) -> dict[str, Any]:
    caller.may_read()
    return describe_object(known(entity), caller.version_text)


@rest_view("GET", "HEAD", "PATCH", "DELETE")
def record(caller: Caller, request: HttpRequest, entity: str, record_id: str) -> Any:
    return _record(caller, request, entity, record_id)


def _record(caller: Caller, request: HttpRequest, entity: str, record_id: str) -> Any:
    """A row with all fields, or some; change or delete one of the two handler objects."""
    if request.method in {"GET", "HEAD"}:
        may_query(caller, entity)
        fields = names_in(request, "fields")
        found = find_record(caller.org, entity, record_id, _service(caller), fields)
        if found is None:
            raise not_found()
        return found
    may_change(caller, entity)
    if request.method == "PATCH":
        sobject_changes.update(caller, entity.lower(), record_id, json_body(request))
    else:
        sobject_changes.delete(caller, entity.lower(), record_id)
    return nothing(204)


@rest_view("GET", "HEAD", "PATCH", "DELETE")
def record_by_field(
    caller: Caller, request: HttpRequest, entity: str, field: str, record_id: str
) -> Any:
    """A row by its external id, which is its id: no object here has another one."""
    if field.lower() != "id":
        words = f"Provided external ID field does not exist or is not accessible: {field}"
        raise RefusedError("NOT_FOUND", words, status=404)
    if request.method != "PATCH":
        return _record(caller, request, entity, record_id)
    may_change(caller, entity)
    sobject_changes.update(caller, entity.lower(), record_id, json_body(request))
    return {"id": record_id, "success": True, "errors": [], "created": False}


# --- Queries ---


def _service(caller: Caller, *, is_tooling: bool = False) -> Service:
    return Service(caller.version_text, is_tooling=is_tooling)


@rest_view("GET", "HEAD")
def query(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    return _query(caller, request, is_tooling=False)


@rest_view("GET", "HEAD")
def tooling_query(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    return _query(caller, request, is_tooling=True)


def _query(caller: Caller, request: HttpRequest, *, is_tooling: bool) -> dict[str, Any]:
    caller.may_read()
    text = request.GET.get("q", "")
    if request.GET.get("columns") == "true":
        return columns(caller.org, text)
    found = run(caller.org, text, _service(caller, is_tooling=is_tooling))
    return tooling_answer(found) if is_tooling else answer(found)


@rest_view("GET", "HEAD")
def query_more(caller: Caller, request: HttpRequest, locator: str) -> dict[str, Any]:
    caller.may_read()
    return answer(run_more(caller.org, locator, _service(caller)))


@rest_view("GET", "HEAD")
def tooling_query_more(
    caller: Caller, request: HttpRequest, locator: str
) -> dict[str, Any]:
    caller.may_read()
    service = _service(caller, is_tooling=True)
    return tooling_answer(run_more(caller.org, locator, service))
