"""How REST answers: JSON, and errors as a list of them (facts/metadata-api.md 8).

The session comes before all else, also before an address that is not there.
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

from tokenx.api.bearer import bearer, server_of
from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.records.values import RefusedError, not_found
from tokenx.api.request_body import BROKEN, body_of
from tokenx.org import audit
from tokenx.org.access_tokens import session_of
from tokenx.org.permissions import open_to_all
from tokenx.soql.parser import SoqlError
from tokenx.web.limits import MAX_BODY

CONTENT_TYPE = "application/json;charset=UTF-8"
MAX_JSON = 1_000_000
_log = logging.getLogger(__name__)
_STATUSES = {
    FaultCode.INVALID_SESSION_ID: 401,
    FaultCode.INSUFFICIENT_ACCESS: 403,
    FaultCode.INVALID_CROSS_REFERENCE_KEY: 404,
    FaultCode.LIMIT_EXCEEDED: 413,
}

View = Callable[..., HttpResponse]


def rest_view(*methods: str) -> Callable[[Callable[..., Any]], View]:
    """A view of a Caller, which returns what goes out as JSON, or a response."""

    def decorate(view: Callable[..., Any]) -> View:
        @wraps(view)
        def called(request: HttpRequest, version: str = "67", **keys: str) -> Any:
            caller = _caller(request, version)
            if request.method not in methods:
                return _wrong_method(request, methods)
            return view(caller, request, **keys)

        return _answering(called)

    return decorate


def open_view(*methods: str) -> Callable[[Callable[..., Any]], View]:
    """The same for everybody: it is asked without a session, or looks at it itself."""

    def decorate(view: Callable[..., Any]) -> View:
        @wraps(view)
        def asked(request: HttpRequest, **keys: str) -> Any:
            if request.method not in methods:
                return _wrong_method(request, methods)
            return view(request, **keys)

        return _answering(asked)

    return decorate


def _answering(view: Callable[..., Any]) -> View:
    @open_to_all
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **keys: str) -> HttpResponse:
        try:
            found = view(request, **keys)
        except Exception as error:
            return _refused(error)
        return found if isinstance(found, HttpResponse) else as_json(found)

    return answer  # type: ignore[return-value]


def _caller(request: HttpRequest, version: str) -> Caller:
    token = bearer(request)
    session = session_of(token) if token else None
    if session is None:
        raise Fault(FaultCode.INVALID_SESSION_ID, "Session expired or invalid")
    session.user.audit_context = audit.API
    return Caller(session.user, float(version), server_of(request))


def _wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    allowed = ",".join(methods)
    words = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
    response = error_answer(405, "METHOD_NOT_ALLOWED", words)
    response["Allow"] = allowed
    return response


def _refused(error: Exception) -> HttpResponse:
    """Whatever was wrong, as an error of REST; never a page."""
    if isinstance(error, RefusedError):
        return as_json(error.errors, error.status)
    if isinstance(error, Fault):
        return error_answer(_STATUSES.get(error.code, 400), error.code, error.text)
    if isinstance(error, SoqlError):
        return error_answer(400, error.code, error.message)
    broken = (
        *BROKEN,
        MultiPartParserError,
        SuspiciousOperation,
        BadRequest,
        UnreadablePostError,
    )
    if isinstance(error, broken):
        return error_answer(400, "JSON_PARSER_ERROR", "The request body cannot be read")
    _log.exception("A request failed", exc_info=error)
    return error_answer(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")


def error_answer(status: int, code: str, message: str) -> HttpResponse:
    return as_json([{"message": message, "errorCode": code}], status)


def as_json(data: Any, status: int = 200) -> HttpResponse:
    return JsonResponse(
        data,
        safe=False,
        status=status,
        json_dumps_params={"default": _plain},
        content_type=CONTENT_TYPE,
    )


def nothing(status: int) -> HttpResponse:
    """Done, and there is nothing to say of it."""
    return HttpResponse(status=status, content_type=CONTENT_TYPE)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}+0000"
    return str(value)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The body as an object. Raises RefusedError where it is none."""
    check_size(request, MAX_JSON)
    return parsed(body_of(request).read(MAX_JSON + 1))


def parsed(data: bytes | str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RefusedError("JSON_PARSER_ERROR", "The body is no JSON") from error
    if not isinstance(found, dict):
        raise RefusedError("JSON_PARSER_ERROR", "The body is no JSON object")
    return found


def names_in(request: HttpRequest, parameter: str) -> list[str]:
    """What a parameter of the address lists, with commas in between."""
    return [name for name in request.GET.get(parameter, "").split(",") if name]


def check_size(request: HttpRequest, most: int = MAX_BODY) -> None:
    """Raises RefusedError for a body that says that it is too large."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most:
        words = f"The request has more than {most:,} bytes"
        raise RefusedError("REQUEST_LIMIT_EXCEEDED", words, status=413)


@rest_view("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def no_such_resource(caller: Caller, request: HttpRequest, **keys: str) -> HttpResponse:
    """What is not served here. Clients look for these words (8.6)."""
    raise not_found()
