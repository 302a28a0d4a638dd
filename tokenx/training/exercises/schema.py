"""Schemas of exercise files, and their validation errors in plain sentences."""

from collections.abc import Callable
from dataclasses import fields
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core.core_schema import CoreSchema, DataclassSchema

from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.training.strict_models import Location, StrictModel

from .conditions import KINDS, Condition, Texts
from .exercise import ExerciseTarget

# Default for files without `minutes`.
MINUTES = 5
_CONDITION_LISTS = {"conditions", "done_when"}
_EXPECTED = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "tuple_type": "a list of texts in quotes",
    "list_type": "a list of tables",
    "dict_type": "a table",
    "model_type": "a table",
}
# The errors of models and of dataclasses.
_UNKNOWN_KEY = {"extra_forbidden", "unexpected_keyword_argument"}
_CONTROL = 'A control must be a CSS selector or { at = "…", holds = "…" }.'


class _FromTable:
    """Annotation: create a dataclass from a table. Only its fields are strict."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        cast("DataclassSchema", handler.resolve_ref_schema(schema))["strict"] = False
        return schema


_Target = Annotated[ExerciseTarget, _FromTable()]


def _kind_of(table: Any) -> str | None:
    kind = table.get("kind") if isinstance(table, dict) else None
    return kind if isinstance(kind, str) else None


def _without_kind(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "kind"}


if TYPE_CHECKING:
    AnyCondition = Condition
else:
    _KINDS = (
        Annotated[kind, _FromTable(), BeforeValidator(_without_kind), Tag(name)]
        for name, kind in KINDS.items()
    )
    AnyCondition = Annotated[reduce(or_, _KINDS), Discriminator(_kind_of)]


def _as_targets(controls: Any) -> list[Any]:
    """Accept one control or a list, and a selector instead of a table."""
    controls = controls if isinstance(controls, list) else [controls]
    return [
        {"at": control} if isinstance(control, str) else control for control in controls
    ]


class StepTable(StrictModel):
    """A [[steps]] table."""

    text: str
    done_when: list[AnyCondition]
    open: str = ""
    via: Texts = ()
    at: Annotated[list[_Target], BeforeValidator(_as_targets)] = []

    @field_validator("open")
    @classmethod
    def _starts_with_slash(cls, url: str) -> str:
        if not url.startswith("/"):
            raise ValueError("open must start with /.")
        return url


class FrontMatter(StrictModel):
    """The TOML part of an exercise file."""

    title: str
    scenario: str
    minutes: int = MINUTES
    hints: Texts = ()
    conditions: Annotated[list[AnyCondition], Field(min_length=1)]
    steps: list[StepTable] = []

    @field_validator("scenario")
    @classmethod
    def _exists(cls, scenario: str, info: ValidationInfo) -> str:
        """Require a scenario of `context`, if it lists any."""
        known = (info.context or {}).get("scenarios")
        if known and scenario not in known:
            names = ", ".join(known)
            raise ValueError(f"{scenario} isn't a scenario. Valid scenarios: {names}.")
        return scenario


class PathTable(StrictModel):
    """A table of paths.toml."""

    label: str | None = None
    exercises: Annotated[Texts, Field(min_length=1)]


PATH_TABLES = TypeAdapter(dict[str, PathTable])


def problems_of(
    error: ValidationError, keys_at: Callable[[Location], list[str]]
) -> list[tuple[Location, str]]:
    """Return the location and the sentence of each problem, without repetitions."""
    problems = (_problem(details, keys_at) for details in error.errors(include_url=False))
    return list(dict.fromkeys(problems))[:MAX_PROBLEMS]


def keys_of_exercise(path: Location) -> list[str]:
    """Return the valid keys of a table in an exercise file."""
    if "at" in path[1:]:
        return _field_names(ExerciseTarget)
    return list((StepTable if path else FrontMatter).model_fields)


def _field_names(dataclass: Any) -> list[str]:
    return [field.name for field in fields(dataclass)]


def keys_of_paths(path: Location) -> list[str]:
    """Return the valid keys of a table in paths.toml."""
    return list(PathTable.model_fields)


def _problem(
    details: Any, keys_at: Callable[[Location], list[str]]
) -> tuple[Location, str]:
    path, kind = _toml_path(details["loc"])
    name, error = path[-1] if path else "", details["type"]
    if path[:1] == ("steps",) and "at" in path and error not in _UNKNOWN_KEY:
        sentence = "holds must be text, true, or false." if name == "holds" else _CONTROL
        return path[: path.index("at") + 1], sentence
    if error == "value_error":
        return path, str(details["ctx"]["error"])
    if error == "missing":
        return path, f"{name} is missing{_label_of(kind, name)}."
    if error in _UNKNOWN_KEY:
        keys = _field_names(kind) if kind else keys_at(path[:-1])
        return path, f"{name} isn't a valid key. Valid keys: {', '.join(keys)}."
    if error.startswith("union_tag") and isinstance(details["input"], dict):
        value = details["input"].get("kind")
        problem = f"{value} isn't a valid kind." if value else "kind is missing."
        return (*path, "kind"), f"{problem} Valid kinds: {', '.join(KINDS)}."
    if error == "too_short":
        return path, f"{name} is empty."
    return _wrong_type(path, error, details)


def _wrong_type(path: Location, error: str, details: Any) -> tuple[Location, str]:
    if error == "literal_error":
        return path, f"{path[-1]} must be {details['ctx']['expected']}."
    if not isinstance(path[-1], int):
        return path, f"{path[-1]} must be {_EXPECTED.get(error, 'another value')}."
    # An item of a list has another type: report the list.
    expected = _EXPECTED["tuple_type" if error == "string_type" else "list_type"]
    return path[:-1], f"{path[-2]} must be {expected}."


def _toml_path(loc: Location) -> tuple[Location, type[Condition] | None]:
    """Convert an error's location, in which a condition's kind follows its index."""
    path: list[str | int] = []
    kind = None
    for index, part in enumerate(loc):
        is_tag = index > 1 and loc[index - 2] in _CONDITION_LISTS
        if is_tag and isinstance(loc[index - 1], int):
            kind = KINDS[str(part)]
        else:
            path.append(part)
    if "holds" in path:
        path = path[: path.index("holds") + 1]
    return tuple(path), kind


def _label_of(kind: type[Condition] | None, name: str | int) -> str:
    """Describe the missing value of a condition."""
    for field in fields(kind) if kind else ():
        if field.name == name and "label" in field.metadata:
            return f": {field.metadata['label']}"
    return ""
