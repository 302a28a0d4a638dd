"""Converts an org's rows to metadata definitions."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Case, QuerySet, Value, When

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.format.definitions import (
    ApexClassDefinition,
    ConnectedAppDefinition,
    EnablementDefinition,
    ExternalAppDefinition,
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
    HandlerDefinition,
    OauthConfig,
    OauthPolicy,
)
from tokenx.metadata.format.writer import write_enablements
from tokenx.org.models import ApexClass, ClientApp, PermittedUsers
from tokenx.org.models.app_access import AppAccess, access_of

from . import app_access, refresh_policies, scopes
from .round_trip import FileDetails, details_of, is_empty, restore_definition

# Salesforce's default file names for an app's parts.
PART_NAMES: dict[Any, str] = {
    ExternalAppGlobalSettings: "{}_glbloauth",
    ExternalAppSettings: "{}_oauth",
    ExternalAppPolicies: "{}_oauthPlcy",
}
HANDLER_FIELDS = (
    "developer_name",
    "label",
    "description",
    "is_enabled",
    *TokenExchangeHandler.TOKEN_TYPES,
    "allows_user_creation",
    "allows_contact_creation",
    "is_protected",
)
_BATCH = 2_000


def handler_definition(
    handler: TokenExchangeHandler, enablements: Any = ()
) -> HandlerDefinition:
    """Return the handler's definition, with a tuple or an iterator of enablements."""
    values = {name: getattr(handler, name) for name in HANDLER_FIELDS}
    return HandlerDefinition(
        **values, apex_class=handler.apex_class.name, enablements=enablements
    )


def enablements_of(handler: TokenExchangeHandler) -> Iterator[EnablementDefinition]:
    """Return the handler's enabled apps in the page's order."""
    for batch in _enablement_rows(handler):
        for element, name, username, is_default in batch:
            is_connected = element == "connectedApp"
            yield EnablementDefinition(
                run_as=username,
                connected_app=name if is_connected else None,
                external_app=None if is_connected else name,
                is_default=bool(is_default),
            )


def written_enablements(handler: TokenExchangeHandler) -> Iterator[str]:
    """Yield the handler's enabled apps as written XML."""
    return map(write_enablements, _enablement_rows(handler))


def _enablement_rows(handler: TokenExchangeHandler) -> Iterator[list[tuple]]:
    """Yield each app's element and name, its user, and the default flag, in batches.

    This doesn't use the ORM, which would take twice as long as the database.
    """
    element = Case(
        When(app_kind=ClientApp.Kind.CONNECTED, then=Value("connectedApp")),
        default=Value("externalClientApp"),
    )
    rows = rows_of(handler).values_list(
        element, "app__api_name", "run_as__username", "is_default"
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        while batch := cursor.fetchmany(_BATCH):
            yield batch


def rows_of(handler: TokenExchangeHandler) -> QuerySet[Enablement]:
    return Enablement.objects.of(handler).by_app()


def apex_class_definition(apex_class: ApexClass) -> ApexClassDefinition:
    values = {
        "api_version": apex_class.api_version,
        "status": apex_class.status,
        "body": apex_class.body,
    }
    made: ApexClassDefinition = restore_definition(
        ApexClassDefinition, apex_class.file_details.get("ApexClass"), values
    )
    return made


def connected_app_definition(
    app: ClientApp, access: AppAccess | None = None
) -> ConnectedAppDefinition:
    """Return the app's definition. Its profiles and permission sets are read if needed."""
    access = access or access_of(app)
    file_details = app.file_details
    config = restore_definition(
        OauthConfig,
        file_details.get(OauthConfig.type_name),
        {
            "callback_url": app.callback_url,
            "consumer_key": _key(app, file_details.get(OauthConfig.type_name)),
            "requires_admin_approval": app.permitted_users == PermittedUsers.PRE_AUTHORIZED,
            "introspects_all_tokens": app.introspects_all_tokens,
            "rotates_refresh_tokens": app.rotates_refresh_tokens,
            "requires_secret": app.requires_secret,
            "allows_token_exchange": app.allows_token_exchange,
            "scopes": _scopes(app, file_details.get(OauthConfig.type_name)),
        },
    )
    policy = restore_definition(
        OauthPolicy,
        file_details.get(OauthPolicy.type_name),
        {
            "policy_allows_token_exchange": app.policy_allows_token_exchange,
            "refresh_token_policy": _refresh_text(
                app, file_details.get(OauthPolicy.type_name)
            ),
        },
    )
    details = file_details.get(ConnectedAppDefinition.type_name)
    values = {
        "contact_email": app.contact_email,
        "description": app.description,
        "label": app.label,
        "oauth_config": _unless_empty(config, "oauth_config", details),
        "oauth_policy": _unless_empty(policy, "oauth_policy", details),
    }
    for name, rows in access._asdict().items():
        values[name] = app_access.names_of(rows, (details or {}).get(name, ()))
    made: ConnectedAppDefinition = restore_definition(
        ConnectedAppDefinition, details, values
    )
    return made


def external_app_definitions(
    app: ClientApp, access: AppAccess | None = None
) -> Iterator[tuple[str, Any]]:
    """Return the app's own file and its parts, with their full names.

    The app's profiles and permission sets are read if they aren't given. A part that had
    no file is left out while it has only default values.
    """
    own = {"contact_email": app.contact_email, "description": app.description}
    own["label"] = app.label
    details = app.file_details.get(ExternalAppDefinition.type_name)
    yield app.api_name, restore_definition(ExternalAppDefinition, details, own)

    for kind, values in _parts(app, access or access_of(app)).items():
        details = app.file_details.get(kind.type_name)
        if details is None and app.file_details and not any(values.values()):
            continue
        name = (details or {}).get("full_name") or PART_NAMES[kind].format(app.api_name)
        yield name, restore_definition(kind, details, {"app": app.api_name, **values})


def file_details_of(app: ClientApp) -> dict[str, FileDetails]:
    """Return the other elements of the app's files, by type.

    An app created in Setup has no files. For such an app, return what its files would
    contain, so that deploying one of them loses nothing.
    """
    if app.file_details or app.kind == ClientApp.Kind.CONNECTED:
        return app.file_details
    return {
        definition.type_name: details_of(definition) | {"full_name": name}
        for name, definition in external_app_definitions(app)
    }


def _parts(app: ClientApp, access: AppAccess) -> dict[Any, dict[str, Any]]:
    policies = app.file_details.get(ExternalAppPolicies.type_name, {})
    settings = app.file_details.get(ExternalAppSettings.type_name, {})
    commas = settings.get("scopes")
    if commas is None or scopes.from_commas(commas) != app.scopes:
        commas = scopes.to_commas(app.scopes)
    return {
        ExternalAppGlobalSettings: {
            "callback_url": app.callback_url,
            "consumer_key": _key(
                app, app.file_details.get(ExternalAppGlobalSettings.type_name)
            ),
            "introspects_all_tokens": app.introspects_all_tokens,
            "rotates_refresh_tokens": app.rotates_refresh_tokens,
            "requires_secret": app.requires_secret,
            "allows_token_exchange": app.allows_token_exchange,
        },
        ExternalAppSettings: {"scopes": commas},
        ExternalAppPolicies: {
            "policy_allows_token_exchange": app.policy_allows_token_exchange,
            "permitted_users": _permitted(app),
            **_refresh_elements(app),
            **{
                name: app_access.to_commas(rows, policies.get(name, ""))
                for name, rows in access._asdict().items()
            },
        },
    }


def _permitted(app: ClientApp) -> str:
    """Return the permitted users, or None for the default of a file without the element."""
    details = app.file_details.get(ExternalAppPolicies.type_name)
    is_present = _is_present("permitted_users", app, details)
    is_meant = app.permitted_users == PermittedUsers.SELF_AUTHORIZED
    return "" if is_meant and not is_present else app.permitted_users


def _scopes(app: ClientApp, details: FileDetails | None) -> tuple[str, ...]:
    """Return the scopes to write; the file's own spelling, if it names the same."""
    in_file = tuple((details or {}).get("scopes", ()))
    same = scopes.from_file(in_file) == app.scopes
    return in_file if same else scopes.to_file(app.scopes)


def _refresh_text(app: ClientApp, details: FileDetails | None) -> str:
    """Return the policy to write; the file's own spelling, if it's the same policy."""
    policy = refresh_policies.of_app(app)
    in_file = (details or {}).get("refresh_token_policy") or ""
    if app.file_details and refresh_policies.from_text(in_file) == policy:
        return in_file
    return refresh_policies.to_text(policy)


def _refresh_elements(app: ClientApp) -> dict[str, str | None]:
    """Return the same for an external client app."""
    details = app.file_details.get(ExternalAppPolicies.type_name)
    policy = refresh_policies.of_app(app)
    in_file = {name: (details or {}).get(name) for name in refresh_policies.FIELDS}
    # An app created in Setup has no files, and its details say nothing about the policy.
    is_from_setup = not app.file_details or (
        details and refresh_policies.FIELDS[0] not in details
    )
    if not is_from_setup and refresh_policies.from_elements(in_file) == policy:
        return in_file
    return refresh_policies.to_elements(policy)


def _key(app: ClientApp, details: FileDetails | None) -> str | None:
    """Return the consumer key, unless the app's file had none."""
    return app.consumer_key if _is_present("consumer_key", app, details) else None


def _is_present(name: str, app: ClientApp, details: FileDetails | None) -> bool:
    """Tell whether the part's file had the element; true for an app without files."""
    return name in details["present"] if details is not None else not app.file_details


def _unless_empty(inner: Any, name: str, details: FileDetails | None) -> Any:
    is_present = details is None or name in details["present"]
    return inner if is_present or not is_empty(inner) else None
