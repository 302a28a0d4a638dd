"""The identity URL, and userinfo."""

from typing import Any
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse

from tokenx.oauth.answers import as_json
from tokenx.oauth.identity import IDENTITY_SCOPES, userinfo
from tokenx.oauth.identity import identity as identity_of
from tokenx.org.bearer import bearer_token, server_url
from tokenx.org.record_ids import ORG, USER, pk_of
from tokenx.org.sessions import session_of

from .base import oauth_endpoint

INVALID_SESSION = "Session expired or invalid"
WRONG_SCOPE = "This session is not valid for use with the REST API"
# The identity URL has a code of its own in the message.
BAD_TOKEN, NO_ACCESS = "Bad_OAuth_Token", "No_Access"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@oauth_endpoint("GET", "HEAD", "POST")
def user_info(request: HttpRequest) -> Any:
    """Return claims about the session's user, or an error of REST, as `sf` expects."""
    session = session_of(bearer_token(request) or "")
    if session is None:
        return _refused(401, INVALID_SESSION)
    if not session.allows(*IDENTITY_SCOPES):
        return _refused(401, WRONG_SCOPE)
    return userinfo(session.user, server_url(request))


@oauth_endpoint("GET", "HEAD", "POST")
def identity(request: HttpRequest, org_id: str, user_id: str) -> Any:
    """Return the session's user; jsforce puts the session ID into the URL.

    See docs/salesforce/metadata-api.md, jsforce.
    """
    token = bearer_token(request) or request.GET.get("oauth_token", "")
    session = session_of(token)
    requested = (pk_of(ORG, org_id), pk_of(USER, user_id))
    if session is None or requested != (session.org_id, session.user_id):
        return _refused(403, BAD_TOKEN)
    if not session.allows(*IDENTITY_SCOPES):
        return _refused(403, NO_ACCESS)
    claims = identity_of(session.user, server_url(request))
    return _as_xml(claims) if _wants_xml(request) else claims


def _refused(status: int, message: str) -> HttpResponse:
    response = as_json([{"message": message, "errorCode": "INVALID_SESSION_ID"}], status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _wants_xml(request: HttpRequest) -> bool:
    """Tell whether to respond in XML. The parameter `format` overrides the header."""
    if requested := request.GET.get("format", ""):
        return requested.lower() == "xml"
    return request.get_preferred_type(["application/json", "application/xml"]) == (
        "application/xml"
    )


def _as_xml(claims: dict[str, Any]) -> HttpResponse:
    root = ElementTree.Element("user", {"xmlns:xsi": _XSI})
    _add_to(root, claims)
    body = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return HttpResponse(body, content_type="application/xml;charset=UTF-8")


def _add_to(parent: ElementTree.Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        child = ElementTree.SubElement(parent, name)
        if isinstance(value, dict):
            _add_to(child, value)
        elif value is None:
            child.set("xsi:nil", "true")
        else:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)
