"""A snapshot's org.json: what the metadata next to it can't contain.

The document contains no secrets or hashes of secrets (docs/decisions/snapshots.md). It
doesn't contain its own time or name, so the same state always has the same bytes.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from pydantic import BeforeValidator, Field
from pydantic import ValidationError as InvalidDocumentError

from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.oauth.actions.examples import MAX_EXAMPLES
from tokenx.org.languages import (
    DEFAULT_ENCODING,
    DEFAULT_LANGUAGE,
)
from tokenx.org.models.issuer import KEY_ID_LENGTH, IssuerShape
from tokenx.org.models.user import (
    ALIAS_LENGTH,
    FEDERATION_ID_LENGTH,
)
from tokenx.org.nicknames import NICKNAME_LENGTH
from tokenx.setup.actions.debug_levels import MAX_DEBUG_LEVELS
from tokenx.setup.actions.issuers import MAX_ISSUERS
from tokenx.setup.actions.permission_sets import MAX_ASSIGNMENTS
from tokenx.training.strict_models import (
    Location,
    Moment,
    ProblemCounter,
    StrictModel,
    at_most,
    problems_of,
    refuse,
    shorten,
)
from tokenx.web.limits import MAX_BODY

from .values import (
    ONE_LINE,
    AlgorithmName,
    ApiName,
    ClaimsText,
    ClassName,
    ComponentType,
    ConsumerKey,
    DebugCategory,
    DebugLevelName,
    Email,
    EncodingName,
    FirstName,
    KindName,
    LanguageName,
    LastName,
    LocaleName,
    OptionalText80,
    PeopleText,
    ProfileKey,
    RecipeText,
    ShapeName,
    Text80,
    TimeZoneName,
    TokenTypeName,
    Username,
)

NAME = "org.json"
# Increase this number when the code would misread older files.
FORMAT = 1
# An upload is smaller, but org.json is compressed in it.
MAX_SIZE = MAX_BODY
MAX_USERS = 100_000
# The limit for each of classes, apps, handlers, and a handler's enablements.
MAX_ROWS = 10_000
MAX_COMPONENTS = sum(row_type.limit for row_type in ROW_TYPES.values())


def _check_format(value: Any) -> Any:
    if type(value) is not int or value != FORMAT:
        raise refuse(f"is from another version of tokenx. This one reads format {FORMAT}")
    return value


FormatNumber = Annotated[int, BeforeValidator(_check_format)]


class SnapshotUser(StrictModel):
    """A user of the org. A file never says who can sign in, or with which password."""

    username: Username
    first_name: FirstName
    last_name: LastName
    email: Email
    profile: ProfileKey
    is_active: bool
    is_integration_user: bool
    # Older files don't have these keys.
    time_zone: TimeZoneName = ""
    locale: LocaleName = ""
    # Blank: generated again.
    alias: Annotated[str, Field(max_length=ALIAS_LENGTH), ONE_LINE] = ""
    nickname: Annotated[str, Field(max_length=NICKNAME_LENGTH), ONE_LINE] = ""
    language: LanguageName = DEFAULT_LANGUAGE
    email_encoding: EncodingName = DEFAULT_ENCODING
    federation_id: Annotated[str, Field(max_length=FEDERATION_ID_LENGTH), ONE_LINE] = ""
    # By API name of a custom field.
    custom_values: dict[str, str] = {}
    # API names.
    permission_sets: Annotated[
        tuple[ApiName, ...], Field(strict=False), at_most(MAX_ASSIGNMENTS)
    ] = ()


# The fields of a user that are columns of the same name.
USER_FIELDS = tuple(
    name for name in SnapshotUser.model_fields if name not in {"profile", "permission_sets"}
)


class SnapshotClass(StrictModel):
    """An Apex class. `has_file` is true if a file's other elements are stored for it."""

    name: ClassName
    has_file: bool
    modified_at: Moment


class SnapshotApp(StrictModel):
    """A connected app or an external client app."""

    kind: KindName
    api_name: ApiName
    # The key identifies the app, and isn't a secret. Its metadata can leave it out.
    consumer_key: ConsumerKey
    has_file: bool
    modified_at: Moment

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.api_name.lower()


class SnapshotEnablement(StrictModel):
    """An app that the handler is enabled for."""

    kind: KindName
    api_name: ApiName
    enabled_at: Moment
    modified_at: Moment

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.api_name.lower()


class SnapshotHandler(StrictModel):
    """A token exchange handler."""

    name: ApiName
    created_at: Moment
    created_by: Username
    modified_at: Moment
    modified_by: Username
    # JSON has lists, so a tuple's type can't be strict. Its entries are.
    enabled: Annotated[
        tuple[SnapshotEnablement, ...], Field(strict=False), at_most(MAX_ROWS)
    ]


class SnapshotComponent(StrictModel):
    """The time of a component that is otherwise complete in its file."""

    type: ComponentType
    name: Annotated[str, Field(min_length=1, max_length=255), ONE_LINE]
    modified_at: Moment
    # Whether a file's other elements are stored for it.
    has_file: bool = False
    # Whether it has a private key. The restored component gets a new one.
    has_key: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.type, self.name.lower()


class SnapshotIssuer(StrictModel):
    """A simulated issuer, without its private key. No metadata file describes it."""

    name: ApiName
    label: Text80
    # Older files don't have these three.
    shape: ShapeName = IssuerShape.OWN.value
    discovery_url: str = ""
    people: PeopleText = "[]"
    iss: str
    keys_url: str
    userinfo_url: str
    introspection_url: str
    token_url: str
    algorithm: AlgorithmName
    certificate_name: OptionalText80
    # JSON as text, so that every database returns the same.
    claims: ClaimsText
    # Tells whether the org still has the key. If it doesn't, the issuer gets a new one.
    key_id: Annotated[str, Field(max_length=KEY_ID_LENGTH), ONE_LINE]
    created_at: Moment
    modified_at: Moment


# The fields of an issuer that are columns of the same name.
ISSUER_FIELDS = tuple(
    name
    for name in SnapshotIssuer.model_fields
    if name not in {"claims", "people", "key_id"}
)


class SnapshotDebugLevel(StrictModel):
    """A debug level. Trace flags and logs aren't in snapshots."""

    name: ApiName
    label: Text80
    levels: dict[DebugCategory, DebugLevelName]
    created_at: Moment
    modified_at: Moment


class SnapshotExample(StrictModel):
    """An example of a token request. Results of runs aren't in snapshots."""

    name: Text80
    app_kind: KindName
    app_api_name: Text80
    token_handler: OptionalText80
    scope: Annotated[str, Field(max_length=1000), ONE_LINE]
    token_type: TokenTypeName
    # JSON as text, so that every database returns the same.
    recipe: RecipeText
    expected_error: Annotated[str, Field(max_length=40), ONE_LINE]
    expected_description: Annotated[str, Field(max_length=255), ONE_LINE]
    expected_username: OptionalText80
    created_at: Moment
    created_by: Username


# The fields of an example that are columns of the same name.
EXAMPLE_FIELDS = tuple(
    name for name in SnapshotExample.model_fields if name not in {"recipe", "created_by"}
)


class SnapshotOrg(StrictModel):
    """The org's own settings."""

    name: Text80
    is_strict: bool


class SnapshotDocument(StrictModel):
    """The contents of org.json."""

    format: FormatNumber
    # The scenario that the org was built from, or empty.
    scenario: OptionalText80
    # The user who saved the snapshot. In another org, its administrator replaces them.
    owner: Username
    org: SnapshotOrg
    users: Annotated[tuple[SnapshotUser, ...], Field(strict=False), at_most(MAX_USERS)]
    classes: Annotated[tuple[SnapshotClass, ...], Field(strict=False), at_most(MAX_ROWS)]
    apps: Annotated[tuple[SnapshotApp, ...], Field(strict=False), at_most(MAX_ROWS)]
    handlers: Annotated[tuple[SnapshotHandler, ...], Field(strict=False), at_most(MAX_ROWS)]
    # Older files don't have these keys.
    components: Annotated[
        tuple[SnapshotComponent, ...], Field(strict=False), at_most(MAX_COMPONENTS)
    ] = ()
    issuers: Annotated[
        tuple[SnapshotIssuer, ...], Field(strict=False), at_most(MAX_ISSUERS)
    ] = ()
    debug_levels: Annotated[
        tuple[SnapshotDebugLevel, ...], Field(strict=False), at_most(MAX_DEBUG_LEVELS)
    ] = ()
    examples: Annotated[
        tuple[SnapshotExample, ...], Field(strict=False), at_most(MAX_EXAMPLES)
    ] = ()


def write_document(document: SnapshotDocument) -> bytes:
    contents = document.model_dump(warnings=False)
    text = json.dumps(contents, default=datetime.isoformat, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def read_document(data: bytes) -> SnapshotDocument:
    """Read org.json. Raise ValidationError with all problems and their locations."""
    try:
        contents = _load_json(data)
        document = SnapshotDocument.model_validate(contents, context=ProblemCounter())
    except InvalidDocumentError as error:
        problems = [
            f"{_path(problem.location)} {problem.predicate}"
            for problem in problems_of(error, SnapshotDocument, table="an object")
        ]
    else:
        problems = list(_contradictions(document))
    if problems:
        raise ValidationError(list(map(_message, problems[:MAX_PROBLEMS])))
    return document


def _message(problem: str) -> str:
    return f"{NAME}: {problem}" + ("" if problem.endswith("?") else ".")


def _load_json(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_refuse_repeated_keys,
            parse_constant=_refuse_constant,
        )
    except RecursionError as error:
        raise ValidationError(f"{NAME} is nested too deeply.") from error
    except ValueError as error:
        raise ValidationError(f"{NAME} can't be read: {error}.") from error


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    contents = dict(pairs)
    if len(contents) < len(pairs):
        raise ValueError("a key is repeated in an object")
    return contents


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} isn't a JSON number")


def _path(location: Location) -> str:
    """Return a location as text, such as users[3].email."""
    path = ""
    for key in location:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            path += f".{shorten(key)}" if path else shorten(key)
    return path or "the document"


def _contradictions(document: SnapshotDocument) -> Iterator[str]:
    """Yield problems between entries that are valid by themselves."""
    yield from _repeated("users", document.users, lambda user: user.username)
    yield from _repeated("classes", document.classes, lambda entry: entry.name.lower())
    yield from _repeated("apps", document.apps, lambda app: app.key)
    yield from _repeated("handlers", document.handlers, lambda entry: entry.name.lower())
    yield from _repeated("components", document.components, lambda entry: entry.key)
    yield from _repeated("issuers", document.issuers, lambda entry: entry.name.lower())
    yield from _repeated("debug_levels", document.debug_levels, lambda e: e.name.lower())
    yield from _repeated("examples", document.examples, lambda e: e.name.lower())
    with_key = [app for app in document.apps if app.consumer_key]
    yield from _repeated("apps with a consumer key", with_key, lambda a: a.consumer_key)
    nicknamed = [user for user in document.users if user.nickname]
    yield from _repeated(
        "users with a nickname", nicknamed, lambda user: user.nickname.lower()
    )
    federated = [user for user in document.users if user.federation_id]
    yield from _repeated("users with a Federation ID", federated, lambda u: u.federation_id)
    for index, user in enumerate(document.users):
        path = f"users[{index}].permission_sets"
        yield from _repeated(path, user.permission_sets, str.lower)
    usernames = {user.username for user in document.users}
    if document.owner not in usernames:
        yield f"owner ({document.owner}) isn't one of the users"
    for index, example in enumerate(document.examples):
        if example.created_by not in usernames:
            path = f"examples[{index}].created_by ({example.created_by})"
            yield f"{path} isn't one of the users"
    for index, handler in enumerate(document.handlers):
        path = f"handlers[{index}]"
        yield from _repeated(f"{path}.enabled", handler.enabled, lambda app: app.key)
        for field in ("created_by", "modified_by"):
            if (username := getattr(handler, field)) not in usernames:
                yield f"{path}.{field} ({username}) isn't one of the users"


def _repeated(
    path: str, entries: Iterable[Any], key: Callable[[Any], Any]
) -> Iterator[str]:
    first_indexes: dict[Any, int] = {}
    for index, entry in enumerate(entries):
        first = first_indexes.setdefault(key(entry), index)
        if first != index:
            yield f"{path}[{index}] is the same as {path}[{first}]"
