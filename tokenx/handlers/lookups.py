"""The two look-ups of Enable New App, and why an app is not among those found."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tokenx.org.apex import BASE, is_handler_class
from tokenx.org.models import ApexClass, ClientApp, Org
from tokenx.org.search.lookup import OPTION, mark
from tokenx.org.search.lookup_field import Choice, Lookup
from tokenx.org.search.prepared import prepared
from tokenx.org.search.rules import (
    Pattern,
    app_gram,
    exchangeable_apps,
    exchangeable_apps_by_gram,
    find_any_apps,
    find_users,
    search_classes,
)
from tokenx.web.template_rows import render_rows

from .forms import EnableAppForm, HandlerForm, RunAsForm
from .models import Enablement, TokenExchangeHandler
from .why import Reason, why_not_offered, why_user_not_found

APPS_SHOWN = 50
NEAREST_SHOWN = 3


def offered_apps(
    handler: TokenExchangeHandler, org: Org, kind: str, typed: str
) -> list[tuple[int, str, str]]:
    """Id, label and API name of the apps of a kind that match and can be enabled.

    One more than are shown, where there are more.
    """
    pattern = Pattern.parse(typed)
    text = pattern.text
    if pattern.is_hopeless:
        return []
    if text and org.has_app_grams:
        return _offered_by_gram(org.pk, handler.pk, app_gram(kind, text), text)
    return _offered(org.pk, handler.pk, kind, text)


@prepared
def _offered(org: int, handler: int, kind: str, text: str) -> QuerySet:
    return _as_listed(exchangeable_apps(org, kind, text), org, handler)


@prepared
def _offered_by_gram(org: int, handler: int, gram: str, text: str) -> QuerySet:
    return _as_listed(exchangeable_apps_by_gram(org, gram, text), org, handler)


def _as_listed(apps: QuerySet, org: int, handler: int) -> QuerySet:
    free = apps.exclude(_is_enabled_for(org, handler))
    return free.values_list("id", "label", "api_name")[: APPS_SHOWN + 1]


def _is_enabled_for(org: int, handler: int) -> Exists:
    rows = Enablement.objects.filter(org=org, handler=handler, app=OuterRef("pk"))
    return Exists(rows)


def render_app_options(
    handler: TokenExchangeHandler, org: Org, kind: str, typed: str
) -> SafeString:
    """The list under Select App."""
    apps = offered_apps(handler, org, kind, typed)
    pattern = Pattern.parse(f"*{typed}")
    rows = (
        (str(pk), label, mark(label, pattern), mark(api_name, pattern))
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
        "typed": typed,
        "kind": ClientApp.Kind(kind),
        "nearest": [] if apps else list(nearest_apps(handler, org, kind, typed)),
    }
    return render_to_string("handlers/_app_options.html", context)


def nearest_apps(
    handler: TokenExchangeHandler, org: Org, kind: str, typed: str
) -> Iterator[Reason]:
    """Why apps that match are not offered, for the nearest of them by name."""
    if not Pattern.parse(typed).text:
        return
    apps = find_any_apps(org, typed).annotate(
        is_enabled_here=_is_enabled_for(handler.org_id, handler.pk)
    )
    for app in apps[:NEAREST_SHOWN]:
        is_enabled = app.is_enabled_here
        yield why_not_offered(app, handler, kind, is_enabled=is_enabled)


def app_lookup(form: EnableAppForm, org: Org, *, plain: bool) -> Lookup:
    """Select App as it is drawn; `plain` with its choices, for want of JavaScript."""
    handler, kind = form.handler, form.kind
    app = form.chosen_app
    # An app of the other type was chosen before: its name is no search for this one.
    is_gone = form["app"].value() and not app and not form.is_bound
    typed = "" if is_gone else form["app_text"].value() or ""
    choices: list[Choice] = []
    reasons: list[Reason] = []
    if plain:
        # The chosen app's own name is no search for others.
        searched = "" if app and typed == app.label else typed
        found = offered_apps(handler, org, kind, searched)[:APPS_SHOWN]
        choices = [Choice(*values) for values in found]
        reasons = [] if found else list(nearest_apps(handler, org, kind, typed))
    return Lookup(
        field=form["app"],
        url=reverse("handlers:app-lookup", args=[handler.developer_name, kind]),
        placeholder=f"Search {kind.label}s…",
        typed=typed or (app.label if app else ""),
        chosen=app,
        chosen_url=reverse("setup:app", args=[app.kind, app.api_name]) if app else "",
        choices=choices,
        reasons=reasons,
        list_url=reverse("setup:app-list", args=[kind]),
        is_plain=plain,
    )


def run_as_lookup(form: RunAsForm, org: Org, *, plain: bool) -> Lookup:
    """Run as, as it is drawn; `plain` with its choices, for want of JavaScript."""
    typed = form["run_as_text"].value() or ""
    user = form.chosen_user
    # The chosen user's own name is no search for others.
    searched = "" if user and typed == user.name else typed
    users = find_users(org, searched)[0] if plain else []
    return Lookup(
        field=form["run_as"],
        url=reverse("handlers:user-lookup"),
        placeholder="Search Users…",
        typed=typed or (user.name if user else ""),
        chosen=user,
        chosen_url=reverse("setup:user", args=[user.pk]) if user else "",
        choices=[Choice(found.id, found.name, found.username) for found in users],
        reasons=list(why_user_not_found(org, typed)) if plain and not users else [],
        list_url=reverse("setup:user-list"),
        is_plain=plain,
    )


def handler_classes(org: Org, typed: str) -> list[ApexClass]:
    """The first classes that a handler can have and whose name contains what was typed."""
    named = search_classes(ApexClass.objects.filter(org=org), typed)
    found = named.filter(body__icontains=BASE.rpartition(".")[2])
    classes = (each for each in found.order_by("name") if is_handler_class(each.body))
    return list(islice(classes, APPS_SHOWN))


def render_apex_class_options(org: Org, typed: str) -> SafeString:
    """The list under Apex Class."""
    pattern = Pattern.parse(f"*{typed}")
    classes = handler_classes(org, typed)
    rows = (
        (
            str(each.pk),
            each.name,
            mark(each.name, pattern),
            _readiness(each),
        )
        for each in classes
    )
    options = render_rows(
        "_lookup_option.html", OPTION, rows, kind="apex-class", icon="code", tile="settings"
    )
    context = {"options": options, "has_classes": bool(classes), "typed": typed}
    return render_to_string("handlers/_apex_class_options.html", context)


def _readiness(apex_class: ApexClass) -> str:
    return "Not ready as it is" if apex_class.problems else "Ready to check tokens"


def apex_class_lookup(form: HandlerForm, org: Org, *, plain: bool) -> Lookup:
    """Apex Class, as it is drawn; `plain` with its choices, for want of JavaScript."""
    typed = form["apex_class_text"].value() or ""
    found = form.chosen_class
    searched = "" if found and typed == found.name else typed
    classes = handler_classes(org, searched) if plain else []
    return Lookup(
        field=form["apex_class"],
        url=reverse("handlers:apex-class-lookup"),
        placeholder="Search Apex Classes…",
        typed=typed or (found.name if found else ""),
        chosen=found,
        chosen_url=reverse("setup:apex-class", args=[found.name]) if found else "",
        choices=[Choice(each.pk, each.name, _readiness(each)) for each in classes],
        list_url=reverse("setup:apex-class-list"),
        is_plain=plain,
    )
