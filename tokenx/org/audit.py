"""The Setup Audit Trail: one entry for each change, in the transaction of the change."""

from .models import AuditEntry, User

DISPLAY_LENGTH = 1000


def record(*, by: User, action: str, section: str, display: str) -> AuditEntry:
    """Note a change. The words follow Salesforce's own (facts/salesforce.md 4.2)."""
    return AuditEntry.objects.create(
        org_id=by.org_id,
        user=by,
        action=action,
        section=section,
        display=display[:DISPLAY_LENGTH],
    )
