"""executeAnonymous over REST and SOAP (docs/salesforce/apex.md, Anonymous Apex)."""

from collections.abc import Iterable, Mapping
from typing import Any

from tokenx.apex.debug_log.levels import CATEGORIES, LEVELS
from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode
from tokenx.org import audit
from tokenx.setup.actions.anonymous_apex import AnonymousOutcome, execute_anonymous

NO_ACCESS = "use of executeAnonymous requires a user with the Author Apex permission"
# The levels that the names of DebuggingHeader's debugLevel stand for.
_DEBUG_ONLY = {"APEX_CODE": "DEBUG", "APEX_PROFILING": "INFO"}
_NAMED_LEVELS: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "debugonly": _DEBUG_ONLY,
    "db": _DEBUG_ONLY | {"DB": "INFO"},
    "profiling": _DEBUG_ONLY | {"APEX_PROFILING": "FINE", "DB": "INFO"},
    "callout": _DEBUG_ONLY | {"CALLOUT": "INFO", "DB": "INFO"},
    "detail": dict.fromkeys(CATEGORIES, "FINEST"),
}


def levels_of(name: str, categories: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the levels of a DebuggingHeader; its categories override its debugLevel.

    Names that aren't known are left out.
    """
    levels = dict(_NAMED_LEVELS.get(name.strip().lower(), {}))
    for category, level in categories:
        key, value = category.strip().upper(), level.strip().upper()
        keys = CATEGORIES if key == "ALL" else [key] if key in CATEGORIES else []
        if value in LEVELS:
            levels.update(dict.fromkeys(keys, value))
    return levels


def run(caller: Caller, code: str, levels: Mapping[str, str]) -> AnonymousOutcome:
    """Run anonymous Apex as the caller, who must be an administrator.

    Raise a Fault if the caller isn't one, and NoPlaceError if no run can start now.
    """
    try:
        caller.check_can_change()
    except Fault:
        raise Fault(FaultCode.INSUFFICIENT_ACCESS, NO_ACCESS) from None
    caller.user.audit_context = audit.API
    return execute_anonymous(
        code=code, by=caller.user, my_domain=caller.server_url, levels=levels
    )


def result_of(outcome: AnonymousOutcome) -> dict[str, Any]:
    """Return the result's fields, with None for those that are null."""
    line, column = outcome.place
    error = outcome.error
    return {
        "column": column,
        "compileProblem": outcome.problem and outcome.problem.message,
        "compiled": outcome.problem is None,
        "exceptionMessage": error and error.text,
        "exceptionStackTrace": "\n".join(error.stack) or None if error else None,
        "line": line,
        "success": outcome.is_success,
    }
