"""Actions on trace flags, which say whose runs are logged, and when."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import ApexLog, DebugLevel, LogType, Org, TraceFlag, User
from tokenx.org.models.trace_flag import MAX_DURATION
from tokenx.web.local_formats import format_number, format_size

from .debug_levels import SECTION

MAX_TRACE_FLAGS = 1_000
# Expired flags are deleted after this time, when a flag is created.
KEPT_FOR = timedelta(days=7)
# tokenx's own limits on an org's logs; Salesforce's is 1,000 MB. Sizes are those of
# compressed logs. Without room, no log is saved, and no flag can be created or changed.
MAX_LOGS_SIZE = 20 * 1024 * 1024
MAX_LOGS = 1_000
# Salesforce's text: docs/salesforce/oauth.md, Log records.
OVERLAP = (
    "This entity is already being traced by a trace flag with a start and expiration date "
    "that overlap this trace flag's start and expiration date."
)


@transaction.atomic
def create_trace_flag(
    *,
    user: User,
    debug_level: DebugLevel,
    expires_at: datetime | None = None,
    starts_at: datetime | None = None,
    log_type: str = LogType.USER_DEBUG,
    is_from_setup: bool,
    by: User,
) -> TraceFlag:
    """Trace a user from now or `starts_at` on, for up to 24 hours.

    Raise ValidationError, by field, if a value is invalid or the user is traced at that
    time, and without a field if a limit of the org is reached.
    """
    Org.objects.locked(by.org_id)
    now = timezone.now()
    starts_at = starts_at or now
    flag = TraceFlag(
        org_id=by.org_id,
        traced_user=user,
        debug_level=debug_level,
        log_type=log_type,
        starts_at=starts_at,
        expires_at=expires_at or starts_at + MAX_DURATION,
        is_from_setup=is_from_setup,
        created_by=by,
        created_at=now,
        modified_at=now,
    )
    _validate(flag)
    if flag.expires_at <= now:
        raise ValidationError({"expires_at": "Enter an expiration date in the future."})
    flags = TraceFlag.objects.filter(org=by.org_id)
    flags.filter(expires_at__lt=now - KEPT_FOR).delete()
    if flags.count() >= MAX_TRACE_FLAGS:
        raise ValidationError(
            f"This org already has {format_number(MAX_TRACE_FLAGS)} trace flags, the "
            "limit. Delete one first."
        )
    flag.save()
    _record(by, "created", flag)
    return flag


@transaction.atomic
def edit_trace_flag(
    *,
    flag: TraceFlag,
    by: User,
    debug_level: DebugLevel | None = None,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> TraceFlag:
    """Change a trace flag. Raise ValidationError as create_trace_flag() does."""
    Org.objects.locked(flag.org_id)
    rows = TraceFlag.objects.select_related("traced_user", "debug_level")
    current = rows.filter(org=flag.org_id, pk=flag.pk).first()
    if current is None:
        raise ValidationError("This trace flag was already deleted.")
    wanted = {
        "debug_level": debug_level or current.debug_level,
        "starts_at": starts_at or current.starts_at,
        "expires_at": expires_at or current.expires_at,
    }
    if all(getattr(current, field) == value for field, value in wanted.items()):
        return current
    for field, value in wanted.items():
        setattr(current, field, value)
    _validate(current)
    current.modified_at = timezone.now()
    current.save()
    _record(by, "changed", current)
    return current


@transaction.atomic
def delete_trace_flag(*, flag: TraceFlag, by: User) -> None:
    """Delete a trace flag. The user's logs are kept."""
    deleted, _ = TraceFlag.objects.filter(org=flag.org_id, pk=flag.pk).delete()
    if deleted:
        _record(by, "deleted", flag)


def is_full(org: Org | int) -> bool:
    """Tell whether the org has no room for another log."""
    logs = ApexLog.objects.filter(org=org).kept()
    return logs.count() >= MAX_LOGS or logs.stored_size() >= MAX_LOGS_SIZE


def full_message() -> str:
    return (
        f"This org's debug logs have reached the limit of {format_size(MAX_LOGS_SIZE)} or "
        f"{format_number(MAX_LOGS)} logs. Delete some logs first."
    )


def _validate(flag: TraceFlag) -> None:
    flag.clean_fields(exclude=["org", "created_by"])
    flag.clean()
    if TraceFlag.objects.overlapping(flag).exists():
        raise ValidationError({"traced_user": ValidationError(OVERLAP, code="overlap")})
    if is_full(flag.org_id):
        raise ValidationError(full_message())


def _record(by: User, verb: str, flag: TraceFlag) -> None:
    display = f"{verb.capitalize()} {flag.log_type} trace flag for {flag.traced_user.name}"
    if verb != "deleted":
        display += f" with debug level {flag.debug_level.name}"
    audit.record(by=by, action=f"{verb}TraceFlag", section=SECTION, display=display)
