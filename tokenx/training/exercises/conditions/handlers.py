"""Conditions on handlers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.template.defaultfilters import pluralize

from tokenx.handlers.models import TokenExchangeHandler

from .base import (
    NOT_FOUND,
    Condition,
    ConditionFinding,
    OrgState,
    Texts,
    named,
    why_not_ready,
    yes,
)

TOKEN_TYPES = {
    name.removeprefix("supports_"): name for name in TokenExchangeHandler.TOKEN_TYPES
}


@dataclass(frozen=True, kw_only=True)
class HandlerMatches(Condition):
    """A handler exists and has these values. Keys that are left out match any value."""

    kind: ClassVar[str] = "handler"
    handler: str = named("the handler's API name")
    label: str | None = None
    enabled: bool | None = None
    token_types: Texts | None = None
    description: str | None = None
    apex_class: str | None = None
    user_creation: bool | None = None
    class_ready: bool | None = None

    def __post_init__(self) -> None:
        for name in self.token_types or ():
            if name not in TOKEN_TYPES:
                known = ", ".join(TOKEN_TYPES)
                raise ValueError(f"{name} isn't a valid token type. Valid types: {known}.")

    @property
    def sentence(self) -> str:
        values = "; ".join(f"{name} {value}" for name, value, _ in self._wanted_values())
        if not values:
            return f"The handler {self.handler} exists."
        return f"Handler {self.handler}: {values}."

    def look(self, state: OrgState) -> ConditionFinding:
        handler = state.handler(self.handler)
        page = state.handler_page(self.handler)
        wanted = list(self._wanted_values())
        expected = "; ".join(f"{name}: {value}" for name, value, _ in wanted)
        expected = expected or f"A handler with the API name {self.handler}"
        if handler is None:
            return ConditionFinding(False, expected, NOT_FOUND, page)
        differences = []
        for name, value, field in wanted:
            actual = self._value_of(handler, field)
            if actual != value:
                differences.append(f"{name}: {actual or '(blank)'}")
        actual = "; ".join(differences) or expected
        return ConditionFinding(not differences, expected, actual, page)

    def _wanted_values(self) -> Iterator[tuple[str, str, str]]:
        """Yield the label, value, and field of each wanted value, as on the page."""
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
            yield "Apex Class", _readiness(self.class_ready), "class_ready"

    def _value_of(self, handler: TokenExchangeHandler, field: str) -> str:
        if field == "token_types":
            return ", ".join(handler.token_types)
        if field == "user_creation":
            return yes(handler.allows_user_creation)
        if field == "class_ready":
            return why_not_ready(handler.apex_class) or _readiness(True)
        if field == "apex_class":
            name = handler.apex_class.name
            # Apex isn't case-sensitive.
            is_same = name.lower() == (self.apex_class or "").lower()
            return self.apex_class or "" if is_same else name
        return str(getattr(handler, field)).strip()


@dataclass(frozen=True, kw_only=True)
class NoHandler(Condition):
    """No handler has this API name."""

    kind: ClassVar[str] = "no-handler"
    handler: str = named("the handler's API name")

    @property
    def sentence(self) -> str:
        return f"The handler {self.handler} doesn't exist."

    def look(self, state: OrgState) -> ConditionFinding:
        handler = state.handler(self.handler)
        actual = f"{handler.label} exists." if handler else NOT_FOUND
        page = state.handler_page(self.handler)
        return ConditionFinding(handler is None, "No such handler", actual, page)


@dataclass(frozen=True, kw_only=True)
class EnabledAppCount(Condition):
    """A handler has this number of enabled apps, of both types together."""

    kind: ClassVar[str] = "enabled-apps"
    handler: str = named("the handler's API name")
    number: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if self.number is None and self.at_least is None and self.at_most is None:
            raise ValueError("Set number, at_least, or at_most.")

    @property
    def sentence(self) -> str:
        return f"{self.handler} has {self._expected}."

    @property
    def _expected(self) -> str:
        limits = {"": self.number, "at least ": self.at_least, "at most ": self.at_most}
        parts = [f"{text}{limit}" for text, limit in limits.items() if limit is not None]
        return f"{' and '.join(parts)} enabled app{'' if parts == ['1'] else 's'}"

    def look(self, state: OrgState) -> ConditionFinding:
        handler = state.handler(self.handler)
        page = state.handler_page(self.handler)
        if handler is None:
            return ConditionFinding(False, self._expected, NOT_FOUND, page)
        count = handler.app_count
        is_met = (
            self.number in {None, count}
            and (self.at_least is None or count >= self.at_least)
            and (self.at_most is None or count <= self.at_most)
        )
        actual = f"{count} enabled app{pluralize(count)}"
        return ConditionFinding(is_met, self._expected, actual, page)


def _readiness(is_ready: bool) -> str:
    return "ready" if is_ready else "not ready"
