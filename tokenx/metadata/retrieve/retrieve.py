"""An org's components as files: all of them, or those with given names.

Files are written lazily, one after the other, because a handler can have a million apps.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy.apply import (
    APEX_CLASS,
    CONNECTED_APP,
    HANDLER,
    PROFILE,
    app_id,
    handler_id,
    profile_id,
)
from tokenx.metadata.format.definitions import (
    TYPES,
    ExternalAppPolicies,
    Manifest,
    ManifestTypes,
    ProfileDefinition,
)
from tokenx.metadata.format.object_definitions import CustomObjectDefinition
from tokenx.metadata.format.writer import write
from tokenx.metadata.mapping.from_org import (
    apex_class_definition,
    connected_app_definition,
    enablements_of,
    external_app_definitions,
    handler_definition,
    written_enablements,
)
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.components import FIELD, OBJECT, file_names
from tokenx.metadata.package.manifests import WILDCARD
from tokenx.metadata.package.zip_writer import write_package
from tokenx.org import record_ids
from tokenx.org.models import ApexClass, ClientApp, Org, Profile, User
from tokenx.org.models.app_access import AppAccess, access_by_app
from tokenx.org.models.user_field import OBJECT as USER

# The latest version that tokenx offers: docs/salesforce/metadata-api.md, API versions.
API_VERSION = "67.0"
ALL = {type_name: [WILDCARD] for type_name in TYPES}

# Up to this many names are looked up in the database.
_FEW = 500
Pieces = Iterable[str | bytes]


@dataclass(kw_only=True)
class RetrievedComponent:
    """A component with its files, and with the users and times of its changes."""

    type_name: str
    full_name: str
    component_id: str
    modified_at: datetime
    created_at: datetime
    created_by: User | None = None
    modified_by: User | None = None
    # The definition in the file. A handler's apps are read lazily.
    definition: Any = field(default=None, repr=False)
    contents: list[Pieces] = field(default_factory=list, repr=False)

    def files(self, *, source_format: bool) -> Iterator[tuple[str, Pieces]]:
        if self.type_name == (OBJECT if source_format else FIELD):
            return  # A field has its own file, or is in its object's file.
        names = file_names(self.type_name, self.full_name, source_format=source_format)
        yield from zip(names, self.contents, strict=True)


@dataclass
class Retrieved:
    """The components of a retrieval, and those that don't exist."""

    found: list[RetrievedComponent]
    # The types and names of components that don't exist.
    missing: list[tuple[str, str]]
    version: str = API_VERSION
    source_format: bool = False

    @property
    def manifest(self) -> Manifest:
        names: dict[str, list[str]] = {}
        for each in self.found:
            names.setdefault(each.type_name, []).append(each.full_name)
        types = (
            ManifestTypes(members=tuple(sorted(members)), name=name)
            for name, members in sorted(names.items())
        )
        return Manifest(types=tuple(types), version=self.version)

    def files(self) -> Iterator[tuple[str, Pieces]]:
        for each in self.found:
            yield from each.files(source_format=self.source_format)

    def write_zip(self, target: IO[bytes], *, folder: str = "") -> None:
        """Write the zip. Raises MetadataError if it has too many files for a package."""
        write_package(self.files(), self.manifest, target, folder=folder)


def not_found(type_name: str, name: str) -> str:
    """Return Salesforce's message about a component that doesn't exist.

    See docs/salesforce/product.md, Error texts.
    """
    return f"Entity of type '{type_name}' named '{name}' cannot be found"


def retrieve(
    org: Org,
    members: Mapping[str, Collection[str]],
    *,
    version: str = API_VERSION,
    source_format: bool = False,
) -> Retrieved:
    """Return the components with these types and names; `*` means all of a type."""
    found: list[RetrievedComponent] = []
    missing: list[tuple[str, str]] = []
    members = _with_fields_of_objects(members)
    for type_name in TYPES:
        if names := members.get(type_name):
            existing = list(components(org, type_name, names))
            found += existing
            known = {each.full_name.lower() for each in existing}
            missing += (
                (type_name, name)
                for name in names
                if name != WILDCARD and name.lower() not in known
            )
    fields = [each for each in found if each.type_name == FIELD]
    if fields and not any(each.type_name == OBJECT for each in found):
        found.append(_object_of(org, fields))
    missing += (
        (type_name, name)
        for type_name in members
        if type_name not in TYPES
        for name in members[type_name]
    )
    return Retrieved(found, missing, version, source_format)


def _with_fields_of_objects(
    members: Mapping[str, Collection[str]],
) -> Mapping[str, Collection[str]]:
    """Request the fields of a requested object, too."""
    names = {name.lower() for name in members.get(OBJECT, ())}
    if names & {WILDCARD, USER.lower()}:
        return {**members, FIELD: [*members.get(FIELD, ()), WILDCARD]}
    return members


def components(
    org: Org, type_name: str, names: Collection[str]
) -> Iterator[RetrievedComponent]:
    """Yield the org's components of a type with these names; `*` means all."""
    wanted = None if WILDCARD in names else {name.lower() for name in names}
    for component in _LISTS.get(type_name, _parts)(org, type_name, wanted):
        if wanted is None or component.full_name.lower() in wanted:
            yield component


Wanted = set[str] | None


def _handlers(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    rows = TokenExchangeHandler.objects.filter(org=org).order_by("developer_name")
    related = rows.select_related("apex_class", "created_by", "modified_by")
    for handler in _named(related, "developer_name", wanted):
        yield RetrievedComponent(
            type_name=type_name,
            full_name=handler.developer_name,
            component_id=handler_id(handler),
            created_at=handler.created_at,
            modified_at=handler.modified_at,
            created_by=handler.created_by,
            modified_by=handler.modified_by,
            definition=handler_definition(handler, enablements_of(handler)),
            contents=[write_handler(handler)],
        )


def write_handler(handler: TokenExchangeHandler) -> Iterator[str]:
    """Yield the handler's file in pieces."""
    yield from write(handler_definition(handler, written_enablements(handler)))


def _classes(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    rows = ApexClass.objects.filter(org=org).order_by("name")
    for apex_class in _named(rows, "name", wanted):
        yield RetrievedComponent(
            type_name=type_name,
            full_name=apex_class.name,
            component_id=record_ids.record_id(record_ids.APEX_CLASS, apex_class.pk),
            created_at=apex_class.modified_at,
            modified_at=apex_class.modified_at,
            definition=apex_class_definition(apex_class),
            contents=[[apex_class.body], write(apex_class_definition(apex_class))],
        )


def _profiles(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    """Yield custom profiles. Every org has the built-in ones, so a name must ask for them.

    A profile has no times of its own.
    """
    profiles = Profile.objects.filter(org=org).by_name()
    for profile in profiles.custom() if wanted is None else profiles:
        definition = ProfileDefinition(is_custom=not profile.is_built_in)
        names = {profile.metadata_name, profile.name}
        for full_name in sorted(names) if wanted else [profile.name]:
            yield RetrievedComponent(
                type_name=type_name,
                full_name=full_name,
                component_id=profile_id(profile),
                created_at=org.created_at,
                modified_at=org.created_at,
                definition=definition,
                contents=[write(definition)],
            )


def _connected(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    rows = ClientApp.objects.filter(org=org, kind=ClientApp.Kind.CONNECTED)
    apps = _named(rows.order_by("api_name"), "api_name", wanted)
    access = access_by_app(org, _listed(apps, wanted))
    for app in apps:
        definition = connected_app_definition(app, access.get(app.pk, AppAccess()))
        yield _app_component(app, type_name, app.api_name, definition)


def _parts(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    """Yield external client apps or one of their parts, which can have any name."""
    rows = ClientApp.objects.filter(org=org, kind=ClientApp.Kind.EXTERNAL)
    has_access = type_name == ExternalAppPolicies.type_name
    access = access_by_app(org) if has_access else {}
    for app in rows.order_by("api_name"):
        own = access.get(app.pk, AppAccess())
        for full_name, definition in external_app_definitions(app, own):
            if definition.type_name == type_name:
                yield _app_component(app, type_name, full_name, definition)


def _listed(apps: QuerySet[ClientApp], wanted: Wanted) -> QuerySet[ClientApp] | None:
    """Return the apps if only a few are wanted, or None for all of the org's."""
    return None if wanted is None or len(wanted) > _FEW else apps


def _app_component(
    app: ClientApp, type_name: str, full_name: str, definition: Any
) -> RetrievedComponent:
    return RetrievedComponent(
        type_name=type_name,
        full_name=full_name,
        component_id=app_id(app),
        created_at=app.modified_at,
        modified_at=app.modified_at,
        definition=definition,
        contents=[write(definition)],
    )


def _rows(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    """Yield the components of a type that's one table."""
    row_type = ROW_TYPES[type_name]
    rows = row_type.rows().filter(org=org).order_by("name")
    for row in _named(rows, "name", wanted):
        yield RetrievedComponent(
            type_name=type_name,
            full_name=row.name,
            component_id=row_type.component_id(row),
            created_at=row.modified_at,
            modified_at=row.modified_at,
            definition=row_type.definition_of(row),
            contents=row_type.contents_of(row),
        )


def _objects(org: Org, type_name: str, wanted: Wanted) -> Iterator[RetrievedComponent]:
    """Yield User, if it has custom fields or is requested by name."""
    fields = list(_rows(org, FIELD, None))
    if fields or (wanted and USER.lower() in wanted):
        yield _object_of(org, fields)


def _object_of(org: Org, fields: Sequence[RetrievedComponent]) -> RetrievedComponent:
    """Return the object with these fields in its file."""
    definitions = tuple(field.definition for field in fields)
    definition = CustomObjectDefinition(fields=definitions)
    times = [field.modified_at for field in fields]
    return RetrievedComponent(
        type_name=OBJECT,
        full_name=USER,
        component_id="",
        created_at=org.created_at,
        modified_at=max(times, default=org.created_at),
        definition=definition,
        contents=[write(definition)],
    )


_LISTS = {
    HANDLER: _handlers,
    APEX_CLASS: _classes,
    PROFILE: _profiles,
    CONNECTED_APP: _connected,
    OBJECT: _objects,
    **dict.fromkeys(ROW_TYPES, _rows),
}


def _named(rows: QuerySet, field: str, wanted: Wanted) -> QuerySet:
    """Filter the rows by name in the database, unless there are too many names."""
    if wanted is None or len(wanted) > _FEW:
        return rows
    return rows.annotate(lowered=Lower(field)).filter(lowered__in=wanted)
