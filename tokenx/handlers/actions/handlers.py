"""Actions on a handler: create, edit, enable or disable, delete."""

from typing import Any, NotRequired, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.actions import create_apex_class_template
from tokenx.org.models import ApexClass, Org, User

SECTION = "Token Exchange Handlers"
# Number of apps that one audit trail entry lists by name.
APPS_NAMED = 10


class HandlerValues(TypedDict):
    """The fields that define a handler."""

    label: str
    developer_name: str
    description: str
    token_types: list[str]  # field names from TokenExchangeHandler.TOKEN_TYPES
    allows_user_creation: bool
    apex_class: ApexClass | None  # None creates a class from the template
    # Only files have these fields. If they're missing, the current values stay.
    allows_contact_creation: NotRequired[bool | None]
    is_protected: NotRequired[bool | None]


@transaction.atomic
def create_handler(
    *, definition: HandlerValues, is_enabled: bool, by: User
) -> TokenExchangeHandler:
    """Create a handler, and its Apex class if the definition has none.

    Raise ValidationError, by field, if the definition is invalid.
    """
    Org.objects.locked(by.org_id)
    handler = TokenExchangeHandler(
        org_id=by.org_id, is_enabled=is_enabled, created_by=by, modified_by=by
    )
    _apply_definition(handler, definition, by)
    handler.save()
    state = "enabled" if is_enabled else "disabled"
    display = f"Created token exchange handler {handler.label}, {state}"
    _record(by, "insertOauthTokenExchangeHandler", display)
    return handler


@transaction.atomic
def edit_handler(
    *, handler: TokenExchangeHandler, definition: HandlerValues, by: User
) -> TokenExchangeHandler:
    """Change a handler's definition. Its enabled apps don't change.

    Raise ValidationError, by field, if the definition is invalid.
    """
    Org.objects.locked(by.org_id)
    handler = _lock_handler(handler)
    before = _audit_values(handler)
    _apply_definition(handler, definition, by)
    changes = [
        f"{name} from {before[name] or 'none'} to {value or 'none'}"
        for name, value in _audit_values(handler).items()
        if value != before[name]
    ]
    if changes:
        handler.save()
        handler.touch(by)
        display = f"Changed token exchange handler {handler.label}: {', '.join(changes)}"
        _record(by, "changedOauthTokenExchangeHandler", display)
    return handler


@transaction.atomic
def set_handler_enabled(
    *, handler: TokenExchangeHandler, is_enabled: bool, by: User
) -> TokenExchangeHandler:
    """Enable or disable a handler. Its enabled apps and their defaults don't change."""
    handler = _lock_handler(handler)
    if handler.is_enabled != is_enabled:
        handler.is_enabled = is_enabled
        handler.save(update_fields=["is_enabled"])
        handler.touch(by)
        verb = "Enabled" if is_enabled else "Disabled"
        action = f"{verb.lower()}OauthTokenExchangeHandler"
        _record(by, action, f"{verb} token exchange handler {handler.label}")
    return handler


@transaction.atomic
def delete_handler(*, handler: TokenExchangeHandler, by: User) -> None:
    """Delete a handler and its enablements. The apps themselves aren't deleted."""
    rows = TokenExchangeHandler.objects.filter(org=handler.org_id, pk=handler.pk)
    if not rows.select_for_update().exists():
        return  # Already deleted concurrently; nothing to do.
    enablements = Enablement.objects.of(handler)
    names = [
        str(label)
        for label in enablements.by_app().values_list("app__label", flat=True)[
            : APPS_NAMED + 1
        ]
    ]
    apps = ""
    if names:
        apps = f", which was enabled for {_name_some(names, enablements.count())}"
    enablements.delete()
    rows.delete()
    display = f"Deleted token exchange handler {handler.label}{apps}"
    _record(by, "deletedOauthTokenExchangeHandler", display)


def handler_values(handler: TokenExchangeHandler) -> dict[str, Any]:
    """Return the values that a form shows and edits."""
    return {
        "label": handler.label,
        "developer_name": handler.developer_name,
        "description": handler.description,
        "token_types": [name for name in handler.TOKEN_TYPES if getattr(handler, name)],
        "allows_user_creation": handler.allows_user_creation,
        "apex_class": handler.apex_class_id,
    }


def _lock_handler(handler: TokenExchangeHandler) -> TokenExchangeHandler:
    rows = TokenExchangeHandler.objects.filter(org=handler.org_id, pk=handler.pk)
    if locked := rows.select_for_update().first():
        return locked
    raise ValidationError(f"{handler.label} was already deleted.")


def _apply_definition(
    handler: TokenExchangeHandler, definition: HandlerValues, by: User
) -> None:
    for name in ("label", "developer_name", "description", "allows_user_creation"):
        setattr(handler, name, definition[name])
    for name in ("allows_contact_creation", "is_protected"):
        setattr(handler, name, definition.get(name, getattr(handler, name)))
    if not definition["token_types"]:
        raise ValidationError({"token_types": "Select at least one token type."})
    for name in handler.TOKEN_TYPES:
        setattr(handler, name, name in definition["token_types"])
    handler.clean_fields(exclude=["apex_class", "created_by", "modified_by", "org"])
    _refuse_taken_name(handler)
    handler.apex_class = definition["apex_class"] or create_apex_class_template(by=by)
    if reason := handler.apex_class.why_not_handler:
        raise ValidationError({"apex_class": reason})


def _refuse_taken_name(handler: TokenExchangeHandler) -> None:
    others = TokenExchangeHandler.objects.filter(
        org=handler.org_id, developer_name__iexact=handler.developer_name
    )
    if other := others.exclude(pk=handler.pk).first():
        message = f"{other.label} already has this API name."
        error = ValidationError(message, code="duplicate_name")
        raise ValidationError({"developer_name": error})


def _audit_values(handler: TokenExchangeHandler) -> dict[str, str]:
    return {
        "name": handler.label,
        "API name": handler.developer_name,
        "description": handler.description,
        "token types": " and ".join(handler.token_types),
        "user creation": _true_or_false(handler.allows_user_creation),
        "contact creation": _true_or_false(handler.allows_contact_creation),
        "protected component": _true_or_false(handler.is_protected),
        "Apex class": handler.apex_class.name,
    }


def _true_or_false(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _name_some(names: list[str], total: int) -> str:
    named = names[:APPS_NAMED]
    rest = f" and {total - len(named)} more" if total > len(named) else ""
    return ", ".join(named) + rest


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
