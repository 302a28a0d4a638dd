"""Many rows of one shape, quickly, from an ordinary template.

Rendering fifty table rows, or two hundred options, costs Django's template engine more
than all else a page does. A row template here is rendered once, with a mark in the place
of each value; what comes out is kept as a pattern, into which each row's values are put.
So a row template may use tags and includes, but only plain `{{ value }}` for what differs
from row to row: what depends on a value is decided in Python, as a value of its own.

Every value is escaped, as in any template, unless its name ends in `_html`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

_BETWEEN_TAGS = re.compile(r">\s+<")
_NEW_LINES = re.compile(r"\s*\n\s*")
_MARKS = re.compile("\x02([a-z_]+)\x03")
has_markup = re.compile("[&<>\"']").search
# Parts the values of a column while they are escaped together; no text holds it.
_GAP = "\x00"


def compact(html: str) -> SafeString:
    """The same without what only lays out the source: that is not sent 200 times."""
    return SafeString(_BETWEEN_TAGS.sub("><", _NEW_LINES.sub(" ", html.strip())))


@cache
def _pattern(
    template: str, names: tuple[str, ...], shared: tuple[tuple[str, object], ...]
) -> tuple[str, list[int]]:
    """Text with %s for each value, and which of the names each of these is."""
    marks = {name: SafeString(f"\x02{name}\x03") for name in names}
    html = render_to_string(template, {**marks, **dict(shared)})
    text = f"{compact(html)}\n"
    places = [names.index(name) for name in _MARKS.findall(text)]
    return _MARKS.sub("%s", text.replace("%", "%%")), places


def render_rows(
    template: str, names: Sequence[str], rows: Iterable[tuple[str, ...]], **shared: object
) -> SafeString:
    """The template, once for each row of values, which have the names in their order.

    `shared` is what tags may ask about, because it is the same for all rows; each
    combination of its values is kept, so they have to be few.
    """
    pattern, places = _pattern(template, tuple(names), tuple(sorted(shared.items())))
    columns = [*zip(*rows, strict=True)]
    if not columns:
        return SafeString()
    ready = [
        values if name.endswith("_html") else _escaped(values)
        for name, values in zip(names, columns, strict=True)
    ]
    in_places = zip(*(ready[place] for place in places), strict=True)
    return SafeString("".join(map(pattern.__mod__, in_places)))


def _escaped(values: Sequence[str]) -> Sequence[str]:
    """The values of a column, escaped together: most columns have nothing to escape."""
    text = _GAP.join(values)
    if not has_markup(text):
        return values
    escaped = escape(text).split(_GAP)
    return escaped if len(escaped) == len(values) else [*map(escape, values)]
