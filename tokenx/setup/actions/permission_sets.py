"""Actions on permission sets, and on the users who have them."""

import unicodedata
from collections.abc import Collection
from copy import copy
from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit, record_ids
from tokenx.org.models import (
    AppPermissionSet,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    User,
)
from tokenx.org.xml_texts import with_texts
from tokenx.web.local_formats import format_number

SECTION = "Manage Users"
# See docs/salesforce/product.md, Permission sets.
MAX_PERMISSION_SETS = 1_000
# tokenx's own limit on the permission sets of one user.
MAX_ASSIGNMENTS = 100


class PermissionSetValues(TypedDict):
    """The fields of a permission set that can be edited. Only deployments have a file."""

    label: str
    description: NotRequired[str]
    file: NotRequired[str]


@transaction.atomic
def create_permission_set(
    *, name: str, by: User, **values: Unpack[PermissionSetValues]
) -> PermissionSet:
    """Create a permission set.

    Raise ValidationError, by field, if a value is invalid or the API name is in use, and
    without a field if the org has too many.
    """
    Org.objects.locked(by.org_id)
    permission_set = PermissionSet(org_id=by.org_id, name=name, **values)
    _validate(permission_set)
    if PermissionSet.objects.filter(org=by.org_id).count() >= MAX_PERMISSION_SETS:
        raise ValidationError(
            f"This org already has {format_number(MAX_PERMISSION_SETS)} permission sets, "
            "the limit. Delete one first."
        )
    permission_set.save()
    display = f"Created permission set {permission_set.label}: with no license"
    _record(by, "PermSetCreateNoLicense", display)
    return permission_set


@transaction.atomic
def edit_permission_set(
    *,
    permission_set: PermissionSet,
    name: str,
    by: User,
    **values: Unpack[PermissionSetValues],
) -> PermissionSet:
    """Change a permission set. Its users and apps keep it.

    Without a new file, the label and the description are changed in the file, too.
    Raise ValidationError as create_permission_set() does.
    """
    Org.objects.locked(permission_set.org_id)
    rows = PermissionSet.objects.filter(org=permission_set.org_id)
    current = rows.filter(pk=permission_set.pk).first()
    if current is None:
        raise ValidationError(f"{permission_set.label} was already deleted.")
    old = copy(current)
    current.name, current.label = name, values["label"]
    current.description = values.get("description", old.description)
    _validate(current)
    texts = {"label": current.label, "description": current.description}
    if "file" in values:
        current.file = values["file"]
    elif current.file:
        current.file = with_texts(current.file, texts)
    changes = list(_changes(old, current))
    if not changes:
        return current
    current.clean_fields()
    current.modified_at = timezone.now()
    current.save()
    for action, change in changes:
        _record(by, action, f"Changed permission set {current.label}: {change}")
    return current


def _changes(old: PermissionSet, new: PermissionSet) -> list[tuple[str, str]]:
    """Return the audit action and the words for each change, as Salesforce writes them."""
    found = []
    if new.label != old.label:
        change = f"Master Label was changed from {old.label} to {new.label}"
        found.append(("PermSetLabelChange", change))
    if new.name != old.name:
        change = f"API name was changed from {old.name} to {new.name}"
        found.append(("PermSetDeveloperNameChange", change))
    if new.description != old.description:
        found.append(("PermSetDescriptionChange", "description was changed"))
    if new.file != old.file and not found:
        found.append(("PermSetFileChange", "its metadata file was changed"))
    return found


@transaction.atomic
def delete_permission_set(*, permission_set: PermissionSet, by: User) -> None:
    """Delete a permission set.

    Raise ValidationError if users have it. Apps lose it.
    """
    org = Org.objects.locked(permission_set.org_id)
    assignments = PermissionSetAssignment.objects.filter(org=org)
    users = assignments.filter(permission_set=permission_set.pk).count()
    if users:
        has = "1 user has" if users == 1 else f"{format_number(users)} users have"
        raise ValidationError(
            f"{has} the permission set {permission_set.label}. Remove their assignments "
            "first."
        )
    AppPermissionSet.objects.filter(org=org, permission_set=permission_set.pk).delete()
    deleted, _ = PermissionSet.objects.filter(org=org, pk=permission_set.pk).delete()
    if deleted:
        _record(by, "PermSetDelete", f"Deleted permission set {permission_set.label}")


@transaction.atomic
def assign_permission_set(
    *, permission_set: PermissionSet, user: User, by: User
) -> PermissionSetAssignment:
    """Give a user a permission set. Pages and API calls assign with this action.

    Raise ValidationError if the user already has it or has too many.
    """
    org = Org.objects.locked(user.org_id)
    if not PermissionSet.objects.filter(org=org, pk=permission_set.pk).exists():
        raise ValidationError(f"{permission_set.label} was already deleted.")
    own = PermissionSetAssignment.objects.filter(org=org, user=user)
    if own.filter(permission_set=permission_set).exists():
        raise ValidationError(
            _duplicate(permission_set, user),
            code="DUPLICATE_VALUE",
            params={"fields": ["AssigneeId", "PermissionSetId"]},
        )
    if own.count() >= MAX_ASSIGNMENTS:
        raise ValidationError(
            f"{user.name} already has {MAX_ASSIGNMENTS} permission sets, the limit. "
            "Remove one first."
        )
    assignment = PermissionSetAssignment(org=org, permission_set=permission_set, user=user)
    assignment.save()
    _record_assignment(by, assignment, is_new=True)
    return assignment


def _duplicate(permission_set: PermissionSet, user: User) -> str:
    """Return Salesforce's message (docs/salesforce/product.md, Permission sets)."""
    user_id = record_ids.record_id(record_ids.USER, user.pk)
    set_id = record_ids.record_id(record_ids.PERMISSION_SET, permission_set.pk)
    return (
        f"Duplicate PermissionSetAssignment. Assignee: {user_id}; Permission Set: {set_id}"
    )


@transaction.atomic
def unassign_permission_set(*, assignment: PermissionSetAssignment, by: User) -> None:
    """Take a permission set away from a user. The assignment's rows must be loaded."""
    rows = PermissionSetAssignment.objects.filter(org=assignment.org_id, pk=assignment.pk)
    deleted, _ = rows.delete()
    if deleted:
        _record_assignment(by, assignment, is_new=False)


@transaction.atomic
def set_permission_sets(
    *, user: User, permission_sets: Collection[PermissionSet], by: User
) -> bool:
    """Give a user exactly these permission sets. Return whether something changed.

    Raise ValidationError as assign_permission_set() does.
    """
    org = Org.objects.locked(user.org_id)
    own = PermissionSetAssignment.objects.filter(org=org, user=user)
    related = own.select_related("permission_set", "user").defer("permission_set__file")
    current = list(related.order_by("permission_set__label", "id"))
    wanted = {each.pk: each for each in permission_sets}
    unwanted = [row for row in current if row.permission_set_id not in wanted]
    known = {row.permission_set_id for row in current}
    for row in unwanted:
        unassign_permission_set(assignment=row, by=by)
    missing = [each for pk, each in wanted.items() if pk not in known]
    for each in missing:
        assign_permission_set(permission_set=each, user=user, by=by)
    return bool(unwanted or missing)


def _validate(permission_set: PermissionSet) -> None:
    permission_set.clean_fields()
    errors: dict[str, str] = {}
    for field, plural in [("label", "Labels"), ("description", "Descriptions")]:
        allowed = "\n\r\t" if field == "description" else ""
        text = getattr(permission_set, field)
        if any(unicodedata.category(c) == "Cc" and c not in allowed for c in text):
            errors[field] = f"{plural} can't contain control characters."
    if errors:
        raise ValidationError(errors)
    try:
        permission_set.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _record_assignment(
    by: User, assignment: PermissionSetAssignment, *, is_new: bool
) -> None:
    user, verb = assignment.user, "assigned to" if is_new else "unassigned from"
    # As in Salesforce, the ID has 15 characters.
    user_id = record_ids.record_id(record_ids.USER, user.pk)[:15]
    display = (
        f"Permission set {assignment.permission_set.label}: {verb} user {user.name} "
        f"(UserID: [{user_id}])"
    )
    _record(by, "PermSetAssign" if is_new else "PermSetUnassign", display)


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
