"""A page in a state that a person can bring it into."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class State:
    """What it is called, whose browser it is in, and how one comes there."""

    name: str
    reach: Callable[[Page], object]
    who: str = "admin"
    expects: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def at(url: str) -> Callable[[Page], object]:
    return lambda page: page.goto(url)


NOT_FOUND = ("status of 404",)
WRONG = ("status of 422",)
