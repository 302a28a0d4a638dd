"""Fields of the two handler objects over REST, and REST's errors about them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.api.faults import status_code
from tokenx.metadata.format.writer import UNWRITABLE
from tokenx.setup.actions.users import TEXT_FIELDS
from tokenx.soql.sobjects import SOBJECTS

HANDLER, HANDLER_APP = "oauthtokenexchangehandler", "oauthtokenexchhandlerapp"
USER, ASSIGNMENT = "user", "permissionsetassignment"
CHANGEABLE = {HANDLER, HANDLER_APP, USER, ASSIGNMENT}
# As in Salesforce, users are deactivated instead.
DELETABLE = {HANDLER, HANDLER_APP, ASSIGNMENT}
# Fields of the object, and their names in an action
# (docs/salesforce/product.md, Handler fields).
TEXTS = {
    "DeveloperName": "developer_name",
    "MasterLabel": "label",
    "Description": "description",
}
TOKEN_TYPES = {
    "SupportedTokenTypesAccessToken": "supports_access_token",
    "SupportedTokenTypesIdToken": "supports_id_token",
    "SupportedTokenTypesJwt": "supports_jwt",
    "SupportedTokenTypesRefreshToken": "supports_refresh_token",
    "SupportedTokenTypesSaml2": "supports_saml2",
}
FLAGS = {
    "IsEnabled": "is_enabled",
    "IsUserCreationAllowed": "allows_user_creation",
    "IsContactCreationAllowed": "allows_contact_creation",
}
APEX_CLASS = "TokenHandlerApexId"
USER_TEXTS = TEXT_FIELDS
PROFILE, IS_ACTIVE = "ProfileId", "IsActive"
ASSIGNEE, PERMISSION_SET = "AssigneeId", "PermissionSetId"
# The fields of a new row. Fewer fields of an enabled app can be changed later.
WRITABLE = {
    HANDLER: {*TEXTS, *TOKEN_TYPES, *FLAGS, APEX_CLASS},
    HANDLER_APP: {
        "ApexExecutionUserId",
        "ConnectedApplicationId",
        "ExternalClientApplicationId",
        "IsDefault",
        "OauthTokenExchangeHandlerId",
    },
    USER: {*USER_TEXTS, PROFILE, IS_ACTIVE},
    ASSIGNMENT: {ASSIGNEE, PERMISSION_SET},
}
CHANGEABLE_LATER: dict[str, set[str]] = {
    **WRITABLE,
    HANDLER_APP: {"ApexExecutionUserId", "IsDefault"},
    ASSIGNMENT: set(),
}
_ATTRIBUTES = {
    attribute: name
    for name, attribute in {**TEXTS, **TOKEN_TYPES, **FLAGS, **USER_TEXTS}.items()
}
_ATTRIBUTES |= {
    "apex_class": APEX_CLASS,
    "run_as": "ApexExecutionUserId",
    "profile": PROFILE,
}


class RestError(Exception):
    """A refused REST call: an HTTP status, and errors with the fields they concern."""

    def __init__(self, code: str, message: str, *fields: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [{"message": message, "errorCode": code, "fields": list(fields)}]


def check_can_delete(entity: str) -> None:
    """Raise a RestError if rows of a changeable object can't be deleted."""
    if entity not in DELETABLE:
        message = f"entity type {SOBJECTS[entity].name} does not support delete"
        raise RestError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


def not_found() -> RestError:
    message = "The requested resource does not exist"
    return RestError("NOT_FOUND", message, status=404)


@contextmanager
def as_rest_errors(**fields: str) -> Iterator[None]:
    """Turn the validation errors of an action into a RestError.

    `fields` are the names of attributes that depend on the call.
    """
    try:
        yield
    except ValidationError as error:
        rest_error = RestError("FIELD_INTEGRITY_EXCEPTION", "")
        rest_error.errors = list(_error_rows(error, {**_ATTRIBUTES, **fields}))
        raise rest_error from error


def _error_rows(
    error: ValidationError, fields: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    by_attribute = (
        error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    )
    for attribute, errors in by_attribute.items():
        for each in errors:
            named = (each.params or {}).get("fields", [])
            for message in each.messages:
                yield {
                    "message": message,
                    "errorCode": status_code(each),
                    "fields": [fields[attribute]] if attribute in fields else named,
                }


def parse_fields(entity: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by field name; raise a RestError for a field that's read-only."""
    return {
        (field := _find_field(entity, name)): _check_value(field, value)
        for name, value in data.items()
        if name != "attributes"
    }


def _find_field(entity: str, name: str) -> str:
    """Return the field's name as the schema spells it."""
    writable = {field.lower(): field for field in WRITABLE[entity]}
    if field_name := writable.get(name.lower()):
        return field_name
    sobject = SOBJECTS[entity]
    for field in sobject.fields:
        if field.name.lower() == name.lower():
            message = f"Unable to create/update fields: {field.name}."
            raise RestError("INVALID_FIELD_FOR_INSERT_UPDATE", message, field.name)
    message = f"No such column '{name[:100]}' on sobject of type {sobject.name}"
    raise RestError("INVALID_FIELD", message)


def _check_value(field: str, value: Any) -> Any:
    """Return a field's new value; null clears a text."""
    is_flag = field in FLAGS or field in TOKEN_TYPES or field in {"IsDefault", IS_ACTIVE}
    if value is None and not is_flag:
        return ""
    if not isinstance(value, bool if is_flag else str):
        message = f"Cannot deserialize a value of the field {field}"
        raise RestError("JSON_PARSER_ERROR", message, field)
    if isinstance(value, str) and UNWRITABLE.search(value):
        message = f"The field {field} contains characters that XML files can't contain"
        raise RestError("JSON_PARSER_ERROR", message, field)
    return value


def refuse_read_only(entity: str, values: Mapping[str, Any]) -> None:
    """Raise a RestError if one of the fields can't be changed in an existing row."""
    read_only = set(values) - CHANGEABLE_LATER[entity]
    if read_only:
        name = min(read_only)
        message = f"Unable to create/update fields: {name}."
        raise RestError("INVALID_FIELD_FOR_INSERT_UPDATE", message, name)


def require_fields(values: dict[str, Any], names: list[str]) -> None:
    """Raise a RestError if one of the fields has no value."""
    missing = [name for name in names if not values.get(name)]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise RestError("REQUIRED_FIELD_MISSING", message, *missing)
