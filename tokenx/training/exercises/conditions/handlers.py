"""Conditions about handlers themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.template.defaultfilters import pluralize

from tokenx.handlers.models import TokenExchangeHandler

from .base import NOT_THERE, Condition, Found, State, named, why_not_ready, yes

TOKEN_TYPES = {
    name.removeprefix("supports_"): name for name in TokenExchangeHandler.TOKEN_TYPES
}


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
            yield "Allow user creation", yes(self.user_creation), "user_creation"
        if self.class_ready is not None:
            yield "Apex Class", _ready(self.class_ready), "class_ready"

    def _of(self, handler: TokenExchangeHandler, field: str) -> str:
        if field == "token_types":
            return ", ".join(handler.token_types)
        if field == "user_creation":
            return yes(handler.allows_user_creation)
        if field == "class_ready":
            return why_not_ready(handler.apex_class) or _ready(True)
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
        return f"{' and '.join(said)} app{'' if said == ['1'] else 's'}"

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
        return Found(is_met, self._expected, f"{count} app{pluralize(count)}", where)


def _ready(value: bool) -> str:
    return "ready" if value else "not ready"
