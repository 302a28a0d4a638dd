"""Strict pydantic models for files that people write or upload, and plain errors."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple, get_args

from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticOmit

from tokenx.metadata.limits import MAX_PROBLEMS

# The TOML parser takes quadratic time in the number of names in a key: a.b.c = 1
MAX_DOTS = 500

# The keys and list indexes that lead to a value, such as ("users", 3, "email").
Location = tuple[int | str, ...]

_PREDICATES = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "invalid_key": "isn't a known key",
    "list_type": "must be a list",
    "missing": "is missing",
    "string_too_short": "is empty",
    "string_type": "must be text",
    "string_unicode": "contains lone surrogates",
    "tuple_type": "must be a list",
}
_WITH_LIMIT = {
    "greater_than_equal": "must be at least {ge:,}",
    "less_than_equal": "must be at most {le:,}",
    "string_too_long": "has more than {max_length} characters",
}


class FileProblem(NamedTuple):
    """A problem's location, and a predicate that describes it, such as "is missing"."""

    location: Location
    predicate: str


class ProblemCounter:
    """The number of problems found in a file so far; the context of limited models."""

    total = 0


class StrictModel(BaseModel):
    """A table or an object of a file: no other keys, and no conversion of types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _stop_after_many_problems(
        cls, value: Any, handler: ModelWrapValidatorHandler, info: ValidationInfo
    ) -> Any:
        """Skip the rest of a file once it has many problems, to limit time and memory."""
        counter = info.context
        if not isinstance(counter, ProblemCounter):
            return handler(value)
        if counter.total >= MAX_PROBLEMS:
            raise PydanticOmit
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + MAX_PROBLEMS:
            counter.total += 1
            raise PydanticCustomError("too_many_keys", "has too many keys")
        total_before = counter.total
        try:
            return handler(value)
        except ValidationError as error:
            counter.total = total_before + error.error_count()
            raise


def problems_of(
    error: ValidationError, model: type[BaseModel], *, table: str
) -> Iterator[FileProblem]:
    """Describe each problem. `table` names what holds keys: "a table" or "an object"."""
    for details in error.errors(include_url=False):
        location: Location = details["loc"]
        yield FileProblem(location, _predicate(details, model, table))


def _predicate(details: ErrorDetails, model: type[BaseModel], table: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind in _PREDICATES:
        return _PREDICATES[kind]
    if kind in _WITH_LIMIT:
        return _WITH_LIMIT[kind].format(**context)
    if kind == "model_type":
        return f"must be {table}"
    if kind == "extra_forbidden":
        *location, key = details["loc"]
        return f"isn't a known key. {_suggestion(str(key), _keys_at(model, location))}"
    return details["msg"]


def _suggestion(key: str, known: list[str]) -> str:
    matches = get_close_matches(key[:80], known, n=1)
    if matches:
        return f"Did you mean {matches[0]}?"
    return f"Known keys: {', '.join(known)}"


def _keys_at(model: type[BaseModel], location: list[int | str]) -> list[str]:
    for key in location:
        if isinstance(key, str):
            fields = {
                field.alias or name: field for name, field in model.model_fields.items()
            }
            model = _model_in(fields[key].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def shorten(value: Any) -> str:
    """Return the value as text for a message. JSON can contain lone surrogates."""
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= 80 else f"{text[:80]}…"


# --- Types of values ---------------------------------------------------------------------


def refuse(predicate: str, value: Any = None) -> PydanticCustomError:
    """Return the error to raise for a value."""
    # The text is a template to pydantic, and the value can contain braces.
    message = predicate if value is None else f"({shorten(value)!r}) {predicate}"
    return PydanticCustomError("refused", "{message}", {"message": message})


def one_of(choices: Collection[str]) -> AfterValidator:
    """Accept only the choices."""

    def check(value: str) -> str:
        if value not in choices:
            raise refuse(f"isn't one of {', '.join(choices)}", value)
        return value

    return AfterValidator(check)


def checked_by(*validators: Callable[[Any], None]) -> AfterValidator:
    """Accept only what Django's validators accept; empty text is accepted too."""

    def check(value: str) -> str:
        try:
            for validate in validators if value else ():
                validate(value)
        except DjangoValidationError as error:
            reasons = " ".join(error.messages).rstrip(".")
            raise refuse(f"isn't valid: {reasons}", value) from error
        return value

    return AfterValidator(check)


def at_most(limit: int) -> BeforeValidator:
    """Refuse a longer list before any of its entries is checked."""

    def check(value: Any) -> Any:
        if isinstance(value, list) and len(value) > limit:
            raise refuse(f"has more than {limit:,} entries")
        return value

    return BeforeValidator(check)


def _to_utc(value: Any) -> datetime:
    """Read a time in ISO 8601 format. TOML files contain times, and JSON text."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if moment.tzinfo and 1970 <= moment.year < 2970:
            return moment.astimezone(UTC)
    except (AttributeError, ValueError):
        pass
    raise refuse("isn't a time with a time zone", value)


Moment = Annotated[datetime, BeforeValidator(_to_utc)]
