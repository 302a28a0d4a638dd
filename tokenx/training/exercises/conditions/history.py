"""Conditions about the way that was taken, where the way is what is practised; answers."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, Literal

from django.contrib.humanize.templatetags.humanize import apnumber
from django.urls import reverse

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import SUCCESSES, ComponentMessage
from tokenx.org import audit
from tokenx.org.models import AuditEntry
from tokenx.web.text import fold

from .base import Condition, Found, Place, State, named

Through = Literal["setup", "api", "metadata"]
CONTEXTS = {"setup": "", "api": audit.API, "metadata": audit.METADATA_API}
Number = Literal[
    "handlers", "enabled handlers", "enabled apps", "connected apps", "external apps"
]
# Whoever copies what the page says types "1 handler", or "Enabled Apps (140)".
_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True, kw_only=True)
class Deployed(Condition):
    """A component was deployed, or only checked, since the exercise began."""

    kind: ClassVar[str] = "deployed"
    component: str = named("the component's API name")
    type: str = "OauthTokenExchangeHandler"
    check_only: bool = False

    @property
    def sentence(self) -> str:
        done = "checked" if self.check_only else "deployed"
        return f"{self.component} was {done} as metadata."

    def look(self, state: State) -> Found:
        rows = ComponentMessage.objects.filter(
            org=state.org,
            full_name__iexact=self.component,
            type_name__iexact=self.type,
            deployment__created_at__gte=state.since,
            deployment__check_only=self.check_only,
        ).select_related("deployment")
        messages = state.once(self.key, lambda: list(rows.order_by("-id")[:20]))
        good = [it for it in messages if it.success and it.deployment.status in SUCCESSES]
        where = Place("Deployment Status", reverse("metadata:deployment-list"))
        expected = "A check that succeeds" if self.check_only else "A deployment of it"
        if good or not messages:
            found = f"{expected}, done" if good else "None since you started"
            return Found(bool(good), expected, found, where)
        last = messages[0]
        url = reverse("metadata:deployment", args=[last.deployment_id])
        found = f"It failed: {last.problem or 'its package was rolled back.'}"
        return Found(False, expected, found, Place("The deployment", url))


@dataclass(frozen=True, kw_only=True)
class Audited(Condition):
    """The Setup Audit Trail has an entry of this sort since the exercise began."""

    kind: ClassVar[str] = "audited"
    action: str = named("the action, where * stands for any letters")
    contains: str = ""
    through: Through | None = None

    @property
    def sentence(self) -> str:
        about = f" about {self.contains}" if self.contains else ""
        return f"The Setup Audit Trail has {self.action}{about}."

    def look(self, state: State) -> Found:
        entries = AuditEntry.objects.filter(org=state.org, created_at__gte=state.since)
        kept = state.once(
            "audit",
            lambda: list(entries.values_list("action", "display", "context")[:1_000]),
        )
        is_met = any(
            fnmatchcase(action.lower(), self.action.lower())
            and self.contains.lower() in display.lower()
            and (self.through is None or CONTEXTS[self.through] == context)
            for action, display, context in kept
        )
        where = Place("Setup Audit Trail", reverse("setup:audit-trail"))
        found = "There" if is_met else "None since you started"
        return Found(is_met, "An entry", found, where)


@dataclass(frozen=True, kw_only=True)
class Answer(Condition):
    """A question that is answered in the panel: with these words, or with a number."""

    kind: ClassVar[str] = "answer"
    question: str = named("the question")
    accepts: tuple[str, ...] = ()
    # What the org has at the moment is the answer, so that it stays right.
    number_of: Number | None = None
    class_of: str = ""
    handler: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, [self.accepts, self.number_of, self.class_of])) != 1:
            raise ValueError("It takes one of accepts, number_of and class_of.")
        if (self.number_of or "").endswith("apps") and not self.handler:
            raise ValueError("number_of apps takes the handler that they are enabled for.")

    @property
    def sentence(self) -> str:
        return self.question

    def look(self, state: State) -> Found:
        typed = state.answer(self.question)
        right = self._answers(state)
        said = " ".join(typed.split()).rstrip(".").replace(",", "")
        if self.number_of and len(numbers := _NUMBER.findall(said)) == 1:
            [said] = numbers
        is_met = bool(said) and fold(said) in {fold(it.replace(",", "")) for it in right}
        found = f"You answered {typed}" if typed else "Not answered yet"
        where = Place("Token Exchange Handlers", reverse("handlers:list"))
        for name in filter(None, [self.handler, self.class_of]):
            where = state.handler_place(name)
        return Found(is_met, "What the page shows", found, where)

    def _answers(self, state: State) -> list[str]:
        if self.accepts:
            return list(self.accepts)
        if self.class_of:
            handler = state.handler(self.class_of)
            return [handler.apex_class.name] if handler else []
        number = self._number(state)
        return [] if number is None else [str(number), str(apnumber(number))]

    def _number(self, state: State) -> int | None:
        handlers = TokenExchangeHandler.objects.filter(org=state.org)
        if self.number_of == "enabled handlers":
            handlers = handlers.filter(is_enabled=True)
        if self.number_of and self.number_of.endswith("handlers"):
            return state.once(self.number_of, handlers.count)
        handler = state.handler(self.handler)
        if handler is None:
            return None
        return {
            "connected apps": handler.connected_count,
            "external apps": handler.external_count,
        }.get(self.number_of or "", handler.app_count)
