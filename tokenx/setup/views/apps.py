"""App Manager and External Client App Manager: the lists, an app, and its dialogs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from tokenx.handlers.models import Enablement
from tokenx.handlers.why import why_app_is_off
from tokenx.org.api_names import propose
from tokenx.org.models import ClientApp
from tokenx.org.models.app_access import access_of
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import apps as actions
from tokenx.setup.filters import AppFilter
from tokenx.setup.forms.apps import AppPoliciesForm, EditAppForm, NewAppForm
from tokenx.setup.used_by import handlers_of, link_handlers, used_by
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

COLUMNS = {
    "name": "Name",
    "api_name": "API Name",
    "type": "App Type",
    "eligibility": "Token Exchange",
    "handlers": "Handlers",
    "modified": "Last Modified",
}
SORTS = {
    "name": ["search_key"],
    "api_name": ["api_name"],
    "type": ["kind", "search_key"],
    "modified": ["modified_at"],
}
APP_MANAGER = "NavigationMenus"
# The title and Setup tree node of each kind's list, and the node of its apps' pages.
MANAGERS = {
    ClientApp.Kind.CONNECTED: (
        "Manage Connected Apps",
        "ConnectedApplication",
        APP_MANAGER,
    ),
    ClientApp.Kind.EXTERNAL: (
        "External Client App Manager",
        "ManageExternalClientApplication",
        "ManageExternalClientApplication",
    ),
}
TABS = ["settings", "policies"]
ENABLEMENT_COLUMNS = ["Handler", "Status", "Run As User", "Default", "Enabled Date"]
HANDLERS_SHOWN = 100


@require_safe
def app_manager(request: SetupRequest) -> HttpResponse:
    """List the apps of all kinds."""
    context = {
        "title": "App Manager",
        "node": APP_MANAGER,
        "list_title": "All Apps",
        "kinds": list(ClientApp.Kind),
        "table_class": "many m-2 s-4 l-5 xl-6 date-6",
    }
    return _render_list(request, context, kind="", columns=COLUMNS)


@require_safe
def app_list(request: SetupRequest, kind: str) -> HttpResponse:
    """List the apps of a kind, their token exchange status, and their handlers."""
    context = _kind_context(kind)
    context |= {
        "node": MANAGERS[context["kind"]][1],
        "list_title": f"All {context['kind'].label}s",
        "kinds": [context["kind"]],
        "table_class": "many l-2 s-4 m-5 date-5",
    }
    columns = {name: label for name, label in COLUMNS.items() if name != "type"}
    return _render_list(request, context, kind=kind, columns=columns)


def _render_list(
    request: SetupRequest, context: dict[str, Any], *, kind: str, columns: dict[str, str]
) -> HttpResponse:
    apps = ClientApp.objects.filter(org=request.org, **({"kind": kind} if kind else {}))
    context |= listing(
        request.GET,
        AppFilter(request.GET, apps, request=request, kind=kind),
        columns=columns,
        sorts={name: fields for name, fields in SORTS.items() if name in columns},
        default="name",
    )
    page = list(context["page"])
    handlers = used_by(request.org, page)
    context["apps"] = [(app, handlers[app.pk]) for app in page]
    context["can_change"] = can_change_setup(request.user)
    return render_page(request, "setup/app_list.html", "setup/_apps.html", context)


@require_safe
def app(request: SetupRequest, kind: str, api_name: str) -> HttpResponse:
    """Show an app: its settings, its policies, and the handlers it's enabled for."""
    shown = _app_or_404(request, kind, api_name)
    tab = request.GET.get("tab", "")
    enablements = _enablements_of(shown)
    context = {
        "stamps": stamps_of(shown, shown.label),
        **_kind_context(kind),
        "app": shown,
        "access": access_of(shown),
        "reasons": why_app_is_off(shown),
        "enablement_columns": ENABLEMENT_COLUMNS,
        "enablements": enablements[:HANDLERS_SHOWN],
        "has_more": len(enablements) > HANDLERS_SHOWN,
        "tab": tab if tab in TABS else TABS[0],
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/app.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_app(request: SetupRequest, kind: str) -> HttpResponse:
    context = _kind_context(kind)
    form = prefilled(NewAppForm(_posted_data(request), kind=kind), request)
    if form.is_valid() and (created := form.save(by=request.user)):
        messages.success(request, format_html("{} was created.", link(created.app)))
        return _show_secret(request, created)
    context["form"] = form
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_app.html", context, status)


@changes_setup
@require_safe
def propose_app_api_name(request: SetupRequest, kind: str) -> HttpResponse:
    """Show the API Name field, with a name generated from the label if it's blank."""
    _kind_context(kind)  # an unknown kind isn't found
    label, name = (request.GET.get(key, "") for key in ("label", "api_name"))
    if not name and label.strip():
        name = propose(label)
    form = NewAppForm(None, kind=kind)
    form.initial["api_name"] = name
    return render(request, "setup/_api_name.html", {"form": form})


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_app(request: SetupRequest, kind: str, api_name: str) -> HttpResponse:
    """Edit an app's settings."""
    edited = _app_or_404(request, kind, api_name)
    form = prefilled(EditAppForm(_posted_data(request), app=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        _add_saved_message(request, saved, was_exchangeable=edited.is_exchangeable)
        return go_to(request, _url(saved))
    context = {**_kind_context(kind), "app": edited, "form": form}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_app.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_app_policies(request: SetupRequest, kind: str, api_name: str) -> HttpResponse:
    """Edit an app's policies."""
    edited = _app_or_404(request, kind, api_name)
    form = prefilled(AppPoliciesForm(_posted_data(request), app=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        _add_saved_message(request, saved, was_exchangeable=edited.is_exchangeable)
        return go_to(request, _url(saved, tab="policies"))
    context = {**_kind_context(kind), "app": edited, "form": form}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_app_policies.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def rotate_secret(request: SetupRequest, kind: str, api_name: str) -> HttpResponse:
    """Ask for confirmation, then generate a new secret and show it."""
    rotated = _app_or_404(request, kind, api_name)
    if request.method == "POST":
        try:
            app_with_secret = actions.rotate_secret(app=rotated, by=request.user)
        except ValidationError as deleted:
            raise Http404(*deleted.messages) from deleted
        return _show_secret(request, app_with_secret)
    context = {**_kind_context(kind), "app": rotated}
    return render_modal(request, "setup/_rotate_secret.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_app(request: SetupRequest, kind: str, api_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the app, or name the handlers that use it."""
    deleted = _app_or_404(request, kind, api_name)
    refused = ""
    if request.method == "POST":
        try:
            actions.delete_app(app=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted} was deleted.")
            return go_to(request, reverse("setup:app-list", args=[kind]))
    context = {
        **_kind_context(kind),
        "app": deleted,
        "handlers": handlers_of(deleted)[:HANDLERS_SHOWN],
        "refused": refused,
    }
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_app.html", context, status)


def _kind_context(kind: str) -> dict[str, Any]:
    """Return the kind, and the title and Setup tree node of its apps' pages."""
    if kind not in ClientApp.Kind:
        raise Http404("We couldn't find that type of app.")
    title, _, node = MANAGERS[ClientApp.Kind(kind)]
    return {"kind": ClientApp.Kind(kind), "title": title, "node": node}


def _app_or_404(request: SetupRequest, kind: str, api_name: str) -> ClientApp:
    return found_or_404(
        ClientApp.objects.all(), "app", org=request.org, kind=kind, api_name=api_name
    )


def _enablements_of(app: ClientApp) -> QuerySet[Enablement]:
    """Return the app's first enablements, plus one to show that there are more."""
    enablements = Enablement.objects.filter(org=app.org_id, app=app)
    ordered = enablements.select_related("handler", "run_as")
    return ordered.order_by("handler__search_key")[: HANDLERS_SHOWN + 1]


def _posted_data(request: SetupRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _url(app: ClientApp, **query: str) -> str:
    return reverse("setup:app", args=[app.kind, app.api_name], query=query)


def _show_secret(request: SetupRequest, created: actions.AppWithSecret) -> HttpResponse:
    """Show the secret, this one time, and refresh the list behind the dialog."""
    app, secret = created
    context = {**_kind_context(app.kind), "app": app, "secret": secret}
    response = render_modal(request, "setup/_app_secret.html", context)
    return trigger_client_event(response, "apps-changed")


def _add_saved_message(
    request: SetupRequest, app: ClientApp, *, was_exchangeable: bool
) -> None:
    names = link_handlers(app) if was_exchangeable and not app.is_exchangeable else ""
    if names:
        text = "{} was saved. {} can no longer exchange tokens for this app because {}."
        reason = app.why_not_exchangeable
        messages.warning(request, format_html(text, link(app), names, reason))
    else:
        messages.success(request, format_html("{} was saved.", link(app)))
