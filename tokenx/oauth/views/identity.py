"""The identity URL, userinfo, and revocation."""

from typing import Any
from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tokenx.oauth.answers import as_json
from tokenx.oauth.identity import identity_url
from tokenx.org.bearer import bearer_token, server_url
from tokenx.org.models import User
from tokenx.org.permissions import open_to_all
from tokenx.org.record_ids import ORG, USER, pk_of, record_id
from tokenx.org.sessions import log_out, session_of


@open_to_all
@csrf_exempt
def user_info(request: HttpRequest) -> HttpResponse:
    """Return claims about the session's user (OpenID Connect Core, section 5.3)."""
    session = session_of(bearer_token(request) or "")
    if session is None:
        return HttpResponse("Bad_OAuth_Token", status=403, content_type="text/plain")
    user, address = session.user, server_url(request)
    return as_json(
        {
            "sub": identity_url(address, user),
            **_ids(user),
            "preferred_username": user.username,
            "nickname": user.nickname,
            "name": user.name,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "email": user.email,
            "email_verified": True,
            "active": user.is_active,
            "user_type": "STANDARD",
            "zoneinfo": user.time_zone or "UTC",
            "urls": {
                "rest": f"{address}/services/data/v{{version}}/",
                "metadata": f"{address}/services/Soap/m/{{version}}/",
            },
        }
    )


@open_to_all
def identity(request: HttpRequest, org_id: str, user_id: str) -> HttpResponse:
    """Return the session's user; jsforce puts the session ID into the URL.

    See docs/salesforce/metadata-api.md, jsforce.
    """
    token = bearer_token(request) or request.GET.get("oauth_token", "")
    session = session_of(token) if token else None
    requested = (pk_of(ORG, org_id), pk_of(USER, user_id))
    if session is None or requested != (session.org_id, session.user_id):
        error = [{"message": "Bad_OAuth_Token", "errorCode": "INVALID_SESSION_ID"}]
        return as_json(error, 403)
    user = session.user
    return as_json(
        {
            "id": urljoin(server_url(request), request.path),
            **_ids(user),
            "username": user.username,
            "display_name": user.name,
            "email": user.email,
            "active": user.is_active,
            "user_type": "STANDARD",
        }
    )


@open_to_all
@csrf_exempt
def revoke(request: HttpRequest) -> HttpResponse:
    """End a session (RFC 7009); an unknown one has already ended."""
    if session := session_of(request.POST.get("token", "")):
        log_out(session)
    return as_json({})


def _ids(user: User) -> dict[str, Any]:
    return {
        "user_id": record_id(USER, user.pk),
        "organization_id": record_id(ORG, user.org_id),
    }
