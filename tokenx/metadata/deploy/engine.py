"""Deploy packages into an org: what each component became, or why it could not.

All happens in the transaction of the caller, who keeps it or rolls it back. Whatever a
component changes lies in a savepoint of its own, so that one that fails changes nothing,
and the others are tried all the same: people want the whole list of what is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

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
from tokenx.metadata.package.manifests import PACKAGE_XML, Deletion, Package
from tokenx.org.models import ClientApp, User

from .apply import (
    APEX_CLASS,
    CONNECTED_APP,
    EXTERNAL_APP,
    HANDLER,
    InOrg,
    Put,
    no_such,
    no_such_reference,
)
from .messages import Message, failure, of_file, refusals
from .progress import Progress


@dataclass
class ReadPackages:
    """All that an archive says, read before the org is touched."""

    packages: list[Package]
    components: list[ReadComponent]
    deletions: int = 0

    @property
    def total(self) -> int:
        return len(self.components) + self.deletions


def read_all(packages: list[Package], progress: Progress) -> ReadPackages:
    """Read every component. Raises CanceledError."""
    deletions = sum(len(p.deletions_before) + len(p.deletions_after) for p in packages)
    listed = [component for package in packages for component in package.components]
    progress.total = len(listed) + deletions
    found = []
    for component in listed:
        progress.step(f"Reading {component.file_name}")
        found.append(read_component(component))
    return ReadPackages(packages, in_order(found), deletions)


@dataclass
class Deploy:
    """One deployment on its way through an org."""

    by: User
    progress: Progress
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.org = InOrg(self.by)

    def run(self, read: ReadPackages) -> list[Message]:
        """Delete, put, delete. Raises CanceledError; all else becomes a message."""
        for package in read.packages:
            self.say_package(package)
        self.look_up(read)
        for package in read.packages:
            self.delete(package.deletions_before)
        seen: set[tuple[str, str]] = set()
        usable = [found for found in read.components if self.is_usable(found, seen)]
        for found in usable:
            if found.type_name != HANDLER:
                self.put(found)
        self.put_handlers([found for found in usable if found.type_name == HANDLER])
        for package in read.packages:
            self.delete(package.deletions_after)
        return self.messages

    def say_package(self, package: Package) -> None:
        """A row for the manifest, unless it is what is wrong, and what was found before."""
        self.messages += map(of_file, package.problems)
        if package.manifest and not any(not p.type_name for p in package.problems):
            root = f"{package.name}/" if package.name else ""
            name = root + PACKAGE_XML
            row = Message(type_name="", full_name=PACKAGE_XML, file_name=name, changed=True)
            self.messages.append(row)

    def look_up(self, read: ReadPackages) -> None:
        names: dict[str, set[str]] = {}
        for found in read.components:
            names.setdefault(found.type_name, set()).add(found.full_name)
            if found.definition is None:
                continue
            if found.type_name == HANDLER:
                names.setdefault(APEX_CLASS, set()).add(found.definition.apex_class)
            elif app := getattr(found.definition, "app", None):
                names.setdefault(EXTERNAL_APP, set()).add(app)
        for package in read.packages:
            for deletion in (*package.deletions_before, *package.deletions_after):
                names.setdefault(deletion.type_name, set()).add(deletion.full_name)
        for type_name in (APEX_CLASS, CONNECTED_APP, EXTERNAL_APP, HANDLER):
            self.org.find(type_name, names.get(type_name, ()))

    def is_usable(self, found: ReadComponent, seen: set[tuple[str, str]]) -> bool:
        """Whether it could be read, and no package before had it too."""
        key = (found.type_name, found.full_name.lower())
        if key in seen:
            words = (
                f"An object '{found.full_name}' of type {found.type_name} is in another "
                "package of the same zip file"
            )
            self.messages.append(failure(found, Problem(0, 0, words)))
            return False
        seen.add(key)
        self.messages += (failure(found, p, in_code=found.in_code) for p in found.problems)
        return not found.problems

    # --- One by one ------------------------------------------------------------------

    def put(self, found: ReadComponent) -> None:
        self.progress.step(f"Deploying {found.component.file_name}")
        try:
            with transaction.atomic():
                put = self.org.put(found)
        except ValidationError as error:
            self.messages += refusals(found, error)
        else:
            self.succeed(found, put)

    def succeed(self, found: ReadComponent, put: Put) -> None:
        self.messages.append(
            Message(
                type_name=found.type_name,
                full_name=found.full_name,
                file_name=found.component.file_name,
                component_id=put.component_id,
                created=put.created,
                changed=put.changed,
                deleted=put.deleted,
            )
        )

    def delete(self, deletions: Iterable[Deletion]) -> None:
        # What others use goes last: handlers before their apps, and parts before theirs.
        order = [*TYPES]
        for deletion in sorted(deletions, key=lambda each: -order.index(each.type_name)):
            self.progress.step(f"Deleting {deletion.full_name}")
            self.messages += self.deleted(deletion)

    def deleted(self, deletion: Deletion) -> Iterator[Message]:
        short_name = deletion.file_name.rpartition("/")[2]
        about = partial(Message, type_name=deletion.type_name, file_name=deletion.file_name)
        try:
            with transaction.atomic():
                found = self.org.delete(deletion.type_name, deletion.full_name)
        except ValidationError as error:
            for sentence in error.messages:
                yield about(full_name=deletion.full_name, success=False, problem=sentence)
            return
        if found is None:
            words = no_such(deletion.type_name, deletion.full_name)
            yield about(full_name=short_name, problem=words, is_warning=True)
        else:
            yield about(full_name=deletion.full_name, component_id=found, deleted=True)

    # --- Handlers --------------------------------------------------------------------

    def put_handlers(self, waiting: list[ReadComponent]) -> None:
        """Put handlers, and then all their apps at once.

        Whether a default can be taken depends on who else gives it up. So where some
        cannot be, all is undone and tried again without them.
        """
        for found in waiting:
            self.progress.step(f"Deploying {found.component.file_name}")
        while waiting:
            failed: dict[int, list[Message]] = {}
            made = self.try_handlers(waiting, failed)
            for messages in failed.values():
                self.messages += messages
            if made is not None:
                for place, (handler, put) in made.items():
                    self.org.set(HANDLER, waiting[place].full_name, handler)
                    self.succeed(waiting[place], put)
                return
            waiting = [one for place, one in enumerate(waiting) if place not in failed]

    def try_handlers(
        self, waiting: list[ReadComponent], failed: dict[int, list[Message]]
    ) -> dict[int, tuple[TokenExchangeHandler, Put]] | None:
        """What became of each, by its place; None where their apps were refused.

        Notes what is wrong with those that fail.
        """
        made: dict[int, tuple[TokenExchangeHandler, Put]] = {}
        try:
            with transaction.atomic():
                for place, found in enumerate(waiting):
                    self.progress.check()
                    try:
                        with transaction.atomic():
                            made[place] = self.org.put_handler(found)
                    except ValidationError as error:
                        failed[place] = list(refusals(found, error))
                wanted = {each: _wanted(waiting[p]) for p, (each, _) in made.items()}
                replaced = replace_enablements(wanted=wanted, by=self.by)
        except EnablementRefusedError as error:
            places = {handler.pk: place for place, (handler, _) in made.items()}
            for refusal in error.refusals:
                place = places[refusal.handler]
                failed.setdefault(place, []).append(_refused(waiting[place], refusal))
            return None
        return {
            place: (handler, put._replace(changed=put.changed or bool(replaced[handler])))
            for place, (handler, put) in made.items()
        }


def _wanted(found: ReadComponent) -> Iterator[WantedEnablement]:
    for each in found.definition.enablements:
        element, name = each.app
        is_connected = element == "connectedApp"
        kind = ClientApp.Kind.CONNECTED if is_connected else ClientApp.Kind.EXTERNAL
        yield WantedEnablement(kind, name, each.run_as, each.is_default)


def _refused(found: ReadComponent, refusal: Refusal) -> Message:
    """Why an app of a handler cannot be, at the element that says so."""
    wanted: EnablementDefinition = found.definition.enablements[refusal.number]
    app_element, app = wanted.app
    element = {"app": app_element, "run_as": "apexExecutionUser"}.get(
        refusal.field, "isDefault"
    )
    words = refusal.sentence
    if refusal.code == "no-app":
        is_connected = app_element == "connectedApp"
        words = no_such_reference(CONNECTED_APP if is_connected else EXTERNAL_APP, app)
    elif refusal.code == "no-user":
        words = no_such_reference("User", wanted.run_as)
    if refusal.rest:
        words = f"{words.rstrip('.')}. {refusal.rest}"
    place = found.place("enablements", refusal.number, element)
    return failure(found, Problem(*place, f"In field: {element} - {words}"))
