"""Messages about the components of a deployment.

See docs/salesforce/product.md, Deployment results; Error texts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.models import ComponentMessage
from tokenx.metadata.package.components import META, PackageProblem

# How many messages of one deployment are stored.
MAX_MESSAGES = 50_000


@dataclass(slots=True, kw_only=True)
class Message:
    """The outcome of a component, or one problem with it: a DeployMessage."""

    type_name: str
    full_name: str
    file_name: str
    component_id: str = ""
    created: bool = False
    changed: bool = False
    deleted: bool = False
    success: bool = True
    problem: str = ""
    is_warning: bool = False
    # Salesforce wouldn't give this warning.
    is_from_tokenx: bool = False
    line: int = 0
    column: int = 0

    @property
    def component(self) -> tuple[str, ...]:
        """Return what the message is about. Warnings are told apart by their text."""
        file_name = self.file_name.removesuffix(META)
        warning = self.problem if self.is_warning else ""
        return self.type_name, self.full_name, file_name, warning


def failure(read: ReadComponent, problem: Problem, *, in_code: bool = False) -> Message:
    """Return a message about a component's problem, in its code or in its XML file."""
    component = read.component
    xml_file = component.meta_file_name or component.file_name
    return Message(
        type_name=read.type_name,
        full_name=read.full_name,
        file_name=component.file_name if in_code else xml_file,
        success=False,
        problem=problem.text,
        line=problem.line,
        column=problem.column,
    )


def refusals(read: ReadComponent, error: ValidationError) -> Iterator[Message]:
    """Yield a message for each error of an action, at the element that caused it."""
    paths = dict(_paths(read.definition.__class__))
    if not hasattr(error, "error_dict"):
        error = ValidationError({NON_FIELD_ERRORS: error.messages})
    for attribute, sentences in error.message_dict.items():
        in_code = attribute == "body"
        path = paths.get(attribute, ())
        location = (0, 0) if in_code else read.place(*path)
        for sentence in sentences:
            text = f"In field: {path[-1]} - {sentence}" if path else sentence
            yield failure(read, Problem(*location, text), in_code=in_code)


def _paths(definition: Any, parents: tuple[str, ...] = ()) -> Iterator[Any]:
    """Yield each attribute, also of nested definitions, with its element's path."""
    for name, element in elements_of(definition).items():
        yield element.attribute, (*parents, name)
        if element.inner and not element.is_list:
            yield from _paths(element.inner, (*parents, name))


def file_message(found: PackageProblem) -> Message:
    """Return a message about a problem found before the component was read."""
    return Message(
        type_name=found.type_name,
        full_name=found.full_name,
        file_name=found.file_name,
        success=found.is_warning,
        problem=found.problem.text,
        is_warning=found.is_warning,
        line=found.problem.line,
        column=found.problem.column,
    )


def save_messages(org: int, deployment: int, messages: Iterable[Message]) -> None:
    rows = [
        ComponentMessage(
            org_id=org,
            deployment_id=deployment,
            number=number,
            type_name=each.type_name[:80],
            full_name=each.full_name[:255],
            file_name=each.file_name[:1024],
            component_id=each.component_id,
            created=each.created,
            changed=each.changed,
            deleted=each.deleted,
            success=each.success,
            problem=each.problem,
            is_warning=each.is_warning,
            is_from_tokenx=each.is_from_tokenx,
            line=each.line,
            column=each.column,
        )
        for number, each in enumerate(list(messages)[:MAX_MESSAGES])
    ]
    ComponentMessage.objects.bulk_create(rows, batch_size=500)
