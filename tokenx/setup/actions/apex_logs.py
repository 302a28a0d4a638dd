"""Saving and deleting debug logs."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.trace import Trace
from tokenx.org import audit
from tokenx.org.models import ApexLog, LogLocation, Org, TraceFlag, User
from tokenx.org.models.apex_log import STATUS_LENGTH, SUCCESS
from tokenx.org.search.prepared import prepared
from tokenx.setup.apex_runs.logs import log_text

from .debug_levels import SECTION
from .trace_flags import MAX_LOGS_SIZE, is_full

# docs/salesforce/oauth.md, Log records.
_KEPT_FOR = {
    LogLocation.MONITORING: timedelta(days=7),
    LogLocation.SYSTEM_LOG: timedelta(hours=24),
}


def trace_flag_of(user: User, at: datetime | None = None) -> TraceFlag | None:
    """Return the newest trace flag that's active for a user, with its debug level."""
    found = _newest_flag(user.org_id, user.pk, at or timezone.now())
    return found[0] if found else None


@prepared
def _newest_flag(org: int, user: int, moment: datetime) -> QuerySet:
    flags = TraceFlag.objects.filter(org=org, traced_user=user).active_at(moment)
    return flags.select_related("debug_level").order_by("-created_at", "-pk")[:1]


def save_log(
    *,
    user: User,
    trace: Trace,
    budget: Budget,
    started_at: datetime,
    operation: str,
    application: str,
    request: str = "Api",
    status: str = SUCCESS,
    **options: Any,
) -> ApexLog | None:
    """Save the log of a run as `user`, if the user was traced when it started.

    `status` is the text of the exception that ended the run, without its type. `options`
    are those of log_text(). Return None without a trace flag, or if the org has no room.
    Call it after the run's transaction ended: the log isn't rolled back with the run.
    """
    flag = trace_flag_of(user, started_at)
    if flag is None:
        return None
    text = log_text(
        user=user,
        trace=trace,
        budget=budget,
        started_at=started_at,
        levels=flag.debug_level.levels,
        **options,
    )
    is_kept_longer = flag.is_from_setup
    location = LogLocation.MONITORING if is_kept_longer else LogLocation.SYSTEM_LOG
    log = ApexLog(
        org_id=user.org_id,
        user=user,
        operation=operation[:128],
        application=application[:64],
        status=" ".join(status.split())[:STATUS_LENGTH],
        request=request,
        request_identifier=secrets.token_urlsafe(16),
        location=location,
        milliseconds=budget.cpu_milliseconds,
        started_at=started_at,
        expires_at=started_at + _KEPT_FOR[location],
    )
    log.set_text(text)
    return log if _insert(log) else None


@transaction.atomic
def _insert(log: ApexLog) -> bool:
    """Save a log if there's room, and delete logs that aren't kept any longer."""
    Org.objects.locked(log.org_id)
    logs = ApexLog.objects.filter(org=log.org_id)
    logs.filter(expires_at__lte=timezone.now()).delete()
    if is_full(log.org_id) or logs.stored_size() + log.stored_size > MAX_LOGS_SIZE:
        return False
    log.save()
    return True


@transaction.atomic
def delete_log(*, log: ApexLog, by: User) -> None:
    deleted, _ = ApexLog.objects.filter(org=log.org_id, pk=log.pk).delete()
    if deleted:
        _record(by, f"Deleted debug log {log.record_id} of {log.user.name}")


@transaction.atomic
def delete_all_logs(*, by: User) -> int:
    """Delete all logs of the org, and return their number."""
    deleted, _ = ApexLog.objects.filter(org=by.org_id).delete()
    if deleted:
        _record(by, "Deleted all debug logs")
    return deleted


def _record(by: User, display: str) -> None:
    audit.record(by=by, action="deletedApexLog", section=SECTION, display=display)
