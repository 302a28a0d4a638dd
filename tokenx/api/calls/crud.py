"""Components one by one: create, update, upsert, delete, rename, read.

They go the way of files: the same reading, the same engine, the same words.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode
from tokenx.handlers import actions as handler_actions
from tokenx.metadata.deploy.apply import HANDLER, InOrg, defined
from tokenx.metadata.deploy.engine import Deploy, ReadPackages
from tokenx.metadata.deploy.messages import Message
from tokenx.metadata.deploy.progress import Progress
from tokenx.metadata.format.definitions import ApexClassDefinition
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.mapping.components import ReadComponent, in_order
from tokenx.metadata.mapping.from_org import handler_definition
from tokenx.metadata.package.components import Component
from tokenx.metadata.package.manifests import Deletion
from tokenx.metadata.package.safe_files import Archive
from tokenx.org.models import Org

MOST = 10
_NO_FILES = Archive({}, lambda: None)


@dataclass
class CalledComponent(ReadComponent):
    """A component that came in a call, and so has no file."""

    said: Any = None

    @property
    def definition(self) -> Any:
        return self.said


@dataclass
class Saved:
    """What became of one component of a call: SaveResult, UpsertResult, DeleteResult."""

    full_name: str
    created: bool = False
    # Code and sentence of each thing that is wrong.
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def success(self) -> bool:
        return not self.errors


class _RollBackError(Exception):
    pass


def called(
    type_name: str, full_name: str, definition: Any, problems: Iterable[Problem] = ()
) -> CalledComponent:
    component = Component(type_name, full_name, full_name, archive=_NO_FILES)
    found = [*problems, *_other_name(full_name, definition)]
    return CalledComponent(component, problems=found, said=definition)


def _other_name(full_name: str, definition: Any) -> Iterator[Problem]:
    """A handler says its name twice, and it has to be one."""
    name = getattr(definition, "developer_name", full_name)
    if name.lower() != full_name.lower():
        yield Problem(0, 0, f"The developerName {name} is not the fullName, {full_name}")


def check_number(components: Sequence[Any]) -> None:
    """Raises Fault above the documented number (facts/salesforce.md 6.4)."""
    if len(components) > MOST:
        words = "record limit reached. cannot submit more than 10 records in this operation"
        raise Fault(FaultCode.EXCEEDED_ID_LIMIT, words)


def check_writable(type_name: str) -> None:
    """Raises Fault for code, which comes in files only."""
    if type_name == ApexClassDefinition.type_name:
        words = f"The type {type_name} does not support this operation"
        raise Fault(FaultCode.INVALID_TYPE, words)


def save(
    caller: Caller,
    components: Sequence[CalledComponent],
    *,
    may_create: bool,
    may_update: bool,
    all_or_none: bool,
) -> list[Saved]:
    """Make the components so, in the caller's org; the results come in their order."""
    caller.may_change()
    check_number(components)
    for each in components:
        check_writable(each.type_name)
    results = [Saved(each.full_name) for each in components]

    def change(deploy: Deploy) -> None:
        _refuse_by_name(deploy, components, results, may_create, may_update)
        usable = [
            each for each, result in zip(components, results, strict=True) if result.success
        ]
        deploy.run(ReadPackages([], in_order(usable)))
        for each, result in zip(components, results, strict=True):
            _fill(result, each, deploy.messages)

    _changed(caller, results, change, all_or_none)
    return results


def _refuse_by_name(
    deploy: Deploy,
    components: Sequence[CalledComponent],
    results: list[Saved],
    may_create: bool,
    may_update: bool,
) -> None:
    """What is there cannot be created, and what is not cannot be updated."""
    seen: set[tuple[str, str]] = set()
    for each, result in zip(components, results, strict=True):
        deploy.org.find(each.type_name, [each.full_name])
        is_there = deploy.org.get(each.type_name, each.full_name) is not None
        key = (each.type_name, each.full_name.lower())
        if key in seen or (is_there and not may_update):
            words = f"{each.type_name} named {each.full_name} exists already"
            result.errors.append(("DUPLICATE_DEVELOPER_NAME", words))
        elif not is_there and not may_create:
            words = f"no {each.type_name} named {each.full_name} found"
            result.errors.append(("INVALID_CROSS_REFERENCE_KEY", words))
        seen.add(key)


def _fill(result: Saved, component: ReadComponent, messages: list[Message]) -> None:
    """What the engine said of a component."""
    if not result.success:
        return
    for message in messages:
        about = (component.type_name, component.full_name)
        if (message.type_name, message.full_name) != about:
            continue
        if message.success:
            result.created = message.created
        else:
            result.errors.append((_code_of(message.problem), message.problem))


def _code_of(sentence: str) -> str:
    """The status code that goes with one of our sentences."""
    if sentence.startswith("Required field is missing"):
        return "REQUIRED_FIELD_MISSING"
    if " - no " in sentence and sentence.endswith(" found"):
        return "INVALID_CROSS_REFERENCE_KEY"
    return "FIELD_INTEGRITY_EXCEPTION"


def _changed(caller: Caller, results: list[Saved], change: Any, all_or_none: bool) -> None:
    """Change the org in one transaction; with all or none, a failure undoes the rest."""
    try:
        with transaction.atomic():
            Org.objects.locked(caller.org.pk)
            change(Deploy(caller.user, Progress()))
            if all_or_none and not all(result.success for result in results):
                raise _RollBackError
    except _RollBackError:
        words = "Record rolled back because not all records were valid"
        for result in results:
            if result.success:
                result.created = False
                result.errors = [("ALL_OR_NONE_OPERATION_ROLLED_BACK", words)]


def delete(
    caller: Caller, type_name: str, names: Sequence[str], *, all_or_none: bool
) -> list[Saved]:
    """Delete the components of these names."""
    caller.may_change()
    check_number(names)
    check_writable(type_name)
    results = [Saved(name) for name in names]

    def change(deploy: Deploy) -> None:
        deploy.org.find(type_name, names)
        for result in results:
            for message in deploy.deleted(Deletion(type_name, result.full_name, "")):
                if message.is_warning:
                    words = f"no {type_name} named {result.full_name} found"
                    result.errors.append(("INVALID_CROSS_REFERENCE_KEY", words))
                elif not message.success:
                    result.errors.append(("DELETE_FAILED", message.problem))

    _changed(caller, results, change, all_or_none)
    return results


@transaction.atomic
def rename(caller: Caller, type_name: str, old_name: str, new_name: str) -> Saved:
    """Give a handler another API name; its apps stay enabled for it.

    The names of apps cannot be changed, here as in Setup.
    """
    caller.may_change()
    check_writable(type_name)
    result = Saved(old_name)
    if type_name != HANDLER:
        words = "The API name of an app cannot be changed"
        result.errors.append(("FIELD_INTEGRITY_EXCEPTION", words))
        return result
    in_org = InOrg(caller.user)
    in_org.find(HANDLER, [old_name])
    handler = in_org.get(HANDLER, old_name)
    if handler is None:
        words = f"no {type_name} named {old_name} found"
        result.errors.append(("INVALID_CROSS_REFERENCE_KEY", words))
        return result
    definition = defined(handler_definition(handler), handler.apex_class)
    definition["developer_name"] = new_name
    try:
        with transaction.atomic():
            handler_actions.edit_handler(
                handler=handler, definition=definition, by=caller.user
            )
    except ValidationError as error:
        result.errors += _refused(error)
    return result


def _refused(error: ValidationError) -> Iterator[tuple[str, str]]:
    for sentence in error.messages:
        is_taken = "has this API name already" in sentence
        code = "DUPLICATE_DEVELOPER_NAME" if is_taken else "FIELD_INTEGRITY_EXCEPTION"
        yield code, sentence
