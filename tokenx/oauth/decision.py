"""Decisions about a token request, and the trace that shows them.

A decision is a function that looks at an exchange. It returns what it found, or raises an
OAuthError. The endpoint runs a list of them in order, and their findings are the trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .errors import Link, OAuthError


class DecisionState(StrEnum):
    """The outcome of a decision in a trace."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class Finding:
    """The result of a decision: what it examined and found, and where to change that."""

    examined: str
    found: str
    place: Link | None = None


@dataclass(frozen=True)
class Decision:
    """A decision: a function of an exchange, with a label and the source of its rule."""

    name: str
    label: str
    source: str
    decide: Callable[[Any], Finding]


@dataclass(frozen=True)
class TraceRow:
    """A row of the trace. All values are text that contains no secret and no token."""

    name: str
    label: str
    source: str
    state: DecisionState = DecisionState.NOT_REACHED
    examined: str = ""
    found: str = ""
    # Where it can be changed; for a failed decision, where that repairs it.
    place: Link | None = None


def decision(
    name: str, label: str, source: str
) -> Callable[[Callable[[Any], Finding]], Decision]:
    """Turn a function into a decision. `source` is a page of docs/salesforce."""

    def decorate(decide: Callable[[Any], Finding]) -> Decision:
        return Decision(name, label, source, decide)

    return decorate


def decide_all(
    decisions: Sequence[Decision], subject: Any
) -> tuple[list[TraceRow], OAuthError | None]:
    """Run decisions until one refuses. Return a row for each, and the refusal."""
    rows: list[TraceRow] = []
    refusal: OAuthError | None = None
    for each in decisions:
        base = (each.name, each.label, each.source)
        if refusal is not None:
            rows.append(TraceRow(*base))
            continue
        try:
            found = each.decide(subject)
        except OAuthError as error:
            refusal = error
            failed = DecisionState.FAILED
            rows.append(TraceRow(*base, failed, error.examined, error.reason, error.repair))
        else:
            passed = DecisionState.PASSED
            rows.append(TraceRow(*base, passed, found.examined, found.found, found.place))
    return rows, refusal
