"""The Metadata API over SOAP: one address, whose operation is in the request's body.

These views take a session id and nothing else: no cookie, and so no CSRF token either.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tokenx.api.bearer import bearer, server_of
from tokenx.api.caller import Caller
from tokenx.api.request_body import BROKEN, body_of
from tokenx.org import audit
from tokenx.org.access_tokens import LOGIN_REFUSED, api_login, log_out, session_of
from tokenx.org.login_throttle import address_of
from tokenx.org.models import AccessToken, User
from tokenx.org.permissions import open_to_all
from tokenx.org.record_ids import ORG, USER, record_id

from . import operations as soap_operations
from .reader import Fault, FaultCode, SoapRequest, read_request
from .writer import (
    Login,
    LoginUser,
    write_fault,
    write_login,
    write_login_fault,
    write_logout,
    write_response,
    write_user_info,
)

CONTENT_TYPE = "text/xml; charset=UTF-8"
# What may be too long to be kept in memory is sent in pieces.
STREAMED = {"checkRetrieveStatus", "readMetadata", "listMetadata"}

_log = logging.getLogger(__name__)


@open_to_all
@csrf_exempt
def metadata_api(request: HttpRequest, version: str, rest: str = "") -> HttpResponse:
    """Any operation of the Metadata API, whatever follows in the path."""

    def answer() -> Any:
        session: list[AccessToken] = []

        def admit(session_id: str | None) -> None:
            session.append(_admitted(session_id or bearer(request)))

        asked = read_request(body_of(request), admit=admit)
        # A request without a Body was not asked for its session yet.
        found = session[0] if session else _admitted(bearer(request))
        found.user.audit_context = audit.METADATA_API
        caller = Caller(found.user, float(version), server_of(request))
        return asked, write_response(asked.operation, soap_operations.run(caller, asked))

    return _answered(request, answer, write_fault)


@open_to_all
@csrf_exempt
def login_api(request: HttpRequest, api: str, version: str, rest: str = "") -> HttpResponse:
    """Signing in and out, and who did: no more is here of the APIs of SOAP for records."""

    def answer() -> Any:
        asked = read_request(body_of(request), spool=_no_file)
        if asked.operation == "login":
            return asked, _login(request, api, version, asked)
        found = _admitted(asked.session_id or bearer(request))
        if asked.operation == "getUserInfo":
            return asked, write_user_info(_login_user(found.user), api)
        if asked.operation != "logout":
            words = f"No operation available for request {asked.operation[:100]}"
            raise Fault(FaultCode.INVALID_OPERATION, words)
        log_out(found)
        return asked, write_logout(api)

    def write(fault: Fault) -> str:
        is_login = fault.code is FaultCode.INVALID_LOGIN
        return write_login_fault(fault, api) if is_login else write_fault(fault)

    return _answered(request, answer, write)


def _no_file() -> NoReturn:
    """Nobody is known yet, and a stranger shall not fill the disk."""
    raise Fault(FaultCode.CLIENT, "No file is taken here")


def _admitted(session_id: str | None) -> AccessToken:
    """The session of that id. Raises Fault where there is none that still holds."""
    found = session_of(session_id) if session_id else None
    if found is None:
        words = "Invalid Session ID found in SessionHeader: Illegal Session"
        raise Fault(FaultCode.INVALID_SESSION_ID, words)
    return found


def _login(
    request: HttpRequest, api: str, version: str, asked: SoapRequest
) -> Iterable[str]:
    username = asked.parameters.text_of("username")
    password = asked.parameters.text_of("password")
    made = api_login(username, password, address=address_of(request))
    if made is None:
        raise Fault(FaultCode.INVALID_LOGIN, LOGIN_REFUSED)
    return write_login(
        Login(
            server=server_of(request),
            api=api,
            version=version,
            session_id=made.secret,
            user=_login_user(made.token.user),
        )
    )


def _login_user(user: User) -> LoginUser:
    return LoginUser(
        id=record_id(USER, user.pk),
        name=user.username,
        full_name=user.name,
        email=user.email,
        organization_id=record_id(ORG, user.org_id),
        organization_name=user.org.name,
    )


def _answered(
    request: HttpRequest, answer: Callable[[], Any], write: Callable[[Fault], str]
) -> HttpResponse:
    """The answer, or a fault: never a page, and never a redirect (3.1)."""
    if request.method != "POST":
        fault = Fault(FaultCode.CLIENT, "SOAP requests are sent by POST")
        response = HttpResponse(write(fault), CONTENT_TYPE, 405)
        response["Allow"] = "POST"
        return response
    try:
        asked, pieces = answer()
        if asked.operation in STREAMED:
            return StreamingHttpResponse(pieces, content_type=CONTENT_TYPE)  # type: ignore[return-value]
        return HttpResponse("".join(pieces), CONTENT_TYPE)
    except Exception as error:
        return HttpResponse(write(_fault_of(error)), CONTENT_TYPE, 500)


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, Fault):
        return error
    if isinstance(error, UnreadablePostError):
        return Fault(FaultCode.CLIENT, "The request ended before it was whole")
    if isinstance(error, BROKEN):
        return Fault(FaultCode.CLIENT, "The request is not compressed as it says")
    _log.exception("A call failed", exc_info=error)
    return Fault(FaultCode.UNKNOWN_EXCEPTION, "An unexpected error occurred")
