"""The exercise panel of a request: its contents, position, and settings."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urljoin

from django.http import HttpRequest

from tokenx.org.permissions import SetupRequest, can_change_setup

from . import Exercise, find_exercise, paths
from .checks import ExerciseOutcome, look, save_outcome

PLACES = {"left": "Left", "bottom": "Bottom", "right": "Right"}
_PLACE, _FOLDED, _UNGUIDED = "exercise_place", "exercise_folded", "exercise_unguided"


@dataclass(frozen=True)
class Panel:
    """An exercise and its progress in an org, as the user arranged the panel.

    If the user neither folded nor unfolded it, `is_folded` is None. Narrow windows then
    show it folded.
    """

    places: ClassVar = PLACES
    outcome: ExerciseOutcome
    place: str
    is_folded: bool | None
    is_guided: bool
    can_change: bool

    @property
    def exercise(self) -> Exercise:
        return self.outcome.exercise

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the hints that were shown so far."""
        shown = self.outcome.run.hints if self.outcome.run else 0
        return self.exercise.hints[:shown]

    @property
    def next_hint(self) -> int | None:
        """Return the number of the next hint, or None after the last one."""
        shown = len(self.hints)
        return shown + 1 if shown < len(self.exercise.hints) else None

    @property
    def next_exercise(self) -> Exercise | None:
        return find_exercise(paths()["all"].after(self.exercise.slug))

    @property
    def pointer(self) -> dict[str, Any] | None:
        """Return the data of the next control, or None if guidance is off."""
        if not (self.is_guided and self.can_change):
            return None
        if step := self.outcome.next_step:
            return step.pointer
        # All steps are done, but a condition isn't met. Point to its page.
        if result := self.outcome.first_unmet:
            url = result.page.url
            return {"open": url, "via": [urljoin(url, "..")], "at": []}
        return None

    @property
    def digest(self) -> str:
        """Return a digest that changes when the panel has something new to show."""
        step = self.outcome.next_step
        results = [(result.is_met, result.actual) for result in self.outcome.results]
        shown = (self.exercise.slug, results, step and step.html, self.is_guided)
        return sha256(repr(shown).encode()).hexdigest()[:16]


def panel_of(request: SetupRequest) -> Panel | None:
    """Return the panel of the org's current exercise, if it has one."""
    exercise = find_exercise(request.org.exercise)
    return show(request, look(request.org, exercise)) if exercise else None


def show(request: SetupRequest, outcome: ExerciseOutcome) -> Panel:
    """Arrange an outcome in a panel, as the session says."""
    session = request.session
    place = session.get(_PLACE)
    return Panel(
        outcome=outcome,
        place=place if place in PLACES else "right",
        is_folded=session.get(_FOLDED),
        is_guided=not session.get(_UNGUIDED),
        can_change=can_change_setup(request.user),
    )


def save_progress(request: Any, outcome: ExerciseOutcome) -> None:
    """Store the progress, unless a trainer is viewing the org."""
    if not request.viewed_participant:
        save_outcome(outcome)


def arrange(request: HttpRequest) -> None:
    """Remember the position that was chosen, and whether to fold or to guide."""
    session, data = request.session, request.POST
    if data.get("place") in PLACES:
        session[_PLACE] = data["place"]
    if "fold" in data:
        session[_FOLDED] = data["fold"] == "1"
    if "guide" in data:
        session[_UNGUIDED] = data["guide"] != "1"
