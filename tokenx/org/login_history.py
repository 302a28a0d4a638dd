"""The login history: who logged in, from where, and how it ended.

Source: docs/salesforce/oauth.md, "Login History". Records are added and swept, and never
changed; the Setup Audit Trail doesn't mention them.
"""

from datetime import timedelta
from typing import Any

from django.db.models import CharField, Q
from django.http import HttpRequest
from django.utils import timezone

from .login_throttle import address_of
from .models import LoginRecord, User
from .models.login_record import SUCCESS
from .search.prepared_writes import insert
from .user_agents import browser_of, platform_of

# Values of Salesforce's Login Type, and the status of a login with an incorrect password.
APPLICATION, PARTNER, ENTERPRISE = "Application", "Partner Product", "Other Apex API"
INVALID_PASSWORD = "Invalid Password"  # noqa: S105  (a status)
# Salesforce keeps six months.
KEPT_FOR = timedelta(days=183)
TRACE_KEPT_FOR = timedelta(days=30)
# tokenx's own limit on the records of an org.
MAX_RECORDS = 20_000
# Only the newest have a trace, of at most about 50,000 characters.
MAX_TRACES = 2_000
# Old records are swept each time that this many were added.
_SWEEP_EVERY = 100


def record_user_login(
    *, request: HttpRequest, user: User, login_type: str, status: str = SUCCESS, **more: Any
) -> LoginRecord:
    """Record a login or a login attempt."""
    agent = request.headers.get("User-Agent", "")
    values = {
        "source_ip": address_of(request),
        "browser": browser_of(agent),
        "platform": platform_of(agent),
        "login_url": request.get_host(),
        "http_method": request.method or "",
    }
    return record_login(
        org=user.org_id,
        user=user,
        username=user.username,
        login_type=login_type,
        status=status,
        **(values | more),
    )


def record_login(*, org: int, **values: Any) -> LoginRecord:
    """Add a record. Values that are too long are cut."""
    record = LoginRecord(org_id=org)
    for name, value in values.items():
        setattr(record, name, _cut(name, value))
    insert(record)
    if record.pk % _SWEEP_EVERY == 0:
        sweep_login_history(org)
    return record


def kept_trace(record: LoginRecord) -> list[dict[str, Any]]:
    """Return the rows of a record's trace, or none if it's older than 30 days."""
    is_kept = record.logged_in_at >= timezone.now() - TRACE_KEPT_FOR
    return list(record.trace) if is_kept else []


def sweep_login_history(org: int) -> None:
    """Delete old records and traces, and the oldest records beyond the org's limit."""
    now = timezone.now()
    rows = LoginRecord.objects.filter(org=org)
    rows.filter(logged_in_at__lt=now - KEPT_FOR).delete()
    newest = rows.order_by("-logged_in_at", "-pk").values_list("logged_in_at", flat=True)
    if beyond := newest[MAX_RECORDS : MAX_RECORDS + 1]:
        rows.filter(logged_in_at__lte=beyond[0]).delete()
    with_trace = rows.exclude(trace=[])
    with_trace.filter(logged_in_at__lt=now - TRACE_KEPT_FOR).update(trace=[])
    if beyond := newest[MAX_TRACES : MAX_TRACES + 1]:
        with_trace.filter(logged_in_at__lte=beyond[0]).update(trace=[])


def orgs_to_sweep() -> list[int]:
    """Return the orgs with old records or traces: those without logins sweep nothing."""
    now = timezone.now()
    old_trace = Q(logged_in_at__lt=now - TRACE_KEPT_FOR) & ~Q(trace=[])
    rows = LoginRecord.objects.filter(Q(logged_in_at__lt=now - KEPT_FOR) | old_trace)
    return list(rows.values_list("org_id", flat=True).distinct())


def _cut(name: str, value: Any) -> Any:
    return value[: _LENGTHS.get(name)] if isinstance(value, str) else value


_LENGTHS = {
    field.name: field.max_length
    for field in LoginRecord._meta.concrete_fields
    if isinstance(field, CharField)
}
