"""Deploy Metadata: upload files, preview their changes, check them, and deploy them."""

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
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal

# How many differences the page lists. The command lists all.
COMPARED = 200


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def deploy_metadata(request: SetupRequest) -> HttpResponse:
    """Upload a zip, files, or a handler's XML."""
    is_post = request.method == "POST"
    form = DeployMetadataForm(
        request.POST if is_post else None,
        # All files of the field. By default, a form takes only the last one.
        {"uploads": request.FILES.getlist("uploads")} if is_post else None,
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
    """Show the preview, and check or deploy the source."""
    source = _source_or_404(request, source_id)
    if request.method == "POST":
        form = OptionsForm(request.POST)
        check_only = request.POST.get("do") != "deploy"
        form.is_valid()  # A form of checkboxes is always valid.
        deployment = form.save(source=source, check_only=check_only, by=request.user)
        queue.wake(request.org.pk)
        return redirect("metadata:deployment", deployment.pk)
    context = {"source": source, "form": OptionsForm(), **_preview(request, source)}
    return render(request, "metadata/deploy/review.html", context)


def _preview(request: SetupRequest, source: Source) -> dict[str, Any]:
    try:
        packages = read_source(source)
    except MetadataError as error:
        return {"problems": [str(problem) for problem in error.problems]}
    compared = differences(packages, request.user)
    problems = [p for package in packages.packages for p in package.problems]
    missing = missing_from(packages, request.user)
    return {
        "differences": compared[:COMPARED],
        "more": max(0, len(compared) - COMPARED),
        "skipped": [p for p in problems if p.is_warning][:COMPARED],
        "missing": missing,
        "placeholders": PlaceholdersForm(missing=missing) if missing else None,
        "is_checked": Deployment.objects.filter(
            org=request.org, source=source, check_only=True, status=Status.SUCCEEDED
        ).exists(),
    }


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def create_placeholders(request: SetupRequest, source_id: int) -> HttpResponse:
    """Create placeholders for the selected missing references."""
    source = _source_or_404(request, source_id)
    back_to = reverse("metadata:review", args=[source.pk])
    try:
        missing = missing_from(read_source(source), request.user)
    except MetadataError as error:
        raise Http404("We couldn't read the uploaded files. Upload them again.") from error
    data = request.POST if request.method == "POST" else None
    form = prefilled(PlaceholdersForm(data, missing=missing), request)
    if form.is_valid() and (created := form.save(by=request.user)):
        messages.success(request, f"Placeholders created: {', '.join(created)}.")
        return go_to(request, back_to)
    context = {"source": source, "form": form, "back_to": back_to, "node": "DeployStatus"}
    status = 422 if form.is_bound else 200
    return render_modal(
        request, "metadata/deploy/_create_placeholders.html", context, status
    )


@changes_setup
@require_safe
def download_source(request: SetupRequest, source_id: int) -> StreamingHttpResponse:
    """Download a source unchanged, including any app secrets."""
    source = _source_or_404(request, source_id)
    response = StreamingHttpResponse(source.pieces(), "application/octet-stream")
    disposition = content_disposition_header(True, source.name)
    response["Content-Disposition"] = disposition
    response["Content-Length"] = source.size
    return response


def _source_or_404(request: SetupRequest, source_id: int) -> Source:
    sources = Source.objects.filter(org=request.org)
    if source_id < 2**63 and (source := sources.filter(pk=source_id).first()):
        return source
    raise Http404("These files are no longer stored. Upload them again.")
