"""This server's own addresses of simulated issuers, and the mint, over HTTP."""

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tokenx.handlers.token_types import type_of_value
from tokenx.oauth.answers import as_json
from tokenx.oauth.scopes import allows
from tokenx.org.bearer import bearer_token
from tokenx.org.models import Org, Scope
from tokenx.org.permissions import can_change_setup, open_to_all
from tokenx.org.record_ids import ORG, pk_of
from tokenx.org.sessions import session_of
from tokenx.setup.apex_runs.issuers import answer_at, find_own_address
from tokenx.setup.apex_runs.recipes import decoded_jwt, mint_recipe, recipe_from_json

# Bytes of a request's body. A token has at most 10,000 characters.
MAX_BODY = 100_000
_UNREADABLE = (RequestDataTooBig, SuspiciousOperation, UnreadablePostError)


@open_to_all
@csrf_exempt
def issuer_address(request: HttpRequest, org_id: str) -> HttpResponse:
    """Answer at an address of an issuer, as Apex gets it: keys, userinfo, and others."""
    org = pk_of(ORG, org_id)
    found = find_own_address(org, request.path) if org else None
    if found is None:
        return _error(404, "not_found", "No simulated issuer has this URL.")
    try:
        body = _body(request)
    except ValueError as error:
        return _error(400, "invalid_request", str(error))
    answer = answer_at(*found, request.method or "", dict(request.headers), body)
    response = HttpResponse(answer.body, status=answer.status_code)
    for name, value in answer.headers.items():
        response[name] = value
    return response


@open_to_all
@csrf_exempt
def mint(request: HttpRequest) -> HttpResponse:
    """Mint a token by a recipe, for clients with an administrator's access token."""
    session = session_of(bearer_token(request) or "")
    if session is None:
        response = _error(401, "invalid_token", "Send a valid access token as Bearer.")
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response
    if not allows(session.scopes, Scope.API):
        return _error(403, "insufficient_scope", "The access token needs the scope api.")
    if not can_change_setup(session.user):
        message = "Only users with the profile System Administrator can mint tokens."
        return _error(403, "access_denied", message)
    if request.method != "POST":
        response = _error(405, "invalid_request", "Send a POST request.")
        response["Allow"] = "POST"
        return response
    try:
        recipe = recipe_from_json(_json(request))
        token = mint_recipe(Org.objects.get(pk=session.org_id), recipe)
    except ValueError as error:
        return _error(400, "invalid_request", str(error))
    except ValidationError as error:
        return _error(400, "invalid_request", " ".join(error.messages))
    urn = type_of_value(recipe.token_type).urn
    return as_json({"token": token, "token_type": urn, "decoded": decoded_jwt(token)})


def _json(request: HttpRequest) -> Any:
    """Return the JSON in the body. Raise ValueError with a sentence if there's none."""
    try:
        return json.loads(_body(request))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("The body isn't valid JSON.") from error


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise ValueError(f"The body is larger than {MAX_BODY:,} bytes.")
    try:
        return request.body
    except _UNREADABLE as error:
        raise ValueError("The body can't be read.") from error


def _error(status: int, code: str, description: str) -> HttpResponse:
    return as_json({"error": code, "error_description": description}, status)
