"""Calls for single components: create, update, upsert, delete, and rename.

They follow the rules for files, with the same deploy engine and the same messages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode, status_code
from tokenx.handlers import actions as handler_actions
from tokenx.metadata.deploy.apply import (
    HANDLER,
    PROFILE,
    OrgComponents,
    action_definition,
)
from tokenx.metadata.deploy.engine import DeploymentRun, ReadPackages
from tokenx.metadata.deploy.messages import Message
from tokenx.metadata.deploy.progress import Progress
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.mapping.components import ReadComponent, in_order
from tokenx.metadata.mapping.from_org import handler_definition
from tokenx.metadata.mapping.objects import with_fields
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.components import Component
from tokenx.metadata.package.manifests import Deletion
from tokenx.metadata.package.safe_files import Archive
from tokenx.org.models import Org

MAX_COMPONENTS = 10
_NO_FILES = Archive({}, lambda: None)


@dataclass
class InlineComponent(ReadComponent):
    """A component that is part of a call and has no file."""

    inline_definition: Any = None

    @property
    def definition(self) -> Any:
        return self.inline_definition


@dataclass
class ComponentResult:
    """The result for one component: SaveResult, UpsertResult, or DeleteResult."""

    full_name: str
    created: bool = False
    # Status codes and messages.
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def success(self) -> bool:
        return not self.errors


def inline_component(
    type_name: str, full_name: str, definition: Any, problems: Iterable[Problem] = ()
) -> InlineComponent:
    """Create a component from its definition, or from problems if it's invalid."""
    component = Component(type_name, full_name, full_name, archive=_NO_FILES)
    problems = [*problems, *_name_mismatch(full_name, definition)]
    return InlineComponent(component, problems=problems, inline_definition=definition)


def _name_mismatch(full_name: str, definition: Any) -> Iterator[Problem]:
    """Yield a problem if a handler's two names differ."""
    name = getattr(definition, "developer_name", full_name)
    if name.lower() != full_name.lower():
        message = f"The developerName {name} doesn't match the fullName {full_name}"
        yield Problem(0, 0, message)


def check_count(components: Sequence[Any]) -> None:
    """Raise a Fault if a call has too many components.

    The limit is documented (docs/salesforce/product.md, CRUD calls).
    """
    if len(components) > MAX_COMPONENTS:
        message = (
            "record limit reached. cannot submit more than 10 records in this operation"
        )
        raise Fault(FaultCode.EXCEEDED_ID_LIMIT, message)


def check_writable(type_name: str) -> None:
    """Raise a Fault for types with content, which can only be deployed in files."""
    if TYPES[type_name].has_content:
        message = f"The type {type_name} does not support this operation"
        raise Fault(FaultCode.INVALID_TYPE, message)


def save(
    caller: Caller,
    components: Sequence[InlineComponent],
    *,
    may_create: bool,
    may_update: bool,
    all_or_none: bool,
) -> list[ComponentResult]:
    """Create or update components in the caller's org; return the results in order."""
    caller.check_can_change()
    check_count(components)
    for component in components:
        check_writable(component.type_name)
    results = [ComponentResult(component.full_name) for component in components]

    def change(deploy: DeploymentRun) -> None:
        _refuse_by_name(deploy, components, results, may_create, may_update)
        valid = [
            component
            for component, result in zip(components, results, strict=True)
            if result.success
        ]
        deploy.run(ReadPackages([], in_order(with_fields(valid))))
        for component, result in zip(components, results, strict=True):
            _add_outcome(result, component, deploy.messages)

    _change_org(caller, results, change, all_or_none)
    return results


def _refuse_by_name(
    deploy: DeploymentRun,
    components: Sequence[InlineComponent],
    results: list[ComponentResult],
    may_create: bool,
    may_update: bool,
) -> None:
    """Refuse to create a component that exists, or to update one that doesn't."""
    seen: set[tuple[str, str]] = set()
    for component, result in zip(components, results, strict=True):
        type_name, full_name = component.type_name, component.full_name
        deploy.org.load(type_name, [full_name])
        exists = deploy.org.get(type_name, full_name) is not None
        key = (type_name, full_name.lower())
        if key in seen or (exists and not may_update):
            message = f"{type_name} named {full_name} already exists"
            result.errors.append(("DUPLICATE_DEVELOPER_NAME", message))
        elif not exists and not may_create:
            message = f"no {type_name} named {full_name} found"
            result.errors.append(("INVALID_CROSS_REFERENCE_KEY", message))
        seen.add(key)


def _add_outcome(
    result: ComponentResult, component: ReadComponent, messages: list[Message]
) -> None:
    """Add the deploy engine's messages about a component to its result."""
    if not result.success:
        return
    for message in messages:
        subject = (component.type_name, component.full_name)
        if (message.type_name, message.full_name) != subject:
            continue
        if message.success:
            result.created = message.created
        else:
            result.errors.append((_problem_code(message.problem), message.problem))


def _problem_code(problem: str) -> str:
    """Return the status code for a problem that the deploy engine reports."""
    if problem.startswith("Required field is missing"):
        return "REQUIRED_FIELD_MISSING"
    if " - no " in problem and problem.endswith(" found"):
        return "INVALID_CROSS_REFERENCE_KEY"
    return "FIELD_INTEGRITY_EXCEPTION"


def _change_org(
    caller: Caller,
    results: list[ComponentResult],
    change: Callable[[DeploymentRun], None],
    all_or_none: bool,
) -> None:
    """Change the org in one transaction; roll it back if one of all-or-none fails."""
    with transaction.atomic():
        Org.objects.locked(caller.org.pk)
        change(DeploymentRun(caller.user, Progress()))
        is_rolled_back = all_or_none and not all(result.success for result in results)
        if is_rolled_back:
            transaction.set_rollback(True)
    if is_rolled_back:
        message = "Record rolled back because not all records were valid"
        for result in results:
            if result.success:
                result.created = False
                result.errors = [("ALL_OR_NONE_OPERATION_ROLLED_BACK", message)]


def delete(
    caller: Caller, type_name: str, names: Sequence[str], *, all_or_none: bool
) -> list[ComponentResult]:
    """Delete the named components; return the results in order."""
    caller.check_can_change()
    check_count(names)
    check_writable(type_name)
    results = [ComponentResult(name) for name in names]

    def change(deploy: DeploymentRun) -> None:
        deploy.org.load(type_name, names)
        for result in results:
            deletion = Deletion(type_name, result.full_name, "")
            for message in deploy.delete_component(deletion):
                if message.is_warning:
                    problem = f"no {type_name} named {result.full_name} found"
                    result.errors.append(("INVALID_CROSS_REFERENCE_KEY", problem))
                elif not message.success:
                    result.errors.append(("DELETE_FAILED", message.problem))

    _change_org(caller, results, change, all_or_none)
    return results


@transaction.atomic
def rename(caller: Caller, type_name: str, old_name: str, new_name: str) -> ComponentResult:
    """Change a component's API name. A handler's apps stay enabled for it.

    An app's API name can't be changed, neither here nor in Setup.
    """
    caller.check_can_change()
    check_writable(type_name)
    result = ComponentResult(old_name)
    row_type = ROW_TYPES.get(type_name)
    if type_name != HANDLER and row_type is None:
        noun = "a profile" if type_name == PROFILE else "an app"
        message = f"You can't change the API name of {noun}"
        result.errors.append(("FIELD_INTEGRITY_EXCEPTION", message))
        return result
    existing = OrgComponents(caller.user)
    existing.load(type_name, [old_name])
    row = existing.get(type_name, old_name)
    if row is None:
        message = f"no {type_name} named {old_name} found"
        result.errors.append(("INVALID_CROSS_REFERENCE_KEY", message))
        return result
    try:
        with transaction.atomic():
            if row_type:
                values = row_type.values_of(row_type.definition_of(row))
                row_type.edit(row, name=new_name, by=caller.user, **values)
            else:
                definition = action_definition(handler_definition(row), row.apex_class)
                definition["developer_name"] = new_name
                handler_actions.edit_handler(
                    handler=row, definition=definition, by=caller.user
                )
    except ValidationError as error:
        result.errors += _validation_errors(error)
    return result


def _validation_errors(error: ValidationError) -> Iterator[tuple[str, str]]:
    if hasattr(error, "error_dict"):
        errors = [each for field in error.error_dict.values() for each in field]
    else:
        errors = error.error_list
    for each in errors:
        for message in each.messages:
            yield status_code(each), message
