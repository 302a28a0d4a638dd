"""What is said of each component of a deployment (facts/salesforce.md 6.2, 6.7)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from .components import FileProblem
from .elements import elements_of
from .errors import Problem
from .models import ComponentMessage
from .reading import ReadComponent

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
    def component(self) -> tuple[str, str, str]:
        return self.type_name, self.full_name, self.file_name


def failure(found: ReadComponent, problem: Problem, *, in_code: bool = False) -> Message:
    """A problem of a component. Of a class, the code is one file and its XML another."""
    component = found.component
    is_xml = component.meta_file_name and not in_code
    return Message(
        type_name=found.type_name,
        full_name=found.full_name,
        file_name=component.meta_file_name if is_xml else component.file_name,  # type: ignore[arg-type]
        success=False,
        problem=problem.text,
        line=problem.line,
        column=problem.column,
    )


def refusals(found: ReadComponent, error: ValidationError) -> Iterator[Message]:
    """What an action refused, each at the element that it is about."""
    elements = {
        element.attribute: element.name
        for element in elements_of(found.definition.__class__).values()
    }
    if not hasattr(error, "error_dict"):
        error = ValidationError({NON_FIELD_ERRORS: error.messages})
    for attribute, sentences in error.message_dict.items():
        element = elements.get(attribute)
        place = found.place(element) if element else found.place()
        for sentence in sentences:
            words = f"In field: {element} - {sentence}" if element else sentence
            yield failure(found, Problem(*place, words))


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
