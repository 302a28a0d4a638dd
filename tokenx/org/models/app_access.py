"""The profiles and permission sets whose users an administrator approved for an app."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .client_app import ClientApp
from .org import Org, OrgRow
from .permission_set import PermissionSet
from .profile import Profile


class AppProfile(OrgRow):
    """A profile whose users can use an app without approving it."""

    app = OrgForeignKey(ClientApp, related_name="+")
    profile = OrgForeignKey(Profile, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "app", "profile"],
                name="app_profile_once_per_app",
                violation_error_message="This app already has this profile.",
            ),
            SameOrg(field="app", name="app_profile_app_in_org"),
            SameOrg(field="profile", name="app_profile_profile_in_org"),
        ]
        indexes = [models.Index(fields=["org", "profile", "app"], name="app_of_profile")]

    def __str__(self) -> str:
        return f"{self.profile} for {self.app}"


class AppPermissionSet(OrgRow):
    """A permission set whose users can use an app without approving it."""

    app = OrgForeignKey(ClientApp, related_name="+")
    permission_set = OrgForeignKey(PermissionSet, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "app", "permission_set"],
                name="app_permission_set_once_per_app",
                violation_error_message="This app already has this permission set.",
            ),
            SameOrg(field="app", name="app_permission_set_app_in_org"),
            SameOrg(field="permission_set", name="app_permission_set_set_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "permission_set", "app"], name="app_of_permission_set"
            )
        ]

    def __str__(self) -> str:
        return f"{self.permission_set} for {self.app}"


class AppAccess(NamedTuple):
    """An app's profiles, and its permission sets without their files."""

    profiles: tuple[Profile, ...] = ()
    permission_sets: tuple[PermissionSet, ...] = ()


def access_of(app: ClientApp) -> AppAccess:
    """Return the app's profiles and permission sets, by name."""
    return access_by_app(app.org_id, [app]).get(app.pk, AppAccess())


def access_by_app(
    org: Org | int, apps: Iterable[ClientApp] | None = None
) -> dict[int, AppAccess]:
    """Return the access of these apps, or of all of the org's, by the app's key.

    Apps that have neither are left out.
    """
    pks = None if apps is None else [app.pk for app in apps]
    rows_of_profiles = _rows(AppProfile, org, pks).select_related("profile")
    rows_of_sets = _rows(AppPermissionSet, org, pks).select_related("permission_set")
    profiles: dict[int, list[Profile]] = {}
    for row in rows_of_profiles.order_by("profile__name_key", "id"):
        profiles.setdefault(row.app_id, []).append(row.profile)
    sets: dict[int, list[PermissionSet]] = {}
    without_files = rows_of_sets.defer("permission_set__file")
    for row in without_files.order_by("permission_set__label", "id"):
        sets.setdefault(row.app_id, []).append(row.permission_set)
    return {
        pk: AppAccess(tuple(profiles.get(pk, ())), tuple(sets.get(pk, ())))
        for pk in profiles.keys() | sets.keys()
    }


def _rows(
    model: type[models.Model], org: Org | int, pks: list[int] | None
) -> models.QuerySet:
    rows: models.QuerySet = model._default_manager.filter(org=org)
    return rows if pks is None else rows.filter(app__in=pks)
