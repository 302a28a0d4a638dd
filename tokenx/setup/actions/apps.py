"""Actions on apps: the developer's settings, the admin's policies, and the secret."""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.handlers.models import Enablement
from tokenx.org import audit
from tokenx.org.client_secrets import hash_secret, needs_new_hash
from tokenx.org.models import (
    AccessToken,
    ClientApp,
    OAuthApproval,
    Org,
    PermissionSet,
    PermittedUsers,
    Profile,
    RefreshTokenPolicy,
    User,
)
from tokenx.org.models.client_app import PERIODIC_POLICIES
from tokenx.org.search import grams
from tokenx.setup.used_by import name_handlers

from .app_access import remove_access, set_access

SECTION = "Application"
ENTER_VALIDITY = "Enter a number of hours, days, or months."
NO_VALIDITY = "Only the last two refresh token policies have a validity period."


class AppSettings(TypedDict):
    """The settings that an app's developer controls."""

    label: str
    description: str
    contact_email: str
    callback_url: str
    scopes: list[str]
    allows_token_exchange: bool
    requires_secret: bool
    rotates_refresh_tokens: NotRequired[bool]
    introspects_all_tokens: NotRequired[bool]


class RefreshPolicy(NamedTuple):
    """A refresh token policy; the period is None and the unit blank if it has none."""

    policy: str = RefreshTokenPolicy.INFINITE
    validity: int | None = None
    unit: str = ""

    def values(self) -> dict[str, Any]:
        """Return the values of the app's fields."""
        return {
            "refresh_token_policy": self.policy,
            "refresh_token_validity": self.validity,
            "refresh_token_unit": self.unit,
        }


class AppWithSecret(NamedTuple):
    """An app and its new secret, which can't be read again."""

    app: ClientApp
    secret: str


@transaction.atomic
def create_app(
    *, kind: str, api_name: str, by: User, **settings: Unpack[AppSettings]
) -> AppWithSecret:
    """Create an app with a consumer key and a secret.

    Raise ValidationError, by field, if a value is invalid or if another app of the same
    kind has the API name (not case-sensitive).
    """
    org = Org.objects.locked(by.org_id)
    app = ClientApp(org=org, kind=kind, api_name=api_name, **settings)
    secret = _generate_secret(app)
    add_app(org=org, app=app, by=by)
    return AppWithSecret(app, secret)


def add_app(*, org: Org, app: ClientApp, by: User) -> None:
    """Save a new app of a locked org. Raise ValidationError as create_app() does."""
    validate_app(app)
    app.save()
    grams.include_app(org, app)
    _record(by, "insertApplication", f"Created {app.get_kind_display()} {app.label}")


@transaction.atomic
def edit_app(*, app: ClientApp, by: User, **settings: Unpack[AppSettings]) -> ClientApp:
    """Change an app's settings. The app stays enabled for its handlers.

    Raise ValidationError, by field, if a value is invalid.
    """
    return change_app(app=app, by=by, values=dict(settings))


@transaction.atomic
def edit_app_policies(
    *,
    app: ClientApp,
    permitted_users: str,
    policy_allows_token_exchange: bool,
    refresh: RefreshPolicy | None = None,
    profiles: Collection[Profile] | None = None,
    permission_sets: Collection[PermissionSet] | None = None,
    by: User,
) -> ClientApp:
    """Change an app's policies. The app stays enabled for its handlers.

    Without a refresh token policy, profiles, or permission sets, the app keeps its own.
    Raise ValidationError as edit_app() does.
    """
    values = {
        "permitted_users": permitted_users,
        "policy_allows_token_exchange": policy_allows_token_exchange,
        **(refresh.values() if refresh else {}),
    }
    return change_app(
        app=app, by=by, values=values, profiles=profiles, permission_sets=permission_sets
    )


@transaction.atomic
def rotate_secret(*, app: ClientApp, by: User) -> AppWithSecret:
    """Generate a new secret for an app; the previous one, if any, stops working."""
    app = ClientApp.objects.locked(app)
    verb = "rotate" if app.secret_hash else "generate"
    secret = _generate_secret(app)
    app.modified_at = timezone.now()
    app.save(update_fields=["secret_hash", "modified_at"])
    display = f"{verb.capitalize()}d the consumer secret of {_kind_label(app)} {app.label}"
    _record(by, f"{verb}ApplicationConsumerSecret", display)
    return AppWithSecret(app, secret)


def renew_secret_hash(*, app: ClientApp, secret: str) -> None:
    """Replace the hash of a secret that was stored by an older version or with an old key.

    It's the same secret, so the audit trail has no entry.
    """
    if needs_new_hash(secret, app.secret_hash):
        old, app.secret_hash = app.secret_hash, hash_secret(secret)
        rows = ClientApp.objects.filter(org=app.org_id, pk=app.pk, secret_hash=old)
        rows.update(secret_hash=app.secret_hash)


@transaction.atomic
def delete_app(*, app: ClientApp, by: User) -> None:
    """Delete an app.

    Raise ValidationError, naming the handlers, if the app is enabled for handlers.
    """
    org = Org.objects.locked(app.org_id)
    app = ClientApp.objects.locked(app)
    if names := name_handlers(app):
        raise ValidationError(f"{app.label} is enabled for {names}. Remove it there first.")
    if org.has_app_grams:
        grams.remove_app(app)
    remove_access(app)
    _delete_tokens(app)
    ClientApp.objects.filter(org=org, pk=app.pk).delete()
    _record(by, "deleteApplication", f"Deleted {app.get_kind_display()} {app.label}")


@transaction.atomic
def change_app(
    *,
    app: ClientApp,
    by: User,
    values: Mapping[str, Any],
    profiles: Collection[Profile] | None = None,
    permission_sets: Collection[PermissionSet] | None = None,
) -> ClientApp:
    """Set the values, and update the copies and search index entries of the app.

    Also replace its profiles and permission sets, unless they're None. Raise
    ValidationError, by field, if a value is invalid.
    """
    org = Org.objects.locked(app.org_id)
    app = ClientApp.objects.locked(app)
    changes = {
        name: (getattr(app, name), value)
        for name, value in values.items()
        if value != getattr(app, name)
    }
    if changes:
        _save_changes(org, app, changes, by)
    if set_access(app=app, profiles=profiles, permission_sets=permission_sets, by=by):
        app.modified_at = timezone.now()
        app.save(update_fields=["modified_at"])
    return app


def _save_changes(
    org: Org, app: ClientApp, changes: Mapping[str, tuple[Any, Any]], by: User
) -> None:
    label, old_policy = app.label, app.refresh_token_policy_text
    if org.has_app_grams:
        grams.remove_app(app)
    for name, (_, value) in changes.items():
        setattr(app, name, value)
    validate_app(app)
    app.modified_at = timezone.now()
    app.save()
    if changes.keys() & _REFRESH_POLICY:
        OAuthApproval.objects.follow_policy(app, app.modified_at)
    if org.has_app_grams:
        grams.add_app(app)
    if "label" in changes:
        copies = Enablement.objects.filter(org=org, app=app)
        copies.update(app_key=app.search_key)
    shown = {name: pair for name, pair in changes.items() if name in _AUDIT_ENTRIES}
    if old_policy != app.refresh_token_policy_text:
        shown[_POLICY_TEXT] = (old_policy, app.refresh_token_policy_text)
    for name, (old, new) in shown.items():
        action, template = _AUDIT_ENTRIES[name]
        display = template.format(
            app=label,
            kind=_kind_label(app),
            old=_audit_value(name, old),
            new=_audit_value(name, new),
        )
        _record(by, action, display)


def _delete_tokens(app: ClientApp) -> None:
    """Delete the app's tokens, which stop working, and its users' approvals."""
    AccessToken.objects.filter(org=app.org_id, app=app).delete()
    OAuthApproval.objects.filter(org=app.org_id, app=app).delete()


def _generate_secret(app: ClientApp) -> str:
    """Store the hash of a new secret and return the secret. The key doesn't change."""
    secret = secrets.token_hex(32).upper()
    app.secret_hash = hash_secret(secret)
    return secret


def validate_app(app: ClientApp) -> None:
    app.clean_fields()
    _check_validity(app)
    try:
        app.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"api_name": error.messages}) from error


_REFRESH_POLICY = {
    "refresh_token_policy",
    "refresh_token_validity",
    "refresh_token_unit",
}


def _check_validity(app: ClientApp) -> None:
    """Raise ValidationError unless exactly the policies with a period have one."""
    has_period = bool(app.refresh_token_validity and app.refresh_token_unit)
    if app.refresh_token_policy in PERIODIC_POLICIES:
        if not has_period:
            raise ValidationError({"refresh_token_validity": ENTER_VALIDITY})
    elif app.refresh_token_validity is not None or app.refresh_token_unit:
        raise ValidationError({"refresh_token_validity": NO_VALIDITY})


_SETTING = "Changed the {app} {kind} setting %s from {old} to {new}"
_POLICY = "Changed {kind} {app} %s setting from {old} to {new}"
_FLOW = "Enable Token Exchange Flow"
_POLICY_TEXT = "refresh_token_policy_text"
# The audit action and text template for each field that can change.
_AUDIT_ENTRIES = {
    "label": ("changeApplicationName", _SETTING % "Name"),
    "description": ("changeApplicationDescription", _SETTING % "Description"),
    "contact_email": ("changeApplicationContactEmail", _SETTING % "Contact Email"),
    "callback_url": ("changeApplicationCallbackUrl", _SETTING % "Callback URL"),
    "scopes": ("changeApplicationScopes", _SETTING % "Selected OAuth Scopes"),
    "allows_token_exchange": ("changeApplicationTokenExchange", _SETTING % _FLOW),
    "requires_secret": (
        "changeApplicationTokenExchangeSecretRequired",
        _SETTING % "Require Secret for Token Exchange Flow",
    ),
    "permitted_users": ("changeUserRuntimeAccessPolicy", _POLICY % "Permitted Users"),
    "policy_allows_token_exchange": ("changeTokenExchangePolicy", _POLICY % _FLOW),
    "rotates_refresh_tokens": (
        "changeApplicationRefreshTokenRotationEnabled",
        _SETTING % "Enable Refresh Token Rotation",
    ),
    "introspects_all_tokens": (
        "changeApplicationIntrospectAllTokens",
        _SETTING % "Introspect All Tokens",
    ),
    # One entry for the policy, its period, and its unit.
    _POLICY_TEXT: ("changeRefreshTokenPolicy", _POLICY % "Refresh Token Policy"),
    # Only metadata files have these.
    "consumer_key": ("changeApplicationConsumerKey", _SETTING % "Consumer Key"),
    "secret_hash": (
        "changeApplicationConsumerSecret",
        "Changed the consumer secret of {kind} {app}",
    ),
    "file_details": (
        "changeApplicationOtherSettings",
        "Changed settings of {kind} {app} that tokenx doesn't use",
    ),
}


def _audit_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = ", ".join(value)
    if name == "permitted_users":
        value = dict(PermittedUsers.choices).get(value, value)
    return value or "nothing"


def _kind_label(app: ClientApp) -> str:
    return app.get_kind_display().lower()


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
