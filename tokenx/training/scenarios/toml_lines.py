"""On which line of a TOML file each value is, which the standard parser does not say."""

import re
from collections import Counter

# Keys and places in lists that lead to a value: ("handlers", 1, "class").
Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(?P<brackets>\[\[?)\s*(?P<name>[\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*\"?(?P<key>[\w-]+)\"?\s*=")
_QUOTES = ('"""', "'''")


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table, and of each key that begins a line."""
    lines: dict[Path, int] = {}
    number_of: Counter[Path] = Counter()
    here: Path = ()
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            parts = header["name"].split(".")
            here = _path_of(parts, number_of, is_list=len(header["brackets"]) == 2)
            lines.setdefault(here, number)
        elif key := _KEY.match(line):
            lines.setdefault((*here, key["key"]), number)
            opened = [quotes for quotes in _QUOTES if line.count(quotes) == 1]
            closing = opened[0] if opened else ""
    return lines


def _path_of(parts: list[str], number_of: Counter[Path], *, is_list: bool) -> Path:
    """Where a header leads; in lists that were begun above it, to the last of them."""
    path: Path = ()
    for place, part in enumerate(parts):
        path = (*path, part)
        if is_list and place == len(parts) - 1:
            number_of[path] += 1
        if number_of[path]:
            path = (*path, number_of[path] - 1)
    return path


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a value, or of what it lies in."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
