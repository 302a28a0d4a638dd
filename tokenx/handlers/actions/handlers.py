"""What can be done to a handler itself: define, change, switch, delete."""

from typing import Any, NotRequired, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.actions import create_apex_class_template
from tokenx.org.apex import BASE, is_handler_class
from tokenx.org.models import ApexClass, Org, User

SECTION = "Token Exchange Handlers"
# How many apps one entry of the audit trail names.
NAMED_IN_ENTRY = 10


class Definition(TypedDict):
    """What is said of a handler when it is defined."""

    label: str
    developer_name: str
    description: str
    token_types: list[str]  # the names of fields, of TokenExchangeHandler.TOKEN_TYPES
    allows_user_creation: bool
    apex_class: ApexClass | None  # none: a template is made for it
    # What only files say; as it was, where nothing is said.
    allows_contact_creation: NotRequired[bool | None]
    is_protected: NotRequired[bool | None]


@transaction.atomic
def create_handler(
    *, definition: Definition, is_enabled: bool, by: User
) -> TokenExchangeHandler:
    """Define a handler, and its Apex class with it where none was chosen.

    Raises ValidationError, by field.
    """
    Org.objects.locked(by.org_id)
    handler = TokenExchangeHandler(
        org_id=by.org_id, is_enabled=is_enabled, created_by=by, modified_by=by
    )
    _set(handler, definition, by)
    handler.save()
    state = "enabled" if is_enabled else "disabled"
    display = f"Created token exchange handler {handler.label}, {state}"
    _record(by, "insertOauthTokenExchangeHandler", display)
    return handler


@transaction.atomic
def edit_handler(
    *, handler: TokenExchangeHandler, definition: Definition, by: User
) -> TokenExchangeHandler:
    """Change what defines the handler; its apps stay enabled for it.

    Raises ValidationError, by field.
    """
    Org.objects.locked(by.org_id)
    handler = _lock(handler)
    before = _described(handler)
    _set(handler, definition, by)
    changes = [
        f"{name} from {before[name] or 'none'} to {value or 'none'}"
        for name, value in _described(handler).items()
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
    """Switch the handler on or off. Its apps stay as they are, defaults too."""
    handler = _lock(handler)
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
    """Delete the handler, and what it is enabled for with it. The apps stay."""
    locked = TokenExchangeHandler.objects.filter(org=handler.org_id, pk=handler.pk)
    if not locked.select_for_update().exists():
        return  # Somebody else deleted it just now: what was wanted is so.
    enabled = Enablement.objects.of(handler)
    names = [
        str(label)
        for label in enabled.by_app().values_list("app__label", flat=True)[
            : NAMED_IN_ENTRY + 1
        ]
    ]
    apps = ", which was enabled for " + _listed(names, enabled.count()) if names else ""
    enabled.delete()
    locked.delete()
    display = f"Deleted token exchange handler {handler.label}{apps}"
    _record(by, "deletedOauthTokenExchangeHandler", display)


def handler_values(handler: TokenExchangeHandler) -> dict[str, Any]:
    """What a form shows of the handler."""
    return {
        "label": handler.label,
        "developer_name": handler.developer_name,
        "description": handler.description,
        "token_types": [name for name in handler.TOKEN_TYPES if getattr(handler, name)],
        "allows_user_creation": handler.allows_user_creation,
        "apex_class": handler.apex_class_id,
    }


def _lock(handler: TokenExchangeHandler) -> TokenExchangeHandler:
    rows = TokenExchangeHandler.objects.filter(org=handler.org_id, pk=handler.pk)
    if locked := rows.select_for_update().first():
        return locked
    raise ValidationError(f"{handler.label} is gone. Somebody deleted it.")


def _set(handler: TokenExchangeHandler, definition: Definition, by: User) -> None:
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
    if not is_handler_class(handler.apex_class.body):
        name = handler.apex_class.name
        raise ValidationError({"apex_class": f"{name} does not extend {BASE}."})


def _refuse_taken_name(handler: TokenExchangeHandler) -> None:
    others = TokenExchangeHandler.objects.filter(
        org=handler.org_id, developer_name__iexact=handler.developer_name
    )
    if taken := others.exclude(pk=handler.pk).first():
        message = f"{taken.label} has this API name already."
        error = ValidationError(message, code="duplicate_name")
        raise ValidationError({"developer_name": error})


def _described(handler: TokenExchangeHandler) -> dict[str, str]:
    return {
        "name": handler.label,
        "API name": handler.developer_name,
        "description": handler.description,
        "token types": " and ".join(handler.token_types),
        "user creation": _word(handler.allows_user_creation),
        "contact creation": _word(handler.allows_contact_creation),
        "protected component": _word(handler.is_protected),
        "Apex class": handler.apex_class.name,
    }


def _word(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _listed(names: list[str], total: int) -> str:
    shown = names[:NAMED_IN_ENTRY]
    rest = f" and {total - len(shown)} more" if total > len(shown) else ""
    return ", ".join(shown) + rest


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
