"""JSON responses of the OAuth endpoints, which clients and proxies must not cache."""

from typing import Any, TypeVar

from django.http import HttpResponse, JsonResponse

from .errors import OAuthError

Response = TypeVar("Response", bound=HttpResponse)
CONTENT_TYPE = "application/json;charset=UTF-8"


def as_json(data: Any, status: int = 200, retry_after: int = 0) -> JsonResponse:
    """Return an answer (RFC 6749, section 5.1: no-store)."""
    response = JsonResponse(data, status=status, content_type=CONTENT_TYPE, safe=False)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return not_cached(response)


def as_error(error: OAuthError) -> JsonResponse:
    """Return a refusal."""
    body = {"error": error.error, "error_description": error.description}
    return as_json(body, error.status, error.retry_after)


def not_cached(response: Response) -> Response:
    """Tell clients and proxies not to store a response."""
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    return response
