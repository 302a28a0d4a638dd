"""The Setup Audit Trail: one entry for each change, in the transaction of the change."""

from .models import AuditEntry, User

DISPLAY_LENGTH = 1000

# What a change came through, where that is not a page of Setup.
API, METADATA_API = "API", "Metadata API"


def record(
    *, by: User, action: str, section: str, display: str, delegate: str = ""
) -> AuditEntry:
    """Note a change. The words follow Salesforce's own (facts/salesforce.md 4.2).

    What it came through is known to whoever let `by` in, and written on `by`. `delegate`
    is the username of whoever looked in as `by`, where somebody did.
    """
    return AuditEntry.objects.create(
        org_id=by.org_id,
        user=by,
        action=action,
        section=section,
        display=display[:DISPLAY_LENGTH],
        delegate_user=delegate,
        context=by.audit_context,
    )
