"""What the panel beside Setup shows, and how its person likes it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from django.http import HttpRequest

from tokenx.org.permissions import SetupRequest, can_change_setup

from . import Exercise, checks, find_exercise, paths
from .checks import Outcome, look

PLACES = {"left": "Left", "bottom": "Bottom", "right": "Right"}
_PLACE, _FOLDED, _UNGUIDED = "exercise_place", "exercise_folded", "exercise_unguided"


@dataclass(frozen=True)
class Panel:
    """The exercise of an org, as far as it is, in the place where it was put."""

    places: ClassVar = PLACES
    outcome: Outcome
    place: str
    is_folded: bool
    is_guided: bool
    can_change: bool

    @property
    def exercise(self) -> Exercise:
        return self.outcome.exercise

    @property
    def hints(self) -> tuple[str, ...]:
        """Those that were asked for."""
        shown = self.outcome.run.hints if self.outcome.run else 0
        return self.exercise.hints[:shown]

    @property
    def has_more_hints(self) -> bool:
        return len(self.hints) < len(self.exercise.hints)

    @property
    def next_exercise(self) -> Exercise | None:
        return find_exercise(paths()["all"].after(self.exercise.slug))

    @property
    def pointer(self) -> dict[str, Any] | None:
        """Which control comes next; none, where nobody wants to be shown."""
        if not (self.is_guided and self.can_change):
            return None
        if step := self.outcome.next_step:
            return step.pointer
        # All steps are done, and something else is not as it has to be: the way to it.
        if result := self.outcome.first_open:
            url = result.where.url
            parent, _, _ = url.rstrip("/").rpartition("/")
            return {"open": url, "via": [f"{parent}/"], "at": []}
        return None

    @property
    def digest(self) -> str:
        """The same as long as the panel has nothing new to say."""
        step = self.outcome.next_step
        said = [(it.is_met, it.found) for it in self.outcome.results]
        shown = repr((self.exercise.slug, said, step and step.html, self.is_guided))
        return sha256(shown.encode()).hexdigest()[:16]


def panel_of(request: SetupRequest) -> Panel | None:
    """The panel for somebody; none, where no exercise is going on."""
    exercise = find_exercise(request.org.exercise)
    return show(request, look(request.org, exercise)) if exercise else None


def show(request: SetupRequest, outcome: Outcome) -> Panel:
    session = request.session
    place = session.get(_PLACE)
    return Panel(
        outcome=outcome,
        place=place if place in PLACES else "right",
        is_folded=bool(session.get(_FOLDED)),
        is_guided=not session.get(_UNGUIDED),
        can_change=can_change_setup(request.user),
    )


def keep(request: Any, outcome: Outcome) -> None:
    """Write down how far the exercise is, unless a trainer is only looking."""
    if not request.looking:
        checks.keep(outcome)


def arrange(request: HttpRequest) -> None:
    """Remember what was pressed: a place, fold or unfold, guide or don't."""
    session, pressed = request.session, request.POST
    if pressed.get("place") in PLACES:
        session[_PLACE] = pressed["place"]
    if "fold" in pressed:
        session[_FOLDED] = pressed["fold"] == "1"
    if "guide" in pressed:
        session[_UNGUIDED] = pressed["guide"] != "1"
