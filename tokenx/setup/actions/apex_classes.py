"""What can be done to Apex classes. Their code is kept and read, never run."""

from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.actions import APEX_SECTION, ClassFile, create_apex_class
from tokenx.org.models import ApexClass, Org, User
from tokenx.setup.used_by import in_words

__all__ = ["create_apex_class", "delete_apex_class", "edit_apex_class"]


@transaction.atomic
def edit_apex_class(
    *, apex_class: ApexClass, name: str, body: str, by: User, **file: Unpack[ClassFile]
) -> ApexClass:
    """Change the class. Handlers go on using it under its new name.

    Raises ValidationError as create_apex_class() does.
    """
    Org.objects.locked(apex_class.org_id)
    apex_class = _lock(apex_class)
    wanted = {"name": name, "body": body, **file}
    if all(getattr(apex_class, field) == value for field, value in wanted.items()):
        return apex_class
    renamed = f", formerly {apex_class.name}" if name != apex_class.name else ""
    for field, value in wanted.items():
        setattr(apex_class, field, value)
    apex_class.modified_at = timezone.now()
    apex_class.full_clean()
    apex_class.save()
    _record(by, "changedApexClass", f"Changed {name} Apex Class code{renamed}")
    return apex_class


@transaction.atomic
def delete_apex_class(*, apex_class: ApexClass, by: User) -> None:
    """Take the class from the org.

    Raises ValidationError where a handler uses it, and names the handlers.
    """
    Org.objects.locked(apex_class.org_id)
    users = TokenExchangeHandler.objects.filter(
        org=apex_class.org_id, apex_class=apex_class
    )
    labels = users.order_by("search_key").values_list("label", flat=True)
    if names := in_words(list(labels)):
        raise ValidationError(
            f"{apex_class.name} is used by {names}. Choose another Apex class there first."
        )
    gone, _ = ApexClass.objects.filter(org=apex_class.org_id, pk=apex_class.pk).delete()
    if gone:
        _record(by, "deletedApexClass", f"Deleted {apex_class.name} Apex Class code")


def _lock(apex_class: ApexClass) -> ApexClass:
    rows = ApexClass.objects.filter(org=apex_class.org_id, pk=apex_class.pk)
    if locked := rows.select_for_update().first():
        return locked
    raise ValidationError(f"{apex_class.name} is gone: somebody deleted it just now.")


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=APEX_SECTION, display=display)
