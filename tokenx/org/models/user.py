from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import KeyField, OrgForeignKey
from tokenx.org.languages import (
    DEFAULT_ENCODING,
    DEFAULT_LANGUAGE,
    ENCODINGS,
    LANGUAGES,
    validate_encoding,
    validate_language,
)
from tokenx.org.nicknames import NICKNAME_LENGTH, SHARED_LENGTH, Nicknames, base_of
from tokenx.web import time_zones
from tokenx.web.links import url_of
from tokenx.web.locales import DEFAULT_LOCALE, LOCALES
from tokenx.web.text import KEY_LENGTH, sort_key

from .org import OrgRow
from .profile import BuiltInProfile, Profile

NAME_LENGTH = 80
ALIAS_LENGTH = 8
FEDERATION_ID_LENGTH = 512
# Salesforce's messages (docs/salesforce/product.md, User creation).
DUPLICATE_USERNAME = (
    "Duplicate Username. The username already exists in this or another Salesforce "
    "organization. Usernames must be unique across all Salesforce organizations. To "
    "resolve, use a different username (it doesn't need to match the user's email address)."
)
FEDERATION_ID_IN_USE = (
    "This Federation ID is already in use. Use a different Federation ID."
)
DUPLICATE_NICKNAME = (
    "Duplicate Nickname. Another user has already selected this nickname. Please select "
    "another."
)
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


class Theme(models.TextChoices):
    SYSTEM = "system", "System"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Look(models.TextChoices):
    """The look of Salesforce's pages: the classic one, or that of current orgs."""

    LIGHTNING = "lightning", "Lightning"
    COSMOS = "cosmos", "SLDS 2 (Cosmos)"


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

    def nicknamed(self, nickname: str) -> Self:
        """Return the users with this nickname, regardless of case."""
        return self.alias(lowered=Lower("nickname")).filter(lowered=Lower(Value(nickname)))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str) -> "User":
        """Return the user who logs in with this username, which is unique across orgs."""
        username = normalize_username(username)
        username = settings.SIGN_IN_NAMES.get(username, username)
        user: User = self.usernamed(username).get(can_sign_in=True)
        return user

    def who_logs_in_as(self, username: str) -> "User | None":
        """Return the user with this username, or None. Others can share a username."""
        try:
            return self.get_by_natural_key(username)
        except User.DoesNotExist:
            return None


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
    # The person's choice in the user menu. docs/decisions/looks.md
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    look = models.CharField(max_length=10, choices=Look, default=Look.LIGHTNING)
    # Blank: generated by save() and in bulk by scenarios.
    alias = models.CharField(max_length=ALIAS_LENGTH, blank=True)
    # Unique in the org, as in Salesforce.
    nickname = models.CharField(max_length=NICKNAME_LENGTH, blank=True)
    language = models.CharField(
        max_length=20, default=DEFAULT_LANGUAGE, validators=[validate_language]
    )
    email_encoding = models.CharField(
        max_length=20, default=DEFAULT_ENCODING, validators=[validate_encoding]
    )
    # Identifies the user for an identity provider. Case-sensitive, as in Salesforce.
    federation_id = models.CharField(
        "Federation ID", max_length=FEDERATION_ID_LENGTH, blank=True
    )
    is_active = models.BooleanField("active", default=True)
    is_integration_user = models.BooleanField("integration user", default=False)
    # The values of custom fields by API name; fields without a value are left out.
    custom_values = models.JSONField(default=dict, blank=True, editable=False)
    can_sign_in = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The last change of the user's details; logging in is none.
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
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
                violation_error_message=DUPLICATE_USERNAME,
            ),
            models.UniqueConstraint(
                fields=["username"],
                condition=Q(can_sign_in=True),
                name="user_one_sign_in_per_username",
                violation_error_message=DUPLICATE_USERNAME,
            ),
            models.CheckConstraint(
                condition=Q(can_sign_in=False) | ~Q(password__startswith=NO_PASSWORD),
                name="user_signs_in_with_a_password",
                violation_error_message="A user who can log in needs a password.",
            ),
            SameOrg(field="profile", name="user_profile_in_org"),
            models.UniqueConstraint(
                fields=["org", "federation_id"],
                condition=~Q(federation_id=""),
                name="user_federation_id_per_org",
                violation_error_message=FEDERATION_ID_IN_USE,
            ),
            models.UniqueConstraint(
                "org",
                Lower("nickname"),
                condition=~Q(nickname=""),
                name="user_nickname_per_org",
                violation_error_message=DUPLICATE_NICKNAME,
            ),
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
        return url_of("setup:user", self.pk)

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
    def display_choices(self) -> list[dict[str, Any]]:
        """Return what the person can choose about pages, with the current values."""
        choices = {"theme": ("Theme", Theme.choices), "look": ("Look", Look.choices)}
        return [
            {"name": name, "label": label, "options": options, "value": getattr(self, name)}
            for name, (label, options) in choices.items()
        ]

    @property
    def locale_label(self) -> str:
        return LOCALES[self.locale or DEFAULT_LOCALE].label

    def get_full_name(self) -> str:
        return self.name

    def clean(self) -> None:
        self.username = normalize_username(self.username)

    @property
    def language_label(self) -> str:
        return LANGUAGES[self.language]

    @property
    def email_encoding_label(self) -> str:
        return ENCODINGS[self.email_encoding]

    def set_keys(self) -> None:
        """Set the keys, and the alias if it's blank."""
        self.alias = self.alias or propose_alias(self.first_name, self.last_name)
        self.name_key = sort_key(self.name)
        self.last_key = sort_key(self.last_name)

    def reset_short_names(self) -> None:
        """Reset the fields that save() generates, and those of identity providers."""
        self.alias = self.nickname = self.federation_id = ""
        self.language, self.email_encoding = DEFAULT_LANGUAGE, DEFAULT_ENCODING

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.can_sign_in = self.has_usable_password()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        self.set_nickname()
        super().save(*args, **kwargs)

    def set_nickname(self) -> None:
        """Set a nickname that no one else in the org has, if it's blank."""
        if not self.nickname:
            start = base_of(self.username)[:SHARED_LENGTH]
            others = User.objects.of(self).exclude(pk=self.pk)
            similar = others.filter(nickname__istartswith=start)
            nicknames = Nicknames(similar.values_list("nickname", flat=True))
            self.nickname = nicknames.propose(self.username)


def propose_alias(first_name: str, last_name: str) -> str:
    """Return an alias as Salesforce proposes it: Ada Admin has the alias aadmi."""
    short = f"{first_name.strip()[:1]}{last_name.strip()[:4]}"
    return "".join(short.lower().split())[:ALIAS_LENGTH]


def normalize_username(username: str) -> str:
    """Return the username in lowercase: as in Salesforce, case doesn't matter."""
    return username.strip().lower()
