"""Consequences of a change, in the same words in dialogs, toasts, and Health.

A dialog says what will be true, a toast says what is true now, and Health lists what is
true in the whole org. All three ask here, so they never disagree.
"""

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from tokenx.org.models import ApexClass, ClientApp, Org
from tokenx.org.models.client_app import ClientAppQuerySet
from tokenx.web.text import count_of, isolate

from .models import Enablement, TokenExchangeHandler
from .why import Reason


def apps_without_default(org: Org) -> ClientAppQuerySet:
    """Return the org's enabled apps that have no default handler."""
    enablements = Enablement.objects.filter(org=org, app=OuterRef("pk"))
    return ClientApp.objects.filter(
        Exists(enablements), ~Exists(enablements.filter(is_default=True)), org=org
    )


def others_of(enablement: Enablement) -> QuerySet[Enablement]:
    """Return the same app's enablements for other handlers."""
    rows = Enablement.objects.filter(org=enablement.org_id, app=enablement.app_id)
    return rows.exclude(handler=enablement.handler_id)


def only_defaults_here(handler: TokenExchangeHandler) -> QuerySet[Enablement]:
    """Return the enablements whose apps lose their default if the handler is deleted.

    Apps that aren't enabled for another handler aren't among them: no handler is left
    that could be their default.
    """
    # Excluded by ID, not by handler: SQLite would choose an index that starts with it.
    elsewhere = Enablement.objects.filter(org=handler.org_id, app=OuterRef("app"))
    others = elsewhere.exclude(pk=OuterRef("pk"))
    return Enablement.objects.of(handler).filter(Exists(others), is_default=True)


def why_no_default(app: ClientApp, enablement: Enablement | None = None) -> Reason:
    """Explain that the app has no default handler.

    The link leads to the given enablement, or to the app's page, which lists all of them.
    """
    link, url = "View handlers", app.get_absolute_url()
    if enablement:
        handler = enablement.handler
        link = f"Make {isolate(handler.label)} the default"
        name = handler.developer_name
        url = reverse("handlers:edit-enablement", args=[name, enablement.pk])
    return Reason(
        "no-default",
        f"{isolate(app.label)} has no default handler. Token requests that don't specify a "
        f"handler fail.",
        "has no default handler",
        link,
        url,
    )


def why_disabled(handler: TokenExchangeHandler) -> Reason:
    """Explain that token requests for the handler's apps fail because it's disabled."""
    return Reason(
        "default-disabled",
        f"{isolate(handler.label)} is disabled. Until it's enabled, it won't validate "
        f"tokens.",
        "is disabled",
        f"Enable {isolate(handler.label)}",
        reverse("handlers:switch-handler", args=[handler.developer_name]),
    )


def why_disabled_default(handler: TokenExchangeHandler, defaults: int) -> Reason:
    """Explain that a disabled handler is still the default for a number of apps."""
    brief = f"is disabled but is still the default handler for {count_of(defaults, 'app')}"
    return Reason(
        "default-disabled",
        f"{isolate(handler.label)} {brief}.",
        brief,
        "Review",
        handler.get_absolute_url(),
    )


def why_class_fails(apex_class: ApexClass) -> Reason | None:
    """Explain why an enabled handler with this class can't validate tokens."""
    if sentence := apex_class.why_not_ready:
        code, brief = "apex-class-not-ready", "can't validate tokens"
    elif apex_class.is_template:
        code = "apex-class-is-template"
        brief = "is an unedited template, which rejects every token"
        sentence = f"{apex_class.name} {brief}."
    else:
        return None
    url = apex_class.get_absolute_url()
    return Reason(code, sentence, brief, "Edit the class", url)


def why_handler_fails(handler: TokenExchangeHandler) -> Reason | None:
    """Explain why an enabled handler can't validate tokens."""
    return why_class_fails(handler.apex_class) if handler.is_enabled else None
