"""What is said of each component of a deployment (facts/salesforce.md 6.2, 6.7)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.errors import Problem
from tokenx.metadata.mapping.components import ReadComponent
from tokenx.metadata.models import ComponentMessage
from tokenx.metadata.package.components import META, FileProblem

# How many messages of one deployment are kept.
MAX_MESSAGES = 50_000


@dataclass(slots=True, kw_only=True)
class Message:
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
    line: int = 0
    column: int = 0

    @property
    def component(self) -> tuple[str, ...]:
        """What it is about. A warning has no name of its own: its words tell it apart."""
        file_name = self.file_name.removesuffix(META)
        about = self.problem if self.is_warning else ""
        return self.type_name, self.full_name, file_name, about


def failure(found: ReadComponent, problem: Problem, *, in_code: bool = False) -> Message:
    """A problem of a component. Of a class, the code is one file and its XML another."""
    component = found.component
    xml_file = component.meta_file_name or component.file_name
    return Message(
        type_name=found.type_name,
        full_name=found.full_name,
        file_name=component.file_name if in_code else xml_file,
        success=False,
        problem=problem.text,
        line=problem.line,
        column=problem.column,
    )


def refusals(found: ReadComponent, error: ValidationError) -> Iterator[Message]:
    """What an action refused, each at the element that it is about."""
    paths = dict(_paths(found.definition.__class__))
    if not hasattr(error, "error_dict"):
        error = ValidationError({NON_FIELD_ERRORS: error.messages})
    for attribute, sentences in error.message_dict.items():
        in_code = attribute == "body"
        path = paths.get(attribute, ())
        place = (0, 0) if in_code else found.place(*path)
        for sentence in sentences:
            words = f"In field: {path[-1]} - {sentence}" if path else sentence
            yield failure(found, Problem(*place, words), in_code=in_code)


def _paths(definition: Any, above: tuple[str, ...] = ()) -> Iterator[Any]:
    """Each attribute of a definition, and of those in it, with the path of its element."""
    for name, element in elements_of(definition).items():
        yield element.attribute, (*above, name)
        if element.inner and not element.is_list:
            yield from _paths(element.inner, (*above, name))


def of_file(about: FileProblem) -> Message:
    """A problem that was found before the component was read."""
    return Message(
        type_name=about.type_name,
        full_name=about.full_name,
        file_name=about.file_name,
        success=about.is_warning,
        problem=about.problem.text,
        is_warning=about.is_warning,
        line=about.problem.line,
        column=about.problem.column,
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
            line=each.line,
            column=each.column,
        )
        for number, each in enumerate(list(messages)[:MAX_MESSAGES])
    ]
    ComponentMessage.objects.bulk_create(rows, batch_size=500)
