"""Snapshot pages: save, restore, download, upload, delete, and share with a link."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.training.models import Snapshot
from tokenx.training.sign_up import are_demo_links_open
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import close_modal, go_to, render_modal, render_page

from . import actions
from .forms import SaveSnapshotForm, UploadSnapshotForm

NODE = "SetupOneHome"


@changes_setup
@require_safe
def snapshots(request: SetupRequest) -> HttpResponse:
    """List the org's snapshots, newest first."""
    found = Snapshot.objects.filter(org=request.org).order_by("-created_at", "-pk")
    context = {
        "snapshots": found.defer("data").select_related("created_by"),
        "at_most": actions.MAX_SNAPSHOTS,
    }
    page, fragment = (
        "training/snapshots/snapshots.html",
        "training/snapshots/_snapshots.html",
    )
    return render_page(request, page, fragment, context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def save_snapshot(request: SetupRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(SaveSnapshotForm(data), request)
    if form.is_valid() and (saved := form.save(org=request.org, by=request.user)):
        messages.success(request, f'Snapshot "{saved}" was saved.')
        back_to = reverse("training:snapshots")
        return close_modal(request, changed="snapshots-changed", back_to=back_to)
    context = {"form": form, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(
        request, "training/snapshots/_save_snapshot.html", context, status=status
    )


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def upload_snapshot(request: SetupRequest) -> HttpResponse:
    is_post = request.method == "POST"
    data, files = (request.POST, request.FILES) if is_post else (None, None)
    form = UploadSnapshotForm(data, files)
    if form.is_valid() and (uploaded := form.save(org=request.org, by=request.user)):
        message = f'Snapshot "{uploaded}" was uploaded. To use it, restore it.'
        messages.success(request, message)
        return redirect("training:snapshots")
    status = 422 if form.is_bound else 200
    return render(
        request, "training/snapshots/upload_snapshot.html", {"form": form}, status=status
    )


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def restore_snapshot(request: SetupRequest, snapshot_id: int) -> HttpResponse:
    """Restore the org after a confirmation. Its current state is lost unless it's saved."""
    snapshot = _snapshot_or_404(request, snapshot_id)
    problems: list[str] = []
    if request.method == "POST":
        try:
            actions.restore_snapshot(snapshot=snapshot, by=request.user)
        except ValidationError as error:
            problems = error.messages
        else:
            messages.success(request, f'The org was restored to "{snapshot}".')
            return go_to(request, reverse("training:snapshots"))
    context = {"snapshot": snapshot, "problems": problems, "node": NODE}
    status = 422 if problems else 200
    return render_modal(
        request, "training/snapshots/_restore_snapshot.html", context, status=status
    )


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_snapshot(request: SetupRequest, snapshot_id: int) -> HttpResponse:
    snapshot = _snapshot_or_404(request, snapshot_id)
    if request.method == "POST":
        actions.delete_snapshot(snapshot=snapshot, by=request.user)
        messages.success(request, f'Snapshot "{snapshot}" was deleted.')
        back_to = reverse("training:snapshots")
        return close_modal(request, changed="snapshots-changed", back_to=back_to)
    context = {"snapshot": snapshot, "node": NODE}
    return render_modal(request, "training/snapshots/_delete_snapshot.html", context)


@changes_setup
@require_safe
def download_snapshot(request: SetupRequest, snapshot_id: int) -> HttpResponse:
    snapshot = _snapshot_or_404(request, snapshot_id)
    response = HttpResponse(bytes(snapshot.data), "application/zip")
    name = f"{slugify(snapshot.name) or 'snapshot'}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def snapshot_link(request: SetupRequest, snapshot_id: int) -> HttpResponse:
    """Create a link. Only this response shows it."""
    snapshot = _snapshot_or_404(request, snapshot_id)
    template = "training/snapshots/_snapshot_link.html"
    context = {"snapshot": snapshot, "node": NODE, "is_closed": not are_demo_links_open()}
    if request.method != "POST":
        return render_modal(request, template, context)
    token = actions.make_link(snapshot=snapshot, by=request.user)
    path = reverse("training:open-demo", args=[token])
    context["link"] = request.build_absolute_uri(path)
    response = render_modal(request, template, context)
    return trigger_client_event(response, "snapshots-changed")


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_snapshot_link(request: SetupRequest, snapshot_id: int) -> HttpResponse:
    snapshot = _snapshot_or_404(request, snapshot_id)
    if request.method == "POST":
        actions.revoke_link(snapshot=snapshot, by=request.user)
        messages.success(request, f'The link to "{snapshot}" was revoked.')
        back_to = reverse("training:snapshots")
        return close_modal(request, changed="snapshots-changed", back_to=back_to)
    context = {"snapshot": snapshot, "node": NODE}
    return render_modal(request, "training/snapshots/_revoke_snapshot_link.html", context)


def _snapshot_or_404(request: SetupRequest, snapshot_id: int) -> Snapshot:
    found = Snapshot.objects.filter(org=request.org)
    if snapshot_id < 2**63 and (snapshot := found.filter(pk=snapshot_id).first()):
        return snapshot
    raise Http404("We couldn't find that snapshot. It might have been deleted.")
