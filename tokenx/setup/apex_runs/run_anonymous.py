"""Runs anonymous Apex as a user, and keeps what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.ports import Clock
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.tree import Member, Statement
from tokenx.org.models import Org, User

from .running import ENDS_RUN, RunError, started

# The code unit's name in a debug log.
UNIT = "execute_anonymous_apex"


@dataclass
class AnonymousRun:
    """The outcome of a run; without an error, its changes are saved."""

    trace: Trace
    budget: Budget
    error: RunError | None = None


def run_anonymous(
    *,
    org: Org,
    user: User,
    statements: Sequence[Statement],
    declarations: Sequence[Member] = (),
    commit: bool = True,
    my_domain: str = "",
    trace: Trace | None = None,
    clock: Clock | None = None,
) -> AnonymousRun:
    """Run statements as a user; the declarations are methods and classes among them.

    Raise NoPlaceError if no run can start now.
    """
    with started(org=org, user=user, trace=trace, my_domain=my_domain, clock=clock) as at:
        result = AnonymousRun(at.trace, at.budget)
        try:
            with at.unit(UNIT):
                at.run.run_block(statements, declarations)
        except ENDS_RUN as error:
            result.error = at.failure(error)
        at.commits = commit and result.error is None
    return result
