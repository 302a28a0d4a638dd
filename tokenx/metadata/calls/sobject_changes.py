"""Rows of the two handler objects: create, update, delete, by the actions of the pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers import actions
from tokenx.handlers.actions.handlers import Definition
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import record_ids
from tokenx.org.models import ApexClass, ClientApp, User

from .caller import Caller

HANDLER, HANDLER_APP = "oauthtokenexchangehandler", "oauthtokenexchhandlerapp"
CHANGEABLE = {HANDLER, HANDLER_APP}
# Fields of the object, and what they are in an action (facts/salesforce.md 1.2).
_TEXTS = {
    "DeveloperName": "developer_name",
    "MasterLabel": "label",
    "Description": "description",
}
_TOKEN_TYPES = {
    "SupportedTokenTypesAccessToken": "supports_access_token",
    "SupportedTokenTypesIdToken": "supports_id_token",
    "SupportedTokenTypesJwt": "supports_jwt",
    "SupportedTokenTypesRefreshToken": "supports_refresh_token",
    "SupportedTokenTypesSaml2": "supports_saml2",
}
_FLAGS = {
    "IsEnabled": "is_enabled",
    "IsUserCreationAllowed": "allows_user_creation",
    "IsContactCreationAllowed": "allows_contact_creation",
}
_APEX_CLASS = "TokenHandlerApexId"
_FIELDS = {
    HANDLER: {*_TEXTS, *_TOKEN_TYPES, *_FLAGS, _APEX_CLASS},
    HANDLER_APP: {
        "ApexExecutionUserId",
        "ConnectedApplicationId",
        "ExternalClientApplicationId",
        "IsDefault",
        "OauthTokenExchangeHandlerId",
    },
}
_ATTRIBUTES = {
    attribute: name for name, attribute in {**_TEXTS, **_TOKEN_TYPES, **_FLAGS}.items()
}
_ATTRIBUTES |= {
    "apex_class": _APEX_CLASS,
    "run_as": "ApexExecutionUserId",
    "app": "ConnectedApplicationId",
}


class RefusedError(Exception):
    """Why a row cannot be so: REST's errors, each with its fields."""

    def __init__(self, code: str, message: str, *fields: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [{"message": message, "errorCode": code, "fields": list(fields)}]


def not_found() -> RefusedError:
    words = "The requested resource does not exist"
    return RefusedError("NOT_FOUND", words, status=404)


def create(caller: Caller, entity: str, said: Mapping[str, Any]) -> str:
    """Add a row; its id. Raises RefusedError."""
    values = _checked(entity, said)
    with _actions_words(), transaction.atomic():
        if entity == HANDLER:
            return _create_handler(caller, values)
        return _create_app(caller, values)


def update(caller: Caller, entity: str, record_id: str, said: Mapping[str, Any]) -> None:
    """Change what is said of a row, and nothing else. Raises RefusedError."""
    row = _row(caller, entity, record_id)
    values = _checked(entity, said)
    with _actions_words(), transaction.atomic():
        if isinstance(row, TokenExchangeHandler):
            _update_handler(caller, row, values)
        else:
            _update_app(caller, row, values)


def delete(caller: Caller, entity: str, record_id: str) -> None:
    """Take a row away. Raises RefusedError."""
    row = _row(caller, entity, record_id)
    if isinstance(row, TokenExchangeHandler):
        actions.delete_handler(handler=row, by=caller.user)
    else:
        actions.remove_app(enablement=row, by=caller.user)


class _actions_words:  # noqa: N801 (used as a statement)
    """What an action refuses, as REST says it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if not isinstance(error, ValidationError):
            return
        raised = RefusedError("FIELD_INTEGRITY_EXCEPTION", "")
        raised.errors = list(_errors(error))
        raise raised from error


def _errors(error: ValidationError) -> Iterator[dict[str, Any]]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for attribute, sentences in by_field.items():
        for sentence in sentences:
            is_taken = "has this API name already" in sentence
            yield {
                "message": sentence,
                "errorCode": "DUPLICATE_DEVELOPER_NAME"
                if is_taken
                else "FIELD_INTEGRITY_EXCEPTION",
                "fields": [_ATTRIBUTES[attribute]] if attribute in _ATTRIBUTES else [],
            }


def _checked(entity: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, by the names of fields; no field that cannot be written."""
    known = {name.lower(): name for name in _FIELDS[entity]}
    values: dict[str, Any] = {}
    for name, value in said.items():
        if name == "attributes":
            continue
        field = known.get(name.lower())
        if field is None:
            words = f"No such column '{name[:100]}' on sobject of type {entity}"
            raise RefusedError("INVALID_FIELD", words)
        is_flag = field in _FLAGS or field in _TOKEN_TYPES or field == "IsDefault"
        if not isinstance(value, bool if is_flag else str):
            words = f"Cannot deserialize a value of the field {field}"
            raise RefusedError("JSON_PARSER_ERROR", words, field)
        values[field] = value
    return values


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
    required = ["DeveloperName", "MasterLabel", _APEX_CLASS]
    _require(values, required)
    apex_class = _class(caller, values[_APEX_CLASS])
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
    definition: Any = actions.handler_values(handler)
    chosen = values.get(_APEX_CLASS)
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
    for name, attribute in {**_TEXTS, **_FLAGS}.items():
        if name in values and attribute != "is_enabled":
            made[attribute] = values[name]
    types = set(made["token_types"])
    for name, attribute in _TOKEN_TYPES.items():
        if name in values:
            types = types | {attribute} if values[name] else types - {attribute}
    made["token_types"] = [n for n in TokenExchangeHandler.TOKEN_TYPES if n in types]
    return made


def _class(caller: Caller, record_id: str) -> ApexClass:
    found: ApexClass = _pointed(
        caller, ApexClass.objects.all(), record_ids.APEX_CLASS, record_id, _APEX_CLASS
    )
    return found


# --- Apps of handlers ---


def _create_app(caller: Caller, values: dict[str, Any]) -> str:
    _require(values, ["OauthTokenExchangeHandlerId", "ApexExecutionUserId"])
    app_fields = {"ConnectedApplicationId", "ExternalClientApplicationId"} & set(values)
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
    fixed = set(values) - {"ApexExecutionUserId", "IsDefault"}
    if fixed:
        name = min(fixed)
        words = f"Unable to create/update fields: {name}."
        raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", words, name)
    chosen = values.get("ApexExecutionUserId")
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


def _require(values: dict[str, Any], names: list[str]) -> None:
    missing = [name for name in names if not values.get(name)]
    if missing:
        words = f"Required fields are missing: [{', '.join(missing)}]"
        raise RefusedError("REQUIRED_FIELD_MISSING", words, *missing)


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
