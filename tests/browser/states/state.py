"""A page in a state that a user can reach."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class State:
    """The name of a state, the user whose browser shows it, and the way to reach it."""

    name: str
    reach: Callable[[Page], object]
    who: str = "admin"
    expects: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def at(url: str) -> Callable[[Page], object]:
    return lambda page: page.goto(url)


NOT_FOUND = ("status of 404",)
INVALID = ("status of 422",)
