"""Reports annotations that Apex doesn't have."""

from ..tree import Annotation, Modifiers
from .report import Report

_WORDS = """
    auraenabled deprecated future httpdelete httpget httppatch httppost httpput
    invocablemethod invocablevariable istest jsonaccess namespaceaccessible readonly
    remoteaction restresource suppresswarnings testsetup testvisible
"""
_KNOWN = frozenset(_WORDS.split())


def check_annotations(report: Report, modifiers: Modifiers) -> None:
    """Report annotations that don't exist."""
    for each in modifiers:
        if isinstance(each, Annotation) and each.name.lower() not in _KNOWN:
            report.error(each.at, f"Annotation does not exist: {each.name}")
