"""Actions on token exchange examples."""

from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.org import audit
from tokenx.org.models import ExchangeExample, Org, User
from tokenx.setup.apex_runs.recipes import recipe_from_json, recipe_to_json

# Salesforce has no such page; examples are recorded with other tokenx features.
SECTION = "Training"
# Each is an exchange, and all of them run one after the other.
MAX_EXAMPLES = 100
CREATED, CHANGED, DELETED = (
    "createdExchangeExample",
    "changedExchangeExample",
    "deletedExchangeExample",
)
# Changes of examples don't change what an exchange decides.
ACTIONS = (CREATED, CHANGED, DELETED)


class ExampleValues(TypedDict, total=False):
    """The editable fields of an example."""

    name: str
    app_kind: str
    app_api_name: str
    token_handler: str
    scope: str
    token_type: str
    recipe: dict[str, Any]
    expected_error: str
    expected_description: str
    expected_username: str


@transaction.atomic
def create_example(*, by: User, **values: Unpack[ExampleValues]) -> ExchangeExample:
    """Add an example. Raise ValidationError, by field, or if the org has too many."""
    Org.objects.locked(by.org_id)
    example = ExchangeExample(org_id=by.org_id, created_by=by, **values)
    check_example(example)
    if ExchangeExample.objects.filter(org=by.org_id).count() >= MAX_EXAMPLES:
        raise ValidationError(
            f"This org already has {MAX_EXAMPLES} examples, the limit. Delete one first."
        )
    example.save()
    _record(by, CREATED, f"Created token exchange example {example.name}")
    return example


@transaction.atomic
def edit_example(
    *, example: ExchangeExample, by: User, **values: Unpack[ExampleValues]
) -> ExchangeExample:
    """Change an example. Raise ValidationError as create_example() does."""
    Org.objects.locked(example.org_id)
    rows = ExchangeExample.objects.filter(org=example.org_id, pk=example.pk)
    current = rows.first()
    if current is None:
        raise ValidationError(f"{example.name} was already deleted.")
    if all(getattr(current, name) == value for name, value in values.items()):
        return current
    for name, value in values.items():
        setattr(current, name, value)
    check_example(current)
    current.save()
    _record(by, CHANGED, f"Changed token exchange example {current.name}")
    return current


@transaction.atomic
def delete_example(*, example: ExchangeExample, by: User) -> None:
    """Delete an example."""
    rows = ExchangeExample.objects.filter(org=example.org_id, pk=example.pk)
    deleted, _ = rows.delete()
    if deleted:
        _record(by, DELETED, f"Deleted token exchange example {example.name}")


def keep_result(
    *, example: ExchangeExample, error: str, description: str, username: str
) -> None:
    """Keep the result of a run. It's not a change in Setup, and has no audit entry."""
    example.ran_at = timezone.now()
    example.actual_error = error[:40]
    example.actual_description = description[:255]
    example.actual_username = username[:80]
    rows = ExchangeExample.objects.filter(org=example.org_id, pk=example.pk)
    names = ("ran_at", "actual_error", "actual_description", "actual_username")
    rows.update(**{name: getattr(example, name) for name in names})


def check_example(example: ExchangeExample) -> None:
    """Raise ValidationError, by field, if an example is invalid."""
    example.clean_fields(exclude=["org", "created_by"])
    if example.token_type not in {each.value for each in TOKEN_TYPES}:
        raise ValidationError({"token_type": "Select one of the five token types."})
    try:
        example.recipe = recipe_to_json(recipe_from_json(example.recipe))
    except ValidationError as error:
        raise ValidationError({"recipe": error.messages}) from error
    if example.expected_error and example.expected_username:
        message = "Enter an error or a user, not both."
        raise ValidationError({"expected_username": message})
    try:
        example.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
