"""Actions on debug levels, which say what logs contain."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import DebugLevel, Org, TraceFlag, User
from tokenx.org.models.trace_flag import LEVEL_FIELDS
from tokenx.web.local_formats import format_number

SECTION = "Debug Logs"
MAX_DEBUG_LEVELS = 100


@transaction.atomic
def create_debug_level(*, name: str, label: str, by: User, **levels: str) -> DebugLevel:
    """Create a debug level. `levels` has fields of LEVEL_FIELDS; the others are NONE.

    Raise ValidationError, by field, if a value is invalid or the name is in use, and
    without a field if the org has too many.
    """
    Org.objects.locked(by.org_id)
    level = DebugLevel(org_id=by.org_id, name=name, label=label, **_known(levels))
    _validate(level)
    if DebugLevel.objects.filter(org=by.org_id).count() >= MAX_DEBUG_LEVELS:
        raise ValidationError(
            f"This org already has {format_number(MAX_DEBUG_LEVELS)} debug levels, the "
            "limit. Delete one first."
        )
    level.save()
    _record(by, "created", level)
    return level


@transaction.atomic
def edit_debug_level(
    *, level: DebugLevel, by: User, name: str = "", label: str = "", **levels: str
) -> DebugLevel:
    """Change a debug level. Raise ValidationError as create_debug_level() does."""
    Org.objects.locked(level.org_id)
    current = DebugLevel.objects.filter(org=level.org_id, pk=level.pk).first()
    if current is None:
        raise ValidationError(f"{level.name} was already deleted.")
    wanted = {**_known(levels), "name": name or current.name}
    wanted["label"] = label or current.label
    if all(getattr(current, field) == value for field, value in wanted.items()):
        return current
    for field, value in wanted.items():
        setattr(current, field, value)
    _validate(current)
    current.modified_at = timezone.now()
    current.save()
    _record(by, "changed", current)
    return current


@transaction.atomic
def delete_debug_level(*, level: DebugLevel, by: User) -> None:
    """Delete a debug level. Raise ValidationError if trace flags use it."""
    Org.objects.locked(level.org_id)
    if TraceFlag.objects.filter(org=level.org_id, debug_level=level).exists():
        raise ValidationError(
            f"Trace flags use {level.name}. Delete them, or select another debug level "
            "for them."
        )
    deleted, _ = DebugLevel.objects.filter(org=level.org_id, pk=level.pk).delete()
    if deleted:
        _record(by, "deleted", level)


def _known(levels: dict[str, str]) -> dict[str, str]:
    unknown = set(levels) - set(LEVEL_FIELDS)
    assert not unknown  # noqa: S101 (callers pass the fields of a form or an object)
    return levels


def _validate(level: DebugLevel) -> None:
    level.clean_fields()
    try:
        level.validate_constraints()
    except ValidationError as error:
        taken = ValidationError(" ".join(error.messages), code="duplicate_name")
        raise ValidationError({"name": taken}) from error


def _record(by: User, verb: str, level: DebugLevel) -> None:
    display = f"{verb.capitalize()} debug level {level.name}"
    audit.record(by=by, action=f"{verb}DebugLevel", section=SECTION, display=display)
