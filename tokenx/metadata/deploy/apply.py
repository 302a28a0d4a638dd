"""Make an org what a component says, by the same actions as the pages.

What is there is looked up once, in bulk, and kept up to date as components come: what one
package brings counts as there.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from tokenx.handlers import actions as handler_actions
from tokenx.handlers.actions.handlers import HandlerValues
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import (
    ApexClassDefinition,
    ConnectedAppDefinition,
    ExternalAppDefinition,
    HandlerDefinition,
)
from tokenx.metadata.mapping.app_values import ConnectedValues, PartValues, values_of
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.mapping.external_app_parts import PARTS, app_with_part, remove_part
from tokenx.metadata.mapping.from_org import notes_of
from tokenx.metadata.mapping.round_trip import note_of
from tokenx.org import record_ids
from tokenx.org.actions import create_apex_class
from tokenx.org.apex import class_name_in
from tokenx.org.models import ApexClass, ClientApp, User
from tokenx.setup.actions.apex_classes import delete_apex_class, edit_apex_class
from tokenx.setup.actions.apps import delete_app
from tokenx.setup.actions.put_app import kept_elements, put_app

HANDLER = HandlerDefinition.type_name
APEX_CLASS = ApexClassDefinition.type_name
CONNECTED_APP = ConnectedAppDefinition.type_name
EXTERNAL_APP = ExternalAppDefinition.type_name
_BATCH = 500


class Put(NamedTuple):
    """What became of a component, and the id that clients know it by."""

    created: bool
    changed: bool
    component_id: str
    deleted: bool = False


class InOrg:
    """What an org has, by the names that packages use; whatever their case."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.rows: dict[str, dict[str, Any]] = {}

    def find(self, type_name: str, names: Iterable[str]) -> None:
        """Look these up, all at once."""
        known = self.rows.setdefault(type_name, {})
        wanted = sorted({name.lower() for name in names} - known.keys())
        for start in range(0, len(wanted), _BATCH):
            known.update(self._read(type_name, wanted[start : start + _BATCH]))

    def get(self, type_name: str, name: str) -> Any:
        """The row of that name, or None; it has been looked up before."""
        return self.rows.get(type_name, {}).get(name.lower())

    def set(self, type_name: str, name: str, row: Any) -> None:
        self.rows.setdefault(type_name, {})[name.lower()] = row

    def _read(self, type_name: str, names: list[str]) -> dict[str, Any]:
        if type_name not in _TABLES:
            return {}
        field, rows = _TABLES[type_name]
        found = rows().filter(org=self.by.org_id).annotate(lowered=Lower(field))
        return {row.lowered: row for row in found.filter(lowered__in=names)}

    # --- Putting ---------------------------------------------------------------------

    def put(self, found: ReadComponent) -> Put:
        """Make it so. Raises ValidationError, by the definition's attributes."""
        if found.type_name == APEX_CLASS:
            return self._put_class(found.full_name, found.definition)
        return self._put_app(found)

    def _put_class(self, name: str, definition: ApexClassDefinition) -> Put:
        there: ApexClass | None = self.get(APEX_CLASS, name)
        if definition.status == "Deleted":
            return self._delete_class(name, there)
        declared = class_name_in(definition.body)
        if declared.lower() != name.lower():
            words = f"the class {declared}" if declared else "no class"
            raise ValidationError({"body": f"The body declares {words}, not {name}."})
        file: Any = {
            "name": there.name if there else name,
            "body": definition.body,
            "api_version": definition.api_version,
            "status": definition.status,
            "by": self.by,
        }
        kept = {APEX_CLASS: note_of(definition)}
        if there is None:
            made, changed = create_apex_class(**file, kept=kept), True
        else:
            if kept_elements(kept) != kept_elements(there.kept):
                file["kept"] = kept
            made = edit_apex_class(apex_class=there, **file)
            changed = made.modified_at != there.modified_at
            ApexClass.objects.filter(org=self.by.org_id, pk=made.pk).update(kept=kept)
        self.set(APEX_CLASS, name, made)
        component_id = record_ids.record_id(record_ids.APEX_CLASS, made.pk)
        return Put(there is None, changed, component_id)

    def _delete_class(self, name: str, there: ApexClass | None) -> Put:
        if there is None:
            raise ValidationError(no_such(APEX_CLASS, name))
        component_id = self.delete(APEX_CLASS, name) or ""
        return Put(False, False, component_id, deleted=True)

    def _put_app(self, found: ReadComponent) -> Put:
        values = values_of(found.full_name, found.definition)
        type_name = CONNECTED_APP if isinstance(values, ConnectedValues) else EXTERNAL_APP
        there: ClientApp | None = self.get(type_name, values.api_name)
        if there is None and isinstance(values, PartValues):
            words = no_such_reference(EXTERNAL_APP, values.api_name)
            raise ValidationError({"app": words})
        notes = notes_of(there) if there else {}
        arguments = values.arguments() | {"notes": {**notes, **values.notes}}
        put = put_app(app=there, by=self.by, **arguments)
        self.set(type_name, values.api_name, put.app)
        is_part = isinstance(values, PartValues)
        is_new = put.created or (is_part and found.type_name not in notes)
        return Put(is_new, put.changed, app_id(put.app))

    # --- Handlers --------------------------------------------------------------------

    def put_handler(self, found: ReadComponent) -> tuple[TokenExchangeHandler, Put]:
        """The handler without its apps. Raises ValidationError as the actions do."""
        wanted: HandlerDefinition = found.definition
        apex_class = self.get(APEX_CLASS, wanted.apex_class)
        if apex_class is None:
            words = no_such_reference(APEX_CLASS, wanted.apex_class)
            raise ValidationError({"apex_class": words})
        definition = defined(wanted, apex_class)
        there: TokenExchangeHandler | None = self.get(HANDLER, found.full_name)
        if there is None:
            handler = handler_actions.create_handler(
                definition=definition, is_enabled=wanted.is_enabled, by=self.by
            )
            return handler, Put(True, True, handler_id(handler))
        handler = handler_actions.edit_handler(
            handler=there, definition=definition, by=self.by
        )
        handler = handler_actions.set_handler_enabled(
            handler=handler, is_enabled=wanted.is_enabled, by=self.by
        )
        changed = handler.modified_at != there.modified_at
        return handler, Put(False, changed, handler_id(handler))

    # --- Deleting --------------------------------------------------------------------

    def delete(self, type_name: str, name: str) -> str | None:
        """Delete it; its id, or None where there is none of that name.

        Raises ValidationError where something stands in the way.
        """
        if type_name in PARTS:
            return self._delete_part(type_name, name)
        there = self.get(type_name, name)
        if there is None:
            return None
        if type_name == HANDLER:
            handler_actions.delete_handler(handler=there, by=self.by)
            component_id = handler_id(there)
        elif type_name == APEX_CLASS:
            delete_apex_class(apex_class=there, by=self.by)
            component_id = record_ids.record_id(record_ids.APEX_CLASS, there.pk)
        else:
            delete_app(app=there, by=self.by)
            component_id = app_id(there)
        self.set(type_name, name, None)
        return component_id

    def _delete_part(self, type_name: str, name: str) -> str | None:
        app = app_with_part(self.by.org_id, type_name, name)
        if app is None:
            return None
        remove_part(app, type_name, self.by)
        self.rows.get(EXTERNAL_APP, {}).pop(app.api_name.lower(), None)
        self.find(EXTERNAL_APP, [app.api_name])
        return app_id(app)


_TABLES: dict[str, Any] = {
    HANDLER: (
        "developer_name",
        lambda: TokenExchangeHandler.objects.select_related("apex_class"),
    ),
    APEX_CLASS: ("name", ApexClass.objects.all),
    CONNECTED_APP: (
        "api_name",
        lambda: ClientApp.objects.filter(kind=ClientApp.Kind.CONNECTED),
    ),
    EXTERNAL_APP: (
        "api_name",
        lambda: ClientApp.objects.filter(kind=ClientApp.Kind.EXTERNAL),
    ),
}


def defined(wanted: HandlerDefinition, apex_class: ApexClass) -> HandlerValues:
    """What a file says of a handler, as its actions take it."""
    types = TokenExchangeHandler.TOKEN_TYPES
    return {
        "label": wanted.label,
        "developer_name": wanted.developer_name,
        "description": wanted.description,
        "token_types": [name for name in types if getattr(wanted, name)],
        "allows_user_creation": wanted.allows_user_creation,
        "allows_contact_creation": wanted.allows_contact_creation,
        "is_protected": wanted.is_protected,
        "apex_class": apex_class,
    }


def no_such(type_name: str, name: str) -> str:
    """Salesforce's words for what is to be deleted and is not there: 6.5."""
    return f"No {type_name} named: {name} found"


def no_such_reference(type_name: str, name: str) -> str:
    """Salesforce's words for what is referred to and is not there: 6.7."""
    return f"no {type_name} named {name} found"


def handler_id(handler: TokenExchangeHandler) -> str:
    return record_ids.record_id(record_ids.HANDLER, handler.pk)


def app_id(app: ClientApp) -> str:
    is_connected = app.kind == ClientApp.Kind.CONNECTED
    prefix = record_ids.CONNECTED_APP if is_connected else record_ids.EXTERNAL_APP
    return record_ids.record_id(prefix, app.pk)
