"""Inserts and updates users for code, with the actions of the pages."""

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.apex.runtime.ports import DmlOutcome
from tokenx.apex.values import Id, Record, Value
from tokenx.apex.values.kinds import DmlError
from tokenx.org import audit, record_ids
from tokenx.org.models import Org, Profile, User, UserField
from tokenx.org.search.prepared import prepared
from tokenx.setup.actions import user_fields
from tokenx.setup.actions import users as actions

from .absent_objects import AbsentRecords, cannot_specify_id

# Fields that a change can name, but that only Salesforce sets.
_READ_ONLY = {"name", "createddate", "lastmodifieddate", "systemmodstamp"}
# After a change of another object, these fields of a user can't be changed.
_EXCLUSIVE = {"isactive", "profileid", "username", "userroleid"}
_FIELDS = {name.lower(): name for name in actions.TEXT_FIELDS}
_NAMES = {attribute: name for name, attribute in actions.TEXT_FIELDS.items()}
_NAMES |= {"profile": "ProfileId"}
# Codes that actions give their errors, and Salesforce's codes for those of Django.
_STATUS_CODES = {
    "DUPLICATE_USERNAME": "DUPLICATE_USERNAME",
    "DUPLICATE_VALUE": "DUPLICATE_VALUE",
    "INVALID_CROSS_REFERENCE_KEY": "INVALID_CROSS_REFERENCE_KEY",
    "REQUIRED_FIELD_MISSING": "REQUIRED_FIELD_MISSING",
    "blank": "REQUIRED_FIELD_MISSING",
    "max_length": "STRING_TOO_LONG",
}
MIXED = "MIXED_DML_OPERATION"


@prepared
def _users(org: int, pk: int) -> QuerySet:
    return User.objects.filter(org=org, pk=pk).select_related("profile")


def find_user(org: int, pk: int) -> User | None:
    """Return the org's user with this key, and with the user's profile, or None."""
    found = _users(org, pk)
    return found[0] if found else None


class UserChanges:
    """Changes users of an org as one of them."""

    def __init__(self, org: Org, by: User, absent: AbsentRecords) -> None:
        self._org, self._user, self._absent = org, by, absent
        self._custom: Mapping[str, str] | None = None

    @cached_property
    def _by(self) -> User:
        """Return the user for audit entries, which name Apex."""
        by = copy(self._user)
        by.audit_context = audit.APEX
        return by

    def change(self, operation: str, place: int, record: Record) -> DmlOutcome:
        """Insert or update a user: return the ID, or why it wasn't saved."""
        if operation == "upsert":
            operation = "update" if record.id else "insert"
        try:
            # What one action saved is undone if the next one refuses.
            with transaction.atomic():
                if operation == "insert":
                    return self._insert(place, record)
                return self._update(place, record)
        except ValidationError as error:
            return DmlOutcome(None, tuple(_errors(place, error)))

    def _insert(self, place: int, record: Record) -> DmlOutcome:
        if record.id is not None:
            return cannot_specify_id(place)
        values = self._values(record)
        details = self._details(
            {name: v for name, v in values.items() if v not in (None, "")}
        )
        user = actions.create_user(by=self._by, **details)
        self._set_custom_values(user, values)
        if values.get("isactive") is False:
            actions.deactivate_user(user=user, by=self._by)
        id_ = Id(record_ids.record_id(record_ids.USER, user.pk))
        return DmlOutcome(id_, is_created=True)

    def _update(self, place: int, record: Record) -> DmlOutcome:
        if record.id is None:
            message = "Id not specified in an update call"
            return DmlOutcome(None, (DmlError(place, "MISSING_ARGUMENT", message),))
        user = self.find(record.id)
        if user is None:
            message = "invalid cross reference id"
            error = DmlError(place, "INVALID_CROSS_REFERENCE_KEY", message)
            return DmlOutcome(None, (error,))
        values = self._values(record)
        emptied = [
            name
            for name in actions.REQUIRED
            if name.lower() in values and values[name.lower()] in (None, "")
        ]
        if emptied:
            raise ValidationError(
                f"Required fields are missing: [{', '.join(emptied)}]",
                code="REQUIRED_FIELD_MISSING",
                params={"fields": emptied},
            )
        details: Any = {name: getattr(user, name) for name in actions.EDITABLE}
        details |= self._details(values)
        changed = actions.edit_user(user=user, by=self._by, **details)
        self._set_custom_values(changed, values)
        is_active = values.get("isactive")
        if is_active is not None and is_active != changed.is_active:
            act = actions.activate_user if is_active else actions.deactivate_user
            act(user=changed, by=self._by)
        return DmlOutcome(record.id)

    def find(self, id_: str) -> User | None:
        """Return the org's user with this ID, or None."""
        pk = record_ids.pk_of(record_ids.USER, id_)
        return find_user(self._org.pk, pk) if pk is not None else None

    def is_exclusive(self, operation: str, record: Record) -> bool:
        """Say whether the change can't be in one transaction with that of other objects.

        Source: docs/salesforce/apex.md, Mixed changes. Here, a new user can if it has a
        contact or, explicitly, no role.
        """
        if operation == "insert" or (operation == "upsert" and record.id is None):
            has_no_role = "userroleid" in record.fields and not record.fields["userroleid"]
            return not (has_no_role or record.fields.get("contactid"))
        user = self.find(record.id) if record.id else None
        return user is not None and any(
            name in record.fields and record.fields[name] != _current(user, name)
            for name in _EXCLUSIVE
        )

    def _values(self, record: Record) -> dict[str, Value]:
        """Return the values to save by lower-case name. Raise NotRunnableError."""
        custom = self._custom_fields()
        found: dict[str, Value] = {}
        for name, value in record.fields.items():
            if name in _FIELDS or name in custom or name in ("profileid", "isactive"):
                found[name] = value
            elif not self._can_be_left_out(name, value, record):
                raise NotRunnableError(f"User.{name}", "tokenx's users don't have it.")
        damaged = [name for name, value in found.items() if _has_lone_surrogate(value)]
        if damaged:
            names = ", ".join(_FIELDS.get(name, custom.get(name, name)) for name in damaged)
            raise ValidationError(
                f"Lone surrogates can't be stored: {names}", params={"fields": damaged}
            )
        return found

    def _can_be_left_out(self, name: str, value: Value, record: Record) -> bool:
        if name == "id" or value is None or isinstance(value, Record):
            return True
        if name in ("contactid", "accountid"):
            return self._absent.has_made(value)
        return record.is_queried and name in _READ_ONLY

    def _details(self, values: Mapping[str, Value]) -> Any:
        details = {
            actions.TEXT_FIELDS[name]: values[key] or ""
            for key, name in _FIELDS.items()
            if key in values
        }
        if "profileid" in values:
            details["profile"] = self._profile(values["profileid"])
        return details

    def _profile(self, id_: Value) -> Profile:
        pk = record_ids.pk_of(record_ids.PROFILE, str(id_))
        rows = Profile.objects.filter(org=self._org)
        profile = rows.filter(pk=pk).first() if pk is not None else None
        if profile is None:
            message = "invalid cross reference id"
            error = ValidationError(message, code="INVALID_CROSS_REFERENCE_KEY")
            raise ValidationError({"profile": error})
        return profile

    def _custom_fields(self) -> Mapping[str, str]:
        """Return the API names of the custom fields by lower-case name."""
        if self._custom is None:
            rows = UserField.objects.filter(org=self._org)
            self._custom = {row.api_name.lower(): row.api_name for row in rows}
        return self._custom

    def _set_custom_values(self, user: User, values: Mapping[str, Value]) -> None:
        custom = self._custom_fields()
        texts = {
            custom[name]: str(value or "")
            for name, value in values.items()
            if name in custom
        }
        if texts:
            user_fields.edit_custom_values(user=user, values=texts, by=self._by)


def _has_lone_surrogate(value: Value) -> bool:
    """Say whether a text has a lone surrogate, which no database stores."""
    return isinstance(value, str) and value != value.encode(errors="replace").decode()


def _current(user: User, name: str) -> Value:
    if name == "profileid":
        return record_ids.record_id(record_ids.PROFILE, user.profile_id)
    if name == "isactive":
        return user.is_active
    return user.username if name == "username" else None


def _errors(place: int, error: ValidationError) -> list[DmlError]:
    by_attribute = (
        error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    )
    found = []
    for attribute, errors in by_attribute.items():
        for each in errors:
            named = (each.params or {}).get("fields", [])
            fields = [_NAMES.get(attribute, attribute)] if attribute else named
            code = _STATUS_CODES.get(str(each.code), "FIELD_INTEGRITY_EXCEPTION")
            found += [
                DmlError(place, code, message, tuple(fields)) for message in each.messages
            ]
    return found
