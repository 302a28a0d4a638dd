"""Conditions about the apps that handlers are enabled for, and who they run as."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from django.urls import reverse

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

from .base import AppType, Condition, Found, Place, State, named, yes

RunAs = Literal["integration user", "person"]


@dataclass(frozen=True, kw_only=True)
class AppEnabled(Condition):
    """An app is enabled for a handler, runs as somebody, is or is not the default."""

    kind: ClassVar[str] = "app-enabled"
    handler: str = named("the handler's API name")
    app: str = named("the app's API name")
    type: AppType = named("connected or external")
    run_as: str | None = None
    run_as_is: RunAs | None = None
    run_as_active: bool | None = None
    default: bool | None = None
    # Enabled since the exercise began: removed before, if it was enabled then.
    anew: bool = False

    @property
    def sentence(self) -> str:
        wanted = "; ".join(f"{name.lower()} {value}" for name, value, _ in self._wanted())
        said = f"{self.app} is enabled for {self.handler}"
        return f"{said}: {wanted}." if wanted else f"{said}."

    def look(self, state: State) -> Found:
        where = state.handler_place(self.handler)
        enablement = state.enablement(self.handler, self.type, self.app)
        wanted = list(self._wanted())
        expected = "; ".join(f"{name}: {value}" for name, value, _ in wanted) or "Enabled"
        if enablement is None:
            return Found(False, expected, self._why_not(state), where)
        wrong = []
        for name, value, aspect in wanted:
            it = self._of(enablement, aspect, state)
            if it != value:
                wrong.append(f"{name}: {it}")
        found = "; ".join(wrong) or f"Run as {_person(enablement.run_as)}"
        return Found(not wrong, expected, found, where)

    def _why_not(self, state: State) -> str:
        if state.handler(self.handler) is None:
            return f"There is no handler {self.handler}."
        app = state.app(self.type, self.app)
        return f"{app.label} is not enabled for it." if app else f"No app {self.app}."

    def _wanted(self) -> Iterator[tuple[str, str, str]]:
        if self.run_as is not None:
            yield "Run as", self.run_as.lower(), "username"
        if self.run_as_is is not None:
            yield "Run as", f"an {self.run_as_is}".replace("an p", "a p"), "what"
        if self.run_as_active is not None:
            active = "an active user" if self.run_as_active else "an inactive user"
            yield "Run as", active, "active"
        if self.default is not None:
            yield "Default handler", yes(self.default), "default"
        if self.anew:
            yield "Enabled Date", "since you started", "anew"

    def _of(self, enablement: Enablement, aspect: str, state: State) -> str:
        user = enablement.run_as
        return {
            "username": user.username,
            "what": "an integration user" if user.is_integration_user else "a person",
            "active": "an active user" if user.is_active else "an inactive user",
            "default": yes(enablement.is_default),
            "anew": "since you started"
            if enablement.enabled_at > state.since
            else "before you started",
        }[aspect]


@dataclass(frozen=True, kw_only=True)
class AppNotEnabled(Condition):
    """An app is not enabled for a handler."""

    kind: ClassVar[str] = "app-not-enabled"
    handler: str = named("the handler's API name")
    app: str = named("the app's API name")
    type: AppType = named("connected or external")

    @property
    def sentence(self) -> str:
        return f"{self.app} is not enabled for {self.handler}."

    def look(self, state: State) -> Found:
        enablement = state.enablement(self.handler, self.type, self.app)
        found = "Not enabled"
        if enablement:
            found = f"Enabled, run as {_person(enablement.run_as)}"
        where = state.handler_place(self.handler)
        return Found(enablement is None, "Not enabled", found, where)


@dataclass(frozen=True, kw_only=True)
class DefaultHandler(Condition):
    """Which handler is an app's default: this one, or any but that one, or none."""

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

    def look(self, state: State) -> Found:
        default = state.default_of(self.type, self.app)
        name = default.developer_name if default else ""
        if self.handler:
            is_met, expected = name.lower() == self.handler.lower(), self.handler
        elif self.is_not:
            is_met = bool(name) and name.lower() != self.is_not.lower()
            expected = f"Any but {self.is_not}"
        else:
            is_met, expected = not name, "None"
        where = state.app_place(self.type, self.app)
        return Found(is_met, expected, default.label if default else "None", where)


@dataclass(frozen=True, kw_only=True)
class RunsNothing(Condition):
    """No handler runs as a user, for any app."""

    kind: ClassVar[str] = "runs-nothing"
    user: str = named("the username")

    @property
    def sentence(self) -> str:
        return f"No handler runs as {self.user}."

    def look(self, state: State) -> Found:
        user = state.user(self.user)
        places = Place("Users", reverse("setup:user-list"))
        if user is None:
            return Found(True, "Nothing", "There is no such user.", places)
        rows = Enablement.objects.filter(org=state.org, run_as=user)
        rows = rows.select_related("handler", "app").by_app()
        found = state.once(("runs", user.pk), lambda: list(rows[:10]))
        words = ", ".join(f"{each.app.label} for {each.handler.label}" for each in found)
        where = Place(user.name, reverse("setup:user", args=[user.pk]))
        if found:
            handler = found[0].handler
            url = reverse("handlers:detail", args=[handler.developer_name])
            where = Place(handler.label, url)
        return Found(not found, "Nothing", words or "Nothing", where)


def _person(user: User) -> str:
    return f"{user.name} ({user.username})"
