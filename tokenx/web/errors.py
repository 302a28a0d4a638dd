"""Error responses: a page, one toast for htmx, or JSON for the API."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django_htmx.http import trigger_client_event

from .htmx import redirect_to_sign_in, wants_fragment

Row = TypeVar("Row", bound=Model)


def found_or_404(rows: QuerySet[Row], what: str, **keys: Any) -> Row:
    """Return the row with these keys, or raise Http404 with a sentence about it."""
    row = rows.filter(**keys).first()
    if row is None:
        raise Http404(
            f"We couldn't find that {what}. It might have been renamed or deleted."
        )
    return row


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TooManyFilesSent):
        return _respond(request, 400, "That's too many files. Send one .zip file instead.")
    return _respond(request, 400, "We couldn't read that request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _respond(request, 403, reason_of(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = _respond(request, 404, reason_of(exception))
    if hasattr(request, "htmx") and request.htmx.target == "modal":
        # The dialog closes, and the list beneath it refreshes.
        trigger_client_event(response, "subject-not-found")
    return response


def reason_of(refused: Exception) -> str:
    """Return the reason for a 403 or 404 in a sentence."""
    if isinstance(refused, PermissionDenied):
        return str(refused) or "You don't have permission to do that."
    # Http404 has either our own sentence or Django's: a list of URLs, or "No … matches".
    reason = refused.args[0] if refused.args else ""
    is_ours = isinstance(reason, str) and reason.endswith(".")
    is_ours = is_ours and not reason.endswith("matches the given query.")
    return reason if is_ours else "We couldn't find that page."


def conflict(request: HttpRequest, sentence: str) -> HttpResponse:
    return _respond(request, 409, sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    return _respond(request, 500, "An unexpected error occurred. Nothing was changed.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form without a valid token, or let a logged-out user log in again."""
    view = request.resolver_match.func  # type: ignore[union-attr]
    is_open = getattr(view, "is_open_to_all", False)
    if not is_open and not request.user.is_authenticated:
        return redirect_to_sign_in(request)
    return _respond(request, 403, "This page was open too long. Reload it and try again.")


def _respond(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith(("/services", "/id/", "/cometd", "/.well-known/")):
        # API clients can't read a page.
        error = {"message": sentence, "errorCode": "UNKNOWN_EXCEPTION"}
        kind = "application/json;charset=UTF-8"
        response = JsonResponse([error], safe=False, status=status, content_type=kind)
        response["Cache-Control"] = "no-store"
        return response
    context: dict[str, Any] = {"sentence": sentence, "status": status}
    if hasattr(request, "htmx") and wants_fragment(request):
        return HttpResponse(render_to_string("_error_toast.html", context), status=status)
    return render(request, "error.html", context, status=status)
