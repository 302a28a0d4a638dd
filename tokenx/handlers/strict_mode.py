"""Strict mode: hides and refuses changes that Salesforce's Setup doesn't offer.

Edit, Clone, Enable, Disable, and Delete of a handler are hidden (handlers/detail.html) and
refused. In Salesforce, Metadata API makes these changes. Apps can still be enabled.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tokenx.org import audit
from tokenx.org.models import Org, User

REFUSED = (
    "Strict mode is on. Change handlers with Metadata API, or turn it off on the Strict "
    "Mode page in Setup."
)


def check_strict_mode(org: Org) -> None:
    """Raise PermissionDenied if strict mode hides changes to the org's handlers."""
    if org.is_strict:
        raise PermissionDenied(REFUSED)


@transaction.atomic
def set_strict_mode(*, org: Org, is_strict: bool, by: User) -> None:
    """Turn strict mode on or off."""
    changed = Org.objects.filter(pk=org.pk, is_strict=not is_strict)
    if changed.update(is_strict=is_strict):
        before, after = str(not is_strict).lower(), str(is_strict).lower()
        audit.record(
            by=by,
            action="changedStrictFidelity",
            section="Company Information",
            display=f"Changed the setting Strict mode from {before} to {after}",
        )
