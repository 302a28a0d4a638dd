"""Restore an org from a snapshot, in bulk statements and one transaction.

The org, the users who can sign in, the audit trail, the deployments, and the snapshots
are kept. Everything else is replaced.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db import models, transaction

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.org.consumer_keys import new_consumer_key
from tokenx.org.models import (
    AccessToken,
    ApexClass,
    AppPermissionSet,
    AppProfile,
    ClientApp,
    DebugLevel,
    ExchangeExample,
    Issuer,
    OAuthApproval,
    Org,
    PermissionSetAssignment,
    Profile,
    TraceFlag,
    User,
)
from tokenx.org.search import grams
from tokenx.setup.actions.issuers import renew_key
from tokenx.setup.actions.profiles import delete_profiles
from tokenx.setup.compile_classes import MAX_NEW_CODE_OF_LIST, set_compiled

from .archive import ReadSnapshot
from .restore_users import replace_users
from .rows import SnapshotRows

_BATCH = 500
# Who has which permission set, and which apps have which profiles and permission sets.
_ACCESS = (PermissionSetAssignment, AppProfile, AppPermissionSet)


@transaction.atomic
def restore(*, org: Org, snapshot: ReadSnapshot, by: User) -> None:
    """Restore the org. Raise ValidationError with all contradictions and change nothing."""
    rows = SnapshotRows(org, snapshot)
    rows.read()
    org = lock(org)
    _create_profiles(org, rows.profiles)
    users = replace_users(org=org, document=snapshot.document, by=by)
    _delete_other_profiles(org, rows.profiles)
    _replace(org, rows, users.by_username)
    settings = snapshot.document.org
    org.name, org.is_strict = settings.name, settings.is_strict
    org.save(update_fields=["name", "is_strict"])
    # In a large org, this takes ten seconds, during which no one else can write.
    if users.changed or org.has_app_grams or len(rows.apps) > grams.WALKABLE:
        grams.rebuild(org)


def lock(org: Org) -> Org:
    """Lock the org and its handlers. Other changes wait until this transaction ends."""
    org = Org.objects.locked(org.pk)
    handlers = TokenExchangeHandler.objects.filter(org=org).order_by("pk")
    list(handlers.select_for_update().values_list("pk"))
    return org


def _create_profiles(org: Org, profiles: Mapping[str, Profile]) -> None:
    """Create the snapshot's custom profiles, which its users get."""
    by_name = {profile.name.lower(): profile for profile in profiles.values()}
    known = {}
    for profile in Profile.objects.filter(org=org).custom():
        known[profile.name.lower()] = profile
    Profile.objects.bulk_create(
        profile for name, profile in by_name.items() if name not in known
    )
    for name in by_name.keys() & known.keys():
        known[name].name = by_name[name].name
        known[name].save(update_fields=["name", "name_key"])


def _delete_other_profiles(org: Org, profiles: Mapping[str, Profile]) -> None:
    """Delete the org's other custom profiles; users who stay become standard users."""
    custom = Profile.objects.filter(org=org).custom().exclude(name__in=profiles)
    delete_profiles(org, custom)


def _replace(org: Org, rows: SnapshotRows, users: Mapping[str, User]) -> None:
    """Delete the old rows, then create the new ones.

    Foreign keys are checked when the transaction ends. A new row keeps the ID of the old
    row with the same name, because clients know it by that ID.
    """
    _reuse_ids(ApexClass.objects, org, rows.classes.values(), _name)
    _reuse_ids(TokenExchangeHandler.objects, org, rows.handlers.values(), _developer_name)
    _reuse_ids(ClientApp.objects, org, rows.apps.values(), _kind_and_name)
    _reuse_secrets(org, rows.apps.values())
    for model in (*_ACCESS, Enablement, TokenExchangeHandler, ApexClass, ClientApp):
        old_rows: models.QuerySet = model._default_manager.filter(org=org)
        old_rows._raw_delete(old_rows.db)

    _replace_components(org, rows)
    _replace_issuers(org, rows)
    _replace_debug_levels(org, rows)
    # Snapshots don't contain results. All old classes are deleted.
    set_compiled(
        org=org.pk, classes=rows.classes.values(), max_new_code=MAX_NEW_CODE_OF_LIST
    )
    _create(ApexClass, rows.classes.values())
    _create(ClientApp, rows.apps.values())
    _give_access(org, rows, users)
    _delete_tokens_without_app(org)
    stamped = zip(rows.handlers.values(), rows.stamped_by, strict=True)
    for handler, (created_by, modified_by) in stamped:
        handler.created_by, handler.modified_by = users[created_by], users[modified_by]
        handler.apex_class = handler.apex_class  # Its ID is known now.
    _create(TokenExchangeHandler, rows.handlers.values())
    for enablement, username in zip(rows.enablements, rows.run_as, strict=True):
        enablement.run_as = users[username]
        enablement.handler, enablement.app = enablement.handler, enablement.app
    _create(Enablement, rows.enablements)
    _replace_examples(org, rows, users)


def _give_access(org: Org, rows: SnapshotRows, users: Mapping[str, User]) -> None:
    """Give users their permission sets, and apps their profiles and permission sets.

    Names that aren't in the snapshot are left out: apps in older snapshots can have them.
    """
    sets = rows.permission_sets
    _create(
        PermissionSetAssignment,
        [
            PermissionSetAssignment(
                org=org, user=users[user.username], permission_set=sets[name.lower()]
            )
            for user in rows.document.users
            for name in user.permission_sets
        ],
    )
    profiles = {key.lower(): row for key, row in Profile.objects.by_key(org).items()}
    app_profiles: list[AppProfile] = []
    app_sets: list[AppPermissionSet] = []
    for app, keys, names in rows.access:
        for profile in _found(profiles, keys):
            app_profiles.append(AppProfile(org=org, app=app, profile=profile))
        for permission_set in _found(sets, names):
            row = AppPermissionSet(org=org, app=app, permission_set=permission_set)
            app_sets.append(row)
    _create(AppProfile, app_profiles)
    _create(AppPermissionSet, app_sets)


def _delete_tokens_without_app(org: Org) -> None:
    """Delete the tokens and approvals of apps that the snapshot doesn't have."""
    apps = ClientApp.objects.filter(org=org).values("pk")
    for model in (AccessToken, OAuthApproval):
        rows: models.QuerySet = model._default_manager.filter(org=org, app__isnull=False)
        rows.exclude(app__in=apps).delete()


def _found(rows: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    """Return the rows with these names, each of them once."""
    return [rows[name] for name in dict.fromkeys(map(str.lower, names)) if name in rows]


def _replace_components(org: Org, rows: SnapshotRows) -> None:
    for type_name, row_type in ROW_TYPES.items():
        new_rows = rows.components.get(type_name, [])
        _reuse_ids(row_type.rows(), org, new_rows, _name)
        if with_keys := [row for kind, row in rows.with_keys if kind is row_type]:
            known = {_name(row): row for row in row_type.rows().filter(org=org)}
            row_type.give_keys(with_keys, known)
        old_rows: models.QuerySet = row_type.rows().filter(org=org)
        old_rows._raw_delete(old_rows.db)
        _create(row_type.model, new_rows)


def _replace_issuers(org: Org, rows: SnapshotRows) -> None:
    """Replace the simulated issuers. A key that the org doesn't have anymore is new.

    The issuer's shared secret is new, too. The key has the old key's ID, so that a
    restored state is the state that was saved.
    """
    old_rows = Issuer.objects.filter(org=org)
    known = {row.name.lower(): row for row in old_rows}
    for issuer, key_id in rows.issuers:
        old = known.get(issuer.name.lower())
        issuer.pk = old.pk if old else None
        if old and (old.key_id, old.algorithm) == (key_id, issuer.algorithm):
            for name in ("key_id", "public_key", "has_new_key", *Issuer.SECRETS):
                setattr(issuer, name, getattr(old, name))
        else:
            renew_key(issuer)
            issuer.key_id = key_id or issuer.key_id
            issuer.has_new_key = not issuer.certificate_name
    old_rows._raw_delete(old_rows.db)
    _create(Issuer, [issuer for issuer, _ in rows.issuers])


def _replace_debug_levels(org: Org, rows: SnapshotRows) -> None:
    """Replace the debug levels. Tracing ends, because trace flags aren't in snapshots."""
    _reuse_ids(DebugLevel.objects, org, rows.debug_levels, _name)
    for model in (TraceFlag, DebugLevel):
        old_rows: models.QuerySet = model._default_manager.filter(org=org)
        old_rows._raw_delete(old_rows.db)
    _create(DebugLevel, rows.debug_levels)


def _replace_examples(org: Org, rows: SnapshotRows, users: Mapping[str, User]) -> None:
    """Replace the examples of token requests. They haven't run in the restored state."""
    examples = [example for example, _ in rows.examples]
    _reuse_ids(ExchangeExample.objects, org, examples, _name)
    old_rows = ExchangeExample.objects.filter(org=org)
    old_rows._raw_delete(old_rows.db)
    for example, username in rows.examples:
        example.created_by = users[username]
    _create(ExchangeExample, examples)


def _name(row: Any) -> str:
    name: str = row.name
    return name.lower()


def _developer_name(handler: TokenExchangeHandler) -> str:
    return handler.developer_name.lower()


def _kind_and_name(app: ClientApp) -> tuple[str, str]:
    return str(app.kind), app.api_name.lower()


def _reuse_ids(
    known: Any, org: Org, rows: Iterable[Any], name_of: Callable[[Any], Any]
) -> None:
    ids = {name_of(row): row.pk for row in known.filter(org=org)}
    for row in rows:
        row.pk = ids.get(name_of(row))


def _reuse_secrets(org: Org, apps: Collection[ClientApp]) -> None:
    """Reuse the secrets of apps whose consumer keys the org still has.

    A consumer key identifies an app across all orgs. If an app of another org has it,
    generate a new one. An app without a key, which older snapshots have, keeps that of the
    org's app.
    """
    old_apps = ClientApp.objects.filter(org=org)
    columns = ("kind", "api_name", "consumer_key", "secret_hash")
    known = list(old_apps.values_list(*columns))
    old_keys = {(kind, name.lower()): key for kind, name, key, _ in known}
    hashes = {key: secret_hash for _, _, key, secret_hash in known}
    used = {app.consumer_key for app in apps}
    for app in apps:
        if not app.consumer_key:
            old_key = old_keys.get(_kind_and_name(app), "")
            is_free = old_key and old_key not in used
            app.consumer_key = old_key if is_free else new_consumer_key()
        app.secret_hash = hashes.get(app.consumer_key, "")
    apps_by_key = {app.consumer_key: app for app in apps}
    keys = list(apps_by_key)
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        elsewhere = ClientApp.objects.filter(consumer_key__in=batch).exclude(org=org)
        for key in elsewhere.values_list("consumer_key", flat=True):
            apps_by_key[key].consumer_key = new_consumer_key()


def _create(model: Any, rows: Iterable[Any]) -> None:
    """Create rows with an ID before rows that get a new one, so that no IDs collide."""
    model.objects.bulk_create(sorted(rows, key=lambda row: row.pk is None))
