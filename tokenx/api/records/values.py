"""What REST says of rows of the two handler objects, and how it says what is refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.metadata.format.writer import UNWRITABLE
from tokenx.soql.sobjects import SOBJECTS

HANDLER, HANDLER_APP = "oauthtokenexchangehandler", "oauthtokenexchhandlerapp"
CHANGEABLE = {HANDLER, HANDLER_APP}
# Fields of the object, and what they are in an action (facts/salesforce.md 1.2).
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
# What can be said of a new row; of an app that is enabled, less can be changed later.
WRITABLE = {
    HANDLER: {*TEXTS, *TOKEN_TYPES, *FLAGS, APEX_CLASS},
    HANDLER_APP: {
        "ApexExecutionUserId",
        "ConnectedApplicationId",
        "ExternalClientApplicationId",
        "IsDefault",
        "OauthTokenExchangeHandlerId",
    },
}
CHANGEABLE_LATER = {**WRITABLE, HANDLER_APP: {"ApexExecutionUserId", "IsDefault"}}
_ATTRIBUTES = {
    attribute: name for name, attribute in {**TEXTS, **TOKEN_TYPES, **FLAGS}.items()
}
_ATTRIBUTES |= {"apex_class": APEX_CLASS, "run_as": "ApexExecutionUserId"}


class RefusedError(Exception):
    """Why a row cannot be so: REST's errors, each with its fields."""

    def __init__(self, code: str, message: str, *fields: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [{"message": message, "errorCode": code, "fields": list(fields)}]


def not_found() -> RefusedError:
    words = "The requested resource does not exist"
    return RefusedError("NOT_FOUND", words, status=404)


@contextmanager
def refusals(**fields: str) -> Iterator[None]:
    """What an action refuses, as REST says it; `fields` are what it calls otherwise."""
    try:
        yield
    except ValidationError as error:
        raised = RefusedError("FIELD_INTEGRITY_EXCEPTION", "")
        raised.errors = list(_errors(error, {**_ATTRIBUTES, **fields}))
        raise raised from error


def _errors(error: ValidationError, fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for attribute, sentences in by_field.items():
        for sentence in sentences:
            is_taken = "has this API name already" in sentence
            yield {
                "message": sentence,
                "errorCode": "DUPLICATE_DEVELOPER_NAME"
                if is_taken
                else "FIELD_INTEGRITY_EXCEPTION",
                "fields": [fields[attribute]] if attribute in fields else [],
            }


def checked(entity: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, by the names of fields; no field that cannot be written."""
    return {
        (field := _field(entity, name)): _value(field, value)
        for name, value in said.items()
        if name != "attributes"
    }


def _field(entity: str, name: str) -> str:
    """The field of that name, as the schema spells it."""
    known = {name.lower(): name for name in WRITABLE[entity]}
    if found := known.get(name.lower()):
        return found
    sobject = SOBJECTS[entity]
    for field in sobject.fields:
        if field.name.lower() == name.lower():
            words = f"Unable to create/update fields: {field.name}."
            raise RefusedError("INVALID_FIELD_FOR_INSERT_UPDATE", words, field.name)
    words = f"No such column '{name[:100]}' on sobject of type {sobject.name}"
    raise RefusedError("INVALID_FIELD", words)


def _value(field: str, value: Any) -> Any:
    """What a field is to be; null empties a text."""
    is_flag = field in FLAGS or field in TOKEN_TYPES or field == "IsDefault"
    if value is None and not is_flag:
        return ""
    if not isinstance(value, bool if is_flag else str):
        words = f"Cannot deserialize a value of the field {field}"
        raise RefusedError("JSON_PARSER_ERROR", words, field)
    if isinstance(value, str) and UNWRITABLE.search(value):
        words = f"The field {field} has letters that no file can have"
        raise RefusedError("JSON_PARSER_ERROR", words, field)
    return value


def require(values: dict[str, Any], names: list[str]) -> None:
    missing = [name for name in names if not values.get(name)]
    if missing:
        words = f"Required fields are missing: [{', '.join(missing)}]"
        raise RefusedError("REQUIRED_FIELD_MISSING", words, *missing)
