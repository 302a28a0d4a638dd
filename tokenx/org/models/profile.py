from collections.abc import Collection
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from tokenx.org.fields import KeyField
from tokenx.web.text import KEY_LENGTH, sort_key

from .org import Org, OrgRow

PROFILE_NAME_LENGTH = 255


class BuiltInProfile(models.TextChoices):
    """The profiles that every org has. A user's rights depend on them."""

    SYSTEM_ADMINISTRATOR = "admin", "System Administrator"
    SETUP_VIEWER = "setup_viewer", "Setup Viewer"
    STANDARD_USER = "standard", "Standard User"
    API_ONLY = "api_only", "Minimum Access - API Only Integrations"

    @property
    def metadata_name(self) -> str:
        """Return the name in metadata files (docs/salesforce/product.md, Profiles)."""
        return _METADATA_NAMES.get(self, str(self.label))


_METADATA_NAMES = {
    BuiltInProfile.SYSTEM_ADMINISTRATOR: "Admin",
    BuiltInProfile.STANDARD_USER: "Standard",
}
_SETUP_ACCESS: dict[str, str] = {
    BuiltInProfile.SYSTEM_ADMINISTRATOR: "View and change",
    BuiltInProfile.SETUP_VIEWER: "View",
}
_BUILT_IN_NAMES: dict[str, BuiltInProfile] = {
    name.lower(): each
    for each in BuiltInProfile
    for name in (each.value, str(each.label), each.metadata_name)
}


def find_built_in(name: str) -> BuiltInProfile | None:
    """Return the built-in profile with this name, metadata name, or key."""
    return _BUILT_IN_NAMES.get(name.lower())


def validate_profile_name(name: str) -> None:
    if find_built_in(name):
        raise ValidationError("This is the name of a built-in profile.")
    if name != name.strip() or not name.isprintable():
        message = "Enter a profile name without control characters or outer spaces."
        raise ValidationError(message)


class ProfileQuerySet(models.QuerySet["Profile"]):
    def create_built_in(self, org: Org) -> None:
        """Create the profiles of a new org."""
        profiles: Any = [
            Profile(org=org, kind=kind, name=kind.label) for kind in BuiltInProfile
        ]
        for profile in profiles:
            profile.set_keys()
        self.bulk_create(profiles)

    def built_in(self, org: Org | int, kind: BuiltInProfile) -> "Profile":
        """Return the org's built-in profile of this kind."""
        return self.get(org=org, kind=kind)

    def built_in_by_kind(self, org: Org | int) -> dict[str, "Profile"]:
        rows = self.filter(org=org).exclude(kind="")
        return {profile.kind: profile for profile in rows}

    def by_key(self, org: Org | int) -> dict[str, "Profile"]:
        """Return the org's profiles by their keys, built-in profiles first."""
        profiles: list[Any] = list(self.filter(org=org).by_name())
        built_in = {row.key: row for row in profiles if row.kind}
        return built_in | {row.key: row for row in profiles}

    def named(self, org: Org | int, name: str) -> "Profile | None":
        """Return the profile with this name, or with the metadata name of a built-in."""
        if kind := find_built_in(name):
            return self.built_in(org, kind)
        return self.filter(org=org, name__iexact=name).first()

    def named_any(self, org: Org | int, names: Collection[str]) -> dict[str, "Profile"]:
        """Return the org's profiles by these names, which are in lowercase."""
        built_in = self.built_in_by_kind(org)
        custom = self.filter(org=org).custom().annotate(lowered=Lower("name"))
        rows: Any = custom.filter(lowered__in=names)
        by_name: dict[str, Profile] = {row.lowered: row for row in rows}
        kinds = {name: kind for name in names if (kind := find_built_in(name))}
        return by_name | {name: built_in[kind] for name, kind in kinds.items()}

    def custom(self) -> Self:
        return self.filter(kind="")

    def by_name(self) -> Self:
        return self.order_by("name_key", "id")


class Profile(OrgRow):
    """A profile: the rights of the users who have it.

    Only the four built-in profiles have rights. A custom profile is a name.
    """

    name = models.CharField(max_length=PROFILE_NAME_LENGTH)
    # Empty for a custom profile.
    kind = models.CharField(
        max_length=20, choices=BuiltInProfile.choices, blank=True, editable=False
    )
    # Key to sort names by.
    name_key = KeyField(max_length=KEY_LENGTH, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            # Other tables point to this key.
            models.UniqueConstraint(fields=["org", "id"], name="profile_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="profile_name_per_org",
                violation_error_message="Another profile already has this name.",
            ),
            models.UniqueConstraint(
                fields=["org", "kind"],
                condition=~Q(kind=""),
                name="profile_built_in_per_org",
            ),
        ]
        indexes = [models.Index(fields=["org", "name_key", "id"], name="profile_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:profile", args=[self.pk])

    @property
    def key(self) -> str:
        """Return what names the profile in forms, URLs, and snapshots of any org."""
        return self.kind or self.name

    @property
    def metadata_name(self) -> str:
        return BuiltInProfile(self.kind).metadata_name if self.kind else self.name

    @property
    def setup_access(self) -> str:
        return _SETUP_ACCESS.get(self.kind, "None")

    @property
    def is_built_in(self) -> bool:
        return bool(self.kind)

    def clean(self) -> None:
        if not self.kind:
            validate_profile_name(self.name)

    def set_keys(self) -> None:
        self.name_key = sort_key(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)
