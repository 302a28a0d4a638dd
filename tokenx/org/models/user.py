from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import KeyField, OrgForeignKey
from tokenx.web import time_zones
from tokenx.web.locales import DEFAULT_LOCALE, LOCALES
from tokenx.web.text import KEY_LENGTH, sort_key

from .org import OrgRow
from .profile import BuiltInProfile, Profile

NAME_LENGTH = 80
# Django's prefix for an account without a usable password.
NO_PASSWORD = "!"  # noqa: S105 (it says that there is none)
AUTOMATIC = "Automatic"


def validate_time_zone(name: str) -> None:
    if time_zones.find_zone(name) is None:
        raise ValidationError("Enter the IANA name of a time zone, such as Europe/Berlin.")


def validate_locale(name: str) -> None:
    if name not in LOCALES:
        message = "Enter a locale from the list on the user's page, such as en_US or de_DE."
        raise ValidationError(message)


class UserQuerySet(models.QuerySet["User"]):
    def of(self, user: "User") -> Self:
        """Return the users of this user's org."""
        return self.filter(org=user.org_id)

    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_profile(self, kind: BuiltInProfile) -> Self:
        """Return the users with a built-in profile of this kind."""
        return self.filter(profile__kind=kind)

    def by_name(self) -> Self:
        return self.order_by("name_key", "id")

    def usernamed(self, username: str) -> Self:
        return self.filter(username=normalize_username(username))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str) -> "User":
        """Return the user who logs in with this username, which is unique across orgs."""
        user: User = self.usernamed(username).get(can_sign_in=True)
        return user


class User(OrgRow, AbstractBaseUser):
    """A user or integration account in an org.

    Usernames are unique within an org but not across orgs, because practice orgs from one
    scenario have the same users. Usernames that can log in are unique everywhere.
    """

    username = models.CharField(max_length=80, validators=[EmailValidator()])
    first_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    last_name = models.CharField(max_length=NAME_LENGTH)
    email = models.EmailField()
    profile = OrgForeignKey(Profile, related_name="+")
    # Formats of this user's pages. Blank: the browser's time zone, and en_US.
    time_zone = models.CharField(
        max_length=time_zones.NAME_LENGTH, blank=True, validators=[validate_time_zone]
    )
    locale = models.CharField(max_length=20, blank=True, validators=[validate_locale])
    is_active = models.BooleanField("active", default=True)
    is_integration_user = models.BooleanField("integration user", default=False)
    can_sign_in = models.BooleanField(default=False, editable=False)
    password = models.CharField(max_length=128, default=NO_PASSWORD, editable=False)

    # Keys to sort and search names by, set by save() and in bulk by scenarios.
    name_key = KeyField(max_length=KEY_LENGTH, editable=False)
    last_key = KeyField(max_length=KEY_LENGTH, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "email"]

    # The context of this user's changes in the audit trail. An API session sets it on the
    # instance that acts; no column stores it.
    audit_context = ""

    objects = UserManager()

    class Meta:
        constraints = [
            # Other tables point to this key.
            models.UniqueConstraint(fields=["org", "id"], name="user_in_org"),
            models.UniqueConstraint(
                fields=["org", "username"],
                name="user_username_per_org",
                violation_error_message="Another user already has this username.",
            ),
            models.UniqueConstraint(
                fields=["username"],
                condition=Q(can_sign_in=True),
                name="user_one_sign_in_per_username",
                violation_error_message=(
                    "This username is already used in another org. Enter a different one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(can_sign_in=False) | ~Q(password__startswith=NO_PASSWORD),
                name="user_signs_in_with_a_password",
                violation_error_message="A user who can log in needs a password.",
            ),
            SameOrg(field="profile", name="user_profile_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "name_key", "id"],
                condition=Q(is_active=True),
                name="user_active_by_name",
            ),
            models.Index(
                fields=["org", "name_key", "id"],
                condition=Q(is_active=False),
                name="user_inactive_by_name",
            ),
            models.Index(
                fields=["org", "profile", "name_key", "id"], name="user_by_profile"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:user", args=[self.pk])

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper()

    @property
    def time_zone_label(self) -> str:
        return time_zones.label_of(self.time_zone) if self.time_zone else AUTOMATIC

    @property
    def locale_label(self) -> str:
        return LOCALES[self.locale or DEFAULT_LOCALE].label

    def get_full_name(self) -> str:
        return self.name

    def clean(self) -> None:
        self.username = normalize_username(self.username)

    def set_keys(self) -> None:
        self.name_key = sort_key(self.name)
        self.last_key = sort_key(self.last_name)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.can_sign_in = self.has_usable_password()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)


def normalize_username(username: str) -> str:
    """Return the username in lowercase: as in Salesforce, case doesn't matter."""
    return username.strip().lower()
