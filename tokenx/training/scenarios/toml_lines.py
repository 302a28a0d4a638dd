"""The line of each value in a TOML file, which the standard parser doesn't report."""

import re
from collections import Counter

from tokenx.training.strict_models import Location

_HEADER = re.compile(r"\s*(?P<brackets>\[\[?)\s*(?P<name>[\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*\"?(?P<key>[\w-]+)\"?\s*=")
_QUOTES = ('"""', "'''")


def lines_of(text: str) -> dict[Location, int]:
    """Return the line of each table, and of each key at the start of a line."""
    lines: dict[Location, int] = {}
    counts: Counter[Location] = Counter()
    table: Location = ()
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            keys = header["name"].split(".")
            table = _table_location(keys, counts, is_list=len(header["brackets"]) == 2)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, key["key"]), number)
            opened = [quotes for quotes in _QUOTES if line.count(quotes) == 1]
            closing = opened[0] if opened else ""
    return lines


def _table_location(
    keys: list[str], counts: Counter[Location], *, is_list: bool
) -> Location:
    """Return a header's location. In a list of tables, it's in the last one so far."""
    location: Location = ()
    for index, key in enumerate(keys):
        location = (*location, key)
        if is_list and index == len(keys) - 1:
            counts[location] += 1
        if counts[location]:
            location = (*location, counts[location] - 1)
    return location


def line_of(lines: dict[Location, int], location: Location) -> int:
    """Return the line of a value, or of the closest table around it."""
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location, 1)
