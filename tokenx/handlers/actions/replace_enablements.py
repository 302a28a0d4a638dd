"""Replace all enabled apps of handlers, as a deployed metadata file does."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tokenx.handlers import enablement_sets
from tokenx.handlers.enablement_sets import WantedEnablement
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.models import ClientApp, User

SECTION = "Token Exchange Handlers"
# Number of apps that one audit trail entry lists by name.
APPS_NAMED = 5
# Number of refusals of one kind that are reported.
REFUSALS_REPORTED = 100


class Refusal(NamedTuple):
    """The reason why an app can't be enabled as a file asks.

    `number` is the index of the app among the handler's wanted apps, starting at 0.
    """

    handler: int
    number: int
    field: str
    code: str
    sentence: str
    # A note on the last reported refusal if there are more of its kind.
    rest: str = ""


class EnablementRefusedError(Exception):
    """Nothing was replaced; `refusals` has the reasons."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(refusal.sentence for refusal in refusals))
        self.refusals = refusals


@dataclass
class Replaced:
    """The number of a handler's enabled apps that were added, changed, and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    descriptions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.descriptions)


@transaction.atomic
def replace_enablements(
    *, wanted: Mapping[TokenExchangeHandler, Iterable[WantedEnablement]], by: User
) -> dict[TokenExchangeHandler, Replaced]:
    """Make the wanted apps the only enabled apps of these handlers.

    Apps that stay enabled keep their Enabled Date. A handler can take over an app's
    default only from another of these handlers, and only if that one gives it up.

    The rules are those of enable_app() and edit_enablement(). Raise
    EnablementRefusedError with all refusals if an app breaks one of the rules.
    """
    org = by.org_id
    with enablement_sets.wanted_rows(
        org, {handler.pk: apps for handler, apps in wanted.items()}
    ):
        enablement_sets.lock_apps(org)
        _lock_handlers(org, wanted)
        if refusals := list(_refusals(org)):
            raise EnablementRefusedError(refusals)
        replaced = {handler: _count_changes(org, handler) for handler in wanted}
        if any(replaced.values()):
            enablement_sets.change(org, [handler.pk for handler in wanted], timezone.now())
        for handler, changes in replaced.items():
            if changes:
                handler.count_apps()
                handler.touch(by)
                _record(handler, changes, by)
    return replaced


def _lock_handlers(org: int, handlers: Iterable[TokenExchangeHandler]) -> None:
    pks = [handler.pk for handler in handlers]
    rows = TokenExchangeHandler.objects.filter(org=org, pk__in=pks)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def _refusals(org: int) -> Iterator[Refusal]:
    """Yield unknown names, and what enable_app() would refuse, up to a limit per kind."""
    for refusals_of_kind in (
        _unknown_apps,
        _unknown_users,
        _apps_turned_off,
        _inactive_users,
        _refused_defaults,
    ):
        refusals = list(refusals_of_kind(org))
        if len(refusals) > REFUSALS_REPORTED:
            rest = f"Only the first {REFUSALS_REPORTED} problems of this kind are listed."
            last = refusals[REFUSALS_REPORTED - 1]._replace(rest=rest)
            refusals[REFUSALS_REPORTED - 1 :] = [last]
        yield from refusals


def _select_refused(statement: str, org: int) -> list[tuple]:
    """Return one row more than is reported, to show that there are more."""
    return enablement_sets.select(statement, org, REFUSALS_REPORTED + 1)


def _unknown_apps(org: int) -> Iterator[Refusal]:
    for handler, number, kind in _select_refused(enablement_sets.UNKNOWN_APPS, org):
        sentence = f"No {ClientApp.Kind(kind).label.lower()} has this name."
        yield Refusal(handler, number, "app", "no-app", sentence)


def _unknown_users(org: int) -> Iterator[Refusal]:
    for handler, number in _select_refused(enablement_sets.UNKNOWN_USERS, org):
        yield Refusal(handler, number, "run_as", "no-user", "No user has this name.")


def _apps_turned_off(org: int) -> Iterator[Refusal]:
    rows = _select_refused(enablement_sets.APPS_TURNED_OFF, org)
    apps = ClientApp.objects.filter(org=org).in_bulk({pk for _, _, pk in rows})
    for handler, number, pk in rows:
        reason = apps[pk].why_not_exchangeable
        sentence = f"{apps[pk].label} can't be enabled because {reason}."
        yield Refusal(handler, number, "app", "app-off", sentence)


def _inactive_users(org: int) -> Iterator[Refusal]:
    rows = _select_refused(enablement_sets.INACTIVE_USERS, org)
    users = User.objects.filter(org=org).in_bulk({pk for _, _, pk in rows})
    for handler, number, pk in rows:
        sentence = f"{users[pk].name} is inactive."
        yield Refusal(handler, number, "run_as", "user-inactive", sentence)


def _refused_defaults(org: int) -> Iterator[Refusal]:
    """Yield the handlers that claim a default that another handler has or claims."""
    elsewhere = _select_refused(enablement_sets.DEFAULTS_ELSEWHERE, org)
    rows = elsewhere + _select_refused(enablement_sets.DEFAULTS_CLAIMED_TWICE, org)
    apps = ClientApp.objects.filter(org=org).in_bulk({row[2] for row in rows})
    handlers = TokenExchangeHandler.objects.filter(org=org).in_bulk(
        {row[3] or row[0] for row in rows}
    )
    claims: dict[int, list[str]] = {}
    for handler, _, app, other in rows:
        claims.setdefault(app, []).append(handlers[other or handler].label)
    for handler, number, app, other in rows:
        label = apps[app].label
        if other:
            code = "default-elsewhere"
            sentence = (
                f"{handlers[other].label} is the default handler for {label} and isn't "
                f"part of this deployment."
            )
        else:
            code, names = "default-twice", " and ".join(claims[app])
            sentence = f"{label} can have only one default handler, not {names}."
        yield Refusal(handler, number, "is_default", code, sentence)


def _count_changes(org: int, handler: TokenExchangeHandler) -> Replaced:
    """Count and describe what will change for the handler."""
    replaced = Replaced()
    for name, verb, statement in (
        ("added", "enabled", enablement_sets.ADDED),
        ("changed", "changed", enablement_sets.CHANGED),
        ("removed", "removed", enablement_sets.REMOVED),
    ):
        number, labels = enablement_sets.count_and_name(
            statement, org, handler.pk, APPS_NAMED
        )
        setattr(replaced, name, number)
        if number:
            rest = f" and {number - len(labels)} more" if number > len(labels) else ""
            replaced.descriptions.append(f"{verb} {', '.join(labels)}{rest}")
    return replaced


def _record(handler: TokenExchangeHandler, replaced: Replaced, by: User) -> None:
    changes = "; ".join(replaced.descriptions)
    display = f"Replaced the apps of token exchange handler {handler.label}: {changes}"
    audit.record(
        by=by, action="changedOauthTokenExchHandlerApps", section=SECTION, display=display
    )
