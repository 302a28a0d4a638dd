"""Conditions on enabled apps and their Run As Users."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

from .base import (
    AppType,
    Condition,
    ConditionFinding,
    OrgState,
    PageLink,
    account,
    named,
    yes,
)

RunAs = Literal["integration user", "person"]
NO_DEFAULT = "No default handler"
NO_HANDLERS = "No handlers"


@dataclass(frozen=True, kw_only=True)
class AppEnabled(Condition):
    """An app is enabled for a handler, with these values."""

    kind: ClassVar[str] = "app-enabled"
    handler: str = named("the handler's API name")
    app: str = named("the app's API name")
    type: AppType = named("connected or external")
    run_as: str | None = None
    run_as_is: RunAs | None = None
    run_as_active: bool | None = None
    default: bool | None = None
    # Enabled since the exercise started. An app that was enabled before must be removed.
    since_start: bool = False

    @property
    def sentence(self) -> str:
        values = "; ".join(
            f"{name.lower()}: {value}" for name, value, _ in self._wanted_values()
        )
        statement = f"{self.app} is enabled for {self.handler}"
        return f"{statement} ({values})." if values else f"{statement}."

    def look(self, state: OrgState) -> ConditionFinding:
        page = state.handler_page(self.handler)
        enablement = state.enablement(self.handler, self.type, self.app)
        wanted = list(self._wanted_values())
        expected = "; ".join(f"{name}: {value}" for name, value, _ in wanted) or "Enabled"
        if enablement is None:
            return ConditionFinding(False, expected, self._why_not_enabled(state), page)
        differences = []
        for name, value, aspect in wanted:
            actual = self._value_of(enablement, aspect, state)
            if actual != value:
                differences.append(f"{name}: {actual}")
        actual = "; ".join(differences) or f"Run as: {_name_of(enablement.run_as)}"
        return ConditionFinding(not differences, expected, actual, page)

    def _why_not_enabled(self, state: OrgState) -> str:
        if state.handler(self.handler) is None:
            return f"The handler {self.handler} doesn't exist."
        if app := state.app(self.type, self.app):
            return f"{app.label} isn't enabled for this handler."
        return f"The app {self.app} doesn't exist."

    def _wanted_values(self) -> Iterator[tuple[str, str, str]]:
        if self.run_as is not None:
            yield "Run as", self.run_as.lower(), "username"
        if self.run_as_is is not None:
            yield "Run as", account(self.run_as_is == "integration user"), "account"
        if self.run_as_active is not None:
            yield "Run as", _activity(self.run_as_active), "active"
        if self.default is not None:
            yield "Default handler", yes(self.default), "default"
        if self.since_start:
            yield "Enabled Date", "after you started", "since_start"

    def _value_of(self, enablement: Enablement, aspect: str, state: OrgState) -> str:
        user = enablement.run_as
        is_new = enablement.enabled_at > state.since
        return {
            "username": user.username,
            "account": account(user.is_integration_user),
            "active": _activity(user.is_active),
            "default": yes(enablement.is_default),
            "since_start": "after you started" if is_new else "before you started",
        }[aspect]


@dataclass(frozen=True, kw_only=True)
class AppNotEnabled(Condition):
    """An app isn't enabled for a handler."""

    kind: ClassVar[str] = "app-not-enabled"
    handler: str = named("the handler's API name")
    app: str = named("the app's API name")
    type: AppType = named("connected or external")

    @property
    def sentence(self) -> str:
        return f"{self.app} isn't enabled for {self.handler}."

    def look(self, state: OrgState) -> ConditionFinding:
        enablement = state.enablement(self.handler, self.type, self.app)
        actual = "Not enabled"
        if enablement:
            actual = f"Enabled, run as {_name_of(enablement.run_as)}"
        page = state.handler_page(self.handler)
        return ConditionFinding(enablement is None, "Not enabled", actual, page)


@dataclass(frozen=True, kw_only=True)
class DefaultHandler(Condition):
    """An app's default handler is this one, is any other one, or doesn't exist."""

    kind: ClassVar[str] = "default-handler"
    app: str = named("the app's API name")
    type: AppType = named("connected or external")
    handler: str | None = None
    is_not: str | None = None

    @property
    def sentence(self) -> str:
        if self.handler:
            return f"The default handler for {self.app} is {self.handler}."
        if self.is_not:
            return f"{self.app} has a default handler other than {self.is_not}."
        return f"{self.app} has no default handler."

    def look(self, state: OrgState) -> ConditionFinding:
        default = state.default_of(self.type, self.app)
        name = default.developer_name if default else ""
        if self.handler:
            is_met, expected = name.lower() == self.handler.lower(), self.handler
        elif self.is_not:
            is_met = bool(name) and name.lower() != self.is_not.lower()
            expected = f"Any handler except {self.is_not}"
        else:
            is_met, expected = not name, NO_DEFAULT
        actual = default.label if default else NO_DEFAULT
        return ConditionFinding(
            is_met, expected, actual, state.app_page(self.type, self.app)
        )


@dataclass(frozen=True, kw_only=True)
class NoHandlerRunsAs(Condition):
    """No handler runs as a user, for any app."""

    kind: ClassVar[str] = "runs-nothing"
    user: str = named("the username")

    @property
    def sentence(self) -> str:
        return f"No handlers run as {self.user}."

    def look(self, state: OrgState) -> ConditionFinding:
        user = state.user(self.user)
        if user is None:
            page = PageLink("Users", reverse("setup:user-list"))
            return ConditionFinding(True, NO_HANDLERS, "The user doesn't exist.", page)
        enablements = Enablement.objects.filter(org=state.org, run_as=user)
        enablements = enablements.select_related("handler", "app").by_app()
        first = state.once(("runs", user.pk), lambda: list(enablements[:10]))
        if not first:
            page = PageLink(user.name, reverse("setup:user", args=[user.pk]))
            return ConditionFinding(True, NO_HANDLERS, NO_HANDLERS, page)
        actual = ", ".join(
            f"{enablement.app.label} for {enablement.handler.label}" for enablement in first
        )
        page = state.handler_page(first[0].handler.developer_name)
        return ConditionFinding(False, NO_HANDLERS, actual, page)


def _name_of(user: User) -> str:
    return f"{user.name} ({user.username})"


def _activity(is_active: bool) -> str:
    return "an active user" if is_active else "an inactive user"
