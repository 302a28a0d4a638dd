"""Error pages: a page of its own, or one toast for an htmx request."""

from typing import Any

from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from .htmx import wants_fragment


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TooManyFilesSent):
        return _answer(request, 400, "Those are too many files at once: send one zip.")
    return _answer(request, 400, "That request was not understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, str(exception) or "You may not do that.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Http404 carries a sentence of ours, or Django's account of what it tried.
    reason = exception.args[0] if exception.args else ""
    is_ours = isinstance(reason, str) and reason.endswith(".")
    return _answer(request, 404, reason if is_ours else "That page does not exist.")


def conflict(request: HttpRequest, sentence: str) -> HttpResponse:
    return _answer(request, 409, sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "Something went wrong here. Nothing was changed.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, "The page was open too long. Reload it, then try again.")


def _answer(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith(("/services", "/id/")):
        # Programs ask there, and none of them reads a page.
        error = {"message": sentence, "errorCode": "UNKNOWN_EXCEPTION"}
        kind = "application/json;charset=UTF-8"
        return JsonResponse([error], safe=False, status=status, content_type=kind)
    context: dict[str, Any] = {"sentence": sentence, "status": status}
    if hasattr(request, "htmx") and wants_fragment(request):
        return HttpResponse(render_to_string("_error_toast.html", context), status=status)
    return render(request, "error.html", context, status=status)
