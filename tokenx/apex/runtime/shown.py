"""The values of variables as debug logs write them: JSON, cut to a bounded size."""

import json
from decimal import Decimal
from itertools import islice
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

_HOLDERS = (ApexList, ApexMap, ApexSet, Instance, QueryRows, Record)
_MOST_ELEMENTS = 10
_DEEPEST = 2
_LONGEST = 512
# Values inside of a value that are shown, and characters of all their texts.
_MOST_VALUES = 100
_MOST_TEXT = 2_000


def shown_value(run: "ApexRun", value: Value) -> str:
    """Return a value as text; no code of the org runs."""
    if type(value) is str and len(value) <= _LONGEST:
        return _quoted(value)
    return _Shown(run).text(value)


class _Shown:
    """Writes one value; `values` and `size` count what it wrote."""

    def __init__(self, run: "ApexRun") -> None:
        self._run = run
        self._values = self._size = 0

    def text(self, value: Value, depth: int = 0) -> str:
        """Return a value, or "…" if there's no room."""
        self._values += 1
        if self._values > _MOST_VALUES or self._size > _MOST_TEXT:
            return _quoted("…")
        shown = self._text(value, depth)
        self._size += 0 if isinstance(value, _HOLDERS) else len(shown)
        return shown

    def _text(self, value: Value, depth: int) -> str:
        if type(value) is str and len(value) <= _LONGEST:
            return _quoted(value)
        if value is None or isinstance(value, bool):
            return _WORDS[value]
        if isinstance(value, str | Id):
            long = len(value) > _LONGEST
            return _quoted(f"{value[:_LONGEST]} ({len(value)})" if long else value)
        if isinstance(value, int | float | Decimal):
            return to_text(self._run, value)
        if isinstance(value, bytes):
            return _quoted(f"Blob[{len(value)}]")
        if isinstance(value, PlatformObject):
            return _quoted(value.type.name)
        if not isinstance(value, _HOLDERS):
            return _quoted(to_text(self._run, value))
        return _quoted("…") if depth >= _DEEPEST else self._holder(value, depth + 1)

    def _holder(self, value: Value, depth: int) -> str:
        if isinstance(value, ApexMap):
            return self._object(list(islice(value.items.values(), _MOST_ELEMENTS)), depth)
        if isinstance(value, Record | Instance):
            pairs = [
                (name, each) for name, each in value.fields.items() if each is not None
            ]
            return self._object(pairs[:_MOST_ELEMENTS], depth)
        items = value.records if isinstance(value, QueryRows) else value.items
        values = items.values() if isinstance(items, dict) else items
        shown = [self.text(each, depth) for each in islice(values, _MOST_ELEMENTS)]
        rest = [f"({len(items) - _MOST_ELEMENTS} more)"] * (len(items) > _MOST_ELEMENTS)
        return f"[{','.join(shown + rest)}]"

    def _object(self, pairs: list[tuple[Value, Value]], depth: int) -> str:
        shown = (
            f"{self.text(key, depth)}:{self.text(value, depth)}" for key, value in pairs
        )
        return f"{{{','.join(shown)}}}"


_WORDS = {None: "null", True: "true", False: "false"}
# JSON of a text. JSONEncoder.encode ends here, too, but takes four times as long.
_quoted = json.encoder.encode_basestring
