"""The Setup Audit Trail: one entry per change, in the change's transaction."""

from .models import AuditEntry, User

DISPLAY_LENGTH = 1000

# The context of a change that wasn't made on a Setup page.
API, METADATA_API, APEX = "API", "Metadata API", "Apex"


def record(
    *, by: User, action: str, section: str, display: str, delegate: str = ""
) -> AuditEntry:
    """Record a change in Salesforce's words.

    Source: docs/salesforce/product.md, Setup Audit Trail.

    The context comes from `by`, where authentication sets it. `delegate` is the username of
    a trainer who acts as `by`.
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
