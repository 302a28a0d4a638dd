"""What deploying would create, change and delete: element by element, app by app.

It compares what files say with what the org's own files would say, and changes nothing.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import EnablementDefinition, Kept
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
    handler_definition,
    notes_of,
)
from tokenx.metadata.mapping.round_trip import note_of
from tokenx.metadata.package.manifests import Deletion
from tokenx.org.models import User

from .apply import APEX_CLASS, CONNECTED_APP, EXTERNAL_APP, HANDLER, InOrg, no_such
from .engine import ReadPackages

# Of two lists of apps with more than this, only the numbers are compared.
MAX_COMPARED = 200_000
# How many apps of one handler are told.
MAX_TOLD = 100

APPS = {CONNECTED_APP, EXTERNAL_APP, *PARTS}
HIDDEN = "(a secret)"

CREATE, CHANGE, DELETE, SAME, INVALID = "create", "change", "delete", "same", "invalid"


@dataclass
class FieldDifference:
    """An element that says something else; None where it is not there."""

    element: str
    before: str | None
    after: str | None


@dataclass
class AppDifference:
    """An app that a handler would be enabled for, or no longer, or in another way."""

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
    type_name: str
    full_name: str
    file_name: str
    verb: str
    fields: list[FieldDifference] = field(default_factory=list)
    apps: list[AppDifference] = field(default_factory=list)
    # How many there are besides those in `apps`.
    more_apps: int = 0
    problems: list[str] = field(default_factory=list)


def differences(read: ReadPackages, by: User) -> list[Difference]:
    """What each component would do, in the order of deployment."""
    org = InOrg(by)
    _look_up(org, read)
    before = [_of_deletion(org, d) for p in read.packages for d in p.deletions_before]
    # What is deleted first is not there any more: the files make it anew.
    for each in before:
        org.set(each.type_name, each.full_name, None)
    components = [_of_component(org, found) for found in read.components]
    brought = {_key(each) for each in components if each.verb not in (DELETE, INVALID)}
    after = [
        _of_deletion(org, deletion, is_brought=_key(deletion) in brought)
        for package in read.packages
        for deletion in package.deletions_after
    ]
    problems = [_of_package_problem(about) for about in _problems(read)]
    return [*problems, *before, *components, *after]


def _key(about: Difference | Deletion) -> tuple[str, str]:
    return about.type_name, about.full_name.lower()


def _problems(read: ReadPackages) -> Iterator[Any]:
    for package in read.packages:
        yield from (about for about in package.problems if not about.is_warning)


def _of_package_problem(about: Any) -> Difference:
    return Difference(
        about.type_name,
        about.full_name,
        about.file_name,
        INVALID,
        problems=[str(about.problem)],
    )


def _look_up(org: InOrg, read: ReadPackages) -> None:
    names: dict[str, set[str]] = {}
    for found in read.components:
        type_name, name = found.type_name, found.full_name
        if type_name in PARTS and found.definition:
            type_name, name = EXTERNAL_APP, found.definition.app
        names.setdefault(type_name, set()).add(name)
    for package in read.packages:
        for deletion in (*package.deletions_before, *package.deletions_after):
            names.setdefault(deletion.type_name, set()).add(deletion.full_name)
    for type_name, wanted in names.items():
        org.find(type_name, wanted)


def _of_component(org: InOrg, found: ReadComponent) -> Difference:
    made = Difference(found.type_name, found.full_name, found.component.file_name, INVALID)
    if found.definition is None:
        made.problems = [str(problem) for problem in found.problems]
        return made
    there = _row_of(org, found)
    if getattr(found.definition, "status", "") == "Deleted":
        return _deleted(made, there, otherwise=INVALID)
    now = _definition_of(there, found) if there else None
    made.fields = list(_without_known_secret(there, found.definition, now))
    if there and found.type_name in APPS:
        secret = values_of(found.full_name, found.definition).secret
        if secret and there.has_secret(secret):
            made.fields = [each for each in made.fields if each.after != HIDDEN]
    if found.type_name == HANDLER:
        _compare_apps(made, there, found.definition.enablements)
    is_other = made.fields or made.apps or made.more_apps
    made.verb = CREATE if now is None else CHANGE if is_other else SAME
    return made


def _row_of(org: InOrg, found: ReadComponent) -> Any:
    if found.type_name in PARTS:
        return org.get(EXTERNAL_APP, found.definition.app)
    return org.get(found.type_name, found.full_name)


def _definition_of(row: Any, found: ReadComponent) -> Any:
    """What the file of the row would say; None where it would have no such file.

    It is written as the one that is found: what a file says without need, or leaves out
    although it could say it, is no difference.
    """
    if found.type_name == HANDLER:
        return handler_definition(row)
    like, said = copy(row), row.kept
    if found.type_name == APEX_CLASS:
        notes = {APEX_CLASS: note_of(found.definition)}
    else:
        said, notes = notes_of(row), values_of(found.full_name, found.definition).notes
        if found.type_name in PARTS and found.type_name not in said:
            return None
    now = {
        n: {**note, "kept": said.get(n, {}).get("kept", [])} for n, note in notes.items()
    }
    like.kept = {**said, **now}
    if found.type_name == APEX_CLASS:
        return apex_class_definition(like)
    if found.type_name == CONNECTED_APP:
        return connected_app_definition(like)
    definitions = (definition for _, definition in external_app_definitions(like))
    return next(each for each in definitions if each.type_name == found.type_name)


def _of_deletion(org: InOrg, deletion: Deletion, *, is_brought: bool = False) -> Difference:
    there: Any
    if is_brought:
        there = True
    elif deletion.type_name in PARTS:
        there = app_with_part(org.by.org_id, deletion.type_name, deletion.full_name)
    else:
        there = org.get(deletion.type_name, deletion.full_name)
    made = Difference(deletion.type_name, deletion.full_name, deletion.file_name, DELETE)
    return _deleted(made, there, otherwise=SAME)


def _deleted(made: Difference, there: Any, *, otherwise: str) -> Difference:
    made.verb = DELETE if there else otherwise
    if there is None:
        made.problems = [no_such(made.type_name, made.full_name)]
    return made


# --- Field by field -------------------------------------------------------------------


def _fields(before: Any, after: Any) -> list[FieldDifference]:
    old = dict(_said(before)) if before else {}
    new = dict(_said(after))
    return [
        FieldDifference(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _without_known_secret(row: Any, after: Any, before: Any) -> Iterator[FieldDifference]:
    """The differences, but for a secret that the app has already: only it can say so."""
    for each in _fields(before, after):
        if each.element.rpartition(".")[2] in UNWRITTEN:
            config = getattr(after, "oauth_config", None) or after
            if row is not None and row.has_secret(config.consumer_secret):
                continue
        yield each


def _said(definition: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every element with its text, by its path; a list's texts are one."""
    for name, element in elements_of(definition.__class__).items():
        value = getattr(definition, element.attribute)
        if name == "enablements" or value in (None, ()):
            continue
        if name in UNWRITTEN:
            # It is not shown, and the org could not say its own.
            yield path + name, HIDDEN
        elif element.inner:
            yield from _said(value, f"{path}{name}.")
        elif element.is_list:
            yield path + name, ", ".join(value)
        else:
            yield path + name, str(value).lower() if element.is_boolean else value
    if hasattr(definition, "body"):
        yield "(code)", definition.body
    kept: dict[str, list[str]] = {}
    for each in getattr(definition, "kept", ()):
        kept.setdefault(path + each.name, []).append(_text(each))
    yield from ((name, "; ".join(texts)) for name, texts in kept.items())


def _text(kept: Kept) -> str:
    if isinstance(kept.content, str):
        return kept.content
    return ", ".join(f"{each.name}: {_text(each)}" for each in kept.content)


# --- App by app -----------------------------------------------------------------------


def _compare_apps(
    made: Difference,
    handler: TokenExchangeHandler | None,
    after: tuple[EnablementDefinition, ...],
) -> None:
    if handler and handler.app_count + len(after) > MAX_COMPARED:
        made.more_apps = handler.app_count + len(after)
        return
    old = {each.key: each for each in enablements_of(handler)} if handler else {}
    found = []
    for each in after:
        before = old.pop(each.key, None)
        if before is None or not _is_same(before, each):
            found.append(AppDifference(before, each))
    found += (AppDifference(each, None) for each in old.values())
    made.apps, made.more_apps = found[:MAX_TOLD], max(0, len(found) - MAX_TOLD)


def _is_same(before: EnablementDefinition, after: EnablementDefinition) -> bool:
    is_same_user = before.run_as.lower() == after.run_as.strip().lower()
    return is_same_user and before.is_default == after.is_default
