"""Rows of the two handler objects: create, update, delete, by the actions of the pages."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.handlers import actions
from tokenx.handlers.actions.handlers import Definition
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import record_ids
from tokenx.org.models import ApexClass, ClientApp, User

from .values import (
    APEX_CLASS,
    CHANGEABLE_LATER,
    FLAGS,
    HANDLER,
    HANDLER_APP,
    TEXTS,
    TOKEN_TYPES,
    RefusedError,
    checked,
    not_found,
    refusals,
    require,
)

_REQUIRED = ["DeveloperName", "MasterLabel", APEX_CLASS]


def create(caller: Caller, entity: str, said: Mapping[str, Any]) -> str:
    """Add a row; its id. Raises RefusedError."""
    values = checked(entity, said)
    is_external = bool(values.get("ExternalClientApplicationId"))
    app = "ExternalClientApplicationId" if is_external else "ConnectedApplicationId"
    with refusals(app=app), transaction.atomic():
        if entity == HANDLER:
            return _create_handler(caller, values)
        return _create_app(caller, values)


def update(caller: Caller, entity: str, record_id: str, said: Mapping[str, Any]) -> None:
    """Change what is said of a row, and nothing else. Raises RefusedError."""
    row = _row(caller, entity, record_id)
    values = checked(entity, said)
    with refusals(), transaction.atomic():
        if isinstance(row, TokenExchangeHandler):
            _update_handler(caller, row, values)
        else:
            _update_app(caller, row, values)


def delete(caller: Caller, entity: str, record_id: str) -> None:
    """Take a row away. Raises RefusedError."""
    row = _row(caller, entity, record_id)
    with refusals():
        if isinstance(row, TokenExchangeHandler):
            actions.delete_handler(handler=row, by=caller.user)
        else:
            actions.remove_app(enablement=row, by=caller.user)


def _row(caller: Caller, entity: str, record_id: str) -> TokenExchangeHandler | Enablement:
    if entity == HANDLER:
        pk = record_ids.pk_of(record_ids.HANDLER, record_id)
        rows: Any = TokenExchangeHandler.objects.select_related("apex_class")
    else:
        pk = record_ids.pk_of(record_ids.ENABLEMENT, record_id)
        rows = Enablement.objects.select_related("handler", "app", "run_as")
    found: TokenExchangeHandler | Enablement | None = (
        rows.filter(org=caller.org, pk=pk).first() if pk is not None else None
    )
    if found is None:
        raise not_found()
    return found


# --- Handlers ---


def _create_handler(caller: Caller, values: dict[str, Any]) -> str:
    require(values, _REQUIRED)
    apex_class = _class(caller, values[APEX_CLASS])
    definition: Definition = {
        "label": "",
        "developer_name": "",
        "description": "",
        "token_types": [],
        "allows_user_creation": False,
        "apex_class": apex_class,
    }
    made = actions.create_handler(
        definition=_said(definition, values),
        is_enabled=values.get("IsEnabled", False),
        by=caller.user,
    )
    return record_ids.record_id(record_ids.HANDLER, made.pk)


def _update_handler(
    caller: Caller, handler: TokenExchangeHandler, values: dict[str, Any]
) -> None:
    require(values, [name for name in _REQUIRED if name in values])
    definition: Any = actions.handler_values(handler)
    chosen = values.get(APEX_CLASS)
    definition["apex_class"] = _class(caller, chosen) if chosen else handler.apex_class
    changed = actions.edit_handler(
        handler=handler, definition=_said(definition, values), by=caller.user
    )
    if "IsEnabled" in values:
        actions.set_handler_enabled(
            handler=changed, is_enabled=values["IsEnabled"], by=caller.user
        )


def _said(definition: Definition, values: dict[str, Any]) -> Definition:
    """The definition with what is said of it."""
    made: Any = dict(definition)
    for name, attribute in {**TEXTS, **FLAGS}.items():
        if name in values and attribute != "is_enabled":
            made[attribute] = values[name]
    types = set(made["token_types"])
    for name, attribute in TOKEN_TYPES.items():
        if name in values:
            types = types | {attribute} if values[name] else types - {attribute}
    made["token_types"] = [n for n in TokenExchangeHandler.TOKEN_TYPES if n in types]
    return made


def _class(caller: Caller, record_id: str) -> ApexClass:
    found: ApexClass = _pointed(
        caller, ApexClass.objects.all(), record_ids.APEX_CLASS, record_id, APEX_CLASS
    )
    return found


# --- Apps of handlers ---


def _create_app(caller: Caller, values: dict[str, Any]) -> str:
    require(values, ["OauthTokenExchangeHandlerId", "ApexExecutionUserId"])
    kinds = {"ConnectedApplicationId", "ExternalClientApplicationId"}
    app_fields = {name for name in kinds if values.get(name)}
    if len(app_fields) != 1:
        words = "Specify either ConnectedApplicationId or ExternalClientApplicationId"
        raise RefusedError("FIELD_INTEGRITY_EXCEPTION", words, *sorted(app_fields))
    [app_field] = app_fields
    is_connected = app_field == "ConnectedApplicationId"
    kind = ClientApp.Kind.CONNECTED if is_connected else ClientApp.Kind.EXTERNAL
    prefix = record_ids.CONNECTED_APP if is_connected else record_ids.EXTERNAL_APP
    apps = ClientApp.objects.filter(kind=kind)
    handlers = TokenExchangeHandler.objects.all()
    made = actions.enable_app(
        handler=_pointed(
            caller,
            handlers,
            record_ids.HANDLER,
            values["OauthTokenExchangeHandlerId"],
            "OauthTokenExchangeHandlerId",
        ),
        app=_pointed(caller, apps, prefix, values[app_field], app_field),
        run_as=_user(caller, values["ApexExecutionUserId"]),
        make_default=values.get("IsDefault", False),
        by=caller.user,
    )
    return record_ids.record_id(record_ids.ENABLEMENT, made.pk)


def _update_app(caller: Caller, row: Enablement, values: dict[str, Any]) -> None:
    fixed = set(values) - CHANGEABLE_LATER[HANDLER_APP]
    if fixed:
        name = min(fixed)
        words = f"Unable to create/update fields: {name}."
        raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", words, name)
    chosen = values.get("ApexExecutionUserId")
    require(values, ["ApexExecutionUserId"] if chosen is not None else [])
    actions.edit_enablement(
        enablement=row,
        run_as=_user(caller, chosen) if chosen else row.run_as,
        make_default=values.get("IsDefault", row.is_default),
        by=caller.user,
    )


def _user(caller: Caller, record_id: str) -> User:
    name = "ApexExecutionUserId"
    users = User.objects.all()
    found: User = _pointed(caller, users, record_ids.USER, record_id, name)
    return found


def _pointed(caller: Caller, rows: Any, prefix: str, record_id: str, name: str) -> Any:
    """The row of the caller's org that an id in a field names."""
    pk = record_ids.pk_of(prefix, record_id)
    if pk is None:
        words = f"{name}: id value of incorrect type: {record_id[:20]}"
        raise RefusedError("MALFORMED_ID", words, name)
    if found := rows.filter(org=caller.org, pk=pk).first():
        return found
    words = "invalid cross reference id"
    raise RefusedError("INVALID_CROSS_REFERENCE_KEY", words, name)
