"""The values of variables as debug logs write them: JSON, cut to a bounded size."""

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    Id,
    Instance,
    PlatformObject,
    QueryRows,
    Record,
    Value,
)
from ..values.text import to_text

if TYPE_CHECKING:
    from .run import ApexRun

_MOST_ELEMENTS = 10
_DEEPEST = 2
_LONGEST = 512


def shown_value(run: "ApexRun", value: Value, depth: int = 0) -> str:
    """Return a value as text; no code of the org runs."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | Id):
        text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} ({len(value)})"
        return json.dumps(text, ensure_ascii=False)
    if isinstance(value, int | float | Decimal):
        return to_text(run, value)
    if depth >= _DEEPEST:
        return json.dumps("…", ensure_ascii=False)
    return _shown_holder(run, value, depth + 1)


def _shown_holder(run: "ApexRun", value: Value, depth: int) -> str:
    if isinstance(value, ApexList | ApexSet | QueryRows):
        items = value.records if isinstance(value, QueryRows) else value.items
        values = items.values() if isinstance(items, dict) else items
        shown = [
            shown_value(run, each, depth)
            for each, _ in zip(values, range(_MOST_ELEMENTS), strict=False)
        ]
        rest = [f"({len(items) - _MOST_ELEMENTS} more)"] * (len(items) > _MOST_ELEMENTS)
        return f"[{','.join(shown + rest)}]"
    if isinstance(value, ApexMap):
        return _object(run, list(value.items.values())[:_MOST_ELEMENTS], depth)
    if isinstance(value, Record | Instance):
        pairs = [(name, each) for name, each in value.fields.items() if each is not None]
        return _object(run, pairs[:_MOST_ELEMENTS], depth)
    if isinstance(value, PlatformObject):
        return json.dumps(value.type.name)
    return json.dumps(to_text(run, value), ensure_ascii=False)


def _object(run: "ApexRun", pairs: list[tuple[Value, Value]], depth: int) -> str:
    shown = (
        f"{shown_value(run, key, depth)}:{shown_value(run, value, depth)}"
        for key, value in pairs
    )
    return f"{{{','.join(shown)}}}"
