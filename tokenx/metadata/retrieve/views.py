"""A handler's file on a page, and handlers or the whole org as a zip."""

import tempfile
from collections.abc import Iterable

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tokenx.handlers.views.handler import handler_or_404
from tokenx.metadata.deploy.apply import HANDLER
from tokenx.metadata.deploy.forms import RetrieveForm
from tokenx.metadata.format.errors import MetadataError
from tokenx.org.permissions import SetupRequest
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import download, is_in_page, render_modal, wants_fragment
from tokenx.web.limits import IN_MEMORY

from .retrieve import ALL, write_handler
from .retrieve import retrieve as retrieve_components

# How much of a file its page shows: about 500 apps.
CHARACTERS_SHOWN = 100_000


@dialog
@require_safe
def retrieve(request: SetupRequest) -> HttpResponseBase:
    """Show the Retrieve dialog, or return the zip if the URL has its fields."""
    is_submitted = "what" in request.GET and not is_in_page(request)
    form = RetrieveForm(request.GET if is_submitted else None, org=request.org)
    prefilled(form, request)
    if form.is_valid() and wants_fragment(request):
        return download(request.get_full_path())
    if form.is_valid() and (response := _zip_response(request, form)):
        return response
    context = {"form": form, "node": "DeployStatus"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "metadata/retrieve/_retrieve.html", context, status)


def _zip_response(request: SetupRequest, form: RetrieveForm) -> FileResponse | None:
    """Return the zip, or add the reason as a form error and return None."""
    data = form.cleaned_data
    is_all = data["what"] == RetrieveForm.ALL
    members = ALL if is_all else {HANDLER: data["handlers"]}
    retrieved = retrieve_components(
        request.org, members, source_format=bool(data["source_format"])
    )
    target = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the response closes it)
    try:
        retrieved.write_zip(target)
    except MetadataError as error:
        form.add_error(None, [str(problem) for problem in error.problems])
        return None
    target.seek(0)
    name = f"retrieved-{timezone.now():%Y-%m-%d-%H%MZ}.zip"
    return FileResponse(target, as_attachment=True, filename=name)


@require_safe
def handler_metadata(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Show the handler's file with syntax colors, or the start of a long file."""
    handler = handler_or_404(request, handler_name)
    xml, is_cut = _first_lines(write_handler(handler))
    context = {
        "handler": handler,
        "xml": xml,
        "is_cut": is_cut,
        "file_name": f"{handler.developer_name}.oauthtokenexchangehandler",
    }
    return render(request, "metadata/retrieve/handler_metadata.html", context)


def _first_lines(pieces: Iterable[str]) -> tuple[str, bool]:
    """Return the first lines of a file, and whether there are more.

    The rest of the file is never generated.
    """
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > CHARACTERS_SHOWN:
            return text[: text.rindex("\n", 0, CHARACTERS_SHOWN) + 1], True
    return text, False


@require_safe
def download_handler_metadata(
    request: SetupRequest, handler_name: str
) -> StreamingHttpResponse:
    handler = handler_or_404(request, handler_name)
    response = StreamingHttpResponse(
        (piece.encode() for piece in write_handler(handler)), "application/xml"
    )
    name = f"{handler.developer_name}.oauthtokenexchangehandler"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
