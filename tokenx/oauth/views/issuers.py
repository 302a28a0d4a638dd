"""This server's own addresses of simulated issuers, and the mint, over HTTP."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from tokenx.handlers.token_types import type_of_value
from tokenx.oauth.answers import as_json
from tokenx.oauth.errors import OAuthError
from tokenx.org.bearer import bearer_token
from tokenx.org.models import Scope
from tokenx.org.permissions import can_change_setup
from tokenx.org.record_ids import ORG, pk_of
from tokenx.org.sessions import session_of
from tokenx.setup.apex_runs.issuers import answer_at, find_own_address
from tokenx.setup.apex_runs.recipes import decoded_jwt, mint_recipe, recipe_from_json

from .base import oauth_endpoint

# Bytes of a request's body. A token has at most 10,000 characters.
MAX_BODY = 100_000


@oauth_endpoint()
def issuer_address(request: HttpRequest, org_id: str) -> HttpResponse:
    """Respond at an issuer's URL, such as its keys URL, as Apex callouts see it."""
    org = pk_of(ORG, org_id)
    found = find_own_address(org, request.path) if org else None
    if found is None:
        raise OAuthError("not_found", "no simulated issuer has this URL", status=404)
    answer = answer_at(*found, request.method or "", dict(request.headers), _body(request))
    response = HttpResponse(answer.body, status=answer.status_code)
    for name, value in answer.headers.items():
        response[name] = value
    return response


@oauth_endpoint("POST")
def mint(request: HttpRequest) -> dict[str, Any] | HttpResponse:
    """Mint a token from a recipe, for clients with an administrator's access token."""
    session = session_of(bearer_token(request) or "")
    if session is None:
        response = as_json(
            {
                "error": "invalid_token",
                "error_description": "Send a valid access token as Bearer.",
            },
            401,
        )
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response
    if not session.allows(Scope.API):
        message = "The access token needs the scope api."
        raise OAuthError("insufficient_scope", message, status=403)
    if not can_change_setup(session.user):
        message = "Only users with the profile System Administrator can mint tokens."
        raise OAuthError("access_denied", message, status=403)
    try:
        recipe = recipe_from_json(_json(request))
        token = mint_recipe(session.user.org, recipe)
    except ValidationError as error:
        raise _invalid(" ".join(error.messages)) from error
    urn = type_of_value(recipe.token_type).urn
    return {"token": token, "token_type": urn, "decoded": decoded_jwt(token)}


def _json(request: HttpRequest) -> Any:
    """Return the JSON in the body. Raise an OAuthError if it has none."""
    try:
        return json.loads(_body(request))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid("The body isn't valid JSON.") from error


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise _invalid(f"The body is larger than {MAX_BODY:,} bytes.")
    return request.body


def _invalid(description: str) -> OAuthError:
    return OAuthError("invalid_request", description)
