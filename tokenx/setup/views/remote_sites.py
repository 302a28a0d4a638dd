"""Remote Site Settings: the list, a remote site, and its dialogs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import RemoteSite
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import remote_sites as actions
from tokenx.setup.filters import RemoteSiteFilter
from tokenx.setup.forms.remote_sites import RemoteSiteForm
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

NODE = "SecurityRemoteProxy"
COLUMNS = {
    "name": "Remote Site Name",
    "url": "Remote Site URL",
    "active": "Active",
    "modified": "Last Modified",
}
SORTS = {"name": ["name"], "url": ["url"], "modified": ["modified_at"]}


@require_safe
def remote_site_list(request: SetupRequest) -> HttpResponse:
    """List the URLs that Apex can call."""
    sites = RemoteSite.objects.filter(org=request.org)
    context = {
        **listing(
            request.GET,
            RemoteSiteFilter(request.GET, sites),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/remote_site_list.html", "setup/_remote_sites.html"
    return render_page(request, page, fragment, context)


@require_safe
def remote_site(request: SetupRequest, site_name: str) -> HttpResponse:
    """Show a remote site."""
    shown = _remote_site_or_404(request, site_name)
    context = {
        "site": shown,
        "stamps": stamps_of(shown, shown.name),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/remote_site.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_remote_site(request: SetupRequest) -> HttpResponse:
    return _edit_site(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_remote_site(request: SetupRequest, site_name: str) -> HttpResponse:
    return _edit_site(request, _remote_site_or_404(request, site_name))


def _edit_site(request: SetupRequest, edited: RemoteSite | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(RemoteSiteForm(data, site=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:remote-site", args=[saved.name]))
    context = {"form": form, "site": edited, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_remote_site.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_remote_site(request: SetupRequest, site_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the remote site."""
    site = _remote_site_or_404(request, site_name)
    if request.method == "POST":
        actions.delete_remote_site(site=site, by=request.user)
        messages.success(request, f"{site.name} was deleted.")
        return go_to(request, reverse("setup:remote-site-list"))
    context = {"site": site, "node": NODE}
    return render_modal(request, "setup/_delete_remote_site.html", context)


def _remote_site_or_404(request: SetupRequest, site_name: str) -> RemoteSite:
    return found_or_404(
        RemoteSite.objects.all(), "remote site", org=request.org, name=site_name
    )
