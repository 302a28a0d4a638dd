"""Base class of conditions, and the org state that they check."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from django.urls import reverse
from pydantic import ConfigDict, Strict

from tokenx.apex.tree import ClassDeclaration, MethodDeclaration
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.apex import HANDLER_METHODS, is_template
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.setup.apex_runs import trees
from tokenx.setup.compile_classes import compile_waiting
from tokenx.training.models import ExerciseRun

AppType = Literal["connected", "external"]
# TOML has lists, but no tuples.
Texts = Annotated[tuple[str, ...], Strict(False)]
T = TypeVar("T")
NOT_FOUND = "Not found"


@dataclass(frozen=True)
class PageLink:
    """A page where a condition can be looked up or met."""

    label: str
    url: str


@dataclass(frozen=True)
class ConditionFinding:
    """The result of one look at the org."""

    is_met: bool
    expected: str
    actual: str
    page: PageLink


@dataclass(frozen=True)
class ConditionResult:
    """A condition's sentence, and whether the org meets the condition."""

    sentence: str
    is_met: bool
    expected: str
    actual: str
    page: PageLink


class OrgState:
    """An org's state, in which each question is asked only once."""

    def __init__(self, org: Org, run: ExerciseRun | None) -> None:
        self.org, self.run = org, run
        self._answers: dict[Any, Any] = {}

    @property
    def since(self) -> datetime:
        """Return the start of the exercise. Earlier changes don't count as done."""
        return self.run.tried_at if self.run else self.org.created_at

    def answer(self, question: str) -> str:
        return str(self.run.answers.get(question, "")) if self.run else ""

    def baseline(self, key: str) -> Any:
        """Return what a guard stored at the start, or None if it stored nothing."""
        return self.run.baseline.get(key) if self.run else None

    def once(self, key: Any, ask: Callable[[], T]) -> T:
        if key not in self._answers:
            self._answers[key] = ask()
        answer: T = self._answers[key]
        return answer

    def handler(self, name: str) -> TokenExchangeHandler | None:
        """Find a handler by API name. Like Salesforce, ignore case."""
        handlers = TokenExchangeHandler.objects.filter(
            org=self.org, developer_name__iexact=name
        )
        key = ("handler", name.lower())
        return self.once(key, handlers.select_related("apex_class").first)

    def app(self, type_: str, name: str) -> ClientApp | None:
        apps = ClientApp.objects.filter(org=self.org, kind=type_, api_name__iexact=name)
        return self.once(("app", type_, name.lower()), apps.first)

    def enablements(self, type_: str, name: str) -> list[Enablement]:
        """Return all enablements of an app, of which there are few."""
        enablements = Enablement.objects.filter(
            org=self.org, app_kind=type_, app__api_name__iexact=name
        ).select_related("handler", "app", "run_as")
        key = ("enablements", type_, name.lower())
        return self.once(key, lambda: list(enablements))

    def enablement(self, handler: str, type_: str, app: str) -> Enablement | None:
        for enablement in self.enablements(type_, app):
            if enablement.handler.developer_name.lower() == handler.lower():
                return enablement
        return None

    def default_of(self, type_: str, app: str) -> TokenExchangeHandler | None:
        for enablement in self.enablements(type_, app):
            if enablement.is_default:
                return enablement.handler
        return None

    def user(self, username: str) -> User | None:
        users = User.objects.filter(org=self.org).usernamed(username)
        users = users.select_related("profile")
        return self.once(("user", username.lower()), users.first)

    def apex_class(self, name: str) -> ApexClass | None:
        classes = ApexClass.objects.filter(org=self.org, name__iexact=name)
        return self.once(("class", name.lower()), classes.first)

    def handler_page(self, name: str) -> PageLink:
        """Link to a handler, or to the list if the handler doesn't exist."""
        if handler := self.handler(name):
            url = reverse("handlers:detail", args=[handler.developer_name])
            return PageLink(handler.label, url)
        return PageLink("Token Exchange Handlers", reverse("handlers:list"))

    def app_page(self, type_: str, name: str) -> PageLink:
        """Link to an app, or to the list if the app doesn't exist."""
        if app := self.app(type_, name):
            return PageLink(app.label, reverse("setup:app", args=[app.kind, app.api_name]))
        label = ClientApp.Kind(type_).label
        return PageLink(f"{label}s", reverse("setup:app-list", args=[type_]))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition of an exercise. Its fields are the keys of the exercise file."""

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    kind: ClassVar[str]
    # The exercise's own sentence, used instead of the generated one.
    says: str = ""

    @property
    def sentence(self) -> str:
        """Return the condition as a sentence."""
        raise NotImplementedError

    def look(self, state: OrgState) -> ConditionFinding:
        raise NotImplementedError

    def note_baseline(self, org: Org) -> Any:
        """Return what a guard must know about the org's initial state, if anything."""
        return None

    @property
    def key(self) -> str:
        """Return the key of the condition in a run: its kind and its values."""
        values = [repr(getattr(self, field.name)) for field in fields(self)]
        return f"{self.kind}({', '.join(values)})"

    def check(self, state: OrgState) -> ConditionResult:
        finding = self.look(state)
        return ConditionResult(
            self.says or self.sentence,
            finding.is_met,
            finding.expected,
            finding.actual,
            finding.page,
        )


def named(label: str) -> Any:
    """Define a required field. The label describes the value in error messages."""
    return field(metadata={"label": label})


def why_not_ready(apex_class: ApexClass) -> str:
    """Return why a class can't validate tokens, or an empty string if it can."""
    compile_waiting(org=apex_class.org_id, classes=[apex_class])
    if reason := apex_class.why_not_ready or _missing_method(apex_class):
        return reason
    if is_template(apex_class.name, apex_class.body):
        return "It's still the template, which rejects every token."
    return ""


def _missing_method(apex_class: ApexClass) -> str:
    """Name a method that the class inherits. The base class's methods return null."""
    unit = trees.parsed(apex_class.body).unit
    if len(apex_class.superclasses) > 1 or not isinstance(unit, ClassDeclaration):
        return ""
    methods = {m.name.lower() for m in unit.members if isinstance(m, MethodDeclaration)}
    missing = [name for name in HANDLER_METHODS if name.lower() not in methods]
    return f"The class doesn't override {missing[0]}." if missing else ""


def yes(value: bool) -> str:
    return "Yes" if value else "No"


def account(is_integration_user: bool) -> str:
    return "an integration user" if is_integration_user else "a personal account"
