"""org.json of a snapshot: what the metadata beside it cannot say.

It holds no secret and no hash of one (docs/decisions/snapshots.md), and neither when it
was made nor under which name: the same state is the same bytes.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from tokenx.org.api_names import validate_api_name
from tokenx.org.models import ClientApp, Profile
from tokenx.org.models.user import NAME_LENGTH, normalize_username

from .json_shapes import a_choice, a_flag, a_list, a_moment, a_text, an_object, read_json

NAME = "org.json"
# Raised when a file of before would be misread.
FORMAT = 1
MAX_SIZE = 64 * 1024 * 1024
# How many users there may be, and how many of anything else.
MOST_USERS, MOST = 100_000, 10_000


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the org. Who may sign in, and how, is never in a file."""

    username: str
    first_name: str
    last_name: str
    email: str
    profile: str
    is_active: bool
    is_integration_user: bool


@dataclass(frozen=True, kw_only=True)
class ClassNote:
    """`has_file`: it came by a file once, or was made in Setup and says all."""

    name: str
    has_file: bool
    modified_at: datetime


@dataclass(frozen=True, kw_only=True)
class AppNote:
    kind: str
    api_name: str
    # Who the app is, and no secret: its metadata says it too, unless a file left it out.
    consumer_key: str
    has_file: bool
    modified_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.api_name.lower()


@dataclass(frozen=True, kw_only=True)
class EnabledNote:
    kind: str
    api_name: str
    enabled_at: datetime
    modified_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.api_name.lower()


@dataclass(frozen=True, kw_only=True)
class HandlerNote:
    name: str
    created_at: datetime
    created_by: str
    modified_at: datetime
    modified_by: str
    enabled: tuple[EnabledNote, ...]


@dataclass(frozen=True, kw_only=True)
class OrgNote:
    name: str
    is_strict: bool


@dataclass(frozen=True, kw_only=True)
class Document:
    format: int
    # The scenario that the org was made from; empty where there was none.
    scenario: str
    # Whoever saved it: the administrator who opens it elsewhere takes their place.
    owner: str
    org: OrgNote
    users: tuple[Person, ...]
    classes: tuple[ClassNote, ...]
    apps: tuple[AppNote, ...]
    handlers: tuple[HandlerNote, ...]


def write_document(document: Document) -> bytes:
    text = json.dumps(
        asdict(document), default=datetime.isoformat, ensure_ascii=False, indent=1
    )
    return f"{text}\n".encode()


def read_document(data: bytes) -> Document:
    """Raises ValidationError with all that is wrong, each at its place."""
    document: Document = read_json(data, _DOCUMENT, name=NAME)
    if problems := [f"{NAME}: {words}" for words in _contradictions(document)]:
        raise ValidationError(problems[:100])
    return document


_api_name = a_text(length=80, validators=[validate_api_name])
_email = EmailValidator("This is no e-mail address.")


def _is_normal(username: str) -> None:
    if normalize_username(username) != username:
        raise ValidationError("A username has no capitals, and no spaces around it.")


_username = a_text(
    length=80, validators=[_is_normal, EmailValidator("This is no username.")]
)
_kind = a_choice(ClientApp.Kind.values)


def _a_known_format(problems: list[str], value: Any, where: str) -> Any:
    if type(value) is not int or value != FORMAT:
        problems.append(f"is of another version of tokenx: this one reads format {FORMAT}")
    return value


_DOCUMENT = an_object(
    Document,
    format=_a_known_format,
    scenario=a_text(length=80, may_be_empty=True),
    owner=_username,
    org=an_object(OrgNote, name=a_text(length=80), is_strict=a_flag),
    users=a_list(
        an_object(
            Person,
            username=_username,
            first_name=a_text(length=NAME_LENGTH, may_be_empty=True),
            last_name=a_text(length=NAME_LENGTH),
            email=a_text(length=254, validators=[_email]),
            profile=a_choice(Profile.values),
            is_active=a_flag,
            is_integration_user=a_flag,
        ),
        at_most=MOST_USERS,
    ),
    classes=a_list(
        an_object(
            ClassNote,
            name=a_text(length=40, validators=[validate_api_name]),
            has_file=a_flag,
            modified_at=a_moment,
        ),
        at_most=MOST,
    ),
    apps=a_list(
        an_object(
            AppNote,
            kind=_kind,
            api_name=_api_name,
            consumer_key=a_text(length=85, may_be_empty=True),
            has_file=a_flag,
            modified_at=a_moment,
        ),
        at_most=MOST,
    ),
    handlers=a_list(
        an_object(
            HandlerNote,
            name=_api_name,
            created_at=a_moment,
            created_by=_username,
            modified_at=a_moment,
            modified_by=_username,
            enabled=a_list(
                an_object(
                    EnabledNote,
                    kind=_kind,
                    api_name=_api_name,
                    enabled_at=a_moment,
                    modified_at=a_moment,
                ),
                at_most=MOST,
            ),
        ),
        at_most=MOST,
    ),
)


def _contradictions(document: Document) -> Iterable[str]:
    """What is wrong although every entry is right."""
    yield from _twice("users", document.users, lambda each: each.username)
    yield from _twice("classes", document.classes, lambda each: each.name.lower())
    yield from _twice("apps", document.apps, lambda each: each.key)
    yield from _twice("handlers", document.handlers, lambda each: each.name.lower())
    keyed = [each for each in document.apps if each.consumer_key]
    yield from _twice("apps with a consumer key", keyed, lambda each: each.consumer_key)
    known = {person.username for person in document.users}
    if document.owner not in known:
        yield f"owner ({document.owner}) is none of the users"
    for place, handler in enumerate(document.handlers):
        where = f"handlers[{place}]"
        yield from _twice(f"{where}.enabled", handler.enabled, lambda each: each.key)
        for field in ("created_by", "modified_by"):
            if (username := getattr(handler, field)) not in known:
                yield f"{where}.{field} ({username}) is none of the users"


def _twice(where: str, entries: Iterable[Any], key: Callable[[Any], Any]) -> Iterable[str]:
    seen: dict[Any, int] = {}
    for place, each in enumerate(entries):
        first = seen.setdefault(key(each), place)
        if first != place:
            yield f"{where}[{place}] is the same as {where}[{first}]"
