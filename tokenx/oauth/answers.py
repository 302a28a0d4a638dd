"""JSON answers of the OAuth endpoints, which no one may cache."""

from typing import Any

from django.http import JsonResponse

from .errors import OAuthError


def as_json(data: Any, status: int = 200, retry_after: int = 0) -> JsonResponse:
    """Return an answer (RFC 6749, section 5.1: no-store)."""
    response = JsonResponse(
        data, status=status, content_type="application/json;charset=UTF-8", safe=False
    )
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def as_error(error: OAuthError) -> JsonResponse:
    """Return a refusal."""
    body = {"error": error.error, "error_description": error.description}
    return as_json(body, error.status, error.retry_after)
