"""Converts the definitions of apps to an action's arguments."""

from dataclasses import dataclass, field
from typing import Any

from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    ExternalAppDefinition,
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
    OauthConfig,
    OauthPolicy,
)
from tokenx.org.models import ClientApp, PermittedUsers

from . import app_access, refresh_policies, scopes
from .round_trip import FileDetails, details_of


@dataclass(frozen=True, kw_only=True)
class _Values:
    kind: str
    api_name: str
    values: dict[str, Any]
    file_details: dict[str, Any]
    consumer_key: str | None = None
    secret: str | None = field(default=None, repr=False)
    # Names. None in a file that can't have any.
    profiles: tuple[str, ...] | None = None
    permission_sets: tuple[str, ...] | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of put_app(), with the names of rows."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class ConnectedValues(_Values):
    """The values of a connected app, from its only file."""


class ExternalValues(_Values):
    """The values of an external client app's own file."""


class PartValues(_Values):
    """The values of a part of an external client app that must already exist."""


def values_of(full_name: str, definition: Any) -> _Values:
    if isinstance(definition, ConnectedAppDefinition):
        return _connected(full_name, definition)
    if isinstance(definition, ExternalAppDefinition):
        return ExternalValues(
            kind=ClientApp.Kind.EXTERNAL,
            api_name=full_name,
            values=_own(definition),
            file_details={definition.type_name: details_of(definition)},
        )
    return _part(full_name, definition)


def _own(definition: ConnectedAppDefinition | ExternalAppDefinition) -> dict[str, Any]:
    return {
        "label": definition.label,
        "description": definition.description or "",
        "contact_email": definition.contact_email,
    }


def _connected(api_name: str, definition: ConnectedAppDefinition) -> ConnectedValues:
    config = definition.oauth_config or OauthConfig()
    policy = definition.oauth_policy or OauthPolicy()
    values = {
        **_own(definition),
        "callback_url": config.callback_url or "",
        "scopes": scopes.from_file(config.scopes),
        "allows_token_exchange": bool(config.allows_token_exchange),
        "requires_secret": bool(config.requires_secret),
        "introspects_all_tokens": bool(config.introspects_all_tokens),
        "rotates_refresh_tokens": bool(config.rotates_refresh_tokens),
        **refresh_policies.from_text(policy.refresh_token_policy).values(),
        "permitted_users": PermittedUsers.PRE_AUTHORIZED
        if config.requires_admin_approval
        else PermittedUsers.SELF_AUTHORIZED,
        "policy_allows_token_exchange": bool(policy.policy_allows_token_exchange),
    }
    return ConnectedValues(
        kind=ClientApp.Kind.CONNECTED,
        api_name=api_name,
        values=values,
        file_details={
            config.type_name: details_of(config) | {"scopes": list(config.scopes)},
            policy.type_name: details_of(policy)
            | {"refresh_token_policy": policy.refresh_token_policy},
            definition.type_name: _with_access(definition),
        },
        consumer_key=config.consumer_key,
        secret=config.consumer_secret,
        profiles=definition.profiles,
        permission_sets=definition.permission_sets,
    )


def _with_access(definition: ConnectedAppDefinition | ExternalAppPolicies) -> FileDetails:
    """Return the file's details, with its spelling of profiles and permission sets."""
    details = details_of(definition)
    for name in ("profiles", "permission_sets"):
        if names := getattr(definition, name):
            details[name] = names if isinstance(names, str) else list(names)
    return details


def _part(full_name: str, definition: Any) -> PartValues:
    details = details_of(definition) | {"full_name": full_name}
    values: dict[str, Any] = {}
    key = secret = profiles = permission_sets = None
    if isinstance(definition, ExternalAppGlobalSettings):
        values = {
            "callback_url": definition.callback_url or "",
            "allows_token_exchange": bool(definition.allows_token_exchange),
            "requires_secret": bool(definition.requires_secret),
            "introspects_all_tokens": bool(definition.introspects_all_tokens),
            "rotates_refresh_tokens": bool(definition.rotates_refresh_tokens),
        }
        key, secret = definition.consumer_key, definition.consumer_secret
    elif isinstance(definition, ExternalAppSettings):
        values = {"scopes": scopes.from_commas(definition.scopes or "")}
        details["scopes"] = definition.scopes or ""
    elif isinstance(definition, ExternalAppPolicies):
        details |= _with_access(definition)
        profiles = app_access.from_commas(definition.profiles or "")
        permission_sets = app_access.from_commas(definition.permission_sets or "")
        refresh = {name: getattr(definition, name) for name in refresh_policies.FIELDS}
        details |= refresh
        values = {
            "policy_allows_token_exchange": bool(definition.policy_allows_token_exchange),
            "permitted_users": definition.permitted_users or PermittedUsers.SELF_AUTHORIZED,
            **refresh_policies.from_elements(refresh).values(),
        }
    return PartValues(
        kind=ClientApp.Kind.EXTERNAL,
        api_name=definition.app,
        values=values,
        file_details={definition.type_name: details},
        consumer_key=key,
        secret=secret,
        profiles=profiles,
        permission_sets=permission_sets,
    )
