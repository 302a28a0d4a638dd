"""Conditions about handlers and the apps that they are enabled for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from django.urls import reverse

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import User

from .base import AppType, Condition, Found, Place, State, named

TOKEN_TYPES = {
    name.removeprefix("supports_"): name for name in TokenExchangeHandler.TOKEN_TYPES
}
RunAs = Literal["integration user", "person"]
NOT_THERE = "There is none."


@dataclass(frozen=True, kw_only=True)
class Handler(Condition):
    """A handler is there, and has these values. What is not said may be anything."""

    kind: ClassVar[str] = "handler"
    handler: str = named("the handler's API name")
    label: str | None = None
    enabled: bool | None = None
    token_types: tuple[str, ...] | None = None
    description: str | None = None
    apex_class: str | None = None
    user_creation: bool | None = None
    class_ready: bool | None = None

    def __post_init__(self) -> None:
        for name in self.token_types or ():
            if name not in TOKEN_TYPES:
                known = ", ".join(TOKEN_TYPES)
                raise ValueError(f"There is no token type {name}. There are: {known}.")

    @property
    def sentence(self) -> str:
        values = "; ".join(f"{name} {value}" for name, value, _ in self._wanted())
        return f"Handler {self.handler}: {values}." if values else f"{self.handler} exists."

    def look(self, state: State) -> Found:
        handler = state.handler(self.handler)
        where = state.handler_place(self.handler)
        wanted = list(self._wanted())
        expected = "; ".join(f"{name}: {value}" for name, value, _ in wanted)
        expected = expected or f"A handler with the API name {self.handler}"
        if handler is None:
            return Found(False, expected, NOT_THERE, where)
        values = [(name, value, self._of(handler, field)) for name, value, field in wanted]
        wrong = [
            f"{name}: {it or '(nothing)'}" for name, value, it in values if value != it
        ]
        return Found(not wrong, expected, "; ".join(wrong) or expected, where)

    def _wanted(self) -> Iterator[tuple[str, str, str]]:
        """Each value that the condition names, as the page writes it."""
        if self.label is not None:
            yield "Name", self.label, "label"
        if self.enabled is not None:
            yield "Status", "Enabled" if self.enabled else "Disabled", "status"
        if self.token_types is not None:
            fields = {TOKEN_TYPES[name] for name in self.token_types}
            labels = [
                TokenExchangeHandler.label_of(field)
                for field in TokenExchangeHandler.TOKEN_TYPES
                if field in fields
            ]
            yield "Supported Token Types", ", ".join(labels), "token_types"
        if self.description is not None:
            yield "Description", self.description, "description"
        if self.apex_class is not None:
            yield "Apex Class", self.apex_class, "apex_class"
        if self.user_creation is not None:
            yield "Allow user creation", _yes(self.user_creation), "user_creation"
        if self.class_ready is not None:
            yield "Apex Class", _ready(self.class_ready), "class_ready"

    def _of(self, handler: TokenExchangeHandler, field: str) -> str:
        if field == "token_types":
            return ", ".join(handler.token_types)
        if field == "user_creation":
            return _yes(handler.allows_user_creation)
        if field == "class_ready":
            return _ready(not handler.apex_class.problems)
        if field == "apex_class":
            name = handler.apex_class.name
            # Apex does not distinguish upper and lower case.
            is_it = name.lower() == (self.apex_class or "").lower()
            return self.apex_class or "" if is_it else name
        return str(getattr(handler, field)).strip()


@dataclass(frozen=True, kw_only=True)
class NoHandler(Condition):
    """There is no handler of this API name."""

    kind: ClassVar[str] = "no-handler"
    handler: str = named("the handler's API name")

    @property
    def sentence(self) -> str:
        return f"There is no handler {self.handler}."

    def look(self, state: State) -> Found:
        handler = state.handler(self.handler)
        found = f"{handler.label} is there." if handler else "There is none."
        where = state.handler_place(self.handler)
        return Found(handler is None, "No such handler", found, where)


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
            yield "Default handler", _yes(self.default), "default"
        if self.anew:
            yield "Enabled Date", "since you started", "anew"

    def _of(self, enablement: Enablement, aspect: str, state: State) -> str:
        user = enablement.run_as
        return {
            "username": user.username,
            "what": "an integration user" if user.is_integration_user else "a person",
            "active": "an active user" if user.is_active else "an inactive user",
            "default": _yes(enablement.is_default),
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
class EnabledApps(Condition):
    """How many apps a handler is enabled for, of one type or of both."""

    kind: ClassVar[str] = "enabled-apps"
    handler: str = named("the handler's API name")
    number: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if self.number is None and self.at_least is None and self.at_most is None:
            raise ValueError("It says neither number nor at_least nor at_most.")

    @property
    def sentence(self) -> str:
        return f"{self.handler} is enabled for {self._expected}."

    @property
    def _expected(self) -> str:
        words = {"": self.number, "at least ": self.at_least, "at most ": self.at_most}
        said = [f"{word}{it}" for word, it in words.items() if it is not None]
        return f"{' and '.join(said)} apps"

    def look(self, state: State) -> Found:
        handler = state.handler(self.handler)
        where = state.handler_place(self.handler)
        if handler is None:
            return Found(False, self._expected, NOT_THERE, where)
        count = handler.app_count
        is_met = (
            self.number in {None, count}
            and (self.at_least is None or count >= self.at_least)
            and (self.at_most is None or count <= self.at_most)
        )
        return Found(is_met, self._expected, f"{count} apps", where)


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


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _ready(value: bool) -> str:
    return "ready" if value else "not ready"
