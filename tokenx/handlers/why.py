"""Reasons for what users see, shared by pages, deployments, and token requests.

A Reason has a code that never changes, a sentence, and a link to the setting that fixes
the problem. Exercises and scripts can rely on the codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from tokenx.org.models import ClientApp, Org, PermittedUsers, User
from tokenx.org.search.matching import find_inactive_users
from tokenx.web.text import isolate

from .models import SORTABLE_UP_TO, Enablement, TokenExchangeHandler

INACTIVE_USERS_SHOWN = 3


@dataclass(frozen=True)
class Reason:
    """An explanation as a full sentence, or as the predicate that follows a name."""

    code: str
    sentence: str
    brief: str
    repair: str = ""  # the link's text
    url: str = ""


INACTIVE = "Inactive"
# The page that changes each of an app's two settings for token exchange
# (docs/salesforce/product.md, App metadata and eligibility).
_EDIT_PAGES = {"settings": "setup:edit-app", "policies": "setup:edit-app-policies"}


def turned_off_badge(
    allows_token_exchange: bool, policy_allows_token_exchange: bool
) -> str:
    """Return the badge shown next to an app that can't exchange tokens."""
    areas = _areas_turned_off(allows_token_exchange, policy_allows_token_exchange)
    return f"Turned off in {'both' if len(areas) > 1 else areas[0]}" if areas else ""


def why_app_is_off(app: ClientApp) -> list[Reason]:
    """Explain each setting that keeps an app from exchanging tokens."""
    reasons = []
    for area in _areas_turned_off(
        app.allows_token_exchange, app.policy_allows_token_exchange
    ):
        brief = f"has token exchange turned off in its {area}"
        url = reverse(_EDIT_PAGES[area], args=[app.kind, app.api_name])
        code, link = f"app-off-in-{area}", f"Edit {area}"
        reasons.append(Reason(code, f"{app.label} {brief}.", brief, link, url))
    return reasons


def why_no_user(app: ClientApp) -> Reason:
    """Explain that the app's Permitted Users make every token request fail."""
    if app.permitted_users == PermittedUsers.PRE_AUTHORIZED:
        code = "app-approves-no-one"
        brief = "is for admin approved users but has no profiles or permission sets"
    else:
        code = "app-needs-self-authorization"
        brief = (
            "lets users authorize it themselves, but token exchange has no consent screen"
        )
    url = reverse("setup:edit-app-policies", args=[app.kind, app.api_name])
    sentence = f"{isolate(app.label)} {brief}."
    return Reason(code, sentence, brief, "Edit policies", url)


def _areas_turned_off(
    allows_token_exchange: bool, policy_allows_token_exchange: bool
) -> list[str]:
    is_on = {"settings": allows_token_exchange, "policies": policy_allows_token_exchange}
    return [area for area in _EDIT_PAGES if not is_on[area]]


def why_not_offered(
    app: ClientApp, handler: TokenExchangeHandler, kind: str, *, is_enabled: bool
) -> Reason:
    """Explain why Select App doesn't list an app whose name matches the search."""
    app_url = reverse("setup:app", args=[app.kind, app.api_name])
    if is_enabled:
        code, brief = "app-enabled-already", f"is already enabled for {handler.label}"
    elif app.why_not_exchangeable:
        code = why_app_is_off(app)[0].code
        brief = f"can't be enabled because {app.why_not_exchangeable}"
    else:
        code = "app-of-other-type"
        brief = f"is {_with_article(app)}. Go back to select that type"
    return Reason(code, f"{app.label} {brief}.", brief, app.label, app_url)


def why_user_not_found(org: Org, search_text: str) -> Iterator[Reason]:
    """Explain why Run as doesn't list matching users: they're inactive."""
    for user in find_inactive_users(org, search_text)[:INACTIVE_USERS_SHOWN]:
        yield why_user_is_inactive(user)


def why_user_is_inactive(user: User) -> Reason:
    return Reason(
        "user-inactive",
        f"{user.name} is inactive.",
        "is inactive",
        user.name,
        reverse("setup:user", args=[user.pk]),
    )


def why_no_sorting(handler: TokenExchangeHandler) -> Reason | None:
    """Explain why a long list of enabled apps can't be sorted.

    The limit is Salesforce's: docs/salesforce/product.md, Sorting and its limit.
    """
    if handler.is_sortable:
        return None
    return Reason(
        "sorting-off",
        f"Sorting isn't available for handlers with more than {SORTABLE_UP_TO} enabled "
        f"apps.",
        "can't be sorted",
    )


def why_row_is_marked(enablement: Enablement) -> list[Reason]:
    """Explain what keeps an enabled app from working."""
    reasons = why_app_is_off(enablement.app)
    if not enablement.run_as.is_active:
        reasons.append(why_user_is_inactive(enablement.run_as))
    return reasons


def _with_article(app: ClientApp) -> str:
    label = app.get_kind_display().lower()
    return f"an {label}" if label.startswith("e") else f"a {label}"
