"""Deployment Status: running, queued, and finished deployments."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.metadata.deploy import actions
from tokenx.metadata.deploy.excerpts import with_excerpts
from tokenx.metadata.deploy.filters import DeploymentFilter
from tokenx.metadata.deploy.progress import progress_of
from tokenx.metadata.deploy.queue import wake_if_waiting
from tokenx.metadata.models import ComponentMessage, Deployment, Status
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import close_modal, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

COLUMNS = {
    "name": "Name",
    "kind": "Type",
    "status": "Status",
    "components": "Components",
    "started": "Started",
    "by": "By",
}
SORTS = {"started": ["created_at"], "status": ["status", "created_at"]}
MESSAGES_SHOWN = 50
# How often a page refreshes during a deployment.
POLL = "every 1s"


@require_safe
def deployment_list(request: SetupRequest) -> HttpResponse:
    """List the org's deployments of the last 30 days, active ones first."""
    wake_if_waiting(request.org.pk)
    kept = Deployment.objects.kept(request.org).select_related("created_by", "source")
    active = kept.filter(completed_at=None)
    context = {
        **listing(
            request.GET,
            DeploymentFilter(request.GET, kept.filter(completed_at__isnull=False)),
            columns=COLUMNS,
            sorts=SORTS,
            default="-started",
        ),
        "active": [_with_progress(each) for each in active.order_by("id")],
        "poll": POLL,
        "can_change": can_change_setup(request.user),
    }
    page, fragment = (
        "metadata/deploy/deployment_list.html",
        "metadata/deploy/_deployments.html",
    )
    return render_page(request, page, fragment, context)


def _with_progress(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment with its progress, as far as this process knows it."""
    progress = progress_of(deployment.pk)
    detail = progress.detail if progress else deployment.state_detail
    return {
        "deployment": deployment,
        "percent": progress.percent if progress else 0,
        "detail": detail,
        "total": (progress.total if progress else 0) or deployment.components_total,
    }


def deployment_or_404(request: SetupRequest, deployment_id: int) -> Deployment:
    kept = Deployment.objects.kept(request.org).select_related(
        "created_by", "canceled_by", "source"
    )
    if deployment_id < 2**63 and (deployment := kept.filter(pk=deployment_id).first()):
        return deployment
    raise Http404(
        "We couldn't find that deployment. Deployments are deleted after 30 days."
    )


@require_safe
def deployment(request: SetupRequest, deployment_id: int) -> HttpResponse:
    """Show a deployment's progress, or the result of each component."""
    shown = deployment_or_404(request, deployment_id)
    if not shown.is_done:
        wake_if_waiting(request.org.pk)
    context = {
        **_with_progress(shown),
        **_messages(request, shown),
        "poll": POLL,
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "metadata/deploy/deployment.html", "metadata/deploy/_deployment.html"
    return render_page(request, page, fragment, context)


def _messages(request: SetupRequest, shown: Deployment) -> dict[str, Any]:
    """Return a page of failures or successes."""
    rows: QuerySet[ComponentMessage] = ComponentMessage.objects.filter(
        org=request.org, deployment=shown
    )
    # A valid manifest isn't a component that people deploy.
    rows = rows.exclude(type_name="", problem="")
    failures, successes = rows.filter(success=False), rows.filter(success=True)
    tab = request.GET.get("show", "")
    if tab not in {"failures", "successes"}:
        tab = "failures" if failures.exists() else "successes"
    selected = (failures if tab == "failures" else successes).order_by("number")
    page = Paginator(selected, MESSAGES_SHOWN).get_page(request.GET.get("page"))
    return {
        "tab": tab,
        "page": page,
        "excerpts": with_excerpts(shown.source, page),
        "failure_count": failures.count(),
        "success_count": successes.count(),
    }


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_deployment(request: SetupRequest, deployment_id: int) -> HttpResponse:
    """Confirm and cancel a deployment."""
    canceled = deployment_or_404(request, deployment_id)
    if request.method == "POST":
        actions.cancel_deployment(deployment=canceled, by=request.user)
        canceled.refresh_from_db()
        _report_cancellation(request, canceled)
        back_to = reverse("metadata:deployment", args=[canceled.pk])
        return close_modal(request, changed="deployments-changed", back_to=back_to)
    context = {"deployment": canceled, "node": "DeployStatus"}
    return render_modal(request, "metadata/deploy/_cancel_deployment.html", context)


def _report_cancellation(request: SetupRequest, canceled: Deployment) -> None:
    if canceled.status in {Status.CANCELED, Status.CANCELING}:
        text, name = "{} {} was canceled.", link(canceled)
        messages.success(request, format_html(text, canceled.verb, name))
    else:
        text = "{} finished before it could be canceled."
        messages.warning(request, format_html(text, link(canceled)))
