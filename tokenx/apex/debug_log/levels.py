"""The categories and levels of debug logs."""

from collections.abc import Mapping

# From the fewest events to the most.
LEVELS = ("NONE", "ERROR", "WARN", "INFO", "DEBUG", "FINE", "FINER", "FINEST", "INTERNAL")
# In the order of a log's first line.
CATEGORIES = (
    "APEX_CODE",
    "APEX_PROFILING",
    "CALLOUT",
    "DB",
    "NBA",
    "SYSTEM",
    "VALIDATION",
    "VISUALFORCE",
    "WAVE",
    "WORKFLOW",
)
# Those of test runs: docs/salesforce/oauth.md, "Log format".
DEFAULT_LEVELS = dict.fromkeys(CATEGORIES, "INFO") | {
    "APEX_CODE": "DEBUG",
    "SYSTEM": "DEBUG",
}
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


def logs(levels: Mapping[str, str], category: str, level: str) -> bool:
    """Tell whether events of a category and level are written."""
    return 0 < _RANKS[level] <= _RANKS[levels.get(category, "NONE")]


def first_line(levels: Mapping[str, str], api_version: str) -> str:
    """Return the first line of a log; categories that aren't set are left out."""
    known = [name for name in CATEGORIES if name in levels]
    return f"{api_version} {';'.join(f'{name},{levels[name]}' for name in known)}"
