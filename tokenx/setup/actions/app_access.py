"""Changes of an app's profiles and permission sets, whose users are preauthorized."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from tokenx.org import audit
from tokenx.org.models import (
    AppPermissionSet,
    AppProfile,
    ClientApp,
    PermissionSet,
    Profile,
    User,
)

SECTION = "Manage Users"
# tokenx's own limit on the profiles of one app, and on its permission sets.
MAX_PER_APP = 100


class _Kind(NamedTuple):
    """A table of an app's rows, the rows that its field points to, and words for them."""

    model: Any
    targets: Callable[[], Any]
    field: str
    plural: str
    # The name in audit actions.
    action: str


_PROFILES = _Kind(AppProfile, Profile.objects.all, "profile", "profiles", "Profile")
_SETS = _Kind(
    AppPermissionSet,
    PermissionSet.objects.without_files,
    "permission_set",
    "permission sets",
    "PermissionSet",
)


def set_access(
    *,
    app: ClientApp,
    profiles: Collection[Profile] | None,
    permission_sets: Collection[PermissionSet] | None,
    by: User,
) -> bool:
    """Give a locked app exactly these profiles and permission sets.

    None leaves them unchanged. Return whether something changed. Raise ValidationError, by
    field, for too many of them, and for rows that were deleted.
    """
    changed = False
    for kind, wanted in [(_PROFILES, profiles), (_SETS, permission_sets)]:
        if wanted is not None:
            changed |= _replace(kind, app, {each.pk: each for each in wanted}, by)
    return changed


def remove_access(app: ClientApp) -> None:
    """Delete the rows of an app that is deleted."""
    for kind in (_PROFILES, _SETS):
        kind.model.objects.filter(org=app.org_id, app=app.pk).delete()


def _replace(kind: _Kind, app: ClientApp, wanted: dict[int, Any], by: User) -> bool:
    rows = kind.model.objects.filter(org=app.org_id, app=app.pk)
    known = set(rows.values_list(f"{kind.field}_id", flat=True))
    if known == wanted.keys():
        return False
    argument = f"{kind.field}s"
    if len(wanted) > MAX_PER_APP:
        message = f"An app can have at most {MAX_PER_APP} {kind.plural}."
        raise ValidationError({argument: message})
    targets = kind.targets().filter(org=app.org_id)
    existing = set(targets.filter(pk__in=wanted).values_list("pk", flat=True))
    for pk, target in wanted.items():
        if pk not in existing:
            raise ValidationError({argument: f"{target} was already deleted."})
    removed = list(targets.filter(pk__in=known - wanted.keys()).order_by("pk"))
    added = [target for pk, target in wanted.items() if pk not in known]
    rows.filter(**{f"{kind.field}__in": removed}).delete()
    kind.model.objects.bulk_create(
        kind.model(org_id=app.org_id, app=app, **{kind.field: target}) for target in added
    )
    for target in removed:
        _record(kind, app, target, by, is_enabled=False)
    for target in added:
        _record(kind, app, target, by, is_enabled=True)
    return True


def _record(
    kind: _Kind, app: ClientApp, target: Any, by: User, *, is_enabled: bool
) -> None:
    """Record the change as Salesforce does: docs/salesforce/product.md, App access."""
    is_connected = app.kind == ClientApp.Kind.CONNECTED
    entity = "ConnectedApplication" if is_connected else "ExternalClientApplication"
    verb = "Enabled" if is_enabled else "Disabled"
    suffix = ""
    if isinstance(target, Profile):
        suffix = "Standard" if target.is_built_in else "Custom"
    action = f"SetupEntityAccessAudit_{kind.action}_{entity}_{verb}{suffix}"
    noun, app_kind = kind.plural.removesuffix("s"), app.get_kind_display().lower()
    display = f"Changed {noun} {target}: {app.label} {app_kind} is {verb.lower()}"
    audit.record(by=by, action=action, section=SECTION, display=display)
