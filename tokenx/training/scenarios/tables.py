"""What the tables of a scenario may say: each field is a key of the file.

A field without a default has to be there; its type is checked, and so are its choices.
`made()` is the row that comes of it, which the models' own rules are asked about.
"""

from dataclasses import dataclass, field
from typing import Any

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.apex import TEMPLATE
from tokenx.org.api_names import propose
from tokenx.org.models import ApexClass, ClientApp, Org, PermittedUsers, Profile, User

from .factories import (
    HANDLER_CLASS,
    ApexClassFactory,
    ClientAppFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)

PROFILES = {
    "system_administrator": Profile.SYSTEM_ADMINISTRATOR,
    "setup_viewer": Profile.SETUP_VIEWER,
    "standard": Profile.STANDARD_USER,
    "api_only": Profile.API_ONLY,
}
KINDS = {"connected": ClientApp.Kind.CONNECTED, "external": ClientApp.Kind.EXTERNAL}
# Setup and files want one of every app.
CONTACT = "apps@mycompany.com"
PERMITTED = {
    "admin_approved": PermittedUsers.PRE_AUTHORIZED,
    "self_authorized": PermittedUsers.SELF_AUTHORIZED,
}
TOKEN_TYPES = [name.removeprefix("supports_") for name in TokenExchangeHandler.TOKEN_TYPES]
OTHER_CLASS = """\
public class {name} {{
    public static String greet() {{
        return 'Hello';
    }}
}}
"""
BODIES = {"ready": HANDLER_CLASS, "template": TEMPLATE, "other": OTHER_CLASS}
# Whom an org gets besides the users of its scenario, who are named otherwise.
PEOPLE_AT = "mycompany.example"
RESERVED = (f"@{PEOPLE_AT}", "@practice.example", ".tokenx.example")
# So many that a mistyped zero does not fill the disk.
MOST = 1_000_000


def _one_of(choices: Any, default: str | None = None) -> Any:
    metadata = {"choices": list(choices)}
    if default is None:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class OrgRow:
    name: str = "Mycompany"


@dataclass(frozen=True, kw_only=True)
class PeopleRow:
    """Made-up people, the same for the same seed; every so many is not active."""

    count: int = 0
    seed: int = 1
    every_inactive: int = 0


@dataclass(frozen=True, kw_only=True)
class UserRow:
    username: str
    last_name: str
    first_name: str = ""
    profile: str = _one_of(PROFILES, "standard")
    integration: bool = False
    active: bool = True

    KEYS = {"username": "username", "last_name": "last_name", "first_name": "first_name"}

    def made(self, org: Org) -> User:
        user: User = UserFactory.build(
            org=org,
            username=self.username,
            first_name=self.first_name,
            last_name=self.last_name,
            profile=PROFILES[self.profile],
            is_integration_user=self.integration,
            is_active=self.active,
        )
        return user


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    name: str
    kind: str = _one_of(BODIES, "ready")
    body: str = ""

    KEYS = {"name": "name"}

    def made(self, org: Org) -> ApexClass:
        body = self.body or BODIES[self.kind].format(name=self.name)
        made: ApexClass = ApexClassFactory.build(org=org, name=self.name, body=body)
        return made


@dataclass(frozen=True, kw_only=True)
class AppRow:
    label: str
    kind: str = _one_of(KINDS)
    api_name: str = ""
    settings: bool = True
    policies: bool = True
    permitted_users: str = _one_of(PERMITTED, "admin_approved")

    KEYS = {"label": "label", "api_name": "api_name"}

    @property
    def key(self) -> str:
        """What enablements name it by."""
        return self.api_name or propose(self.label)

    def made(self, org: Org) -> ClientApp:
        app: ClientApp = ClientAppFactory.build(
            org=org,
            kind=KINDS[self.kind],
            label=self.label,
            api_name=self.key,
            allows_token_exchange=self.settings,
            policy_allows_token_exchange=self.policies,
            permitted_users=PERMITTED[self.permitted_users],
            contact_email=CONTACT,
        )
        return app


@dataclass(frozen=True, kw_only=True)
class HandlerRow:
    name: str
    apex_class: str = field(metadata={"key": "class"})
    token_types: list[str] = field(metadata={"choices": TOKEN_TYPES})
    api_name: str = ""
    enabled: bool = True
    description: str = ""
    creates_users: bool = False

    KEYS = {"label": "name", "developer_name": "api_name", "description": "description"}

    @property
    def key(self) -> str:
        return self.api_name or propose(self.name)

    def made(self, org: Org, **keys: Any) -> TokenExchangeHandler:
        """`keys`: the class and the people that it points to."""
        made: TokenExchangeHandler = TokenExchangeHandlerFactory.build(
            org=org,
            label=self.name,
            developer_name=self.key,
            description=self.description,
            is_enabled=self.enabled,
            allows_user_creation=self.creates_users,
            **{
                name: name.removeprefix("supports_") in self.token_types
                for name in TokenExchangeHandler.TOKEN_TYPES
            },
            **keys,
        )
        return made


@dataclass(frozen=True, kw_only=True)
class EnablementRow:
    handler: str
    app: str
    run_as: str
    default: bool = False


@dataclass(frozen=True, kw_only=True)
class ManyAppsRow:
    """Apps that differ by their number, which may all have one handler."""

    count: int
    label: str
    kind: str = _one_of(KINDS)
    settings: bool = True
    policies: bool = True
    handler: str = ""
    run_as: str = ""
    default: bool = True

    @property
    def apps(self) -> list[AppRow]:
        return [
            AppRow(
                label=self.label.replace("{number}", f"{number:03}"),
                kind=self.kind,
                settings=self.settings,
                policies=self.policies,
            )
            for number in range(1, self.count + 1)
        ]


@dataclass(frozen=True, kw_only=True)
class FileRow:
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DeploymentRow:
    """A package that somebody deployed already; it ends as it would end."""

    name: str
    check_only: bool = False
    files: list[FileRow] = field(metadata={"rows": FileRow})
