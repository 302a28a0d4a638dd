"""Conditions on *how* something was done (deployment, audit trail) and on answers."""

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

from .base import Condition, ConditionFinding, OrgState, PageLink, Texts, named

Through = Literal["setup", "api", "metadata"]
CONTEXTS = {"setup": "", "api": audit.API, "metadata": audit.METADATA_API}
Number = Literal[
    "handlers", "enabled handlers", "enabled apps", "connected apps", "external apps"
]
NONE_YET = "None since you started"
# People copy text from the page, such as "1 item" or "Enabled Apps (140)".
_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True, kw_only=True)
class ComponentDeployed(Condition):
    """A component was deployed, or only validated, since the exercise started."""

    kind: ClassVar[str] = "deployed"
    component: str = named("the component's API name")
    type: str = "OauthTokenExchangeHandler"
    check_only: bool = False

    @property
    def sentence(self) -> str:
        verb = "validated" if self.check_only else "deployed"
        return f"{self.component} was {verb} as metadata."

    def look(self, state: OrgState) -> ConditionFinding:
        rows = ComponentMessage.objects.filter(
            org=state.org,
            full_name__iexact=self.component,
            type_name__iexact=self.type,
            deployment__created_at__gte=state.since,
            deployment__check_only=self.check_only,
        ).select_related("deployment")
        messages = state.once(self.key, lambda: list(rows.order_by("-id")[:20]))
        has_succeeded = any(
            message.success and message.deployment.status in SUCCESSES
            for message in messages
        )
        page = PageLink("Deployment Status", reverse("metadata:deployment-list"))
        deployment = "check-only deployment" if self.check_only else "deployment"
        expected = f"A successful {deployment}"
        if has_succeeded or not messages:
            actual = expected if has_succeeded else NONE_YET
            return ConditionFinding(has_succeeded, expected, actual, page)
        last = messages[0]
        url = reverse("metadata:deployment", args=[last.deployment_id])
        reason = last.problem or "The package was rolled back."
        actual = f"The deployment failed: {reason}"
        return ConditionFinding(False, expected, actual, PageLink("Deployment", url))


@dataclass(frozen=True, kw_only=True)
class AuditEntryExists(Condition):
    """The Setup Audit Trail has a matching entry since the exercise started."""

    kind: ClassVar[str] = "audited"
    action: str = named("the action, in which * matches any characters")
    contains: str = ""
    through: Through | None = None

    @property
    def sentence(self) -> str:
        subject = f" for {self.contains}" if self.contains else ""
        return f"The Setup Audit Trail has the action {self.action}{subject}."

    def look(self, state: OrgState) -> ConditionFinding:
        entries = AuditEntry.objects.filter(org=state.org, created_at__gte=state.since)
        values = state.once(
            "audit",
            lambda: list(entries.values_list("action", "display", "context")[:1_000]),
        )
        is_met = any(
            fnmatchcase(action.lower(), self.action.lower())
            and self.contains.lower() in display.lower()
            and (self.through is None or CONTEXTS[self.through] == context)
            for action, display, context in values
        )
        page = PageLink("Setup Audit Trail", reverse("setup:audit-trail"))
        expected = "A matching entry"
        return ConditionFinding(is_met, expected, expected if is_met else NONE_YET, page)


@dataclass(frozen=True, kw_only=True)
class Answer(Condition):
    """A question in the panel is answered with one of these texts or with a number."""

    kind: ClassVar[str] = "answer"
    question: str = named("the question")
    accepts: Texts = ()
    # The answer comes from the org's current state, so it's always up to date.
    number_of: Number | None = None
    class_of: str = ""
    handler: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, [self.accepts, self.number_of, self.class_of])) != 1:
            raise ValueError("Set exactly one of accepts, number_of, and class_of.")
        if (self.number_of or "").endswith("apps") and not self.handler:
            raise ValueError("Set handler to the handler whose apps are counted.")

    @property
    def sentence(self) -> str:
        return self.question

    def look(self, state: OrgState) -> ConditionFinding:
        answer = state.answer(self.question)
        text = " ".join(answer.split()).rstrip(".").replace(",", "")
        if self.number_of and len(numbers := _NUMBER.findall(text)) == 1:
            [text] = numbers
        correct = {fold(value.replace(",", "")) for value in self._answers(state)}
        is_met = bool(text) and fold(text) in correct
        page = PageLink("Token Exchange Handlers", reverse("handlers:list"))
        for name in filter(None, [self.handler, self.class_of]):
            page = state.handler_page(name)
        actual = _assess(answer, is_correct=is_met)
        return ConditionFinding(is_met, "the value on that page", actual, page)

    def _answers(self, state: OrgState) -> list[str]:
        if self.accepts:
            return list(self.accepts)
        if self.class_of:
            handler = state.handler(self.class_of)
            return [handler.apex_class.name] if handler else []
        number = self._number(state)
        return [] if number is None else [str(number), str(apnumber(number))]

    def _number(self, state: OrgState) -> int | None:
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


def _assess(answer: str, *, is_correct: bool) -> str:
    if not answer:
        return "Not answered yet"
    verb = "is" if is_correct else "isn't"
    return f"Your answer, {answer}, {verb} correct."
