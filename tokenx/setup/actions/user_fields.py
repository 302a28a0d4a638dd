"""Actions on custom fields of User, and on their values."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Length
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.actions import reset_classes_that_mention
from tokenx.org.models import Org, User, UserField
from tokenx.web.local_formats import format_number

SECTION = "Customize Users"
MAX_USER_FIELDS = 100
_BATCH = 500


class UserFieldValues(TypedDict):
    """The properties of a field that can be edited."""

    label: str
    length: int
    description: NotRequired[str]
    file_details: NotRequired[dict[str, Any]]


@transaction.atomic
def create_user_field(
    *, name: str, by: User, **values: Unpack[UserFieldValues]
) -> UserField:
    """Add a custom text field, whose full name is like User.Azure_Id__c.

    Raise ValidationError, by field, if a value is invalid or the name is in use, and
    without a field if the org has too many.
    """
    Org.objects.locked(by.org_id)
    field = UserField(org_id=by.org_id, name=name, **values)
    _validate(field)
    if UserField.objects.filter(org=by.org_id).count() >= MAX_USER_FIELDS:
        raise ValidationError(
            f"This org already has {format_number(MAX_USER_FIELDS)} custom fields on User, "
            "the limit. Delete one first."
        )
    field.save()
    reset_classes_that_mention(org=by.org_id, text=field.api_name)
    _record(by, "createdCFText", f"Created {field.label} custom field (Text) on User")
    return field


@transaction.atomic
def edit_user_field(
    *, field: UserField, by: User, **values: Unpack[UserFieldValues]
) -> UserField:
    """Change a field. Its name can't change, and no value may be longer than the field.

    Raise ValidationError as create_user_field() does.
    """
    Org.objects.locked(field.org_id)
    current = UserField.objects.filter(org=field.org_id, pk=field.pk).first()
    if current is None:
        raise ValidationError(f"{field.label} was already deleted.")
    if all(getattr(current, name) == value for name, value in values.items()):
        return current
    old_length = current.length
    for name, value in values.items():
        setattr(current, name, value)
    _validate(current)
    if current.length < old_length:
        _check_longest_value(current)
    current.modified_at = timezone.now()
    current.save()
    _record(by, "changedCFText", f"Changed {current.label} custom field on User")
    return current


@transaction.atomic
def delete_user_field(*, field: UserField, by: User) -> None:
    """Delete a field and its values."""
    Org.objects.locked(field.org_id)
    deleted, _ = UserField.objects.filter(org=field.org_id, pk=field.pk).delete()
    if not deleted:
        return
    users = User.objects.filter(
        org=field.org_id, custom_values__has_key=field.api_name
    ).only("org_id", "custom_values")
    changed = []
    for user in users.iterator(chunk_size=_BATCH):
        del user.custom_values[field.api_name]
        changed.append(user)
    rows = User.objects.filter(org=field.org_id)
    rows.bulk_update(changed, ["custom_values"], batch_size=_BATCH)
    reset_classes_that_mention(org=by.org_id, text=field.api_name)
    _record(by, "deletedCF", f"Deleted {field.label} custom field on User")


@transaction.atomic
def edit_custom_values(*, user: User, values: Mapping[str, str], by: User) -> User:
    """Set a user's values of custom fields, by API name. Empty text removes a value.

    Raise ValidationError, by API name, if a value is too long or the field is unknown.
    """
    Org.objects.locked(user.org_id)
    current: User = User.objects.of(user).get(pk=user.pk)
    fields = {row.api_name: row for row in UserField.objects.filter(org=user.org_id)}
    check_custom_values(values, fields)
    new = {**current.custom_values, **values}
    new = {name: new[name] for name in sorted(new) if new[name]}
    if new == current.custom_values:
        return current
    changes = [
        f"{fields[name].label} from {_display(current.custom_values.get(name))} to "
        f"{_display(new.get(name))}"
        for name in values
        if current.custom_values.get(name, "") != values[name]
    ]
    current.custom_values = new
    current.modified_at = timezone.now()
    User.objects.filter(org=user.org_id, pk=user.pk).update(
        custom_values=new, modified_at=current.modified_at
    )
    display = f"For user {current.username}, changed {', '.join(changes)}"
    audit.record(by=by, action="changeduser", section="Manage Users", display=display)
    return current


def check_custom_values(values: Mapping[str, str], fields: Mapping[str, UserField]) -> None:
    """Raise ValidationError, by API name, if a value doesn't fit its field."""
    errors = {}
    for name, value in values.items():
        if name not in fields:
            errors[name] = f"{name} isn't a custom field on User."
        elif len(value) > fields[name].length:
            limit = fields[name].length
            errors[name] = f"{fields[name].label} has at most {limit} characters."
        elif not value.isprintable():
            errors[name] = f"{fields[name].label} can't contain control characters."
    if errors:
        raise ValidationError(errors)


def _check_longest_value(field: UserField) -> None:
    value = KeyTextTransform(field.api_name, "custom_values")
    users = User.objects.filter(org=field.org_id, custom_values__has_key=field.api_name)
    longest = users.aggregate(longest=Max(Length(value)))["longest"] or 0
    if longest > field.length:
        raise ValidationError(
            {"length": f"A user has a value of {longest} characters. Shorten it first."}
        )


def _validate(field: UserField) -> None:
    field.clean_fields()
    try:
        field.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _display(value: str | None) -> str:
    return value or "nothing"


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
