"""REST views: sessions, JSON bodies, and errors (docs/salesforce/metadata-api.md, REST).

The session is checked first, even for an unknown URL.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tokenx.api.caller import Caller, find_session
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.records.values import RestError, not_found
from tokenx.api.request_body import DECOMPRESSION_ERRORS, body_stream
from tokenx.org.bearer import server_url
from tokenx.org.models import Scope
from tokenx.org.permissions import View, open_to_all
from tokenx.soql.parser import SoqlError
from tokenx.web.limits import MAX_BODY

CONTENT_TYPE = "application/json;charset=UTF-8"
MAX_JSON = 1_000_000
INVALID_SESSION = "Session expired or invalid"
# docs/salesforce/oauth.md, "Scopes".
WRONG_SCOPE = "This session is not valid for use with the REST API"
_log = logging.getLogger(__name__)
_STATUSES = {
    FaultCode.INVALID_SESSION_ID: 401,
    FaultCode.INSUFFICIENT_ACCESS: 403,
    FaultCode.INVALID_CROSS_REFERENCE_KEY: 404,
    FaultCode.LIMIT_EXCEEDED: 413,
}


def rest_view(
    *methods: str, scope: Scope = Scope.API
) -> Callable[[Callable[..., Any]], View]:
    """Decorate a view that gets a Caller and returns JSON data or a response.

    An app's token needs the scope, or `full`.
    """

    def decorate(view: Callable[..., Any]) -> View:
        @wraps(view)
        def check_session(request: HttpRequest, version: str = "67", **keys: str) -> Any:
            session = find_session(
                request, refusal=INVALID_SESSION, wrong_scope=WRONG_SCOPE, scope=scope
            )
            caller = Caller(session.user, float(version), server_url(request))
            if request.method not in methods:
                return _method_not_allowed(request, methods)
            return view(caller, request, **keys)

        return _json_view(check_session)

    return decorate


def open_view(*methods: str) -> Callable[[Callable[..., Any]], View]:
    """Decorate a view that needs no session, or checks it itself."""

    def decorate(view: Callable[..., Any]) -> View:
        @wraps(view)
        def check_method(request: HttpRequest, **keys: str) -> Any:
            if request.method not in methods:
                return _method_not_allowed(request, methods)
            return view(request, **keys)

        return _json_view(check_method)

    return decorate


def _json_view(view: Callable[..., Any]) -> View:
    """Decorate a view so that data and errors become JSON responses."""

    @open_to_all
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **keys: str) -> HttpResponse:
        try:
            result = view(request, **keys)
        except Exception as error:
            return _error_response(error)
        return result if isinstance(result, HttpResponse) else as_json(result)

    return answer


def _method_not_allowed(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    allowed = ",".join(methods)
    message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
    response = error_response(405, "METHOD_NOT_ALLOWED", message)
    response["Allow"] = allowed
    return response


def _error_response(error: Exception) -> HttpResponse:
    """Return any error as JSON, never as a page."""
    if isinstance(error, RestError):
        return as_json(error.errors, error.status)
    if isinstance(error, Fault):
        return error_response(_STATUSES.get(error.code, 400), error.code, error.text)
    if isinstance(error, SoqlError):
        return error_response(400, error.code, error.message)
    unreadable = (
        *DECOMPRESSION_ERRORS,
        MultiPartParserError,
        SuspiciousOperation,
        BadRequest,
        UnreadablePostError,
    )
    if isinstance(error, unreadable):
        return error_response(400, "JSON_PARSER_ERROR", "The request body can't be read")
    _log.exception("A REST call failed", exc_info=error)
    return error_response(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")


def error_response(status: int, code: str, message: str) -> HttpResponse:
    return as_json([{"message": message, "errorCode": code}], status)


def as_json(data: Any, status: int = 200) -> HttpResponse:
    return JsonResponse(
        data,
        safe=False,
        status=status,
        json_dumps_params={"default": _json_value},
        content_type=CONTENT_TYPE,
    )


def no_content(status: int) -> HttpResponse:
    """Return a successful response without a body."""
    return HttpResponse(status=status, content_type=CONTENT_TYPE)


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}+0000"
    return str(value)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body; raise a RestError if it isn't one."""
    check_size(request, MAX_JSON)
    return parse_object(body_stream(request).read(MAX_JSON + 1))


def parse_object(text: bytes | str) -> dict[str, Any]:
    """Parse a JSON object; raise a RestError if the text isn't one."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RestError("JSON_PARSER_ERROR", "The body isn't valid JSON") from error
    if not isinstance(data, dict):
        raise RestError("JSON_PARSER_ERROR", "The body must be a JSON object")
    return data


def query_list(request: HttpRequest, parameter: str) -> list[str]:
    """Return the items of a comma-separated query parameter."""
    return [name for name in request.GET.get(parameter, "").split(",") if name]


def check_size(request: HttpRequest, maximum: int = MAX_BODY) -> None:
    """Raise a RestError if the request declares a body that's too large."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > maximum:
        message = f"The request is larger than {maximum:,} bytes"
        raise RestError("REQUEST_LIMIT_EXCEEDED", message, status=413)


@rest_view("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def no_such_resource(caller: Caller, request: HttpRequest, **keys: str) -> HttpResponse:
    """Refuse a URL that tokenx doesn't have, with the message that clients look for.

    See docs/salesforce/metadata-api.md, Source tracking.
    """
    raise not_found()
