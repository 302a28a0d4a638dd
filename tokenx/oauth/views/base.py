"""Views of OAuth endpoints. Responses and errors are JSON and are never cached."""

import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from tokenx.oauth.answers import as_error, as_json, not_cached
from tokenx.oauth.errors import OAuthError, unexpected_error
from tokenx.oauth.redaction import hide_values
from tokenx.oauth.token_request import UNREADABLE
from tokenx.org.permissions import View, open_to_all

_log = logging.getLogger(__name__)


def oauth_endpoint(*methods: str) -> Callable[[Callable[..., Any]], View]:
    """Decorate the view of an endpoint, which returns JSON data or a response.

    Without methods, the view gets all requests and refuses what it doesn't take.
    """

    def decorate(view: Callable[..., Any]) -> View:
        @open_to_all
        @csrf_exempt
        @sensitive_post_parameters()
        @wraps(view)
        def answer(request: HttpRequest, **keys: str) -> HttpResponse:
            if request.method == "OPTIONS":
                return _with_methods(as_json({}), methods or ("POST",))
            try:
                if methods and request.method not in methods:
                    return _not_allowed(request, methods)
                result = view(request, **keys)
            except OAuthError as error:
                return as_error(error)
            except UNREADABLE:
                return as_error(OAuthError("invalid_request", "unreadable request body"))
            except Exception as error:
                return _unexpected(request, error)
            if isinstance(result, HttpResponse):
                return not_cached(result)
            return as_json(result)

        return answer

    return decorate


def _with_methods(response: HttpResponse, methods: tuple[str, ...]) -> HttpResponse:
    response["Allow"] = ", ".join([*methods, "OPTIONS"])
    return response


def _not_allowed(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    names = " or ".join(name for name in methods if name != "HEAD")
    description = f"method {request.method} not allowed, send {names}"
    error = OAuthError("invalid_request", description, status=405)
    return _with_methods(as_error(error), methods)


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """Log an unexpected error without the secrets and tokens of the request."""
    text = "".join(traceback.format_exception(error))
    _log.error("An OAuth request failed:\n%s", hide_values(text, _sent_values(request)))
    return as_error(unexpected_error())


def _sent_values(request: HttpRequest) -> list[str]:
    """Return what the request's form, query, and Authorization header contain."""
    values = [value for _, each in request.GET.lists() for value in each]
    with suppress(*UNREADABLE):
        values += [value for _, each in request.POST.lists() for value in each]
    return [*values, *request.headers.get("Authorization", "").split()]
