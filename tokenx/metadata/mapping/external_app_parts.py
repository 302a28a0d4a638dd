"""Removes a part of an external client app: its settings or its policies.

Parts are separate files, but not rows. Deleting a part resets its values to the defaults of
an empty file.
"""

from typing import Any

from django.db.models import Q

from tokenx.metadata.format.definitions import (
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
)
from tokenx.org.models import ClientApp, PermittedUsers, User
from tokenx.setup.actions.apps import change_app

from . import refresh_policies
from .from_org import PART_NAMES, file_details_of

_EMPTY: dict[str, dict[str, Any]] = {
    ExternalAppGlobalSettings.type_name: {
        "callback_url": "",
        "allows_token_exchange": False,
        "requires_secret": False,
        "introspects_all_tokens": False,
        "rotates_refresh_tokens": False,
    },
    ExternalAppSettings.type_name: {"scopes": []},
    ExternalAppPolicies.type_name: {
        "policy_allows_token_exchange": False,
        "permitted_users": PermittedUsers.SELF_AUTHORIZED,
        **refresh_policies.DEFAULT.values(),
    },
}
PARTS = set(_EMPTY)


def app_with_part(org: int, type_name: str, name: str) -> ClientApp | None:
    """Return the app with this part, by the part's file name or the app's name."""
    apps = ClientApp.objects.filter(org=org, kind=ClientApp.Kind.EXTERNAL)
    named = apps.filter(**{f"file_details__{type_name}__full_name__iexact": name}).first()
    if named:
        return named
    suffix = next(
        pattern.format("").lower()
        for kind, pattern in PART_NAMES.items()
        if kind.type_name == type_name
    )
    if not name.lower().endswith(suffix):
        return None
    # An app created in Setup has no files, and therefore all parts.
    is_bare = Q(file_details={}) | Q(**{f"file_details__{type_name}__isnull": False})
    return apps.filter(is_bare, api_name__iexact=name[: -len(suffix)]).first()


def remove_part(app: ClientApp, type_name: str, by: User) -> None:
    file_details = dict(file_details_of(app))
    file_details.pop(type_name, None)
    values = {**_EMPTY[type_name], "file_details": file_details}
    # Only the policies have profiles and permission sets.
    access: list[Any] | None = [] if type_name == ExternalAppPolicies.type_name else None
    change_app(app=app, by=by, values=values, profiles=access, permission_sets=access)
