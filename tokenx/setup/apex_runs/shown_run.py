"""A run of a handler class as its page shows it: results, steps, limits, and the log."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.safestring import SafeString

from tokenx.apex.debug_log import CATEGORIES
from tokenx.apex.runtime import budget as limits
from tokenx.org.models import ApexClass, User
from tokenx.setup.numbered_code import CONTEXT
from tokenx.web.highlighting import highlight_apex_lines
from tokenx.web.local_formats import format_number

from .logs import log_text
from .run_handler import FIND_USER, VALIDATE, HandlerRun
from .steps import Step, steps_of

# All events of these categories.
_LEVELS = dict.fromkeys(CATEGORIES, "INFO") | {"APEX_CODE": "FINEST", "SYSTEM": "DEBUG"}
# The last line of a statement or signature. It's only a guess: strings aren't parsed.
_ENDS_STATEMENT = re.compile(r"[;{}]\s*(//.*)?$")
_MAX_STATEMENT = 10
# Steps beside one statement that a page doesn't fold. The last can be an exception.
_FIRST_STEPS, _LAST_STEPS = 8, 2
# Log text that a page shows.
MAX_LOG = 200_000


@dataclass(frozen=True)
class TracedLine:
    """A line of code with its steps, and whether lines before it are left out."""

    number: int
    text: str
    code: SafeString
    steps: tuple[Step, ...]
    is_after_gap: bool = False


@dataclass(frozen=True)
class TracedBlock:
    """Lines with the steps beside them, and the lines after them without steps.

    A block starts with a line that has steps. A statement or signature of several lines
    stays together.
    """

    lines: tuple[TracedLine, ...]
    rest: tuple[TracedLine, ...]

    @property
    def steps(self) -> list[Step]:
        return [step for line in self.lines for step in line.steps]

    @property
    def steps_in_parts(self) -> tuple[list[Step], list[Step], list[Step]]:
        """Return the first steps, those that are folded, and the last. A loop has many."""
        steps = self.steps
        if len(steps) <= _FIRST_STEPS + _LAST_STEPS + 1:
            return steps, [], []
        return steps[:_FIRST_STEPS], steps[_FIRST_STEPS:-_LAST_STEPS], steps[-_LAST_STEPS:]


@dataclass(frozen=True)
class TracedClass:
    """A class whose code ran."""

    name: str
    lines: tuple[TracedLine, ...]

    @property
    def blocks(self) -> list[TracedBlock]:
        """Return the lines in blocks. The first has no steps if the code starts so."""
        starts = [at for at, line in enumerate(self.lines) if line.steps]
        bounds = [*dict.fromkeys([0, *starts]), len(self.lines)]
        blocks = []
        for start, end in pairwise(bounds):
            lines = self.lines[start:end]
            first = _statement_length(lines) if lines and lines[0].steps else 0
            blocks.append(TracedBlock(lines[:first], lines[first:]))
        return blocks


@dataclass(frozen=True)
class ShownRun:
    """The parts of a run's page."""

    run: HandlerRun
    methods: tuple[tuple[str, str], ...]
    classes: tuple[TracedClass, ...]
    # Steps without a line, such as a limit that was exceeded between lines.
    others: tuple[Step, ...]
    step_count: int
    left_out: int
    # The run was longer than its trace, which can lack steps.
    is_trace_cut: bool
    limits: tuple[tuple[str, str], ...]
    stack: str
    log: str
    is_log_cut: bool


def shown_run(
    run: HandlerRun,
    *,
    apex_class: ApexClass,
    run_as: User,
    started_at: datetime,
    has_assignments: bool,
    hide: Callable[[list[Step]], list[Step]] = list,
) -> ShownRun:
    """Return what the page shows about a run. `hide` hides texts in its steps."""
    steps, left_out = steps_of(run.trace, has_assignments=has_assignments)
    steps = hide(steps)
    bodies = _bodies(apex_class, steps)
    by_class: dict[str, dict[int, list[Step]]] = {key: {} for key in bodies}
    others = []
    for step in steps:
        key = step.class_name.lower()
        if step.line and key in bodies:
            by_class[key].setdefault(step.line, []).append(step)
        else:
            others.append(step)
    classes = tuple(
        TracedClass(
            name, tuple(_traced(body, by_class[key], is_whole=name == apex_class.name))
        )
        for key, (name, body) in bodies.items()
    )
    log = log_text(
        user=run_as,
        trace=run.trace,
        budget=run.budget,
        started_at=started_at,
        levels=_LEVELS,
        api_version=apex_class.api_version,
    )
    return ShownRun(
        run=run,
        methods=tuple(_methods(run)),
        classes=classes,
        others=tuple(others),
        step_count=len(steps),
        left_out=left_out,
        is_trace_cut=run.trace.left_out > 0,
        limits=tuple(_limits(run)),
        stack="\n".join(run.error.stack) if run.error else "",
        log=log[:MAX_LOG],
        is_log_cut=len(log) > MAX_LOG,
    )


def _bodies(apex_class: ApexClass, steps: Iterable[Step]) -> dict[str, tuple[str, str]]:
    """Return the names and code of the classes with steps, the handler's class first."""
    names = {step.class_name for step in steps} - {apex_class.name, ""}
    rows = [(apex_class.name, apex_class.body)]
    if names:
        others = ApexClass.objects.filter(org=apex_class.org_id, name__in=names)
        rows += others.order_by("name").values_list("name", "body")
    return {name.lower(): (name, body) for name, body in rows}


def _traced(
    body: str, steps: dict[int, list[Step]], *, is_whole: bool
) -> Iterable[TracedLine]:
    """Yield all lines, or those with steps and a few lines around them."""
    near = {
        number for line in steps for number in range(line - CONTEXT, line + CONTEXT + 1)
    }
    previous = 0
    codes = highlight_apex_lines(body)
    for number, (text, code) in enumerate(zip(body.split("\n"), codes, strict=False), 1):
        if is_whole or number in near:
            is_after_gap = number != previous + 1
            yield TracedLine(number, text, code, tuple(steps.get(number, ())), is_after_gap)
            previous = number


def _statement_length(lines: Sequence[TracedLine]) -> int:
    """Return how many of the lines belong to the statement or signature in the first."""
    for count, line in enumerate(lines, start=1):
        is_last = count == len(lines) or lines[count].is_after_gap
        if is_last or _ENDS_STATEMENT.search(line.text) or count == _MAX_STATEMENT:
            return count
    return 0


def _methods(run: HandlerRun) -> Iterable[tuple[str, str]]:
    """Yield each method with its result in plain words."""
    not_overridden = "Not overridden: the base method returned null"
    validation = run.validation
    if VALIDATE in run.missing_overrides:
        yield VALIDATE, not_overridden
    elif validation is None:
        yield VALIDATE, "No result" if run.error else "Returned null"
    elif validation.is_valid:
        yield VALIDATE, "The token is valid"
    else:
        error = validation.custom_error
        yield (
            VALIDATE,
            f"The token isn't valid: {error}" if error else "The token isn't valid",
        )
    if FIND_USER in run.missing_overrides:
        yield FIND_USER, not_overridden
    elif validation is None or not validation.is_valid:
        yield FIND_USER, "Not called"
    elif run.user_record is None:
        yield FIND_USER, "No result" if run.error else "Returned null"
    elif run.user is None:
        yield FIND_USER, "Returned a user who can't log in"
    else:
        kind = "a new user" if run.is_new_user else "the user"
        yield FIND_USER, f"Returned {kind} {run.user.username}"


def _limits(run: HandlerRun) -> Iterable[tuple[str, str]]:
    used = run.budget
    for label, count, most in [
        ("SOQL queries", used.queries, limits.MAX_QUERIES),
        ("Query rows", used.rows, limits.MAX_ROWS),
        ("DML statements", used.dml, limits.MAX_DML),
        ("Callouts", used.callouts, limits.MAX_CALLOUTS),
        (
            "CPU time (ms)",
            used.cpu_milliseconds,
            limits.MAX_STEPS // limits.STEPS_PER_MILLISECOND,
        ),
        ("Heap (bytes)", used.largest_heap, limits.MAX_HEAP),
    ]:
        yield label, f"{format_number(count)} of {format_number(most)}"
