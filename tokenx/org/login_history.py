"""The login history: who logged in, from where, and how it ended.

Source: docs/salesforce/oauth.md, "Login History". Records are added and swept, and never
changed; the Setup Audit Trail doesn't mention them.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from .models import LoginRecord

# Salesforce keeps six months.
KEPT_FOR = timedelta(days=183)
TRACE_KEPT_FOR = timedelta(days=30)
# tokenx's own limit on the records of an org.
MAX_RECORDS = 20_000
# Old records are swept each time that this many were added.
_SWEEP_EVERY = 100


def record_login(*, org: int, **values: Any) -> LoginRecord:
    """Add a record. Values that are too long are cut."""
    record = LoginRecord(org_id=org)
    for name, value in values.items():
        setattr(record, name, _cut(name, value))
    record.save(force_insert=True)
    if record.pk % _SWEEP_EVERY == 0:
        sweep_login_history(org)
    return record


def sweep_login_history(org: int) -> None:
    """Delete old records and traces, and the oldest records beyond the org's limit."""
    now = timezone.now()
    rows = LoginRecord.objects.filter(org=org)
    rows.filter(logged_in_at__lt=now - KEPT_FOR).delete()
    newest = rows.order_by("-logged_in_at", "-pk").values_list("logged_in_at", flat=True)
    if beyond := newest[MAX_RECORDS : MAX_RECORDS + 1]:
        rows.filter(logged_in_at__lte=beyond[0]).delete()
    old = rows.filter(logged_in_at__lt=now - TRACE_KEPT_FOR)
    old.exclude(trace=[]).update(trace=[])


def _cut(name: str, value: Any) -> Any:
    field: Any = LoginRecord._meta.get_field(name)
    is_text = isinstance(value, str) and field.max_length
    return value[: field.max_length] if is_text else value
