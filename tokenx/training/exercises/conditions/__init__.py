"""Kinds of conditions for exercise files, listed in docs/exercises.md."""

from .base import Condition, ConditionFinding, ConditionResult, OrgState, PageLink, Texts
from .enablements import AppEnabled, AppNotEnabled, DefaultHandler, NoHandlerRunsAs
from .handlers import EnabledAppCount, HandlerMatches, NoHandler
from .history import Answer, AuditEntryExists, ComponentDeployed
from .org import AppMatches, ClassReady, OtherAppsUnchanged, UserMatches

KINDS: dict[str, type[Condition]] = {
    kind.kind: kind
    for kind in (
        HandlerMatches,
        NoHandler,
        AppEnabled,
        AppNotEnabled,
        DefaultHandler,
        EnabledAppCount,
        NoHandlerRunsAs,
        AppMatches,
        UserMatches,
        ClassReady,
        OtherAppsUnchanged,
        ComponentDeployed,
        AuditEntryExists,
        Answer,
    )
}

__all__ = [
    "KINDS",
    "Answer",
    "Condition",
    "ConditionFinding",
    "ConditionResult",
    "OrgState",
    "PageLink",
    "Texts",
]
