"""Deploy packages into an org, with a message about each component.

The caller's transaction contains all changes, and the caller commits it or rolls it back.
Each component has its own savepoint. A component that fails changes nothing, and the others
are still tried, because people want the whole list of problems.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers.actions.replace_enablements import (
    EnablementRefusedError,
    Refusal,
    replace_enablements,
)
from tokenx.handlers.enablement_sets import WantedEnablement
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import TYPES, EnablementDefinition
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.mapping.components import ReadComponent, in_order, read_component
from tokenx.metadata.mapping.objects import with_fields
from tokenx.metadata.mapping.row_types import ROW_TYPES
from tokenx.metadata.package.manifests import PACKAGE_XML, Deletion, Package
from tokenx.org.models import ClientApp, User

from .apply import (
    APEX_CLASS,
    CONNECTED_APP,
    EXTERNAL_APP,
    HANDLER,
    PROFILE,
    AppliedComponent,
    OrgComponents,
    no_such_component,
    no_such_reference,
)
from .compile_messages import (
    add_compile_warning,
    compile_errors,
    not_compiled_warnings,
)
from .messages import Message, failure, file_message, refusals
from .progress import Progress


@dataclass
class ReadPackages:
    """The packages of an archive and their components, read before the org changes."""

    packages: list[Package]
    components: list[ReadComponent]
    deletions: int = 0
    # The state of the org's classes when the packages' classes were compiled.
    classes_state: tuple[Any, ...] = ()

    @property
    def total(self) -> int:
        return len(self.components) + self.deletions


def read_all(packages: list[Package], progress: Progress) -> ReadPackages:
    """Read every component. Raises CanceledError."""
    deletions = sum(len(p.deletions_before) + len(p.deletions_after) for p in packages)
    listed = [component for package in packages for component in package.components]
    progress.total = len(listed) + deletions
    components = []
    for component in listed:
        progress.step(f"Reading {component.file_name}")
        components.append(read_component(component))
    return ReadPackages(packages, in_order(with_fields(components)), deletions)


@dataclass
class DeploymentRun:
    """One run of a deployment, which collects the messages about its components."""

    by: User
    progress: Progress
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.org = OrgComponents(self.by)

    def run(self, packages: ReadPackages) -> list[Message]:
        """Delete, apply, and delete. Raises only CanceledError.

        Every other error becomes a message.
        """
        for package in packages.packages:
            self.report_package(package)
        self.messages += not_compiled_warnings(packages.components)
        self.load_components(packages)
        for package in packages.packages:
            self.delete(package.deletions_before)
        seen: set[tuple[str, str]] = set()
        usable = [read for read in packages.components if self.is_usable(read, seen)]
        for read in usable:
            if read.type_name != HANDLER:
                self.apply(read)
        self.apply_handlers([read for read in usable if read.type_name == HANDLER])
        for package in packages.packages:
            self.delete(package.deletions_after)
        self.org.reset_dependents()
        return self.messages

    def report_package(self, package: Package) -> None:
        """Add the problems found before, and a row for the manifest if it has none."""
        self.messages += map(file_message, package.problems)
        if package.manifest and not any(not p.type_name for p in package.problems):
            root = f"{package.name}/" if package.name else ""
            name = root + PACKAGE_XML
            row = Message(type_name="", full_name=PACKAGE_XML, file_name=name, changed=True)
            self.messages.append(row)

    def load_components(self, packages: ReadPackages) -> None:
        """Load the org's components that the packages contain, refer to, or delete."""
        names: dict[str, set[str]] = {}
        for read in packages.components:
            names.setdefault(read.type_name, set()).add(read.full_name)
            if read.definition is None:
                continue
            if read.type_name == HANDLER:
                names.setdefault(APEX_CLASS, set()).add(read.definition.apex_class)
            elif app := getattr(read.definition, "app", None):
                names.setdefault(EXTERNAL_APP, set()).add(app)
        for package in packages.packages:
            for deletion in (*package.deletions_before, *package.deletions_after):
                names.setdefault(deletion.type_name, set()).add(deletion.full_name)
        types = (APEX_CLASS, PROFILE, CONNECTED_APP, EXTERNAL_APP, HANDLER)
        for type_name in (*ROW_TYPES, *types):
            self.org.load(type_name, names.get(type_name, ()))

    def is_usable(self, read: ReadComponent, seen: set[tuple[str, str]]) -> bool:
        """Return whether it could be read and isn't in an earlier package too."""
        key = (read.type_name, read.full_name.lower())
        if key in seen:
            message = (
                f"An object '{read.full_name}' of type {read.type_name} is in another "
                "package of the same zip file"
            )
            self.messages.append(failure(read, Problem(0, 0, message)))
            return False
        seen.add(key)
        problems = read.problems or compile_errors(read)
        self.messages += (failure(read, p, in_code=read.in_code) for p in problems)
        return not problems

    # --- Single components -----------------------------------------------------------

    def apply(self, read: ReadComponent) -> None:
        self.progress.step(f"Deploying {read.component.file_name}")
        try:
            with transaction.atomic():
                applied = self.org.apply(read)
        except ValidationError as error:
            self.messages += refusals(read, error)
        else:
            self.report_success(read, applied)

    def report_success(self, read: ReadComponent, applied: AppliedComponent) -> None:
        message = Message(
            type_name=read.type_name,
            full_name=read.full_name,
            file_name=read.component.file_name,
            component_id=applied.component_id,
            created=applied.created,
            changed=applied.changed,
            deleted=applied.deleted,
            problem=applied.warning,
            is_warning=bool(applied.warning),
            # Salesforce keeps what tokenx doesn't.
            is_from_tokenx=bool(applied.warning),
        )
        add_compile_warning(message, read)
        self.messages.append(message)

    def delete(self, deletions: Iterable[Deletion]) -> None:
        # Handlers are deleted before the apps they use, and parts before their apps.
        order = [*TYPES]
        for deletion in sorted(deletions, key=lambda each: -order.index(each.type_name)):
            self.progress.step(f"Deleting {deletion.full_name}")
            self.messages += self.delete_component(deletion)

    def delete_component(self, deletion: Deletion) -> Iterator[Message]:
        """Delete a component, and yield the messages about it."""
        short_name = deletion.file_name.rpartition("/")[2]
        message = partial(
            Message, type_name=deletion.type_name, file_name=deletion.file_name
        )
        try:
            with transaction.atomic():
                component_id = self.org.delete(deletion.type_name, deletion.full_name)
        except ValidationError as error:
            for sentence in error.messages:
                yield message(full_name=deletion.full_name, success=False, problem=sentence)
            return
        if component_id is None:
            text = no_such_component(deletion.type_name, deletion.full_name)
            yield message(full_name=short_name, problem=text, is_warning=True)
        else:
            yield message(
                full_name=deletion.full_name, component_id=component_id, deleted=True
            )

    # --- Handlers --------------------------------------------------------------------

    def apply_handlers(self, waiting: list[ReadComponent]) -> None:
        """Apply handlers, and then all their apps together.

        A default can be taken over only if another handler of the package gives it up. If
        some handlers are refused, all are undone and the others are tried again.
        """
        for read in waiting:
            self.progress.step(f"Deploying {read.component.file_name}")
        while waiting:
            failed: dict[int, list[Message]] = {}
            results = self.try_handlers(waiting, failed)
            for messages in failed.values():
                self.messages += messages
            if results is not None:
                for index, (handler, applied) in results.items():
                    self.org.set(HANDLER, waiting[index].full_name, handler)
                    self.report_success(waiting[index], applied)
                return
            waiting = [read for index, read in enumerate(waiting) if index not in failed]

    def try_handlers(
        self, waiting: list[ReadComponent], failed: dict[int, list[Message]]
    ) -> dict[int, tuple[TokenExchangeHandler, AppliedComponent]] | None:
        """Return the outcome of each handler by its index, or None if apps were refused.

        Adds the messages about handlers that fail to `failed`.
        """
        results: dict[int, tuple[TokenExchangeHandler, AppliedComponent]] = {}
        try:
            with transaction.atomic():
                for index, read in enumerate(waiting):
                    self.progress.check()
                    try:
                        with transaction.atomic():
                            results[index] = self.org.apply_handler(read)
                    except ValidationError as error:
                        failed[index] = list(refusals(read, error))
                wanted = {
                    handler: _wanted_enablements(waiting[index])
                    for index, (handler, _) in results.items()
                }
                replaced = replace_enablements(wanted=wanted, by=self.by)
        except EnablementRefusedError as error:
            indexes = {handler.pk: index for index, (handler, _) in results.items()}
            for refusal in error.refusals:
                index = indexes[refusal.handler]
                message = _refusal_message(waiting[index], refusal)
                failed.setdefault(index, []).append(message)
            return None
        return {
            index: (
                handler,
                applied._replace(changed=applied.changed or bool(replaced[handler])),
            )
            for index, (handler, applied) in results.items()
        }


def _wanted_enablements(read: ReadComponent) -> Iterator[WantedEnablement]:
    for enablement in read.definition.enablements:
        element, name = enablement.app
        is_connected = element == "connectedApp"
        kind = ClientApp.Kind.CONNECTED if is_connected else ClientApp.Kind.EXTERNAL
        yield WantedEnablement(kind, name, enablement.run_as, enablement.is_default)


def _refusal_message(read: ReadComponent, refusal: Refusal) -> Message:
    """Return a message about a refused app, located at the element that caused it."""
    wanted: EnablementDefinition = read.definition.enablements[refusal.number]
    app_element, app = wanted.app
    element = {"app": app_element, "run_as": "apexExecutionUser"}.get(
        refusal.field, "isDefault"
    )
    sentence = refusal.sentence
    if refusal.code == "no-app":
        is_connected = app_element == "connectedApp"
        sentence = no_such_reference(CONNECTED_APP if is_connected else EXTERNAL_APP, app)
    elif refusal.code == "no-user":
        sentence = no_such_reference("User", wanted.run_as)
    if refusal.rest:
        sentence = f"{sentence.rstrip('.')}. {refusal.rest}"
    location = read.place("enablements", refusal.number, element)
    return failure(read, Problem(*location, f"In field: {element} - {sentence}"))
