"""What files refer to and an org does not have, and placeholders for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.metadata.format.definitions import HandlerDefinition
from tokenx.metadata.mapping.external_app_parts import PARTS
from tokenx.org import apex
from tokenx.org.actions import create_apex_class
from tokenx.org.models import ClientApp, Profile, User
from tokenx.setup.actions.put_app import put_app
from tokenx.setup.actions.users import create_user

from .apply import APEX_CLASS, CONNECTED_APP, EXTERNAL_APP, HANDLER, InOrg
from .engine import ReadPackages

_BATCH = 5_000


@dataclass
class Missing:
    """Names as the files write them."""

    users: list[str] = field(default_factory=list)
    connected_apps: list[str] = field(default_factory=list)
    external_apps: list[str] = field(default_factory=list)
    apex_classes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def missing_from(read: ReadPackages, by: User) -> Missing:
    """What neither the org nor the packages have."""
    users: dict[str, str] = {}
    names: dict[str, dict[str, str]] = {
        type_name: {} for type_name in (CONNECTED_APP, EXTERNAL_APP, APEX_CLASS)
    }
    for type_name, name in _references(read, users):
        names[type_name].setdefault(name.lower(), name)
    for found in read.components:
        names.get(found.type_name, {}).pop(found.full_name.lower(), None)
    org = InOrg(by)
    left = {}
    for type_name, wanted in names.items():
        org.find(type_name, wanted)
        left[type_name] = [n for n in wanted.values() if org.get(type_name, n) is None]
    return Missing(
        users=_unknown_users(by, users),
        connected_apps=left[CONNECTED_APP],
        external_apps=left[EXTERNAL_APP],
        apex_classes=left[APEX_CLASS],
    )


def _references(read: ReadPackages, users: dict[str, str]) -> Iterator[tuple[str, str]]:
    for found in read.components:
        definition = found.definition
        if definition is None:
            continue
        if found.type_name in PARTS:
            yield EXTERNAL_APP, definition.app
        elif found.type_name == HANDLER:
            yield from _of_handler(definition, users)


def _of_handler(
    definition: HandlerDefinition, users: dict[str, str]
) -> Iterator[tuple[str, str]]:
    yield APEX_CLASS, definition.apex_class
    for each in definition.enablements:
        element, name = each.app
        users.setdefault(each.run_as.strip().lower(), each.run_as.strip())
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
    """Make what is missing, as the pages would; returns what was made, in words.

    A placeholder is ready for a handler, and does nothing: an integration user who cannot
    sign in, an app with both switches on, the template of an Apex class.

    Raises ValidationError where a name is none.
    """
    made: list[str] = []
    for username in missing.users:
        with _told_with(f"user {username}", made):
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
            arguments = {"kind": kind, "api_name": name, "values": values, "notes": {}}
            with _told_with(f"{kind.label.lower()} {name}", made):
                put_app(app=None, by=by, **arguments)  # type: ignore[arg-type]
    for name in missing.apex_classes:
        with _told_with(f"Apex class {name}", made):
            create_apex_class(name=name, body=apex.TEMPLATE.format(name=name), by=by)
    return made


@contextmanager
def _told_with(what: str, made: list[str]) -> Iterator[None]:
    """Add it to what was made, or say of it why it could not be."""
    try:
        yield
    except ValidationError as error:
        # A name that serves as two fields is wrong twice.
        words = dict.fromkeys(error.messages)
        raise ValidationError([f"{what}: {each}" for each in words]) from error
    made.append(what)


def _create_user(username: str, by: User) -> None:
    name = username.partition("@")[0] or username
    create_user(
        first_name="",
        last_name=name[:80],
        email=username,
        username=username,
        profile=Profile.API_ONLY,
        is_integration_user=True,
        by=by,
    )
