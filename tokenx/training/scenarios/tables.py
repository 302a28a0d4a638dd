"""The tables of a scenario file: each field is a key.

A key without a default is required. `build()` returns the unsaved row for a table, which
the models' own rules are checked on.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Annotated, Any, TypeVar

from django.utils.text import slugify
from pydantic import AfterValidator, BeforeValidator, FailFast, Field

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.mapping import refresh_policies
from tokenx.org.api_names import propose
from tokenx.org.languages import (
    DEFAULT_ENCODING,
    DEFAULT_LANGUAGE,
    validate_encoding,
    validate_language,
)
from tokenx.org.models import (
    ApexClass,
    BuiltInProfile,
    ClientApp,
    Org,
    PermittedUsers,
    Profile,
    RefreshTokenPolicy,
    Scope,
    User,
)
from tokenx.org.models.profile import find_built_in, validate_profile_name
from tokenx.org.models.user import Look, Theme, validate_locale, validate_time_zone
from tokenx.setup.actions.app_access import MAX_PER_APP
from tokenx.setup.actions.permission_sets import MAX_ASSIGNMENTS
from tokenx.training.strict_models import (
    Moment,
    StrictModel,
    at_most,
    checked_by,
    one_of,
    refuse,
)
from tokenx.web.text import fold

from .apex_classes import KINDS as CLASS_KINDS
from .apex_classes import body_of

# The built-in profiles have these names in scenarios; their other names work, too.
PROFILES = {
    "system_administrator": BuiltInProfile.SYSTEM_ADMINISTRATOR,
    "setup_viewer": BuiltInProfile.SETUP_VIEWER,
    "standard": BuiltInProfile.STANDARD_USER,
    "api_only": BuiltInProfile.API_ONLY,
}
KINDS = {"connected": ClientApp.Kind.CONNECTED, "external": ClientApp.Kind.EXTERNAL}
# Setup and metadata files require a contact for every app.
CONTACT = "apps@mycompany.com"
PERMITTED = {
    "admin_approved": PermittedUsers.PRE_AUTHORIZED,
    "self_authorized": PermittedUsers.SELF_AUTHORIZED,
}
TOKEN_TYPES = [name.removeprefix("supports_") for name in TokenExchangeHandler.TOKEN_TYPES]
# The usernames of made-up people end in this, unless the scenario has another domain.
PEOPLE_DOMAIN = "mycompany.example"
RESERVED = (f"@{PEOPLE_DOMAIN}", "@practice.example", ".tokenx.example")
# A limit that keeps a mistyped zero from filling the disk.
MAX_COUNT = 1_000_000


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise refuse("contains a NUL character")
    return value


def _check_tables(value: Any) -> Any:
    """Report a list of something else once, not once for each entry."""
    if not isinstance(value, list):
        raise refuse("must be a list of tables")
    if not all(isinstance(entry, (dict, StrictModel)) for entry in value):
        raise refuse("must be a list of tables")
    return value


def _check_refresh_policy(value: str) -> None:
    """Raise ValidationError unless it's a policy, with a period if it needs one."""
    app = ClientApp(**refresh_policies.from_text(value).values())
    app.clean_fields(exclude={field.name for field in app._meta.fields} - _POLICY_FIELDS)


_POLICY_FIELDS = set(refresh_policies.FIELDS)
Table = TypeVar("Table", bound=StrictModel)
Tables = Annotated[list[Table], BeforeValidator(_check_tables)]
Text = Annotated[str, AfterValidator(_without_nul)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
KindName = Annotated[str, one_of(KINDS)]
PermittedName = Annotated[str, one_of(PERMITTED)]
ProfileName = Annotated[Text, checked_by(validate_profile_name)]
TimeZoneName = Annotated[str, checked_by(validate_time_zone)]
LanguageName = Annotated[str, checked_by(validate_language)]
EncodingName = Annotated[str, checked_by(validate_encoding)]
LocaleName = Annotated[str, checked_by(validate_locale)]
ThemeName = Annotated[str, one_of(Theme.values)]
LookName = Annotated[str, one_of(Look.values)]
ClassKind = Annotated[str, one_of(CLASS_KINDS)]
RefreshPolicyText = Annotated[str, checked_by(_check_refresh_policy)]
ScopeName = Annotated[str, one_of(Scope.values)]
TokenType = Annotated[str, one_of(TOKEN_TYPES)]


class OrgTable(StrictModel):
    """The org itself."""

    name: Text = "Mycompany"


class PeopleTable(StrictModel):
    """Made-up people, who are the same for the same seed."""

    count: Count = 0
    seed: Count = 1
    # 20: every twentieth user is inactive.
    every_inactive: Count = 0
    # A username is made from the person's name, a number, and the domain.
    domain: Annotated[Text, Field(max_length=30)] = PEOPLE_DOMAIN
    first_number: Count = 1


class ProfileTable(StrictModel):
    """A custom profile, which has no rights in Setup."""

    name: ProfileName

    def build(self, org: Org) -> Profile:
        profile = Profile(org=org, name=self.name)
        profile.set_keys()
        return profile


def profile_key_of(name: str) -> str:
    """Return the key of the profile with this name in scenarios, in lowercase."""
    return str(PROFILES.get(name) or find_built_in(name) or name).lower()


# The keys of a user that are columns of the same name.
_SAME_COLUMNS = {
    *("username", "first_name", "last_name", "alias", "nickname", "federation_id"),
    *("time_zone", "locale", "language", "email_encoding", "theme", "look"),
}


class UserTable(StrictModel):
    """A user."""

    username: Text
    last_name: Text
    first_name: Text = ""
    profile: Text = "standard"
    integration: bool = False
    active: bool = True
    time_zone: TimeZoneName = ""
    locale: LocaleName = ""
    theme: ThemeName = Theme.SYSTEM
    look: LookName = Look.LIGHTNING
    alias: Text = ""
    nickname: Text = ""
    language: LanguageName = DEFAULT_LANGUAGE
    email_encoding: EncodingName = DEFAULT_ENCODING
    federation_id: Text = ""
    # API names of some of the permission sets.
    permission_sets: Annotated[list[Text], at_most(MAX_ASSIGNMENTS)] = []
    # By API name of one of the user fields.
    custom_values: dict[str, Text] = {}

    @property
    def profile_key(self) -> str:
        """Return the key of the user's profile, in lowercase."""
        return profile_key_of(self.profile)

    def build(self, org: Org, profile: Profile | None = None) -> User:
        return User(
            org=org,
            email=self.username,
            profile=profile,
            is_integration_user=self.integration,
            is_active=self.active,
            custom_values={k: v for k, v in self.custom_values.items() if v},
            **self.model_dump(include=_SAME_COLUMNS),
        )


class ApexClassTable(StrictModel):
    """An Apex class."""

    name: Text
    kind: ClassKind = "ready"
    body: Text = ""

    def build(self, org: Org) -> ApexClass:
        body = self.body or body_of(self.name, self.kind)
        return ApexClass(org=org, name=self.name, body=body)


class AppDefaultsTable(StrictModel):
    """The values that all apps of the scenario share."""

    contact_email: Text = CONTACT
    # {label} stands for the app's label, in lowercase and with hyphens.
    callback_url: Text = ""
    scopes: Annotated[list[ScopeName], FailFast()] = []
    # The profiles and permission sets of apps that have none of their own.
    profiles: Annotated[list[Text], at_most(MAX_PER_APP)] = []
    permission_sets: Annotated[list[Text], at_most(MAX_PER_APP)] = []
    modified_at: Moment | None = None

    def build(self, org: Org, label: str) -> ClientApp:
        url_part = slugify(fold(label))
        return ClientApp(
            org=org,
            label=label,
            contact_email=self.contact_email,
            callback_url=self.callback_url.replace("{label}", url_part),
            scopes=list(self.scopes),
            **({"modified_at": self.modified_at} if self.modified_at else {}),
        )


class AppTable(StrictModel):
    """A connected app or an external client app."""

    label: Text
    kind: KindName
    api_name: Text = ""
    settings: bool = True
    policies: bool = True
    permitted_users: PermittedName = "admin_approved"
    profiles: Annotated[list[Text], at_most(MAX_PER_APP)] = []
    permission_sets: Annotated[list[Text], at_most(MAX_PER_APP)] = []
    # Without any, those of all apps.
    scopes: Annotated[list[ScopeName], FailFast()] = []
    requires_secret: bool = True
    # As in the file of a connected app, such as "specific_lifetime:30:DAYS".
    refresh_token_policy: RefreshPolicyText = RefreshTokenPolicy.INFINITE
    rotates_refresh_tokens: bool = False
    introspects_all_tokens: bool = False

    def access(self, defaults: AppDefaultsTable) -> tuple[list[str], list[str]]:
        """Return the keys of the app's profiles and permission sets, in lowercase."""
        has_own = self.profiles or self.permission_sets
        table: AppDefaultsTable | AppTable = self if has_own else defaults
        profiles = [profile_key_of(name) for name in table.profiles]
        return profiles, [name.lower() for name in table.permission_sets]

    @property
    def key(self) -> str:
        """Return the name that enablements use for the app."""
        return self.api_name or propose(self.label)

    def build(self, org: Org, defaults: AppDefaultsTable) -> ClientApp:
        app = defaults.build(org, self.label)
        app.kind = KINDS[self.kind]
        app.api_name = self.key
        app.allows_token_exchange = self.settings
        app.policy_allows_token_exchange = self.policies
        app.permitted_users = PERMITTED[self.permitted_users]
        app.scopes = list(self.scopes) or app.scopes
        app.requires_secret = self.requires_secret
        app.rotates_refresh_tokens = self.rotates_refresh_tokens
        app.introspects_all_tokens = self.introspects_all_tokens
        policy = refresh_policies.from_text(self.refresh_token_policy)
        for name, value in policy.values().items():
            setattr(app, name, value)
        return app


class HandlerTable(StrictModel):
    """A token exchange handler."""

    name: Text
    apex_class: Text = Field(alias="class")
    token_types: Annotated[list[TokenType], FailFast()]
    api_name: Text = ""
    enabled: bool = True
    description: Text = ""
    creates_users: bool = False
    modified_at: Moment | None = None

    @property
    def key(self) -> str:
        """Return the name that enablements use for the handler."""
        return self.api_name or propose(self.name)

    def build(
        self, org: Org, *, apex_class: ApexClass, owner: User
    ) -> TokenExchangeHandler:
        """Return the handler of a class, as if the owner had created it."""
        token_types = {
            name: name.removeprefix("supports_") in self.token_types
            for name in TokenExchangeHandler.TOKEN_TYPES
        }
        return TokenExchangeHandler(
            org=org,
            label=self.name,
            developer_name=self.key,
            description=self.description,
            is_enabled=self.enabled,
            allows_user_creation=self.creates_users,
            apex_class=apex_class,
            created_by=owner,
            modified_by=owner,
            **token_types,
            **({"modified_at": self.modified_at} if self.modified_at else {}),
        )


class EnablementTable(StrictModel):
    """An app that a handler is enabled for."""

    handler: Text
    app: Text
    run_as: Text
    default: bool = False
    enabled_at: Moment | None = None


class ManyAppsTable(StrictModel):
    """Apps that differ by their number. One handler can be enabled for all of them."""

    count: Count
    label: Text
    kind: KindName
    # 4: every fourth app is an external client app.
    every_external: Count = 0
    settings: bool = True
    policies: bool = True
    handler: Text = ""
    run_as: Text = ""
    # In place of run_as: each app gets one of these users, chosen by the seed.
    run_as_any_of: Annotated[list[Text], at_most(100)] = []
    seed: Count = 1
    default: bool = True
    # 7: for every seventh app, the handler isn't the default.
    every_not_default: Count = 0
    # When the first app was enabled. The next ones follow at this distance.
    enabled_at: Moment | None = None
    minutes_apart: Count = 0

    @property
    def apps(self) -> list[AppTable]:
        return [
            AppTable(
                label=self.label.replace("{number}", f"{number:03}"),
                kind="external" if _is_nth(number, self.every_external) else self.kind,
                settings=self.settings,
                policies=self.policies,
            )
            for number in range(1, self.count + 1)
        ]

    @property
    def enablements(self) -> Iterator[EnablementTable]:
        if not self.handler:
            return
        random = Random(self.seed)  # noqa: S311 (nothing secret)
        for number, app in enumerate(self.apps, start=1):
            run_as = (
                random.choice(self.run_as_any_of) if self.run_as_any_of else self.run_as
            )
            distance = timedelta(minutes=self.minutes_apart * (number - 1))
            yield EnablementTable(
                handler=self.handler,
                app=app.key,
                run_as=run_as,
                default=self.default and not _is_nth(number, self.every_not_default),
                enabled_at=self.enabled_at + distance if self.enabled_at else None,
            )


def _is_nth(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


class DeploymentFileTable(StrictModel):
    """A file of a deployed package."""

    path: Text
    text: Text


class DeploymentTable(StrictModel):
    """A package that was deployed when the org was built, successfully or not."""

    name: Text
    check_only: bool = False
    files: Tables[DeploymentFileTable]
