"""References that are missing from an org, and placeholders for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.metadata.format.definitions import HandlerDefinition
from tokenx.metadata.mapping.external_app_parts import PARTS
from tokenx.org import apex
from tokenx.org.actions import create_apex_class
from tokenx.org.models import BuiltInProfile, ClientApp, Profile, User
from tokenx.org.models.user import propose_alias
from tokenx.setup.actions.put_app import put_app
from tokenx.setup.actions.users import DEFAULTS, create_user

from .apply import APEX_CLASS, CONNECTED_APP, EXTERNAL_APP, HANDLER, OrgComponents
from .engine import ReadPackages

_BATCH = 5_000


@dataclass
class Missing:
    """The names of missing users, apps, and classes, as the files write them."""

    users: list[str] = field(default_factory=list)
    connected_apps: list[str] = field(default_factory=list)
    external_apps: list[str] = field(default_factory=list)
    apex_classes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def missing_from(packages: ReadPackages, by: User) -> Missing:
    """Return the references that neither the org nor the packages contain."""
    users: dict[str, str] = {}
    names: dict[str, dict[str, str]] = {
        type_name: {} for type_name in (CONNECTED_APP, EXTERNAL_APP, APEX_CLASS)
    }
    for type_name, name in _references(packages, users):
        names[type_name].setdefault(name.lower(), name)
    for read in packages.components:
        names.get(read.type_name, {}).pop(read.full_name.lower(), None)
    org = OrgComponents(by)
    missing = {}
    for type_name, wanted in names.items():
        org.load(type_name, wanted)
        missing[type_name] = [n for n in wanted.values() if org.get(type_name, n) is None]
    return Missing(
        users=_unknown_users(by, users),
        connected_apps=missing[CONNECTED_APP],
        external_apps=missing[EXTERNAL_APP],
        apex_classes=missing[APEX_CLASS],
    )


def _references(packages: ReadPackages, users: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the type and name of each reference, and add usernames to `users`."""
    for read in packages.components:
        definition = read.definition
        if definition is None:
            continue
        if read.type_name in PARTS:
            yield EXTERNAL_APP, definition.app
        elif read.type_name == HANDLER:
            yield from _handler_references(definition, users)


def _handler_references(
    definition: HandlerDefinition, users: dict[str, str]
) -> Iterator[tuple[str, str]]:
    yield APEX_CLASS, definition.apex_class
    for enablement in definition.enablements:
        element, name = enablement.app
        username = enablement.run_as.strip()
        users.setdefault(username.lower(), username)
        yield (CONNECTED_APP if element == "connectedApp" else EXTERNAL_APP), name


def _unknown_users(by: User, users: dict[str, str]) -> list[str]:
    wanted = list(users)
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        known = User.objects.of(by).filter(username__in=batch)
        for username in known.values_list("username", flat=True):
            users.pop(username, None)
    return list(users.values())


@transaction.atomic
def create_placeholders(*, missing: Missing, by: User) -> list[str]:
    """Create placeholders as the pages would, and return their descriptions.

    A placeholder is ready for a handler but does nothing: an integration user who can't
    log in, an app with token exchange turned on, or a class with the template's code.

    Raises ValidationError if a name is invalid.
    """
    created: list[str] = []
    for username in missing.users:
        with _described(f"user {username}", created):
            _create_user(username, by)
    for kind, names in (
        (ClientApp.Kind.CONNECTED, missing.connected_apps),
        (ClientApp.Kind.EXTERNAL, missing.external_apps),
    ):
        for name in names:
            values = {
                "label": name,
                "contact_email": by.email,
                "allows_token_exchange": True,
                "policy_allows_token_exchange": True,
            }
            arguments = {
                "kind": kind,
                "api_name": name,
                "values": values,
                "file_details": {},
            }
            with _described(f"{kind.label.lower()} {name}", created):
                put_app(app=None, by=by, **arguments)  # type: ignore[arg-type]
    for name in missing.apex_classes:
        with _described(f"Apex class {name}", created):
            body, compiled = apex.template_of(name)
            create_apex_class(name=name, body=body, compiled=compiled, by=by)
    return created


@contextmanager
def _described(description: str, created: list[str]) -> Iterator[None]:
    """Add the description to the created ones, or to the error messages."""
    try:
        yield
    except ValidationError as error:
        # A name that fills two fields can have the same problem twice.
        messages = dict.fromkeys(error.messages)
        raise ValidationError([f"{description}: {each}" for each in messages]) from error
    created.append(description)


def _create_user(username: str, by: User) -> None:
    name = username.partition("@")[0] or username
    create_user(
        first_name="",
        last_name=name[:80],
        email=username,
        username=username,
        profile=Profile.objects.built_in(by.org_id, BuiltInProfile.API_ONLY),
        is_integration_user=True,
        alias=propose_alias("", name),
        **DEFAULTS,
        by=by,
    )
