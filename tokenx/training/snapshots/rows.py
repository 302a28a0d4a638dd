"""The rows that a snapshot says, from its files and its org.json together.

Nothing is asked of the database and nothing written: what does not fit together is known
before the org is touched.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy.apply import APEX_CLASS, HANDLER
from tokenx.metadata.mapping.app_values import ConnectedValues, ExternalValues, values_of
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.mapping.from_org import HANDLER_FIELDS
from tokenx.metadata.mapping.round_trip import note_of
from tokenx.org.models import ApexClass, ClientApp, Org
from tokenx.setup.actions.put_app import FILE_DEFAULTS

from .archive import ReadSnapshot
from .document import AppNote, EnabledNote
from .json_shapes import MAX_PROBLEMS

Row = TypeVar("Row", bound=models.Model)


class Rows:
    """The rows that a snapshot says, by the names that its files use."""

    def __init__(self, org: Org, read: ReadSnapshot) -> None:
        self.org = org
        self.document = read.document
        self.problems: list[str] = []
        self.files: dict[str, list[ReadComponent]] = {}
        for found in read.components:
            self.files.setdefault(found.type_name, []).append(found)
        self.classes: dict[str, ApexClass] = {}
        self.apps: dict[tuple[str, str], ClientApp] = {}
        self.handlers: dict[str, TokenExchangeHandler] = {}
        self.enablements: list[Enablement] = []
        # Whom rows name, as long as it is not known who that will be.
        self.run_as: list[str] = []
        self.stamped_by: list[tuple[str, str]] = []

    def read(self) -> None:
        """Raises ValidationError with all that is wrong."""
        self.read_classes()
        self.read_apps()
        self.read_handlers()
        if self.problems:
            raise ValidationError(self.problems[:MAX_PROBLEMS])

    def read_classes(self) -> None:
        notes = {note.name.lower(): note for note in self.document.classes}
        for found in self.files.get(APEX_CLASS, ()):
            note = notes.pop(found.full_name.lower(), None)
            if note is None:
                self.no_note(found)
                continue
            kept = {APEX_CLASS: note_of(found.definition)} if note.has_file else {}
            self.classes[note.name.lower()] = self.checked(
                found,
                ApexClass(
                    org=self.org,
                    name=found.full_name,
                    body=found.definition.body,
                    api_version=found.definition.api_version,
                    status=found.definition.status,
                    modified_at=note.modified_at,
                    kept=kept,
                ),
            )
        self.no_files("classes", notes.values())

    def read_apps(self) -> None:
        notes = {note.key: note for note in self.document.apps}
        left = dict(notes)
        for found in self.app_files():
            said = values_of(found.full_name, found.definition)
            key = (str(said.kind), said.api_name.lower())
            note = notes.get(key)
            if note is None:
                self.no_note(found)
                continue
            if isinstance(said, (ConnectedValues, ExternalValues)):
                left.pop(key, None)
                self.apps[key] = ClientApp(
                    org=self.org,
                    kind=said.kind,
                    api_name=said.api_name,
                    modified_at=note.modified_at,
                    consumer_key=note.consumer_key,
                    **FILE_DEFAULTS,
                )
            elif key not in self.apps:
                self.say(found, "its app is not in the snapshot")
                continue
            self.fill(self.apps[key], note, said)
        for app in self.apps.values():
            self.checked(f"{app.kind} app {app.api_name}", app).set_keys()
        self.no_files("apps", left.values())

    def app_files(self) -> Iterator[ReadComponent]:
        for type_name, files in self.files.items():
            if type_name not in (APEX_CLASS, HANDLER):
                yield from files

    def fill(self, app: ClientApp, note: AppNote, said: Any) -> None:
        for name, value in said.values.items():
            setattr(app, name, value)
        if said.consumer_key:
            app.consumer_key = said.consumer_key
        if note.has_file:
            app.kept.update(said.notes)

    def read_handlers(self) -> None:
        notes = {note.name.lower(): note for note in self.document.handlers}
        for found in self.files.get(HANDLER, ()):
            definition = found.definition
            note = notes.pop(found.full_name.lower(), None)
            apex_class = self.classes.get(definition.apex_class.lower())
            if note is None:
                self.no_note(found)
            elif apex_class is None:
                self.say(found, f"its class {definition.apex_class} is not in the snapshot")
            else:
                handler = TokenExchangeHandler(
                    org=self.org,
                    created_at=note.created_at,
                    modified_at=note.modified_at,
                    **{name: getattr(definition, name) for name in HANDLER_FIELDS},
                )
                handler.description = definition.description or ""
                handler.apex_class = apex_class
                self.handlers[note.name.lower()] = self.checked(found, handler)
                handler.set_keys()
                self.stamped_by.append((note.created_by, note.modified_by))
                self.read_enablements(found, handler, note.enabled)
        self.no_files("handlers", notes.values())
        self.check_defaults()

    def check_defaults(self) -> None:
        defaults: set[int] = set()
        for each in self.enablements:
            if each.is_default and id(each.app) in defaults:
                self.problems.append(f"{each.app.label} has two default handlers.")
            elif each.is_default:
                defaults.add(id(each.app))

    def read_enablements(
        self,
        found: ReadComponent,
        handler: TokenExchangeHandler,
        notes: Sequence[EnabledNote],
    ) -> None:
        known = {person.username for person in self.document.users}
        left = {note.key: note for note in notes}
        for wanted in found.definition.enablements:
            kind = "connected" if wanted.connected_app is not None else "external"
            key = (kind, wanted.app[1].lower())
            note, app = left.pop(key, None), self.apps.get(key)
            if app is None or note is None:
                what = (
                    "org.json has no entry for it" if app else "it is not in the snapshot"
                )
                self.say(found, f"the app {wanted.app[1]}: {what}")
            elif wanted.run_as.lower() not in known:
                self.say(found, f"the user {wanted.run_as} is not in the snapshot")
            else:
                enablement = Enablement(
                    org=self.org,
                    handler=handler,
                    app=app,
                    is_default=wanted.is_default,
                    enabled_at=note.enabled_at,
                    modified_at=note.modified_at,
                )
                enablement.copy_from_app()
                self.enablements.append(enablement)
                self.run_as.append(wanted.run_as.lower())
                is_connected = kind == ClientApp.Kind.CONNECTED
                handler.connected_count += is_connected
                handler.external_count += not is_connected
        for note in left.values():
            self.say(found, f"the app {note.api_name} is in org.json only")

    # --- What is wrong ---------------------------------------------------------------

    def say(self, found: ReadComponent | str, words: str) -> None:
        name = found if isinstance(found, str) else found.component.file_name
        self.problems.append(f"{name}: {words}.")

    def no_note(self, found: ReadComponent) -> None:
        self.say(found, "org.json has no entry for it")

    def no_files(self, what: str, notes: Iterable[Any]) -> None:
        for note in notes:
            name = getattr(note, "api_name", None) or note.name
            self.problems.append(f"org.json: {what}: there is no file of {name}.")

    def checked(self, found: ReadComponent | str, row: Row) -> Row:
        """The row, whose own columns hold what they may."""
        foreign = {field.name for field in row._meta.fields if field.is_relation}
        try:
            row.clean_fields(exclude=foreign | {"search_key"})
        except ValidationError as error:
            for field, sentences in error.message_dict.items():
                self.say(found, f"{field}: {' '.join(sentences).rstrip('.')}")
        return row
