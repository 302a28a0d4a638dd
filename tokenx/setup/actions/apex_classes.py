"""Actions on Apex classes: edit and delete them."""

from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.apex.compiled import Compiled
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.actions import (
    APEX_SECTION,
    ClassFile,
    create_apex_class,
    is_state_current,
    reset_dependents,
)
from tokenx.org.models import ApexClass, Org, User
from tokenx.setup.used_by import join_labels

__all__ = ["create_apex_class", "delete_apex_class", "edit_apex_class"]


@transaction.atomic
def edit_apex_class(
    *,
    apex_class: ApexClass,
    name: str,
    body: str,
    compiled: Compiled | None = None,
    classes_state: tuple[Any, ...] = (),
    resets_dependents: bool = True,
    by: User,
    **file: Unpack[ClassFile],
) -> ApexClass:
    """Change a class. Handlers that use the class keep it if it's renamed.

    Take the result of compiling it, and raise ValidationError, as create_apex_class() does.
    """
    Org.objects.locked(apex_class.org_id)
    apex_class = _lock_apex_class(apex_class)
    if not is_state_current(apex_class.org_id, classes_state):
        compiled = None
    values = {"name": name, "body": body, **file}
    if all(getattr(apex_class, field) == value for field, value in values.items()):
        if compiled:
            apex_class.set_compiled(compiled)
            apex_class.save(update_fields=ApexClass.COMPILE_FIELDS)
        return apex_class
    old_name = apex_class.name
    renamed = f", formerly {old_name}" if name != old_name else ""
    for field, value in values.items():
        setattr(apex_class, field, value)
    apex_class.set_compiled(compiled)
    apex_class.add_known_superclasses()
    apex_class.modified_at = timezone.now()
    apex_class.full_clean()
    apex_class.save()
    if resets_dependents:
        reset_dependents(
            org=apex_class.org_id, names=[old_name, name], kept=[apex_class.pk]
        )
    _record(by, "changedApexClass", f"Changed {name} Apex Class code{renamed}")
    return apex_class


@transaction.atomic
def delete_apex_class(
    *, apex_class: ApexClass, resets_dependents: bool = True, by: User
) -> None:
    """Delete a class. Classes that refer to it are reset, unless the caller resets them.

    Raise ValidationError, naming the handlers, if handlers use the class.
    """
    Org.objects.locked(apex_class.org_id)
    handlers = TokenExchangeHandler.objects.filter(
        org=apex_class.org_id, apex_class=apex_class
    )
    labels = handlers.order_by("search_key").values_list("label", flat=True)
    if names := join_labels(list(labels)):
        raise ValidationError(
            f"{apex_class.name} is used by {names}. Select another Apex class there first."
        )
    deleted, _ = ApexClass.objects.filter(org=apex_class.org_id, pk=apex_class.pk).delete()
    if deleted:
        if resets_dependents:
            reset_dependents(org=apex_class.org_id, names=[apex_class.name])
        _record(by, "deletedApexClass", f"Deleted {apex_class.name} Apex Class code")


def _lock_apex_class(apex_class: ApexClass) -> ApexClass:
    rows = ApexClass.objects.filter(org=apex_class.org_id, pk=apex_class.pk)
    if locked := rows.select_for_update().first():
        return locked
    raise ValidationError(f"{apex_class.name} was already deleted.")


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=APEX_SECTION, display=display)
