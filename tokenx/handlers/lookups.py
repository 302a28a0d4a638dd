"""Lookups of the handler dialogs: apps, users, and Apex classes."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.forms import Form
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tokenx.org.models import ApexClass, ClientApp, Org
from tokenx.org.search.lookup import OPTION, mark
from tokenx.org.search.lookup_field import Choice, Lookup, chosen
from tokenx.org.search.matching import (
    Pattern,
    app_gram,
    exchangeable_apps,
    exchangeable_apps_by_gram,
    find_any_apps,
    find_users,
    search_classes,
)
from tokenx.org.search.prepared import prepared
from tokenx.web.template_rows import render_rows

from .forms import EnableAppForm, HandlerForm, RunAsForm
from .models import Enablement, TokenExchangeHandler
from .why import Reason, why_not_offered, why_user_not_found

APPS_SHOWN = 50
CLASSES_SHOWN = 50
NEAREST_SHOWN = 3


def offered_apps(
    handler: TokenExchangeHandler, org: Org, kind: str, search_text: str
) -> list[tuple[int, str, str]]:
    """Return the ID, label, and API name of matching apps that can be enabled.

    If there are more apps than are shown, return one extra.
    """
    pattern = Pattern.parse(search_text)
    text = pattern.text
    if pattern.is_hopeless:
        return []
    if text and org.has_app_grams:
        return _offered_apps_by_gram(org.pk, handler.pk, app_gram(kind, text), text)
    return _offered_apps(org.pk, handler.pk, kind, text)


@prepared
def _offered_apps(org: int, handler: int, kind: str, text: str) -> QuerySet:
    return _option_values(exchangeable_apps(org, kind, text), org, handler)


@prepared
def _offered_apps_by_gram(org: int, handler: int, gram: str, text: str) -> QuerySet:
    return _option_values(exchangeable_apps_by_gram(org, gram, text), org, handler)


def _option_values(apps: QuerySet, org: int, handler: int) -> QuerySet:
    available = apps.exclude(_is_enabled_for(org, handler))
    return available.values_list("id", "label", "api_name")[: APPS_SHOWN + 1]


def _is_enabled_for(org: int, handler: int) -> Exists:
    rows = Enablement.objects.filter(org=org, handler=handler, app=OuterRef("pk"))
    return Exists(rows)


def render_app_options(
    handler: TokenExchangeHandler, org: Org, kind: str, search_text: str
) -> SafeString:
    """Render the list under Select App."""
    apps = offered_apps(handler, org, kind, search_text)
    pattern = Pattern.parse(f"*{search_text}")
    rows = (
        (str(pk), api_name, label, mark(label, pattern), mark(api_name, pattern))
        for pk, label, api_name in apps[:APPS_SHOWN]
    )
    context = {
        "options": render_rows(
            "_lookup_option.html",
            OPTION,
            rows,
            kind="app",
            icon="app-window",
            tile="connected-apps",
        ),
        "has_apps": bool(apps),
        "has_more": len(apps) > APPS_SHOWN,
        "shown": APPS_SHOWN,
        "search_text": search_text,
        "kind": ClientApp.Kind(kind),
        "nearest": [] if apps else list(nearest_apps(handler, org, kind, search_text)),
    }
    return render_to_string("handlers/_app_options.html", context)


def nearest_apps(
    handler: TokenExchangeHandler, org: Org, kind: str, search_text: str
) -> Iterator[Reason]:
    """Explain, for the nearest matches, why an app can't be enabled."""
    if not Pattern.parse(search_text).text:
        return
    apps = find_any_apps(org, search_text).annotate(
        is_enabled_here=_is_enabled_for(handler.org_id, handler.pk)
    )
    for app in apps[:NEAREST_SHOWN]:
        is_enabled = app.is_enabled_here
        yield why_not_offered(app, handler, kind, is_enabled=is_enabled)


def app_lookup(form: EnableAppForm, org: Org, *, plain: bool) -> Lookup:
    """Build the Select App lookup. `plain` adds choices for pages without JavaScript."""
    handler, kind = form.handler, form.kind
    app = form.chosen_app
    # Don't search for the name of a previously selected app of the other type.
    is_other_type = form["app"].value() and not app and not form.is_bound
    text = "" if is_other_type else form["app_text"].value() or ""
    choices: list[Choice] = []
    reasons: list[Reason] = []
    if plain:
        # Don't search for the name of the selected app.
        search_text = "" if app and text == app.label else text
        apps = offered_apps(handler, org, kind, search_text)[:APPS_SHOWN]
        choices = [Choice(api_name, label, api_name) for _, label, api_name in apps]
        reasons = [] if apps else list(nearest_apps(handler, org, kind, text))
    return Lookup(
        field=form["app"],
        url=reverse("handlers:app-lookup", args=[handler.developer_name, kind]),
        placeholder=f"Search {kind.label}s…",
        typed=text or (app.label if app else ""),
        chosen=app,
        chosen_url=reverse("setup:app", args=[app.kind, app.api_name]) if app else "",
        choices=choices,
        reasons=reasons,
        list_url=reverse("setup:app-list", args=[kind]),
        is_plain=plain,
    )


def run_as_lookup(form: RunAsForm, org: Org, *, plain: bool) -> Lookup:
    """Build the Run as lookup. `plain` adds choices for pages without JavaScript."""
    return lookup_of_user(form, "run_as", org, plain=plain)


def lookup_of_user(form: Form, name: str, org: Org, *, plain: bool) -> Lookup:
    """Build the lookup of a form's LookupField for a user, as run_as_lookup() does."""
    text = form[f"{name}_text"].value() or ""
    user = chosen(form, name)
    # Don't search for the name of the selected user.
    search_text = "" if user and text == user.name else text
    users = find_users(org, search_text)[0] if plain else []
    return Lookup(
        field=form[name],
        url=reverse("handlers:user-lookup"),
        placeholder="Search Users…",
        typed=text or (user.name if user else ""),
        chosen=user,
        chosen_url=reverse("setup:user", args=[user.pk]) if user else "",
        choices=[Choice(match.username, match.name, match.username) for match in users],
        reasons=list(why_user_not_found(org, text)) if plain and not users else [],
        list_url=reverse("setup:user-list"),
        is_plain=plain,
    )


def handler_classes(org: Org, search_text: str) -> list[ApexClass]:
    """Return the first matching classes that a handler can use."""
    matches = search_classes(ApexClass.objects.filter(org=org), search_text)
    return list(matches.filter(is_handler_class=True).order_by("name")[:CLASSES_SHOWN])


def render_apex_class_options(org: Org, search_text: str) -> SafeString:
    """Render the list under Apex Class."""
    pattern = Pattern.parse(f"*{search_text}")
    classes = handler_classes(org, search_text)
    rows = (
        (
            str(match.pk),
            match.name,
            match.name,
            mark(match.name, pattern),
            _readiness(match),
        )
        for match in classes
    )
    options = render_rows(
        "_lookup_option.html", OPTION, rows, kind="apex-class", icon="code", tile="settings"
    )
    context = {
        "options": options,
        "has_classes": bool(classes),
        "search_text": search_text,
    }
    return render_to_string("handlers/_apex_class_options.html", context)


def _readiness(apex_class: ApexClass) -> str:
    if not apex_class.is_runnable:
        return apex_class.get_compile_status_display()
    return "Unedited template" if apex_class.is_template else "Ready to validate tokens"


def apex_class_lookup(form: HandlerForm, org: Org, *, plain: bool) -> Lookup:
    """Build the Apex Class lookup. `plain` adds choices for pages without JavaScript."""
    text = form["apex_class_text"].value() or ""
    chosen = form.chosen_class
    search_text = "" if chosen and text == chosen.name else text
    classes = handler_classes(org, search_text) if plain else []
    return Lookup(
        field=form["apex_class"],
        url=reverse("handlers:apex-class-lookup"),
        placeholder="Search Apex Classes…",
        typed=text or (chosen.name if chosen else ""),
        chosen=chosen,
        chosen_url=reverse("setup:apex-class", args=[chosen.name]) if chosen else "",
        choices=[Choice(match.name, match.name, _readiness(match)) for match in classes],
        list_url=reverse("setup:apex-class-list"),
        is_plain=plain,
    )
