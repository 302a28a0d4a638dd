"""The rows of a snapshot, built from its files and its org.json together.

This module doesn't use the database. It finds all contradictions before the org changes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy.apply import (
    APEX_CLASS,
    HANDLER,
    PERMISSION_SET,
    PROFILE,
)
from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.metadata.mapping.app_values import ConnectedValues, ExternalValues, values_of
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.mapping.from_org import HANDLER_FIELDS
from tokenx.metadata.mapping.round_trip import details_of
from tokenx.metadata.mapping.row_type import RowType
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.components import FIELD, OBJECT
from tokenx.org.claims import read_claims
from tokenx.org.models import (
    ApexClass,
    BuiltInProfile,
    ClientApp,
    DebugLevel,
    ExchangeExample,
    Issuer,
    Org,
    PermissionSet,
    Profile,
)
from tokenx.org.models.profile import find_built_in
from tokenx.setup.actions.issuers import repeated_addresses
from tokenx.setup.actions.profiles import MAX_PROFILES
from tokenx.setup.actions.put_app import FILE_DEFAULTS
from tokenx.setup.actions.user_fields import check_custom_values
from tokenx.training.strict_models import shorten
from tokenx.web.local_formats import format_number

from .archive import ReadSnapshot
from .document import EXAMPLE_FIELDS, ISSUER_FIELDS, NAME, SnapshotApp, SnapshotEnablement

Row = TypeVar("Row", bound=models.Model)


class SnapshotRows:
    """The unsaved rows of a snapshot, by the names in its files."""

    def __init__(self, org: Org, snapshot: ReadSnapshot) -> None:
        self.org = org
        self.document = snapshot.document
        self.problems: list[str] = []
        self.files: dict[str, list[ReadComponent]] = {}
        for file in snapshot.components:
            self.files.setdefault(file.type_name, []).append(file)
        # Custom profiles; every org has the built-in ones.
        self.profiles: dict[str, Profile] = {}
        self.classes: dict[str, ApexClass] = {}
        self.apps: dict[tuple[str, str], ClientApp] = {}
        self.handlers: dict[str, TokenExchangeHandler] = {}
        # The keys of each app's profiles, and the names of its permission sets.
        self.access: list[tuple[ClientApp, list[str], list[str]]] = []
        # The rows of types that are one table, by type.
        self.components: dict[str, list[Any]] = {}
        # The rows that need a private key, with their types.
        self.with_keys: list[tuple[RowType, Any]] = []
        # The simulated issuers, and the IDs of the keys that they had.
        self.issuers: list[tuple[Issuer, str]] = []
        self.debug_levels: list[DebugLevel] = []
        # Each example with its creator's username.
        self.examples: list[tuple[ExchangeExample, str]] = []
        self.enablements: list[Enablement] = []
        # Usernames, because the users' rows aren't known yet: each enablement's Run As
        # User, and each handler's creator and last modifier.
        self.run_as: list[str] = []
        self.stamped_by: list[tuple[str, str]] = []

    def read(self) -> None:
        """Build all rows. Raise ValidationError with all problems."""
        self._read_profiles()
        self._read_classes()
        self._read_apps()
        self._read_components()
        self._check_permission_sets()
        self._read_issuers()
        self._read_debug_levels()
        self._read_examples()
        self._read_handlers()
        self._check_defaults()
        if self.problems:
            raise ValidationError(self.problems[:MAX_PROBLEMS])

    def _read_profiles(self) -> None:
        files = self.files.get(PROFILE, [])
        if len(files) > MAX_PROFILES:
            limit = format_number(MAX_PROFILES)
            self.problems.append(f"The snapshot has more than {limit} profiles.")
        for file in files[:MAX_PROFILES]:
            profile = Profile(org=self.org, name=file.full_name)
            try:
                profile.clean()
            except ValidationError as error:
                self._report(file, " ".join(error.messages).rstrip("."))
            self._checked(file, profile).set_keys()
            self.profiles[profile.name] = profile
        for index, user in enumerate(self.document.users):
            if user.profile not in {*BuiltInProfile.values, *self.profiles}:
                path, name = f"users[{index}].profile", shorten(user.profile)
                self.problems.append(f"{NAME}: {path} ({name!r}) isn't in the snapshot.")

    def _read_classes(self) -> None:
        entries = {entry.name.lower(): entry for entry in self.document.classes}
        for file in self.files.get(APEX_CLASS, ()):
            entry = entries.pop(file.full_name.lower(), None)
            if entry is None:
                self._report_missing_entry(file)
                continue
            details = {APEX_CLASS: details_of(file.definition)} if entry.has_file else {}
            apex_class = ApexClass(
                org=self.org,
                name=file.full_name,
                body=file.definition.body,
                api_version=file.definition.api_version,
                status=file.definition.status,
                modified_at=entry.modified_at,
                file_details=details,
            )
            self.classes[entry.name.lower()] = self._checked(file, apex_class)
        self._report_missing_files("classes", [entry.name for entry in entries.values()])

    def _read_apps(self) -> None:
        entries = {entry.key: entry for entry in self.document.apps}
        without_file = dict(entries)
        for file in self._app_files():
            values = values_of(file.full_name, file.definition)
            key = (str(values.kind), values.api_name.lower())
            entry = entries.get(key)
            if entry is None:
                self._report_missing_entry(file)
                continue
            if isinstance(values, (ConnectedValues, ExternalValues)):
                without_file.pop(key, None)
                self.apps[key] = ClientApp(
                    org=self.org,
                    kind=values.kind,
                    api_name=values.api_name,
                    modified_at=entry.modified_at,
                    consumer_key=entry.consumer_key,
                    **FILE_DEFAULTS,
                )
            elif key not in self.apps:
                self._report(file, "its app isn't in the snapshot")
                continue
            self._fill_app(self.apps[key], entry, values)
        for app in self.apps.values():
            self._checked(f"{app.kind} app {app.api_name}", app).set_keys()
        names = [entry.api_name for entry in without_file.values()]
        self._report_missing_files("apps", names)

    def _app_files(self) -> Iterator[ReadComponent]:
        for type_name, files in self.files.items():
            if type_name not in (APEX_CLASS, HANDLER, PROFILE, OBJECT, *ROW_TYPES):
                yield from files

    def _read_components(self) -> None:
        entries = {entry.key: entry for entry in self.document.components}
        for type_name, row_type in ROW_TYPES.items():
            files = self.files.get(type_name, [])
            if len(files) > row_type.limit:
                limit = format_number(row_type.limit)
                self.problems.append(f"The snapshot has more than {limit} {row_type.noun}.")
                continue
            rows = self.components[type_name] = []
            for file in files:
                entry = entries.pop((type_name, file.full_name.lower()), None)
                if entry is None:
                    self._report_missing_entry(file)
                    continue
                try:
                    row = row_type.build(self.org, file.full_name, file.definition)
                except ValidationError as error:
                    self._report(file, " ".join(error.messages).rstrip("."))
                    continue
                row.modified_at = entry.modified_at
                if not entry.has_file:
                    row_type.forget_file(row)
                if entry.has_key:
                    self.with_keys.append((row_type, row))
                rows.append(self._checked(file, row))
        self._report_missing_files("components", [each.name for each in entries.values()])
        self._check_custom_values()

    def _read_issuers(self) -> None:
        for index, entry in enumerate(self.document.issuers):
            values = {name: getattr(entry, name) for name in ISSUER_FIELDS}
            claims, people = read_claims(entry.claims), json.loads(entry.people)
            issuer = Issuer(org=self.org, claims=claims, people=people, **values)
            self.issuers.append((issuer, entry.key_id))
            try:
                issuer.clean_fields(exclude=["org"])
            except ValidationError as error:
                for field, messages in error.message_dict.items():
                    path, reason = f"issuers[{index}].{field}", " ".join(messages)
                    self.problems.append(f"{NAME}: {path}: {reason}")
        for issuer, field, other in repeated_addresses([row for row, _ in self.issuers]):
            sentence = f"{issuer.name} has the {Issuer.label_of(field)} of {other.name}"
            self.problems.append(f"{NAME}: issuers: {sentence}.")

    def _read_debug_levels(self) -> None:
        # The document has checked each field.
        self.debug_levels = [
            DebugLevel(
                org=self.org,
                name=entry.name,
                label=entry.label,
                created_at=entry.created_at,
                modified_at=entry.modified_at,
                **entry.levels,
            )
            for entry in self.document.debug_levels
        ]

    def _read_examples(self) -> None:
        # The document has checked each field.
        self.examples = [
            (
                ExchangeExample(
                    org=self.org,
                    recipe=json.loads(entry.recipe),
                    **{name: getattr(entry, name) for name in EXAMPLE_FIELDS},
                ),
                entry.created_by,
            )
            for entry in self.document.examples
        ]

    def _check_custom_values(self) -> None:
        fields = {row.api_name: row for row in self.components.get(FIELD, ())}
        for index, user in enumerate(self.document.users):
            try:
                check_custom_values(user.custom_values, fields)
            except ValidationError as error:
                reasons = " ".join(error.messages)
                self.problems.append(f"{NAME}: users[{index}].custom_values: {reasons}")

    def _check_permission_sets(self) -> None:
        known = self.permission_sets
        for index, user in enumerate(self.document.users):
            for name in user.permission_sets:
                if name.lower() not in known:
                    path = f"users[{index}].permission_sets"
                    message = f"{NAME}: {path} ({name!r}) isn't in the snapshot."
                    self.problems.append(message)

    @property
    def permission_sets(self) -> dict[str, PermissionSet]:
        """Return the permission sets by their names in lowercase."""
        rows = self.components.get(PERMISSION_SET, ())
        return {row.name.lower(): row for row in rows}

    def _fill_app(self, app: ClientApp, entry: SnapshotApp, values: Any) -> None:
        for name, value in values.values.items():
            setattr(app, name, value)
        if values.profiles or values.permission_sets:
            keys = [find_built_in(name) or name for name in values.profiles]
            self.access.append((app, [*map(str, keys)], [*values.permission_sets]))
        if values.consumer_key:
            app.consumer_key = values.consumer_key
        if entry.has_file:
            app.file_details.update(values.file_details)

    def _read_handlers(self) -> None:
        entries = {entry.name.lower(): entry for entry in self.document.handlers}
        for file in self.files.get(HANDLER, ()):
            definition = file.definition
            entry = entries.pop(file.full_name.lower(), None)
            apex_class = self.classes.get(definition.apex_class.lower())
            if entry is None:
                self._report_missing_entry(file)
            elif apex_class is None:
                message = f"its class {definition.apex_class} isn't in the snapshot"
                self._report(file, message)
            else:
                handler = TokenExchangeHandler(
                    org=self.org,
                    created_at=entry.created_at,
                    modified_at=entry.modified_at,
                    **{name: getattr(definition, name) for name in HANDLER_FIELDS},
                )
                handler.description = definition.description or ""
                handler.apex_class = apex_class
                self.handlers[entry.name.lower()] = self._checked(file, handler)
                handler.set_keys()
                self.stamped_by.append((entry.created_by, entry.modified_by))
                self._read_enablements(file, handler, entry.enabled)
        self._report_missing_files("handlers", [entry.name for entry in entries.values()])

    def _read_enablements(
        self,
        file: ReadComponent,
        handler: TokenExchangeHandler,
        entries: Sequence[SnapshotEnablement],
    ) -> None:
        usernames = {user.username for user in self.document.users}
        without_file = {entry.key: entry for entry in entries}
        for definition in file.definition.enablements:
            kind = "connected" if definition.connected_app is not None else "external"
            api_name = definition.app[1]
            key = (kind, api_name.lower())
            entry, app = without_file.pop(key, None), self.apps.get(key)
            if app is None:
                self._report(file, f"the app {api_name} isn't in the snapshot")
            elif entry is None:
                self._report(file, f"org.json has no entry for the app {api_name}")
            elif definition.run_as.lower() not in usernames:
                self._report(file, f"the user {definition.run_as} isn't in the snapshot")
            else:
                enablement = Enablement(
                    org=self.org,
                    handler=handler,
                    app=app,
                    is_default=definition.is_default,
                    enabled_at=entry.enabled_at,
                    modified_at=entry.modified_at,
                )
                enablement.copy_from_app()
                self.enablements.append(enablement)
                self.run_as.append(definition.run_as.lower())
                is_connected = kind == ClientApp.Kind.CONNECTED
                handler.connected_count += is_connected
                handler.external_count += not is_connected
        for entry in without_file.values():
            self._report(file, f"the app {entry.api_name} is only in org.json")

    def _check_defaults(self) -> None:
        apps_with_default: set[int] = set()
        for enablement in self.enablements:
            if not enablement.is_default:
                continue
            if id(enablement.app) in apps_with_default:
                self.problems.append(f"{enablement.app.label} has two default handlers.")
            apps_with_default.add(id(enablement.app))

    # --- Problems ---------------------------------------------------------------------

    def _report(self, file: ReadComponent | str, message: str) -> None:
        name = file if isinstance(file, str) else file.component.file_name
        self.problems.append(f"{name}: {message}.")

    def _report_missing_entry(self, file: ReadComponent) -> None:
        self._report(file, "org.json has no entry for it")

    def _report_missing_files(self, list_name: str, names: Iterable[str]) -> None:
        for name in names:
            self.problems.append(f"org.json: {list_name}: {name} has no file.")

    def _checked(self, file: ReadComponent | str, row: Row) -> Row:
        """Return the row after checking its own columns."""
        foreign_keys = {field.name for field in row._meta.fields if field.is_relation}
        try:
            row.clean_fields(exclude=foreign_keys | {"search_key", "consumer_key"})
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self._report(file, f"{field}: {' '.join(messages).rstrip('.')}")
        return row
