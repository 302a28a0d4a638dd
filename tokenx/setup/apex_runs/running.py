"""Starts runs of Apex in an org, and says in plain English what ended them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tokenx.apex.compiling import parse_expression
from tokenx.apex.problems import Problem
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.errors import (
    LimitExceededError,
    NotRunnableError,
    RunEndedError,
    ThrownError,
)
from tokenx.apex.runtime.exceptions import state_of
from tokenx.apex.runtime.ports import Clock, RunPorts
from tokenx.apex.runtime.run import ApexRun
from tokenx.apex.runtime.trace import FatalError, Trace, UnitFinished, UnitStarted
from tokenx.apex.tree import CompilationUnit, Expression, Position
from tokenx.org.models import Org, User

from . import trees
from .callouts import OrgCallouts
from .classes import ClassesInOrg
from .clock import SystemClock
from .configuration import OrgConfiguration
from .places import give_way, place_for
from .records import OrgRecords
from .transactions import RunTransaction
from .user import running_user

# Bytes of code that a run reads: that of all classes that it uses.
MAX_SOURCE = 200_000
# Longer binds of queries are parsed in each run.
_LONGEST_KEPT_BIND = 200
ENDS_RUN = (ThrownError, RunEndedError)


class Ending(StrEnum):
    """The ways in which a run can fail."""

    EXCEPTION = "exception"
    LIMIT = "limit"
    NOT_RUNNABLE = "not_runnable"


@dataclass(frozen=True)
class RunError:
    """The error that ended a run: Salesforce's text, and a sentence of ours."""

    ending: Ending
    text: str
    stack: tuple[str, ...]
    # Where it happened; 0 is outside of the code.
    class_name: str
    line: int

    @property
    def sentence(self) -> str:
        """Return what happened, with the line."""
        if self.ending == Ending.NOT_RUNNABLE or not self.line:
            return self.text
        where = f" of {self.class_name}" if self.class_name else ""
        return f"{self.text.rstrip('.')} (line {self.line}{where})."


class ClassesOfRun(ClassesInOrg):
    """The org's classes for a run, which ends when it has read too much code."""

    def __init__(self, org: int, bodies: Mapping[str, str] | None = None) -> None:
        super().__init__(org, bodies or {}, max_new_code=MAX_SOURCE)
        self._sizes: dict[str, int] = {}

    def get(self, key: str, /) -> CompilationUnit | None:
        """Return the tree of a class. Raise NotRunnableError if it's too much code."""
        if key in self and key not in self._sizes:
            self._sizes[key] = len(self.body_of(key).encode("utf-8", "surrogatepass"))
            if sum(self._sizes.values()) > MAX_SOURCE:
                raise NotRunnableError(
                    "this much code",
                    f"A run reads at most {MAX_SOURCE // 1000} kB of code.",
                )
        return super().get(key)


@dataclass
class Started:
    """A run that has started, and what it reaches. `commits` keeps its changes."""

    run: ApexRun
    records: OrgRecords
    trace: Trace
    budget: Budget
    commits: bool = False
    error: RunError | None = None

    @contextmanager
    def unit(self, name: str, class_name: str = "") -> Iterator[None]:
        """Run a code unit of the log, which records what ends the run in it."""
        self.trace.add(UnitStarted(self.budget.steps, class_name, 0, name))
        try:
            yield
        except ENDS_RUN as error:
            self.failure(error)
            raise
        finally:
            self.trace.add(UnitFinished(self.budget.steps, class_name, 0, name))

    def failure(self, error: Exception) -> RunError:
        """Return what ended the run, and record it once."""
        if self.error is None:
            self.error = self._failure(error)
        return self.error

    def _failure(self, error: Exception) -> RunError:
        text, stack = self.run.describe(error)
        if isinstance(error, ThrownError):
            ending, line = Ending.EXCEPTION, state_of(error.value).line
            class_name = _class_in(stack)
        else:
            is_limit = isinstance(error, LimitExceededError)
            ending = Ending.LIMIT if is_limit else Ending.NOT_RUNNABLE
            line, class_name = getattr(error, "line", 0), getattr(error, "class_name", "")
        steps = self.budget.steps
        self.trace.add(FatalError(steps, class_name, line, text, stack), len(text))
        return RunError(ending, text, stack, class_name, line)


@contextmanager
def started(
    *,
    org: Org,
    user: User,
    trace: Trace | None = None,
    my_domain: str = "",
    clock: Clock | None = None,
    bodies: Mapping[str, str] | None = None,
) -> Iterator[Started]:
    """Start a run as a user, in a place of its own. Raise NoPlaceError if none is free.

    Changes are rolled back, unless `commits` is set in the block. `bodies` has the code of
    classes that the caller has read, by name.
    """
    with place_for(org.pk):
        budget, transaction = Budget(pause=give_way), RunTransaction()
        events = trace if trace is not None else Trace()
        configuration = OrgConfiguration(org.pk)
        records = OrgRecords(
            org,
            user,
            budget=budget,
            transaction=transaction,
            configuration=configuration,
        )
        ports = RunPorts(
            records=records,
            callouts=OrgCallouts(org, transaction=transaction, configuration=configuration),
            configuration=configuration,
            clock=clock or SystemClock(),
            user=running_user(user, my_domain),
        )
        classes = ClassesOfRun(org.pk, bodies)
        run = ApexRun(classes, ports, _parse_bind, events, budget)
        found = Started(run, records, events, budget)
        is_finished = False
        try:
            yield found
            is_finished = True
        finally:
            run.heap.note_largest()
            transaction.close(commit=is_finished and found.commits)


def _parse_bind(text: str, at: Position) -> Expression | Problem | None:
    """Return the tree of a query's bind, which depends on its text and place only."""
    if len(text) <= _LONGEST_KEPT_BIND:
        return _kept_bind(text, at)
    return parse_expression(trees.parser(), text, at)


@lru_cache(maxsize=1024)
def _kept_bind(text: str, at: Position) -> Expression | Problem | None:
    return parse_expression(trees.parser(), text, at)


def _class_in(stack: tuple[str, ...]) -> str:
    """Return the top-level class of a line such as Class.Outer.m: line 3, column 1."""
    parts = stack[0].partition(":")[0].split(".") if stack else []
    return parts[1] if len(parts) > 1 and parts[0] == "Class" else ""
