"""The time zone of the user's own pages, which the user menu leads to."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from tokenx.org.permissions import READ_ONLY, SetupRequest
from tokenx.setup.forms.users import TimeZoneForm
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal
from tokenx.web.links import link


@dialog
@require_http_methods(["GET", "HEAD", "POST"])
def change_time_zone(request: SetupRequest) -> HttpResponse:
    """Show the time zones, or save the selected one."""
    user = request.user
    if user.pk is None:  # A trainer views a participant's org.
        raise PermissionDenied(READ_ONLY)
    data = request.POST if request.method == "POST" else None
    form = prefilled(TimeZoneForm(data, user=user), request)
    if form.is_valid() and (saved := form.save()):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:user", args=[saved.pk]))
    status = 422 if form.is_bound else 200
    context = {"form": form, "node": ""}
    return render_modal(request, "setup/_change_time_zone.html", context, status)
