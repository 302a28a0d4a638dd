"""Conditions about the apps, users and classes of an org, and about what was kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Literal

from django.core.cache import cache
from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, Org, Profile
from tokenx.training.scenarios.tables import PERMITTED

from .base import NOT_THERE, AppType, Condition, Found, Place, State, named, why_not_ready

Permitted = Literal["admin_approved", "self_authorized"]
ProfileName = Literal["admin", "setup_viewer", "standard", "api_only"]
# As many enabled apps are kept word by word; of more, only whether they are the same.
KEPT = 2_000


@dataclass(frozen=True, kw_only=True)
class App(Condition):
    """An app is there, its two switches are on or off, and who may use it."""

    kind: ClassVar[str] = "app"
    app: str = named("the app's API name")
    type: AppType = named("connected or external")
    settings: bool | None = None
    policies: bool | None = None
    permitted_users: Permitted | None = None

    @property
    def sentence(self) -> str:
        wanted = ", ".join(word for _, word in self._wanted())
        if not wanted:
            return f"There is an app {self.app}."
        return f"Token exchange of {self.app}: {wanted}."

    def _wanted(self) -> Iterator[tuple[str, str]]:
        if self.settings is not None:
            yield "settings", f"{_on(self.settings)} in settings"
        if self.policies is not None:
            yield "policies", f"{_on(self.policies)} in policies"
        if self.permitted_users is not None:
            yield "permitted_users", str(PERMITTED[self.permitted_users].label)

    def look(self, state: State) -> Found:
        app = state.app(self.type, self.app)
        where = state.app_place(self.type, self.app)
        wanted = dict(self._wanted())
        expected = ", ".join(wanted.values())
        if app is None:
            return Found(False, expected or "There", NOT_THERE, where)
        values = {
            "settings": f"{_on(app.allows_token_exchange)} in settings",
            "policies": f"{_on(app.policy_allows_token_exchange)} in policies",
            "permitted_users": app.get_permitted_users_display(),
        }
        its = {name: values[name] for name in wanted}
        found = ", ".join(its.values())
        return Found(its == wanted, expected or "There", found or "There", where)


@dataclass(frozen=True, kw_only=True)
class Person(Condition):
    """A user is there, active or not, with a profile."""

    kind: ClassVar[str] = "user"
    user: str = named("the username")
    active: bool | None = None
    profile: ProfileName | None = None
    integration_user: bool | None = None

    @property
    def sentence(self) -> str:
        values = ", ".join(value for _, value in self._wanted())
        return f"User {self.user} is {values or 'there'}."

    def _wanted(self) -> Iterator[tuple[str, str]]:
        if self.active is not None:
            yield "active", "active" if self.active else "not active"
        if self.profile is not None:
            yield "profile", str(Profile(self.profile).label)
        if self.integration_user is not None:
            its = "an integration user" if self.integration_user else "a person"
            yield "integration_user", its

    def look(self, state: State) -> Found:
        user = state.user(self.user)
        wanted = dict(self._wanted())
        expected = ", ".join(wanted.values()) or "There"
        if user is None:
            where = Place("Users", reverse("setup:user-list"))
            return Found(False, expected, NOT_THERE, where)
        values = {
            "active": "active" if user.is_active else "not active",
            "profile": str(Profile(user.profile).label),
            "integration_user": "an integration user"
            if user.is_integration_user
            else "a person",
        }
        its = {name: values[name] for name in wanted}
        where = Place(user.name, reverse("setup:user", args=[user.pk]))
        return Found(its == wanted, expected, ", ".join(its.values()) or "There", where)


@dataclass(frozen=True, kw_only=True)
class ReadyClass(Condition):
    """An Apex class can check tokens: it extends the base class, and overrides both."""

    kind: ClassVar[str] = "apex-class"
    apex_class: str = named("the name of the class")

    @property
    def sentence(self) -> str:
        return f"The Apex class {self.apex_class} is ready to check tokens."

    def look(self, state: State) -> Found:
        found = state.apex_class(self.apex_class)
        if found is None:
            where = Place("Apex Classes", reverse("setup:apex-class-list"))
            return Found(False, "Ready", NOT_THERE, where)
        why_not = why_not_ready(found)
        where = Place(found.name, reverse("setup:apex-class", args=[found.name]))
        return Found(not why_not, "Ready", why_not or "Ready", where)


@dataclass(frozen=True, kw_only=True)
class NothingElse(Condition):
    """No other enabled app came, went or changed since the exercise began."""

    kind: ClassVar[str] = "nothing-else-changed"
    # API names of apps, and of handlers, that may change.
    apps: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return "All other enabled apps are as they were."

    def note_baseline(self, org: Org) -> Any:
        rows = self._rows(org)
        if len(rows) > KEPT:
            return sha256(json.dumps(rows).encode()).hexdigest()
        return rows

    def _rows(self, org: Org) -> list[list[Any]]:
        apps = {name.lower() for name in self.apps}
        handlers = {name.lower() for name in self.handlers}
        rows = Enablement.objects.filter(org=org).values_list(
            "handler__developer_name",
            "app__kind",
            "app__api_name",
            "run_as__username",
            "is_default",
        )
        return sorted(
            list(row)
            for row in rows
            if row[0].lower() not in handlers and row[2].lower() not in apps
        )

    def look(self, state: State) -> Found:
        where = Place("Setup Audit Trail", reverse("setup:audit-trail"))
        before = state.baseline(self.key)
        expected = "As at the start"
        if before is None:
            return Found(True, expected, expected, where)
        if isinstance(before, str):
            is_met = self._is_still(before, state)
            found = expected if is_met else "Something is not as it was."
            return Found(is_met, expected, found, where)
        was = {tuple(row[:3]): tuple(row[3:]) for row in before}
        now = {tuple(row[:3]): tuple(row[3:]) for row in self._rows(state.org)}
        changed = sorted(key for key in {*was, *now} if was.get(key) != now.get(key))
        if not changed:
            return Found(True, expected, expected, where)
        if state.handler(changed[0][0]):
            where = state.handler_place(changed[0][0])
        found = "; ".join(_as_it_was(key, was.get(key)) for key in changed[:5])
        return Found(False, expected, f"Not as it was: {found}", where)

    def _is_still(self, before: str, state: State) -> bool:
        """Whether a long list is as it was; read again once something was done in the org.

        Whatever changes an enabled app is in the audit trail, so a panel that looks every
        two seconds reads a million rows once and not all the time.
        """
        last = AuditEntry.objects.newest_of(state.org).values_list("pk", flat=True).first()
        key = f"nothing-else-changed:{state.org.pk}:{state.since}:{last}:{before}"
        is_still = cache.get_or_set(
            sha256((key + self.key).encode()).hexdigest(),
            lambda: before == self.note_baseline(state.org),
            timeout=60,
        )
        return bool(is_still)


def _as_it_was(key: tuple[str, ...], was: tuple[Any, ...] | None) -> str:
    """What somebody has to know who puts an enabled app back: how it was at the start."""
    handler, _, app = key
    if was is None:
        return f"{app} for {handler}, which was not enabled"
    run_as, is_default = was
    as_default = "as" if is_default else "not as"
    return f"{app} for {handler}, which ran as {run_as}, {as_default} the default"


def _on(value: bool) -> str:
    return "on" if value else "off"
