"""The kinds of conditions that exercise files may name. docs/exercises.md lists them."""

from .base import Condition, Found, Place, Result, State
from .enablements import AppEnabled, AppNotEnabled, DefaultHandler, RunsNothing
from .handlers import EnabledApps, Handler, NoHandler
from .history import Answer, Audited, Deployed
from .org import App, NothingElse, Person, ReadyClass

KINDS: dict[str, type[Condition]] = {
    kind.kind: kind
    for kind in (
        Handler,
        NoHandler,
        AppEnabled,
        AppNotEnabled,
        DefaultHandler,
        EnabledApps,
        RunsNothing,
        App,
        Person,
        ReadyClass,
        NothingElse,
        Deployed,
        Audited,
        Answer,
    )
}

__all__ = ["KINDS", "Answer", "Condition", "Found", "Place", "Result", "State"]
