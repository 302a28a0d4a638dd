"""Running anonymous Apex. What it changes is saved if it succeeds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from tokenx.apex.compiling import compile_anonymous
from tokenx.apex.parser.tokens import START
from tokenx.apex.problems import Problem, Severity
from tokenx.org import audit
from tokenx.org.models import User
from tokenx.org.models.apex_log import SUCCESS
from tokenx.setup.apex_runs import trees
from tokenx.setup.apex_runs.logs import log_text
from tokenx.setup.apex_runs.queries import ports_of
from tokenx.setup.apex_runs.run_anonymous import AnonymousRun, run_anonymous
from tokenx.setup.apex_runs.running import MAX_SOURCE, ClassesOfRun, RunError
from tokenx.web.local_formats import format_number

from .apex_logs import save_log

SECTION = "Apex Class"
# As Salesforce names the operation in logs: docs/salesforce/oauth.md, "Log records".
OPERATION = "/services/data/v67.0/tooling/executeAnonymous/"
_PLACE = re.compile(r": line (\d+), column (\d+)")


@dataclass(frozen=True)
class AnonymousOutcome:
    """The outcome of anonymous Apex: a compile error, an exception, or neither.

    The log is there only if levels for it were given, and the code compiled.
    """

    problem: Problem | None = None
    error: RunError | None = None
    log: str = ""

    @property
    def is_success(self) -> bool:
        """Tell whether the code ran to its end."""
        return self.problem is None and self.error is None

    @property
    def place(self) -> tuple[int, int]:
        """Return the line and column of the error, or -1."""
        if self.problem:
            return self.problem.at
        stack = self.error.stack if self.error else ()
        found = _PLACE.search(stack[0]) if stack else None
        return (int(found[1]), int(found[2])) if found else (-1, -1)


def execute_anonymous(
    *, code: str, by: User, my_domain: str = "", levels: Mapping[str, str] | None = None
) -> AnonymousOutcome:
    """Run anonymous Apex as the user, outside of any transaction.

    The code runs as a whole or not at all. With `levels`, the outcome has a log; a user who
    is traced also gets one that's kept. Raise NoPlaceError if no run can start now.
    """
    if len(code.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
        message = f"Code can't be longer than {format_number(MAX_SOURCE)} bytes."
        return AnonymousOutcome(Problem(START, message))
    classes = ClassesOfRun(by.org_id)
    block, problems = compile_anonymous(
        code, parser=trees.parser(), classes=classes, ports=ports_of(by.org_id)
    )
    if block is None:
        errors = [each for each in problems if each.severity is Severity.ERROR]
        return AnonymousOutcome(errors[0])
    started_at = timezone.now()
    result = run_anonymous(
        org=by.org,
        user=by,
        statements=block.statements,
        declarations=block.declarations,
        my_domain=my_domain,
    )
    _record(by, code, result)
    save_log(
        user=by,
        trace=result.trace,
        budget=result.budget,
        started_at=started_at,
        operation=OPERATION,
        application="Unknown",
        status=result.error.text if result.error else SUCCESS,
        anonymous=code,
    )
    log = ""
    if levels:
        log = log_text(
            user=by,
            trace=result.trace,
            budget=result.budget,
            started_at=started_at,
            levels=levels,
            anonymous=code,
        )
    return AnonymousOutcome(error=result.error, log=log)


def _record(by: User, code: str, result: AnonymousRun) -> None:
    """Record the run. The code can contain secrets, so the entry has only its length."""
    ending = "failed" if result.error else "succeeded"
    audit.record(
        by=by,
        action="executeAnonymousApex",
        section=SECTION,
        display=f"Ran anonymous Apex of {format_number(len(code))} characters: {ending}",
    )
