"""Why is this so? One place that answers it, for pages, deployments and token requests.

An answer is a Reason: a code that stays the same, a sentence, and the link to the setting
that changes it. The codes are what exercises and scripts may rely on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from tokenx.org.models import ClientApp, Org, User
from tokenx.org.search.rules import find_inactive_users

from .models import SORTABLE_UP_TO, Enablement, TokenExchangeHandler

PEOPLE_NAMED = 3


@dataclass(frozen=True)
class Reason:
    """`sentence` is whole; `brief` says the same beside something's name."""

    code: str
    sentence: str
    brief: str
    repair: str = ""  # what the link says
    url: str = ""


INACTIVE = "not active"
# The place of each switch, and the page that changes it (facts/salesforce.md 1.5).
_SWITCHES = {"settings": "setup:edit-app", "policies": "setup:edit-app-policies"}


def off_in(allows_token_exchange: bool, policy_allows_token_exchange: bool) -> list[str]:
    """What is said beside the name of an app that cannot exchange tokens."""
    switches = allows_token_exchange, policy_allows_token_exchange
    return [
        f"switched off in {place}"
        for place, is_on in zip(_SWITCHES, switches, strict=True)
        if not is_on
    ]


def why_app_is_off(app: ClientApp) -> list[Reason]:
    """The switches that keep an app from exchanging tokens, each with its repair."""
    reasons = []
    for brief in off_in(app.allows_token_exchange, app.policy_allows_token_exchange):
        place = brief.rpartition(" ")[2]
        sentence = f"{app.label}: token exchange is switched off in its {place}."
        url = reverse(_SWITCHES[place], args=[app.kind, app.api_name])
        code = f"app-off-in-{place}"
        reasons.append(Reason(code, sentence, brief, f"Edit its {place}", url))
    return reasons


def why_not_offered(
    app: ClientApp, handler: TokenExchangeHandler, kind: str, *, is_enabled: bool
) -> Reason:
    """Why Select App does not list an app of that name."""
    shown = reverse("setup:app", args=[app.kind, app.api_name])
    if is_enabled:
        brief = f"already enabled for {handler.label}"
        return Reason(
            "app-enabled-already", f"{app.label}: {brief}.", brief, app.label, shown
        )
    if app.why_not_exchangeable:
        first = why_app_is_off(app)[0]
        brief = app.why_not_exchangeable
        return Reason(first.code, f"{app.label}: {brief}.", brief, app.label, shown)
    brief = f"this is {_with_article(app)}; go back and select that type"
    return Reason("app-of-other-type", f"{app.label}: {brief}.", brief, app.label, shown)


def why_user_not_found(org: Org, typed: str) -> Iterator[Reason]:
    """Users of that name whom Run as does not list."""
    for user in find_inactive_users(org, typed)[:PEOPLE_NAMED]:
        yield why_user_is_inactive(user)


def why_user_is_inactive(user: User) -> Reason:
    return Reason(
        "user-inactive",
        f"{user.name} is not active.",
        INACTIVE,
        user.name,
        reverse("setup:user", args=[user.pk]),
    )


def why_no_sorting(handler: TokenExchangeHandler) -> Reason | None:
    """Why the heads of Enabled Apps do nothing (facts/seed-enable-apps.txt)."""
    if handler.is_sortable:
        return None
    return Reason(
        "sorting-off",
        f"Sorting works for handlers with up to {SORTABLE_UP_TO} enabled apps. This one "
        f"has more, so its apps are listed by name.",
        "not sorted",
    )


def why_default_moved(enablement: Enablement) -> Reason | None:
    """Why another handler is no longer the default of the app."""
    previous = enablement.took_over_from
    if not previous:
        return None
    return Reason(
        "default-moved",
        f"An app has one default handler: {enablement.handler} is now that of "
        f"{enablement.app}, instead of {previous}.",
        f"instead of {previous}",
        previous.label,
        reverse("handlers:detail", args=[previous.developer_name]),
    )


def why_row_is_marked(enablement: Enablement) -> list[Reason]:
    """What keeps an enabled app from working, whatever was enabled."""
    reasons = why_app_is_off(enablement.app)
    if not enablement.run_as.is_active:
        reasons.append(why_user_is_inactive(enablement.run_as))
    return reasons


def _with_article(app: ClientApp) -> str:
    label = app.get_kind_display().lower()
    return f"an {label}" if label.startswith("e") else f"a {label}"
