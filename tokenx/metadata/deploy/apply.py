"""Apply components to an org through the same actions that the UI uses.

Existing components are loaded once, in bulk. Applied and deleted components update them, so
later components find what earlier ones created.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from tokenx.apex.parser.declared import declared_name
from tokenx.handlers import actions as handler_actions
from tokenx.handlers.actions.handlers import HandlerValues
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import (
    ApexClassDefinition,
    ConnectedAppDefinition,
    ExternalAppDefinition,
    HandlerDefinition,
    PermissionSetDefinition,
    ProfileDefinition,
)
from tokenx.metadata.mapping.app_values import ConnectedValues, PartValues, values_of
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.mapping.external_app_parts import PARTS, app_with_part, remove_part
from tokenx.metadata.mapping.from_org import file_details_of
from tokenx.metadata.mapping.objects import warning_about
from tokenx.metadata.mapping.round_trip import details_of
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.components import FIELD, OBJECT
from tokenx.org import record_ids
from tokenx.org.actions import create_apex_class, reset_dependents
from tokenx.org.models import ApexClass, ClientApp, PermissionSet, Profile, User
from tokenx.setup.actions.apex_classes import delete_apex_class, edit_apex_class
from tokenx.setup.actions.apps import delete_app
from tokenx.setup.actions.profiles import create_profile, delete_profile
from tokenx.setup.actions.put_app import put_app, unknown_elements_in

HANDLER = HandlerDefinition.type_name
APEX_CLASS = ApexClassDefinition.type_name
PROFILE = ProfileDefinition.type_name
PERMISSION_SET = PermissionSetDefinition.type_name
CONNECTED_APP = ConnectedAppDefinition.type_name
EXTERNAL_APP = ExternalAppDefinition.type_name
_BATCH = 500


class AppliedComponent(NamedTuple):
    """The outcome of a component, and its record ID."""

    created: bool
    changed: bool
    component_id: str
    deleted: bool = False
    # What of the file wasn't used.
    warning: str = ""


class OrgComponents:
    """An org's existing components by their full names, regardless of case."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.rows: dict[str, dict[str, Any]] = {}
        self.changed_classes: list[str] = []
        self.compiled_classes: list[int] = []
        self.deleted_classes: list[str] = []

    def load(self, type_name: str, names: Iterable[str]) -> None:
        """Load the components with these names in bulk."""
        known = self.rows.setdefault(type_name, {})
        wanted = sorted({name.lower() for name in names} - known.keys())
        for start in range(0, len(wanted), _BATCH):
            known.update(self._query(type_name, wanted[start : start + _BATCH]))

    def get(self, type_name: str, name: str) -> Any:
        """Return the row with this name, which was loaded before, or None."""
        return self.rows.get(type_name, {}).get(name.lower())

    def set(self, type_name: str, name: str, row: Any) -> None:
        self.rows.setdefault(type_name, {})[name.lower()] = row

    def _query(self, type_name: str, names: list[str]) -> dict[str, Any]:
        if type_name == PROFILE:
            return Profile.objects.named_any(self.by.org_id, names)
        if row_type := ROW_TYPES.get(type_name):
            field, rows = "name", row_type.rows
        elif type_name in _TABLES:
            field, rows = _TABLES[type_name]
        else:
            return {}
        by_name = rows().filter(org=self.by.org_id).annotate(lowered=Lower(field))
        return {row.lowered: row for row in by_name.filter(lowered__in=names)}

    # --- Applying --------------------------------------------------------------------

    def apply(self, read: ReadComponent) -> AppliedComponent:
        """Create or change a class, a profile, or an app.

        Raises ValidationError with the definition's attributes as keys.
        """
        if read.type_name in ROW_TYPES:
            return self._apply_row(read)
        if read.type_name == OBJECT:
            warning = warning_about(read.definition)
            return AppliedComponent(False, False, "", warning=warning)
        if read.type_name == APEX_CLASS:
            return self._apply_class(read)
        if read.type_name == PROFILE:
            return self._apply_profile(read.full_name, read.definition)
        return self._apply_app(read)

    def _apply_class(self, read: ReadComponent) -> AppliedComponent:
        name, definition = read.full_name, read.definition
        existing: ApexClass | None = self.get(APEX_CLASS, name)
        if definition.status == "Deleted":
            return self._delete_class(name, existing)
        declared = declared_name(definition.body)
        if declared.lower() != name.lower():
            class_text = f"class {declared}" if declared else "no class"
            raise ValidationError({"body": f"The body declares {class_text}, not {name}."})
        values: Any = {
            "name": existing.name if existing else name,
            "body": definition.body,
            "api_version": definition.api_version,
            "status": definition.status,
            "compiled": read.compiled,
            "resets_dependents": False,
            "by": self.by,
        }
        file_details = {APEX_CLASS: details_of(definition)}
        if existing is None:
            values["file_details"] = file_details
            apex_class, changed = create_apex_class(**values), True
        else:
            before = unknown_elements_in(existing.file_details)
            if unknown_elements_in(file_details) != before:
                values["file_details"] = file_details
            apex_class = edit_apex_class(apex_class=existing, **values)
            changed = apex_class.modified_at != existing.modified_at
            row = ApexClass.objects.filter(org=self.by.org_id, pk=apex_class.pk)
            row.update(file_details=file_details)
        self.set(APEX_CLASS, name, apex_class)
        if changed:
            self.changed_classes.append(apex_class.name)
        if read.compiled:
            self.compiled_classes.append(apex_class.pk)
        component_id = record_ids.record_id(record_ids.APEX_CLASS, apex_class.pk)
        return AppliedComponent(existing is None, changed, component_id)

    def reset_dependents(self) -> None:
        """Reset the classes that weren't compiled with the changes of the deployment.

        The classes of its packages were compiled together, but also with deleted classes.
        """
        org, kept = self.by.org_id, self.compiled_classes
        if self.changed_classes:
            reset_dependents(org=org, names=self.changed_classes, kept=kept)
        if self.deleted_classes:
            reset_dependents(org=org, names=self.deleted_classes)

    def _delete_class(self, name: str, existing: ApexClass | None) -> AppliedComponent:
        if existing is None:
            raise ValidationError(no_such_component(APEX_CLASS, name))
        component_id = self.delete(APEX_CLASS, name) or ""
        return AppliedComponent(False, False, component_id, deleted=True)

    def _apply_profile(self, name: str, definition: ProfileDefinition) -> AppliedComponent:
        """Create the profile if it doesn't exist. Nothing else in the file is used."""
        existing: Profile | None = self.get(PROFILE, name)
        profile = existing or create_profile(name=name, by=self.by)
        self.set(PROFILE, name, profile)
        is_new = existing is None
        warning = ProfileDefinition.warning if definition.unknown_elements else ""
        return AppliedComponent(is_new, is_new, profile_id(profile), warning=warning)

    def _apply_row(self, read: ReadComponent) -> AppliedComponent:
        row_type = ROW_TYPES[read.type_name]
        if read.type_name == FIELD and (warning := warning_about(read.definition)):
            return AppliedComponent(False, False, "", warning=warning)
        existing = self.get(read.type_name, read.full_name)
        row = row_type.apply(existing, read.full_name, read.definition, self.by)
        self.set(read.type_name, read.full_name, row)
        is_new = existing is None
        changed = is_new or row.modified_at != existing.modified_at
        return AppliedComponent(is_new, changed, row_type.component_id(row))

    def _apply_app(self, read: ReadComponent) -> AppliedComponent:
        values = values_of(read.full_name, read.definition)
        type_name = CONNECTED_APP if isinstance(values, ConnectedValues) else EXTERNAL_APP
        existing: ClientApp | None = self.get(type_name, values.api_name)
        if existing is None and isinstance(values, PartValues):
            message = no_such_reference(EXTERNAL_APP, values.api_name)
            raise ValidationError({"app": message})
        file_details = file_details_of(existing) if existing else {}
        arguments = values.arguments()
        arguments["file_details"] = {**file_details, **values.file_details}
        arguments |= self._access_rows(values.profiles, values.permission_sets)
        result = put_app(app=existing, by=self.by, **arguments)
        self.set(type_name, values.api_name, result.app)
        is_part = isinstance(values, PartValues)
        is_new = result.created or (is_part and read.type_name not in file_details)
        return AppliedComponent(is_new, result.changed, app_id(result.app))

    def _access_rows(
        self, profiles: Iterable[str] | None, permission_sets: Iterable[str] | None
    ) -> dict[str, Any]:
        """Return the rows with these names or record IDs. Raise ValidationError."""
        found: dict[str, Any] = {"profiles": None, "permission_sets": None}
        if profiles is not None:
            find = partial(self._find_row, PROFILE, Profile, record_ids.PROFILE)
            found["profiles"] = [find("profiles", name) for name in profiles]
        if permission_sets is not None:
            model, prefix = PermissionSet, record_ids.PERMISSION_SET
            find = partial(self._find_row, PERMISSION_SET, model, prefix)
            rows = [find("permission_sets", name) for name in permission_sets]
            found["permission_sets"] = rows
        return found

    def _find_row(
        self, type_name: str, model: Any, prefix: str, attribute: str, name: str
    ) -> Any:
        self.load(type_name, [name])
        row = self.get(type_name, name)
        if row is None and (pk := record_ids.pk_of(prefix, name)):
            row = model.objects.filter(org=self.by.org_id, pk=pk).first()
        if row is None:
            raise ValidationError({attribute: no_such_reference(type_name, name)})
        return row

    # --- Handlers --------------------------------------------------------------------

    def apply_handler(
        self, read: ReadComponent
    ) -> tuple[TokenExchangeHandler, AppliedComponent]:
        """Create or change a handler without its apps.

        Raises ValidationError as the actions do.
        """
        wanted: HandlerDefinition = read.definition
        apex_class = self.get(APEX_CLASS, wanted.apex_class)
        if apex_class is None:
            message = no_such_reference(APEX_CLASS, wanted.apex_class)
            raise ValidationError({"apex_class": message})
        definition = action_definition(wanted, apex_class)
        existing: TokenExchangeHandler | None = self.get(HANDLER, read.full_name)
        if existing is None:
            handler = handler_actions.create_handler(
                definition=definition, is_enabled=wanted.is_enabled, by=self.by
            )
            return handler, AppliedComponent(True, True, handler_id(handler))
        handler = handler_actions.edit_handler(
            handler=existing, definition=definition, by=self.by
        )
        handler = handler_actions.set_handler_enabled(
            handler=handler, is_enabled=wanted.is_enabled, by=self.by
        )
        changed = handler.modified_at != existing.modified_at
        return handler, AppliedComponent(False, changed, handler_id(handler))

    # --- Deleting --------------------------------------------------------------------

    def delete(self, type_name: str, name: str) -> str | None:
        """Delete a component and return its ID, or return None if it doesn't exist.

        Raises ValidationError if the component is in use.
        """
        if type_name in PARTS:
            return self._delete_part(type_name, name)
        row = self.get(type_name, name)
        if row is None:
            return None
        if row_type := ROW_TYPES.get(type_name):
            row_type.delete(row, self.by)
            component_id = row_type.component_id(row)
        elif type_name == HANDLER:
            handler_actions.delete_handler(handler=row, by=self.by)
            component_id = handler_id(row)
        elif type_name == APEX_CLASS:
            delete_apex_class(apex_class=row, resets_dependents=False, by=self.by)
            self.deleted_classes.append(row.name)
            component_id = record_ids.record_id(record_ids.APEX_CLASS, row.pk)
        elif type_name == PROFILE:
            delete_profile(profile=row, by=self.by)
            component_id = profile_id(row)
        else:
            delete_app(app=row, by=self.by)
            component_id = app_id(row)
        self.set(type_name, name, None)
        return component_id

    def _delete_part(self, type_name: str, name: str) -> str | None:
        app = app_with_part(self.by.org_id, type_name, name)
        if app is None:
            return None
        remove_part(app, type_name, self.by)
        self.rows.get(EXTERNAL_APP, {}).pop(app.api_name.lower(), None)
        self.load(EXTERNAL_APP, [app.api_name])
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


def action_definition(wanted: HandlerDefinition, apex_class: ApexClass) -> HandlerValues:
    """Convert a file's definition of a handler to the one that its actions take."""
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


def no_such_component(type_name: str, name: str) -> str:
    """Return Salesforce's warning for deleting a component that doesn't exist."""
    return f"No {type_name} named: {name} found"


def no_such_reference(type_name: str, name: str) -> str:
    """Return Salesforce's error for a reference to a component that doesn't exist.

    See docs/salesforce/product.md, Error texts.
    """
    return f"no {type_name} named {name} found"


def handler_id(handler: TokenExchangeHandler) -> str:
    return record_ids.record_id(record_ids.HANDLER, handler.pk)


def profile_id(profile: Profile) -> str:
    return record_ids.record_id(record_ids.PROFILE, profile.pk)


def app_id(app: ClientApp) -> str:
    is_connected = app.kind == ClientApp.Kind.CONNECTED
    prefix = record_ids.CONNECTED_APP if is_connected else record_ids.EXTERNAL_APP
    return record_ids.record_id(prefix, app.pk)
