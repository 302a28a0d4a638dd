"""Changes to handlers, enabled apps, users, and assignments, with Setup's actions."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.handlers import actions
from tokenx.handlers.actions.handlers import HandlerValues
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import record_ids
from tokenx.org.models import ApexClass, ClientApp, PermissionSetAssignment, User
from tokenx.setup.actions.permission_sets import unassign_permission_set

from .assignments import create_assignment_record
from .references import find_reference
from .users import create_user_record, update_user_record
from .values import (
    APEX_CLASS,
    ASSIGNMENT,
    FLAGS,
    HANDLER,
    HANDLER_APP,
    TEXTS,
    TOKEN_TYPES,
    USER,
    RestError,
    as_rest_errors,
    check_can_delete,
    not_found,
    parse_fields,
    refuse_read_only,
    require_fields,
)

_REQUIRED = ["DeveloperName", "MasterLabel", APEX_CLASS]


def create_record(caller: Caller, entity: str, data: Mapping[str, Any]) -> str:
    """Create a row and return its ID; raise a RestError if it's invalid."""
    values = parse_fields(entity, data)
    is_external = bool(values.get("ExternalClientApplicationId"))
    app = "ExternalClientApplicationId" if is_external else "ConnectedApplicationId"
    with as_rest_errors(app=app), transaction.atomic():
        if entity == HANDLER:
            return _create_handler(caller, values)
        if entity == USER:
            return create_user_record(caller, values)
        if entity == ASSIGNMENT:
            return create_assignment_record(caller, values)
        return _create_app(caller, values)


def update_record(
    caller: Caller, entity: str, record_id: str, data: Mapping[str, Any]
) -> None:
    """Change the given fields of a row; raise a RestError if one is invalid."""
    row = _find_row(caller, entity, record_id)
    values = parse_fields(entity, data)
    with as_rest_errors(), transaction.atomic():
        if isinstance(row, TokenExchangeHandler):
            _update_handler(caller, row, values)
        elif isinstance(row, User):
            update_user_record(caller, row, values)
        elif isinstance(row, PermissionSetAssignment):
            refuse_read_only(ASSIGNMENT, values)
        else:
            _update_app(caller, row, values)


def delete_record(caller: Caller, entity: str, record_id: str) -> None:
    """Delete a row; raise a RestError if it's unknown or can't be deleted."""
    check_can_delete(entity)
    row: Any = _find_row(caller, entity, record_id)
    with as_rest_errors():
        if isinstance(row, TokenExchangeHandler):
            actions.delete_handler(handler=row, by=caller.user)
        elif isinstance(row, PermissionSetAssignment):
            unassign_permission_set(assignment=row, by=caller.user)
        else:
            actions.remove_app(enablement=row, by=caller.user)


Row = TokenExchangeHandler | Enablement | User | PermissionSetAssignment


def _find_row(caller: Caller, entity: str, record_id: str) -> Row:
    if entity == USER:
        pk = record_ids.pk_of(record_ids.USER, record_id)
        rows: Any = User.objects.select_related("profile")
    elif entity == ASSIGNMENT:
        pk = record_ids.pk_of(record_ids.PERMISSION_SET_ASSIGNMENT, record_id)
        related = PermissionSetAssignment.objects.select_related("user", "permission_set")
        rows = related.defer("permission_set__file")
    elif entity == HANDLER:
        pk = record_ids.pk_of(record_ids.HANDLER, record_id)
        rows = TokenExchangeHandler.objects.select_related("apex_class")
    else:
        pk = record_ids.pk_of(record_ids.ENABLEMENT, record_id)
        rows = Enablement.objects.select_related("handler", "app", "run_as")
    row: Row | None = rows.filter(org=caller.org, pk=pk).first() if pk is not None else None
    if row is None:
        raise not_found()
    return row


# --- Handlers ---


def _create_handler(caller: Caller, values: dict[str, Any]) -> str:
    require_fields(values, _REQUIRED)
    apex_class = _find_class(caller, values[APEX_CLASS])
    definition: HandlerValues = {
        "label": "",
        "developer_name": "",
        "description": "",
        "token_types": [],
        "allows_user_creation": False,
        "apex_class": apex_class,
    }
    handler = actions.create_handler(
        definition=_with_values(definition, values),
        is_enabled=values.get("IsEnabled", False),
        by=caller.user,
    )
    return record_ids.record_id(record_ids.HANDLER, handler.pk)


def _update_handler(
    caller: Caller, handler: TokenExchangeHandler, values: dict[str, Any]
) -> None:
    require_fields(values, [name for name in _REQUIRED if name in values])
    definition: Any = actions.handler_values(handler)
    class_id = values.get(APEX_CLASS)
    definition["apex_class"] = (
        _find_class(caller, class_id) if class_id else handler.apex_class
    )
    changed = actions.edit_handler(
        handler=handler, definition=_with_values(definition, values), by=caller.user
    )
    if "IsEnabled" in values:
        actions.set_handler_enabled(
            handler=changed, is_enabled=values["IsEnabled"], by=caller.user
        )


def _with_values(definition: HandlerValues, values: dict[str, Any]) -> HandlerValues:
    """Return a copy of the definition with the new values."""
    changed: Any = dict(definition)
    for name, attribute in {**TEXTS, **FLAGS}.items():
        if name in values and attribute != "is_enabled":
            changed[attribute] = values[name]
    types = set(changed["token_types"])
    for name, attribute in TOKEN_TYPES.items():
        if name in values:
            types = types | {attribute} if values[name] else types - {attribute}
    changed["token_types"] = [
        name for name in TokenExchangeHandler.TOKEN_TYPES if name in types
    ]
    return changed


def _find_class(caller: Caller, record_id: str) -> ApexClass:
    apex_class: ApexClass = find_reference(
        caller, ApexClass.objects.all(), record_ids.APEX_CLASS, record_id, APEX_CLASS
    )
    return apex_class


# --- Enabled apps ---


def _create_app(caller: Caller, values: dict[str, Any]) -> str:
    require_fields(values, ["OauthTokenExchangeHandlerId", "ApexExecutionUserId"])
    kinds = {"ConnectedApplicationId", "ExternalClientApplicationId"}
    app_fields = {name for name in kinds if values.get(name)}
    if len(app_fields) != 1:
        message = "Specify either ConnectedApplicationId or ExternalClientApplicationId"
        raise RestError("FIELD_INTEGRITY_EXCEPTION", message, *sorted(app_fields))
    [app_field] = app_fields
    is_connected = app_field == "ConnectedApplicationId"
    kind = ClientApp.Kind.CONNECTED if is_connected else ClientApp.Kind.EXTERNAL
    prefix = record_ids.CONNECTED_APP if is_connected else record_ids.EXTERNAL_APP
    apps = ClientApp.objects.filter(kind=kind)
    handlers = TokenExchangeHandler.objects.all()
    enablement = actions.enable_app(
        handler=find_reference(
            caller,
            handlers,
            record_ids.HANDLER,
            values["OauthTokenExchangeHandlerId"],
            "OauthTokenExchangeHandlerId",
        ),
        app=find_reference(caller, apps, prefix, values[app_field], app_field),
        run_as=_find_user(caller, values["ApexExecutionUserId"]),
        make_default=values.get("IsDefault", False),
        by=caller.user,
    )
    return record_ids.record_id(record_ids.ENABLEMENT, enablement.pk)


def _update_app(caller: Caller, enablement: Enablement, values: dict[str, Any]) -> None:
    refuse_read_only(HANDLER_APP, values)
    user_id = values.get("ApexExecutionUserId")
    require_fields(values, ["ApexExecutionUserId"] if user_id is not None else [])
    actions.edit_enablement(
        enablement=enablement,
        run_as=_find_user(caller, user_id) if user_id else enablement.run_as,
        make_default=values.get("IsDefault", enablement.is_default),
        by=caller.user,
    )


def _find_user(caller: Caller, record_id: str) -> User:
    name = "ApexExecutionUserId"
    users = User.objects.all()
    user: User = find_reference(caller, users, record_ids.USER, record_id, name)
    return user
