"""Replace all the apps of handlers at once: what a metadata file does."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tokenx.handlers import enablement_sets as sets
from tokenx.handlers.enablement_sets import Wanted
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.models import ClientApp, User

SECTION = "Token Exchange Handlers"
# How many apps an entry of the audit trail names, and how many refusals of a kind are told.
NAMED = 5
TOLD = 100


class Refusal(NamedTuple):
    """Why one of those wanted cannot be; `number` counts from 0 within its handler's."""

    handler: int
    number: int
    field: str
    code: str
    sentence: str
    # What is said after the last one that is told, where there are more.
    rest: str = ""


class RefusedError(Exception):
    """Nothing was replaced."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(refusal.sentence for refusal in refusals))
        self.refusals = refusals


@dataclass
class Replaced:
    """How many apps of a handler came, went, or have another user or default."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    words: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.words)


@transaction.atomic
def replace_enablements(
    *, wanted: Mapping[TokenExchangeHandler, Iterable[Wanted]], by: User
) -> dict[TokenExchangeHandler, Replaced]:
    """Make the apps of these handlers those that are wanted, and no others.

    Apps that stay keep their Enabled Date. A handler may take over an app's default from
    another one of these, which no longer wants it, and from none besides.

    Raises RefusedError with all that cannot be; the rules are those of enable_app() and
    edit_enablement().
    """
    org = by.org_id
    with sets.wanted_rows(org, {handler.pk: apps for handler, apps in wanted.items()}):
        sets.lock_apps(org)
        _lock(org, wanted)
        if refusals := list(_refusals(org)):
            raise RefusedError(refusals)
        replaced = {handler: _replaced(org, handler) for handler in wanted}
        if any(replaced.values()):
            sets.change(org, [handler.pk for handler in wanted], timezone.now())
        for handler, what in replaced.items():
            if what:
                handler.count_apps()
                handler.touch(by)
                _record(handler, what, by)
    return replaced


def _lock(org: int, handlers: Iterable[TokenExchangeHandler]) -> None:
    pks = [handler.pk for handler in handlers]
    rows = TokenExchangeHandler.objects.filter(org=org, pk__in=pks)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def _refusals(org: int) -> Iterator[Refusal]:
    """What cannot be: names that nothing has, and what enable_app() would refuse."""
    for of_a_kind in (_no_app, _no_user, _app_off, _user_inactive, _refused_defaults):
        found = list(of_a_kind(org))
        if len(found) > TOLD:
            rest = f"Of this kind, only the first {TOLD} are told."
            found[TOLD - 1 :] = [found[TOLD - 1]._replace(rest=rest)]
        yield from found


def _ask(statement: str, org: int) -> list[tuple]:
    """One row more than is told, from which it is seen that there are more."""
    return sets.ask(statement, org, TOLD + 1)


def _no_app(org: int) -> Iterator[Refusal]:
    for handler, number, kind in _ask(sets.NOT_FOUND, org):
        words = f"There is no {ClientApp.Kind(kind).label.lower()} of this name."
        yield Refusal(handler, number, "app", "no-app", words)


def _no_user(org: int) -> Iterator[Refusal]:
    for handler, number in _ask(sets.NO_USER, org):
        words = "There is no user of this name."
        yield Refusal(handler, number, "run_as", "no-user", words)


def _app_off(org: int) -> Iterator[Refusal]:
    off = _ask(sets.SWITCHED_OFF, org)
    apps = ClientApp.objects.filter(org=org).in_bulk({pk for _, _, pk in off})
    for handler, number, pk in off:
        words = f"{apps[pk].label}: {apps[pk].why_not_exchangeable}."
        yield Refusal(handler, number, "app", "app-off", words)


def _user_inactive(org: int) -> Iterator[Refusal]:
    inactive = _ask(sets.INACTIVE, org)
    users = User.objects.filter(org=org).in_bulk({pk for _, _, pk in inactive})
    for handler, number, pk in inactive:
        words = f"{users[pk].name} is not active."
        yield Refusal(handler, number, "run_as", "user-inactive", words)


def _refused_defaults(org: int) -> Iterator[Refusal]:
    """An app has one default handler: who wants it although another one has it."""
    rows = _ask(sets.DEFAULT_ELSEWHERE, org) + _ask(sets.DEFAULT_TWICE, org)
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
            code, name = "default-elsewhere", handlers[other].label
            words = (
                f"{label} keeps its default handler, {name}: that one is not deployed here."
            )
        else:
            code, names = "default-twice", " and ".join(claims[app])
            words = f"{label} can have one default handler only, not {names}."
        yield Refusal(handler, number, "is_default", code, words)


def _replaced(org: int, handler: TokenExchangeHandler) -> Replaced:
    """What will be other than it is, before it is."""
    replaced = Replaced()
    for name, verb, statement in (
        ("added", "enabled", sets.ADDED),
        ("changed", "changed", sets.CHANGED),
        ("removed", "removed", sets.REMOVED),
    ):
        number, labels = sets.count_and_name(statement, org, handler.pk, NAMED)
        setattr(replaced, name, number)
        if number:
            rest = f" and {number - len(labels)} more" if number > len(labels) else ""
            replaced.words.append(f"{verb} {', '.join(labels)}{rest}")
    return replaced


def _record(handler: TokenExchangeHandler, replaced: Replaced, by: User) -> None:
    words = "; ".join(replaced.words)
    display = f"Replaced the apps of token exchange handler {handler.label}: {words}"
    audit.record(
        by=by, action="changedOauthTokenExchHandlerApps", section=SECTION, display=display
    )
