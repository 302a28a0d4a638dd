"""Deploy Metadata: send files, see what they would change, check them, deploy them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.forms import DeployMetadataForm, OptionsForm, PlaceholdersForm
from tokenx.metadata.deploy.placeholders import missing_from
from tokenx.metadata.deploy.preview import differences
from tokenx.metadata.deploy.uploads import read_source
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.web.htmx import go_to, render_modal

# How many components the page compares; a command compares all.
COMPARED = 200


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def deploy_metadata(request: SetupRequest) -> HttpResponse:
    """Send a zip, files, or the XML of a handler."""
    sent = request.method == "POST"
    form = DeployMetadataForm(
        request.POST if sent else None,
        # All files of the field, where a form by itself would take the last.
        {"uploads": request.FILES.getlist("uploads")} if sent else None,  # type: ignore[arg-type]
    )
    if form.is_valid() and (source := form.save(by=request.user)):
        return redirect("metadata:review", source.pk)
    status = 422 if form.is_bound else 200
    return render(
        request, "metadata/deploy/deploy_metadata.html", {"form": form}, status=status
    )


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SetupRequest, source_id: int) -> HttpResponse:
    """What deploying would change; then check it, or deploy it."""
    source = _source_or_404(request, source_id)
    if request.method == "POST":
        form = OptionsForm(request.POST)
        check_only = request.POST.get("do") != "deploy"
        form.is_valid()  # Boxes: whatever is sent is an answer.
        queued = form.save(source=source, check_only=check_only, by=request.user)
        queue.wake(request.org.pk)
        return redirect("metadata:deployment", queued.pk)
    context = {"source": source, "form": OptionsForm(), **_compared(request, source)}
    return render(request, "metadata/deploy/review.html", context)


def _compared(request: SetupRequest, source: Source) -> dict[str, Any]:
    try:
        read = read_source(source)
    except MetadataError as error:
        return {"problems": [str(problem) for problem in error.problems]}
    found = differences(read, request.user)
    left_out = [p for package in read.packages for p in package.problems if p.is_warning]
    missing = missing_from(read, request.user)
    return {
        "differences": found[:COMPARED],
        "more": max(0, len(found) - COMPARED),
        "left_out": left_out[:COMPARED],
        "missing": missing,
        "placeholders": PlaceholdersForm(missing=missing) if missing else None,
        "is_checked": Deployment.objects.filter(
            org=request.org, source=source, check_only=True, status=Status.SUCCEEDED
        ).exists(),
    }


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def create_placeholders(request: SetupRequest, source_id: int) -> HttpResponse:
    """Make what the files refer to and the org does not have, as ticked."""
    source = _source_or_404(request, source_id)
    back_to = reverse("metadata:review", args=[source.pk])
    try:
        missing = missing_from(read_source(source), request.user)
    except MetadataError as error:
        raise Http404("What was sent cannot be read.") from error
    sent = request.POST if request.method == "POST" else None
    form = PlaceholdersForm(sent, missing=missing)
    if form.is_valid() and (made := form.save(by=request.user)):
        messages.success(request, f"Created as placeholders: {', '.join(made)}.")
        return go_to(request, back_to)
    context = {"source": source, "form": form, "back_to": back_to, "node": "DeployStatus"}
    status = 422 if form.is_bound else 200
    return render_modal(
        request, "metadata/deploy/_create_placeholders.html", context, status
    )


@changes_setup
@require_safe
def download_source(request: SetupRequest, source_id: int) -> HttpResponse:
    """What was sent, as it came: with the secrets of apps, if it had any."""
    source = _source_or_404(request, source_id)
    response = StreamingHttpResponse(source.pieces(), "application/octet-stream")
    named = content_disposition_header(True, source.name)
    response["Content-Disposition"] = named
    response["Content-Length"] = source.size
    return response  # type: ignore[return-value]


def _source_or_404(request: SetupRequest, source_id: int) -> Source:
    sources = Source.objects.filter(org=request.org)
    if source_id < 2**63 and (found := sources.filter(pk=source_id).first()):
        return found
    raise Http404("What was sent is not kept any more.")
