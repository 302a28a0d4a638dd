"""What is wrong in an org: each finding with its reason and the link that repairs it.

It asks about all that is enabled in the org, which takes a moment in an org with a million
enabled apps; so it has an address of its own, and Setup Home fetches it when it is shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.handlers.why import Reason, why_app_is_off, why_user_is_inactive
from tokenx.org.models import ApexClass, ClientApp, Org, User

SHOWN_OF_EACH = 10


@dataclass(frozen=True)
class Check:
    """One kind of thing that may be wrong, and what of it was found."""

    heading: str
    findings: list[Reason]
    has_more: bool


def health_of(org: Org) -> list[Check]:
    """The checks that found something, in the order they should be repaired."""
    checks = {
        "Apex classes that cannot check tokens": _unready_classes(org),
        "Enabled apps that are switched off": _apps_off(org),
        "Run-as users who are not active": _inactive_users(org),
        "Default handlers that are disabled": _disabled_defaults(org),
        "Apps with several handlers and no default": _apps_without_default(org),
        "Run-as users who are people": _people(org),
    }
    return [made for heading, found in checks.items() if (made := _check(heading, found))]


def _check(heading: str, found: Iterable[Reason]) -> Check | None:
    first = list(islice(found, SHOWN_OF_EACH + 1))
    if not first:
        return None
    return Check(heading, first[:SHOWN_OF_EACH], len(first) > SHOWN_OF_EACH)


def _unready_classes(org: Org) -> Iterator[Reason]:
    handlers = TokenExchangeHandler.objects.filter(org=org, apex_class=OuterRef("pk"))
    used = ApexClass.objects.filter(Exists(handlers), org=org)
    for apex_class in used.order_by("name"):
        if problems := apex_class.problems:
            url = reverse("setup:apex-class", args=[apex_class.name])
            sentence = f"{apex_class.name}: {problems[0]}"
            yield Reason(
                "apex-class-not-ready", sentence, problems[0], "Edit the class", url
            )


def _apps_off(org: Org) -> Iterator[Reason]:
    enabled = Enablement.objects.filter(org=org, app=OuterRef("pk"))
    apps = ClientApp.objects.filter(Exists(enabled), org=org).switched_off().by_label()
    for app in apps[: SHOWN_OF_EACH + 1]:
        yield from why_app_is_off(app)


def _inactive_users(org: Org) -> Iterator[Reason]:
    for user in _running(org).filter(is_active=False)[: SHOWN_OF_EACH + 1]:
        yield why_user_is_inactive(user)


def _people(org: Org) -> Iterator[Reason]:
    for user in _running(org).filter(is_active=True, is_integration_user=False)[
        : SHOWN_OF_EACH + 1
    ]:
        sentence = (
            f"{user.name} is a person. We recommend an integration user, which does not "
            f"leave."
        )
        url = reverse("setup:user", args=[user.pk])
        yield Reason("user-is-a-person", sentence, "a person", "See where", url)


def _running(org: Org) -> QuerySet[User]:
    """The users whom some handler runs as."""
    runs = Enablement.objects.filter(org=org).values("run_as").distinct()
    return User.objects.filter(org=org, pk__in=runs).by_name()


def _disabled_defaults(org: Org) -> Iterator[Reason]:
    defaults = Enablement.objects.filter(org=org, handler=OuterRef("pk"), is_default=True)
    disabled = TokenExchangeHandler.objects.filter(
        Exists(defaults), org=org, is_enabled=False
    )
    for handler in disabled.order_by("search_key")[: SHOWN_OF_EACH + 1]:
        url = reverse("handlers:detail", args=[handler.developer_name])
        sentence = f"{handler.label} is disabled, and is some app's default handler."
        yield Reason("default-disabled", sentence, "disabled", "Open it", url)


def _apps_without_default(org: Org) -> Iterator[Reason]:
    several = (
        Enablement.objects.filter(org=org)
        .values("app")
        .annotate(handlers=Count("*"), defaults=Count("pk", filter=Q(is_default=True)))
        .filter(handlers__gt=1, defaults=0)
        .values("app")
    )
    apps = ClientApp.objects.filter(org=org, pk__in=several).by_label()
    for app in apps[: SHOWN_OF_EACH + 1]:
        url = reverse("setup:app", args=[app.kind, app.api_name])
        sentence = (
            f"{app.label} has several handlers and no default: a token request that names "
            f"no handler is refused."
        )
        yield Reason("no-default", sentence, "no default", "See its handlers", url)
