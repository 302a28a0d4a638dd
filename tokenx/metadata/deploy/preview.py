"""A preview of a deployment, with differences by element and by app.

It compares the files with the files that a retrieve would return, and changes nothing.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import EnablementDefinition, UnknownElement
from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.writer import UNWRITTEN
from tokenx.metadata.mapping.app_values import values_of
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.mapping.external_app_parts import PARTS, app_with_part
from tokenx.metadata.mapping.from_org import (
    apex_class_definition,
    connected_app_definition,
    enablements_of,
    external_app_definitions,
    file_details_of,
    handler_definition,
)
from tokenx.metadata.mapping.objects import warning_about
from tokenx.metadata.mapping.round_trip import details_of
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.components import FIELD, OBJECT, PackageProblem
from tokenx.metadata.package.manifests import Deletion
from tokenx.org.models import User

from .apply import (
    APEX_CLASS,
    CONNECTED_APP,
    EXTERNAL_APP,
    HANDLER,
    PROFILE,
    OrgComponents,
    no_such_component,
)
from .engine import ReadPackages

# Longer lists of apps aren't compared.
MAX_COMPARED = 200_000
# How many apps of one handler are listed.
MAX_LISTED = 100

APPS = {CONNECTED_APP, EXTERNAL_APP, *PARTS}
HIDDEN = "(a secret)"

CREATE, CHANGE, DELETE, SAME, INVALID = "create", "change", "delete", "same", "invalid"


@dataclass
class FieldDifference:
    """The values of an element before and after; None if the element is absent."""

    element: str
    before: str | None
    after: str | None


@dataclass
class AppDifference:
    """An app that would be added to a handler, removed from it, or changed."""

    before: EnablementDefinition | None
    after: EnablementDefinition | None

    @property
    def verb(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def app(self) -> str:
        return (self.after or self.before).app[1]  # type: ignore[union-attr]

    @property
    def kind(self) -> str:
        return (self.after or self.before).app[0]  # type: ignore[union-attr]


@dataclass
class Difference:
    """The change that a component would make."""

    type_name: str
    full_name: str
    file_name: str
    verb: str
    fields: list[FieldDifference] = field(default_factory=list)
    apps: list[AppDifference] = field(default_factory=list)
    # How many apps differ in addition to those in `apps`.
    more_apps: int = 0
    problems: list[str] = field(default_factory=list)


def differences(packages: ReadPackages, by: User) -> list[Difference]:
    """Return the difference of each component, in the order of deployment."""
    org = OrgComponents(by)
    _load_components(org, packages)
    before = [
        _compare_deletion(org, deletion)
        for package in packages.packages
        for deletion in package.deletions_before
    ]
    # Components that are deleted first are created again by the files.
    for difference in before:
        org.set(difference.type_name, difference.full_name, None)
    components = [_compare_component(org, read) for read in packages.components]
    deployed = {_key(each) for each in components if each.verb not in (DELETE, INVALID)}
    after = [
        _compare_deletion(org, deletion, is_deployed=_key(deletion) in deployed)
        for package in packages.packages
        for deletion in package.deletions_after
    ]
    problems = [_package_problem(problem) for problem in _problems(packages)]
    return [*problems, *before, *components, *after]


def _key(item: Difference | Deletion) -> tuple[str, str]:
    return item.type_name, item.full_name.lower()


def _problems(packages: ReadPackages) -> Iterator[PackageProblem]:
    for package in packages.packages:
        yield from (problem for problem in package.problems if not problem.is_warning)


def _package_problem(found: PackageProblem) -> Difference:
    return Difference(
        found.type_name,
        found.full_name,
        found.file_name,
        INVALID,
        problems=[str(found.problem)],
    )


def _load_components(org: OrgComponents, packages: ReadPackages) -> None:
    names: dict[str, set[str]] = {}
    for read in packages.components:
        type_name, name = read.type_name, read.full_name
        if type_name in PARTS and read.definition:
            type_name, name = EXTERNAL_APP, read.definition.app
        names.setdefault(type_name, set()).add(name)
    for package in packages.packages:
        for deletion in (*package.deletions_before, *package.deletions_after):
            names.setdefault(deletion.type_name, set()).add(deletion.full_name)
    for type_name, wanted in names.items():
        org.load(type_name, wanted)


def _compare_component(org: OrgComponents, read: ReadComponent) -> Difference:
    difference = Difference(
        read.type_name, read.full_name, read.component.file_name, INVALID
    )
    if read.definition is None:
        difference.problems = [str(problem) for problem in read.problems]
        return difference
    is_unused = read.type_name == FIELD and warning_about(read.definition)
    if read.type_name == OBJECT or is_unused:
        # An object's text fields are components of their own; nothing else is kept.
        difference.verb = SAME
        return difference
    row = _row_of(org, read)
    if getattr(read.definition, "status", "") == "Deleted":
        return _as_deletion(difference, row, otherwise=INVALID)
    current = _current_definition(row, read) if row else None
    difference.fields = list(_without_known_secret(row, read.definition, current))
    if row and read.type_name in APPS:
        secret = values_of(read.full_name, read.definition).secret
        if secret and row.has_secret(secret):
            difference.fields = [f for f in difference.fields if f.after != HIDDEN]
    if read.type_name == HANDLER:
        _compare_apps(difference, row, read.definition.enablements)
    is_changed = difference.fields or difference.apps or difference.more_apps
    difference.verb = CREATE if current is None else CHANGE if is_changed else SAME
    return difference


def _row_of(org: OrgComponents, read: ReadComponent) -> Any:
    if read.type_name in PARTS:
        return org.get(EXTERNAL_APP, read.definition.app)
    return org.get(read.type_name, read.full_name)


def _current_definition(row: Any, read: ReadComponent) -> Any:
    """Return the definition in the row's own file, or None if it would have no such file.

    The definition has the same optional elements as the file, so that an element that's
    unnecessary or left out isn't a difference.
    """
    if read.type_name == HANDLER:
        return handler_definition(row)
    if read.type_name == PROFILE:
        return read.definition  # Nothing in the file is used.
    if row_type := ROW_TYPES.get(read.type_name):
        return row_type.definition_like(row, read.definition)
    copied_row, row_details = copy(row), row.file_details
    if read.type_name == APEX_CLASS:
        file_details = {APEX_CLASS: details_of(read.definition)}
    else:
        row_details = file_details_of(row)
        file_details = values_of(read.full_name, read.definition).file_details
        if read.type_name in PARTS and read.type_name not in row_details:
            return None
    merged_details = {
        name: {**details, "unknown": row_details.get(name, {}).get("unknown", [])}
        for name, details in file_details.items()
    }
    copied_row.file_details = {**row_details, **merged_details}
    if read.type_name == APEX_CLASS:
        return apex_class_definition(copied_row)
    if read.type_name == CONNECTED_APP:
        return connected_app_definition(copied_row)
    definitions = (definition for _, definition in external_app_definitions(copied_row))
    return next(each for each in definitions if each.type_name == read.type_name)


def _compare_deletion(
    org: OrgComponents, deletion: Deletion, *, is_deployed: bool = False
) -> Difference:
    row: Any
    if is_deployed:
        row = True
    elif deletion.type_name in PARTS:
        row = app_with_part(org.by.org_id, deletion.type_name, deletion.full_name)
    else:
        row = org.get(deletion.type_name, deletion.full_name)
    difference = Difference(
        deletion.type_name, deletion.full_name, deletion.file_name, DELETE
    )
    return _as_deletion(difference, row, otherwise=SAME)


def _as_deletion(difference: Difference, row: Any, *, otherwise: str) -> Difference:
    difference.verb = DELETE if row else otherwise
    if row is None:
        problem = no_such_component(difference.type_name, difference.full_name)
        difference.problems = [problem]
    return difference


# --- Fields ---------------------------------------------------------------------------


def _field_differences(before: Any, after: Any) -> list[FieldDifference]:
    old = dict(_elements(before)) if before else {}
    new = dict(_elements(after))
    return [
        FieldDifference(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _without_known_secret(row: Any, after: Any, before: Any) -> Iterator[FieldDifference]:
    """Yield the differences except for a secret that the app already has.

    Only a hash of the secret is stored, so only the app can compare it.
    """
    for difference in _field_differences(before, after):
        if difference.element.rpartition(".")[2] in UNWRITTEN:
            config = getattr(after, "oauth_config", None) or after
            if row is not None and row.has_secret(config.consumer_secret):
                continue
        yield difference


def _elements(definition: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each element. The items of a list are one text."""
    for name, element in elements_of(definition.__class__).items():
        value = getattr(definition, element.attribute)
        if name == "enablements" or value in (None, ()):
            continue
        if name in UNWRITTEN:
            # A secret is never shown, and the org doesn't store it.
            yield path + name, HIDDEN
        elif element.inner:
            yield from _elements(value, f"{path}{name}.")
        elif element.is_list:
            yield path + name, ", ".join(value)
        else:
            yield path + name, str(value).lower() if element.is_boolean else value
    if hasattr(definition, "body"):
        yield "(code)", definition.body
    unknown: dict[str, list[str]] = {}
    for unknown_element in getattr(definition, "unknown_elements", ()):
        texts = unknown.setdefault(path + unknown_element.name, [])
        texts.append(_text(unknown_element))
    yield from ((name, "; ".join(texts)) for name, texts in unknown.items())


def _text(element: UnknownElement) -> str:
    if isinstance(element.content, str):
        return element.content
    return ", ".join(f"{each.name}: {_text(each)}" for each in element.content)


# --- Apps -----------------------------------------------------------------------------


def _compare_apps(
    difference: Difference,
    handler: TokenExchangeHandler | None,
    after: tuple[EnablementDefinition, ...],
) -> None:
    if handler and handler.app_count + len(after) > MAX_COMPARED:
        difference.more_apps = handler.app_count + len(after)
        return
    current = {each.key: each for each in enablements_of(handler)} if handler else {}
    apps = []
    for enablement in after:
        before = current.pop(enablement.key, None)
        if before is None or not _is_same(before, enablement):
            apps.append(AppDifference(before, enablement))
    apps += (AppDifference(each, None) for each in current.values())
    difference.apps = apps[:MAX_LISTED]
    difference.more_apps = max(0, len(apps) - MAX_LISTED)


def _is_same(before: EnablementDefinition, after: EnablementDefinition) -> bool:
    is_same_user = before.run_as.lower() == after.run_as.strip().lower()
    return is_same_user and before.is_default == after.is_default
