"""Edit and Remove in the row menu of an enabled app."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from tokenx.handlers import actions, lookups
from tokenx.handlers.consequences import others_of, why_no_default
from tokenx.handlers.enablement_change import Settings, change_of, settings_of
from tokenx.handlers.forms import EditEnablementForm
from tokenx.handlers.models import Enablement
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.web.dialogs import Key, dialog_of, prefilled
from tokenx.web.htmx import close_modal, render_modal, works_without_script
from tokenx.web.links import link

from .enable_app import consequences_of, notices
from .handler import handler_or_404
from .toasts import add_toast


class EnabledAppKey(Key):
    """Names an enabled app by its kind and API name, which are the same in every org."""

    name = "pk"
    fields = ("app", "kind")

    def names_of(self, request: SetupRequest, keys: Mapping[str, Any]) -> dict[str, str]:
        enablement = _enablement_or_404(request, **keys)
        return {"app": enablement.app.api_name, "kind": enablement.app_kind}

    def find(
        self, request: SetupRequest, keys: Mapping[str, Any], fields: Mapping[str, str]
    ) -> int:
        handler = handler_or_404(request, keys.get("handler_name", ""))
        found = Enablement.objects.of(handler).filter(
            app__org=handler.org_id,
            app__kind=fields["kind"],
            app__api_name=fields["app"],
        )
        if enablement := found.first():
            return enablement.pk
        raise Http404(f"This app isn't enabled for {handler.label}.")


@dialog_of(EnabledAppKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_enablement(request: SetupRequest, handler_name: str, pk: int) -> HttpResponse:
    """Change the Run As User and the default."""
    enablement = _enablement_or_404(request, handler_name, pk)
    is_submitted = request.method == "POST" and "find" not in request.POST
    values: dict[str, Any] = {}
    if request.method == "POST":
        # Browsers don't send cleared checkboxes.
        values = request.POST.dict() | {"make_default": "make_default" in request.POST}
    before = settings_of(enablement)
    form = EditEnablementForm(
        request.POST if is_submitted else None, enablement=enablement, values=values
    )
    prefilled(form, request)
    if form.is_valid() and (edited := form.save(by=request.user)):
        _add_saved_toast(request, edited, before)
        return _back_to_list(request, edited)
    plain = works_without_script(request)
    context = {
        "handler": enablement.handler,
        "enablement": enablement,
        "form": form,
        "run_as_lookup": lookups.run_as_lookup(form, request.org, plain=plain),
        **notices(form, enablement.app),
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "handlers/_edit_enablement.html", context, status)


@dialog_of(EnabledAppKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def remove_app(request: SetupRequest, handler_name: str, pk: int) -> HttpResponse:
    """Ask for confirmation, then remove the app from the handler."""
    enablement = _enablement_or_404(request, handler_name, pk)
    if request.method == "POST":
        actions.remove_app(enablement=enablement, by=request.user)
        _add_removed_toast(request, enablement)
        return _back_to_list(request, enablement)
    others = others_of(enablement)
    context = {
        "handler": enablement.handler,
        "enablement": enablement,
        "is_only_handler": not others.exists(),
        "loses_default": not others.filter(is_default=True).exists(),
    }
    return render_modal(request, "handlers/_remove_app.html", context)


def _enablement_or_404(request: SetupRequest, handler_name: str, pk: int) -> Enablement:
    handler = handler_or_404(request, handler_name)
    rows = Enablement.objects.of(handler).select_related("app", "run_as").filter(pk=pk)
    if enablement := rows.first():
        enablement.handler = handler
        return enablement
    raise Http404(f"This app was already removed from {handler.label}.")


def _back_to_list(request: SetupRequest, enablement: Enablement) -> HttpResponse:
    name = enablement.handler.developer_name
    return close_modal(
        request,
        changed="enablements-changed",
        back_to=reverse("handlers:detail", args=[name]),
    )


def _add_saved_toast(
    request: SetupRequest, enablement: Enablement, before: Settings
) -> None:
    app, handler = link(enablement.app), link(enablement.handler)
    if replaced := enablement.took_over_from:
        text = "{} was saved. {} replaced {} as its default handler."
        sentence = format_html(text, app, handler, link(replaced.handler))
    else:
        run_as = link(enablement.run_as)
        sentence = format_html("{} was saved. {} runs as {}.", app, handler, run_as)
    after = settings_of(enablement)
    url = ""
    if after != before:
        url = change_of(enablement, before=before, after=after).url(enablement.handler)
    is_moved = after.is_default != before.is_default
    add_toast(
        request,
        sentence,
        *consequences_of(enablement),
        level=messages.WARNING if is_moved else messages.SUCCESS,
        change_url=url,
    )


def _add_removed_toast(request: SetupRequest, enablement: Enablement) -> None:
    app, handler = enablement.app, enablement.handler
    others = others_of(enablement)
    has_no_default = others.exists() and not others.filter(is_default=True).exists()
    change = change_of(enablement, before=settings_of(enablement), after=None)
    add_toast(
        request,
        format_html("{} was removed from {}.", link(app), link(handler)),
        why_no_default(app) if has_no_default else None,
        level=messages.WARNING if enablement.is_default else messages.SUCCESS,
        change_url=change.url(handler),
    )
