"""What a condition of an exercise is: words, and a look at the state of an org."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar

from django.urls import reverse

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.apex import is_template
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.training.models import ExerciseRun

AppType = Literal["connected", "external"]
T = TypeVar("T")
NOT_THERE = "There is none."


@dataclass(frozen=True)
class Place:
    """Where to look, or to repair it."""

    label: str
    url: str


@dataclass(frozen=True)
class Found:
    """What a look at the org gave."""

    is_met: bool
    expected: str
    found: str
    where: Place


@dataclass(frozen=True)
class Result:
    """A condition, and whether the org meets it."""

    sentence: str
    is_met: bool
    expected: str
    found: str
    where: Place


class State:
    """The org as conditions see it: what several of them ask is asked once."""

    def __init__(self, org: Org, run: ExerciseRun | None) -> None:
        self.org, self.run = org, run
        self._kept: dict[Any, Any] = {}

    @property
    def since(self) -> datetime:
        """When the exercise began; what was there before it does not count as done."""
        return self.run.tried_at if self.run else self.org.created_at

    def answer(self, question: str) -> str:
        return str(self.run.answers.get(question, "")) if self.run else ""

    def baseline(self, key: str) -> Any:
        """What a guard wrote down at the start; None, where it did not."""
        return self.run.baseline.get(key) if self.run else None

    def once(self, key: Any, ask: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = ask()
        kept: T = self._kept[key]
        return kept

    def handler(self, name: str) -> TokenExchangeHandler | None:
        """By its API name, whatever its case: so the product compares them."""
        rows = TokenExchangeHandler.objects.filter(
            org=self.org, developer_name__iexact=name
        )
        key = ("handler", name.lower())
        return self.once(key, rows.select_related("apex_class").first)

    def app(self, type_: str, name: str) -> ClientApp | None:
        apps = ClientApp.objects.filter(org=self.org, kind=type_, api_name__iexact=name)
        return self.once(("app", type_, name.lower()), apps.first)

    def enablements(self, type_: str, name: str) -> list[Enablement]:
        """The handlers that are enabled for an app; so few that all are read."""
        rows = Enablement.objects.filter(
            org=self.org, app_kind=type_, app__api_name__iexact=name
        ).select_related("handler", "app", "run_as")
        return self.once(("enablements", type_, name.lower()), lambda: list(rows))

    def enablement(self, handler: str, type_: str, app: str) -> Enablement | None:
        for each in self.enablements(type_, app):
            if each.handler.developer_name.lower() == handler.lower():
                return each
        return None

    def default_of(self, type_: str, app: str) -> TokenExchangeHandler | None:
        for each in self.enablements(type_, app):
            if each.is_default:
                return each.handler
        return None

    def user(self, username: str) -> User | None:
        users = User.objects.filter(org=self.org).usernamed(username)
        return self.once(("user", username.lower()), users.first)

    def apex_class(self, name: str) -> ApexClass | None:
        classes = ApexClass.objects.filter(org=self.org, name__iexact=name)
        return self.once(("class", name.lower()), classes.first)

    def handler_place(self, name: str) -> Place:
        """The page of a handler; while there is none, the list it will be in."""
        if handler := self.handler(name):
            url = reverse("handlers:detail", args=[handler.developer_name])
            return Place(handler.label, url)
        return Place("Token Exchange Handlers", reverse("handlers:list"))

    def app_place(self, type_: str, name: str) -> Place:
        if app := self.app(type_, name):
            return Place(app.label, reverse("setup:app", args=[app.kind, app.api_name]))
        label = ClientApp.Kind(type_).label
        return Place(f"{label}s", reverse("setup:app-list", args=[type_]))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing that has to be so. Its fields are what an exercise file says of it."""

    kind: ClassVar[str]
    # The words of the exercise, where they say it better than ours.
    says: str = ""

    @property
    def sentence(self) -> str:
        """What has to be so, as a sentence."""
        raise NotImplementedError

    def look(self, state: State) -> Found:
        raise NotImplementedError

    def note_baseline(self, org: Org) -> Any:
        """What a guard has to know of the org as it was; None for other conditions."""
        return None

    @property
    def key(self) -> str:
        """What a run knows it by, the same as long as the exercise says the same."""
        return repr(self)

    def check(self, state: State) -> Result:
        found = self.look(state)
        sentence = self.says or self.sentence
        return Result(
            sentence, found.is_met, found.expected, found.found, where=found.where
        )


def named(label: str) -> Any:
    """A field that an exercise file has to have; the label says what belongs there."""
    return field(metadata={"label": label})


def why_not_ready(apex_class: ApexClass) -> str:
    """What keeps a class from checking tokens; nothing, if it can."""
    if problems := apex_class.problems:
        return " ".join(problems)
    if is_template(apex_class.name, apex_class.body):
        return "It is the template still, which refuses every token."
    return ""


def yes(value: bool) -> str:
    return "Yes" if value else "No"
