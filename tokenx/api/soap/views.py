"""The SOAP endpoints, whose operation is in the request's body.

These views accept a session ID but no cookie, so they need no CSRF token.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tokenx.api.caller import Caller, find_session
from tokenx.api.calls import execute_anonymous
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.request_body import DECOMPRESSION_ERRORS, body_stream
from tokenx.org import audit
from tokenx.org.bearer import server_url
from tokenx.org.login_history import (
    ENTERPRISE,
    INVALID_PASSWORD,
    PARTNER,
    record_user_login,
)
from tokenx.org.login_throttle import address_of
from tokenx.org.models import AccessToken, User
from tokenx.org.permissions import open_to_all
from tokenx.org.record_ids import ORG, USER, record_id
from tokenx.org.sessions import LOGIN_REFUSED, api_login, log_out
from tokenx.setup.apex_runs.places import RETRY_AFTER, NoPlaceError

from .operations import run_operation
from .reader import SoapRequest, read_request
from .writer import (
    NIL,
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
APEX_NAMESPACE = "http://soap.sforce.com/2006/08/apex"
INVALID_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session"
# docs/salesforce/oauth.md, "Scopes".
WRONG_SCOPE = "This session is not valid for use with the API"
# The responses of these operations can be too large for memory, so they're streamed.
STREAMED = {"checkRetrieveStatus", "readMetadata", "listMetadata"}

_log = logging.getLogger(__name__)


@open_to_all
@csrf_exempt
def metadata_api(request: HttpRequest, version: str, rest: str = "") -> HttpResponse:
    """Run an operation of Metadata API; the rest of the path is ignored."""

    def answer() -> Any:
        sessions: list[AccessToken] = []

        def admit(session_id: str | None) -> None:
            session = _session_of(request, session_id)
            sessions.append(session)

        soap_request = read_request(body_stream(request), admit=admit)
        # A request without a Body hasn't been checked for its session yet.
        if not sessions:
            admit(None)
        session = sessions[0]
        session.user.audit_context = audit.METADATA_API
        caller = Caller(session.user, float(version), server_url(request))
        result = run_operation(caller, soap_request)
        return soap_request, write_response(soap_request.operation, result)

    return _respond(request, answer, write_fault)


@open_to_all
@csrf_exempt
def login_api(request: HttpRequest, api: str, version: str, rest: str = "") -> HttpResponse:
    """Log in, log out, or return the user; the APIs for records have no more over SOAP."""

    def answer() -> Any:
        soap_request = read_request(body_stream(request), spool=_refuse_file)
        operation = soap_request.operation
        if operation == "login":
            return soap_request, _log_in(request, api, version, soap_request)
        session = _session_of(request, soap_request.session_id)
        if operation == "getUserInfo":
            return soap_request, write_user_info(_login_user(session.user), api)
        if operation != "logout":
            message = f"No operation available for request {operation[:100]}"
            raise Fault(FaultCode.INVALID_OPERATION, message)
        log_out(session)
        return soap_request, write_logout(api)

    def write(fault: Fault) -> str:
        is_login = fault.code is FaultCode.INVALID_LOGIN
        return write_login_fault(fault, api) if is_login else write_fault(fault)

    return _respond(request, answer, write)


@open_to_all
@csrf_exempt
def apex_api(request: HttpRequest, version: str, rest: str = "") -> HttpResponse:
    """Run anonymous Apex; the Apex API has no other operation here."""

    def answer() -> Any:
        soap_request = read_request(body_stream(request), spool=_refuse_file)
        session = _session_of(request, soap_request.session_id)
        if soap_request.operation != "executeAnonymous":
            message = f"No operation available for request {soap_request.operation[:100]}"
            raise Fault(FaultCode.INVALID_OPERATION, message)
        caller = Caller(session.user, float(version), server_url(request))
        return soap_request, _execute_anonymous(caller, soap_request)

    try:
        return _respond(request, answer, write_fault)
    except NoPlaceError as error:
        fault = Fault(FaultCode.SERVER_UNAVAILABLE, str(error))
        response = HttpResponse(write_fault(fault), CONTENT_TYPE, 503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response


def _execute_anonymous(caller: Caller, soap_request: SoapRequest) -> Iterable[str]:
    debugging = soap_request.debugging
    levels = execute_anonymous.levels_of(
        debugging.text_of("debugLevel"),
        [
            (each.text_of("category"), each.text_of("level"))
            for each in debugging.children_named("categories")
        ],
    )
    code = soap_request.parameters.text_of("apexcode")
    outcome = execute_anonymous.run(caller, code, levels)
    fields = execute_anonymous.result_of(outcome)
    result = {name: NIL if value is None else value for name, value in fields.items()}
    header = {"DebuggingInfo": {"debugLog": outcome.log}} if outcome.log else None
    return write_response(
        soap_request.operation, result, namespace=APEX_NAMESPACE, header=header
    )


def _refuse_file() -> NoReturn:
    """Refuse a file before the client has logged in, so that it can't fill the disk."""
    raise Fault(FaultCode.CLIENT, "This endpoint doesn't accept files")


def _session_of(request: HttpRequest, session_id: str | None) -> AccessToken:
    return find_session(
        request, session_id, refusal=INVALID_SESSION, wrong_scope=WRONG_SCOPE
    )


def _log_in(
    request: HttpRequest, api: str, version: str, soap_request: SoapRequest
) -> Iterable[str]:
    username = soap_request.parameters.text_of("username")
    password = soap_request.parameters.text_of("password")
    is_partner = api == "u"
    record = partial(
        record_user_login,
        request=request,
        login_type=PARTNER if is_partner else ENTERPRISE,
        api_type="SOAP Partner" if is_partner else "SOAP Enterprise",
        api_version=version,
    )
    created = api_login(
        username,
        password,
        address=address_of(request),
        on_invalid_password=lambda user: record(user=user, status=INVALID_PASSWORD),
    )
    if created is None:
        raise Fault(FaultCode.INVALID_LOGIN, LOGIN_REFUSED)
    record(user=created.token.user)
    return write_login(
        Login(
            server_url=server_url(request),
            api=api,
            version=version,
            session_id=created.secret,
            user=_login_user(created.token.user),
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


def _respond(
    request: HttpRequest, answer: Callable[[], Any], write: Callable[[Fault], str]
) -> HttpResponse:
    """Return the result or a fault, but never a page or a redirect.

    See docs/salesforce/metadata-api.md, Addresses.
    """
    if request.method != "POST":
        fault = Fault(FaultCode.CLIENT, "Send SOAP requests with POST")
        response = HttpResponse(write(fault), CONTENT_TYPE, 405)
        response["Allow"] = "POST"
        return response
    try:
        soap_request, pieces = answer()
        if soap_request.operation in STREAMED:
            return StreamingHttpResponse(pieces, content_type=CONTENT_TYPE)  # type: ignore[return-value]  # middleware treats it as an HttpResponse
        return HttpResponse("".join(pieces), CONTENT_TYPE)
    except NoPlaceError:
        raise
    except Exception as error:
        return HttpResponse(write(_fault_of(error)), CONTENT_TYPE, 500)


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, Fault):
        return error
    if isinstance(error, UnreadablePostError):
        return Fault(FaultCode.CLIENT, "The request body is incomplete")
    if isinstance(error, DECOMPRESSION_ERRORS):
        return Fault(FaultCode.CLIENT, "The request body isn't valid gzip data")
    _log.exception("A SOAP call failed", exc_info=error)
    return Fault(FaultCode.UNKNOWN_EXCEPTION, "An unexpected error occurred")
