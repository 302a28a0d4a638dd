"""The governor limits of a run: docs/salesforce/apex.md, "Governor limits"."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, thread_time

from .errors import LimitExceededError

MAX_STEPS = 200_000
# CPU time is a number of steps, so that a run has the same result on any machine.
STEPS_PER_MILLISECOND = 20
MAX_HEAP = 6_000_000
MAX_DEPTH = 1_000
MAX_QUERIES = 100
MAX_ROWS = 50_000
MAX_DML = 150
MAX_DML_ROWS = 10_000
MAX_CALLOUTS = 100
MAX_CALLOUT_SECONDS = 120
# After the first DML statement, the org is locked; a run has this many steps left.
MAX_STEPS_AFTER_DML = 20_000
# Work inside of one library call, in characters or bytes per step.
UNITS_PER_STEP = 1_000
# Steps after which a run lets other threads go first, and its real time is checked.
STEPS_PER_PAUSE = 500
# A backstop, in case a library call counts too few steps for its work: the CPU time of the
# run's thread. 200,000 steps take at most 2 s on an ordinary machine.
MAX_THREAD_SECONDS = 10.0
_TOO_SLOW = "Apex CPU time limit exceeded: the code kept the server busy for {:.0f} s"
# Reading the clock of a thread is slow, so it's read only this often.
_SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(slots=True)
class Budget:
    """Counters of a run. Each method raises LimitExceededError beyond a limit."""

    steps: int = 0
    max_steps: int = MAX_STEPS
    queries: int = 0
    rows: int = 0
    dml: int = 0
    dml_rows: int = 0
    callouts: int = 0
    callout_seconds: float = 0
    # The largest heap so far, in bytes. It's up to date when the run has ended.
    largest_heap: int = 0
    # Called again and again while the run goes on, so that other threads aren't blocked.
    pause: Callable[[], None] | None = None
    max_thread_seconds: float = MAX_THREAD_SECONDS
    # The steps from which `check` must be called.
    checkpoint: int = field(init=False)
    # When the run's thread is looked at next, and its CPU time at the first look.
    _next_look: float = field(init=False)
    _thread_start: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._next_look = monotonic() + _SECONDS_BETWEEN_LOOKS
        self._plan()

    @property
    def cpu_milliseconds(self) -> int:
        """Return the CPU time, as Limits.getCpuTime() does."""
        return self.steps // STEPS_PER_MILLISECOND

    def charge(self, steps: int = 1) -> None:
        """Count steps."""
        self.steps += steps
        if self.steps > self.checkpoint:
            self.check()

    def check(self) -> None:
        """Raise LimitExceededError if too many steps were counted; otherwise, pause."""
        if self.steps > self.max_steps:
            raise LimitExceededError("Apex CPU time limit exceeded")
        self.check_time()
        if self.pause:
            self.pause()
        self._plan()

    def check_time(self) -> None:
        """Raise LimitExceededError if the thread was busy for too long.

        Called between library calls, too: one of them can be one step and take long.
        """
        now = monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _SECONDS_BETWEEN_LOOKS
        busy = thread_time()
        if self._thread_start is None:
            # Asking can take milliseconds, and most runs end before this.
            self._thread_start = busy
        elif busy - self._thread_start > self.max_thread_seconds:
            raise LimitExceededError(_TOO_SLOW.format(self.max_thread_seconds))

    def _plan(self) -> None:
        self.checkpoint = min(self.max_steps, self.steps + STEPS_PER_PAUSE)

    def charge_for(self, units: int, units_per_step: int = UNITS_PER_STEP) -> None:
        """Count the work of one library call on so many characters or bytes."""
        self.charge(units // units_per_step)

    def count_query(self) -> None:
        """Count a query before it runs."""
        self.queries += 1
        if self.queries > MAX_QUERIES:
            raise LimitExceededError(f"Too many SOQL queries: {self.queries}")

    def count_rows(self, rows: int) -> None:
        """Count the rows that a query returned."""
        self.rows += rows
        if self.rows > MAX_ROWS:
            raise LimitExceededError(f"Too many query rows: {self.rows}")

    def count_dml(self, rows: int) -> None:
        """Count a DML statement and its rows before it runs."""
        if not self.dml:
            self.max_steps = min(self.max_steps, self.steps + MAX_STEPS_AFTER_DML)
            # Others wait for the lock, so the sooner the run ends, the better.
            self.pause = None
            self._plan()
        self.dml += 1
        self.dml_rows += rows
        if self.dml > MAX_DML:
            raise LimitExceededError(f"Too many DML statements: {self.dml}")
        if self.dml_rows > MAX_DML_ROWS:
            raise LimitExceededError(f"Too many DML rows: {self.dml_rows}")

    def count_callout(self, seconds: float) -> float:
        """Count a callout before it runs; `seconds` is its timeout.

        Return the seconds that it can take: all callouts share a total.
        """
        self.callouts += 1
        if self.callouts > MAX_CALLOUTS:
            raise LimitExceededError(f"Too many callouts: {self.callouts}")
        left = MAX_CALLOUT_SECONDS - self.callout_seconds
        if left <= 0:
            raise LimitExceededError("Exceeded max time limit for callouts: 120000 ms")
        return min(seconds, left)
