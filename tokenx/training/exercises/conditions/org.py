"""Conditions on an org's apps, users, and classes, and on unchanged apps."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Literal

from django.core.cache import cache
from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, BuiltInProfile, Org
from tokenx.training.scenarios.tables import PERMITTED

from .base import (
    NOT_FOUND,
    AppType,
    Condition,
    ConditionFinding,
    OrgState,
    PageLink,
    Texts,
    account,
    named,
    why_not_ready,
)

Permitted = Literal["admin_approved", "self_authorized"]
ProfileName = Literal["admin", "setup_viewer", "standard", "api_only"]
# The baseline lists up to this many enabled apps. A longer list is stored as a hash.
MAX_LISTED = 2_000
EXISTS = "Exists"


@dataclass(frozen=True, kw_only=True)
class AppMatches(Condition):
    """An app exists, and its token exchange settings and permitted users match."""

    kind: ClassVar[str] = "app"
    app: str = named("the app's API name")
    type: AppType = named("connected or external")
    settings: bool | None = None
    policies: bool | None = None
    permitted_users: Permitted | None = None

    @property
    def sentence(self) -> str:
        values = ", ".join(value for _, value in self._wanted_values())
        return f"{self.app}: {values}." if values else f"The app {self.app} exists."

    def _wanted_values(self) -> Iterator[tuple[str, str]]:
        if self.settings is not None:
            yield "settings", _switch(self.settings, "settings")
        if self.policies is not None:
            yield "policies", _switch(self.policies, "policies")
        if self.permitted_users is not None:
            yield "permitted_users", str(PERMITTED[self.permitted_users].label)

    def look(self, state: OrgState) -> ConditionFinding:
        app = state.app(self.type, self.app)
        page = state.app_page(self.type, self.app)
        wanted = dict(self._wanted_values())
        expected = ", ".join(wanted.values()) or EXISTS
        if app is None:
            return ConditionFinding(False, expected, NOT_FOUND, page)
        values = {
            "settings": _switch(app.allows_token_exchange, "settings"),
            "policies": _switch(app.policy_allows_token_exchange, "policies"),
            "permitted_users": app.get_permitted_users_display(),
        }
        actual = ", ".join(values[name] for name in wanted) or EXISTS
        return ConditionFinding(actual == expected, expected, actual, page)


@dataclass(frozen=True, kw_only=True)
class UserMatches(Condition):
    """A user exists and has these values."""

    kind: ClassVar[str] = "user"
    user: str = named("the username")
    active: bool | None = None
    profile: ProfileName | None = None
    integration_user: bool | None = None

    @property
    def sentence(self) -> str:
        values = ", ".join(value for _, value in self._wanted_values())
        return f"User {self.user}: {values}." if values else f"User {self.user} exists."

    def _wanted_values(self) -> Iterator[tuple[str, str]]:
        if self.active is not None:
            yield "active", _activity(self.active)
        if self.profile is not None:
            yield "profile", str(BuiltInProfile(self.profile).label)
        if self.integration_user is not None:
            yield "integration_user", account(self.integration_user)

    def look(self, state: OrgState) -> ConditionFinding:
        user = state.user(self.user)
        wanted = dict(self._wanted_values())
        expected = ", ".join(wanted.values()) or EXISTS
        if user is None:
            page = PageLink("Users", reverse("setup:user-list"))
            return ConditionFinding(False, expected, NOT_FOUND, page)
        values = {
            "active": _activity(user.is_active),
            "profile": user.profile.name,
            "integration_user": account(user.is_integration_user),
        }
        actual = ", ".join(values[name] for name in wanted) or EXISTS
        page = PageLink(user.name, reverse("setup:user", args=[user.pk]))
        return ConditionFinding(actual == expected, expected, actual, page)


@dataclass(frozen=True, kw_only=True)
class ClassReady(Condition):
    """An Apex class can validate tokens: it extends the base class and overrides both."""

    kind: ClassVar[str] = "apex-class"
    apex_class: str = named("the name of the class")

    @property
    def sentence(self) -> str:
        return f"The Apex class {self.apex_class} is ready to validate tokens."

    def look(self, state: OrgState) -> ConditionFinding:
        apex_class = state.apex_class(self.apex_class)
        if apex_class is None:
            page = PageLink("Apex Classes", reverse("setup:apex-class-list"))
            return ConditionFinding(False, "Ready", NOT_FOUND, page)
        why_not = why_not_ready(apex_class)
        url = reverse("setup:apex-class", args=[apex_class.name])
        page = PageLink(apex_class.name, url)
        return ConditionFinding(not why_not, "Ready", why_not or "Ready", page)


@dataclass(frozen=True, kw_only=True)
class OtherAppsUnchanged(Condition):
    """No other app was enabled, removed, or changed since the exercise started."""

    kind: ClassVar[str] = "nothing-else-changed"
    # API names of apps and handlers that may change.
    apps: Texts = ()
    handlers: Texts = ()

    @property
    def sentence(self) -> str:
        return "No other enabled apps changed."

    def note_baseline(self, org: Org) -> Any:
        rows = self._rows(org)
        if len(rows) > MAX_LISTED:
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

    def look(self, state: OrgState) -> ConditionFinding:
        page = PageLink("Setup Audit Trail", reverse("setup:audit-trail"))
        baseline = state.baseline(self.key)
        expected = "No changes"
        if baseline is None:
            return ConditionFinding(True, expected, expected, page)
        if isinstance(baseline, str):
            is_met = self._is_unchanged(baseline, state)
            actual = expected if is_met else "Another enabled app changed."
            return ConditionFinding(is_met, expected, actual, page)
        before = {tuple(row[:3]): tuple(row[3:]) for row in baseline}
        now = {tuple(row[:3]): tuple(row[3:]) for row in self._rows(state.org)}
        changed = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        if not changed:
            return ConditionFinding(True, expected, expected, page)
        if state.handler(changed[0][0]):
            page = state.handler_page(changed[0][0])
        changes = "; ".join(_describe_before(key, before.get(key)) for key in changed[:5])
        return ConditionFinding(False, expected, f"Changed: {changes}", page)

    def _is_unchanged(self, baseline: str, state: OrgState) -> bool:
        """Compare a long list with its hash, and only after a change in the org.

        Every change of an enabled app is in the audit trail. The panel polls every two
        seconds, so it reads a million rows once instead of each time.
        """
        last = AuditEntry.objects.newest_of(state.org).values_list("pk", flat=True).first()
        key = f"nothing-else-changed:{state.org.pk}:{state.since}:{last}:{baseline}"
        is_unchanged = cache.get_or_set(
            sha256((key + self.key).encode()).hexdigest(),
            lambda: baseline == self.note_baseline(state.org),
            timeout=60,
        )
        return bool(is_unchanged)


def _describe_before(key: tuple[str, ...], values: tuple[Any, ...] | None) -> str:
    """Describe an enabled app as it was at the start, so that it can be restored."""
    handler, _, app = key
    if values is None:
        return f"{app} for {handler} (previously not enabled)"
    run_as, is_default = values
    default = "default" if is_default else "not the default"
    return f"{app} for {handler} (previously run as {run_as}, {default})"


def _switch(is_on: bool, part: str) -> str:
    return f"token exchange {'on' if is_on else 'off'} in {part}"


def _activity(is_active: bool) -> str:
    return "active" if is_active else "inactive"
