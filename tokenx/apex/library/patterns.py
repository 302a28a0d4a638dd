"""Pattern, and the methods of String that take regular expressions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..types import ApexType
from ..values import ApexList, PlatformObject, Value
from ..values.building import Parts
from .allocation import reserve_text
from .checks import given, require
from .expressions import charge, check_search, compile_expression
from .registry import method, static_method
from .text import text_list

NO_GROUP = (-1, -1)


@dataclass(slots=True, eq=False, kw_only=True)
class PatternValue(PlatformObject):
    """A compiled regular expression."""

    type: ApexType = ApexType("Pattern")  # noqa: RUF009  (types are frozen)
    source: str
    compiled: Any

    def children(self) -> Iterator[Value]:
        """Yield the text of the expression."""
        yield self.source

    def text(self) -> str:
        """Return the text of the expression."""
        return self.source


def _compiled(run: Run, pattern: str | None) -> PatternValue:
    pattern = given(pattern)
    run.allocate(64 + len(pattern))
    return PatternValue(source=str(pattern), compiled=compile_expression(run, pattern))


def bytes_of(run: Run, text: str) -> bytes:
    reserve_text(run, len(text) if text.isascii() else 4 * len(text))
    return text.encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def search(
    run: Run, compiled: Any, data: bytes, position: int, anchor: str = "search"
) -> list[tuple[int, int]] | None:
    """Return the spans of the next match and of its groups, in bytes, or None."""
    if position > len(data):
        return None
    check_search(run, compiled, len(data) - position)
    if anchor == "search":
        found = compiled.search(data, position)
    else:
        found = compiled.match(data) if anchor == "match" else compiled.fullmatch(data)
    end = found.end() if found else len(data)
    charge(run, compiled, end - position)
    if not found:
        return None
    return [found.span(group) for group in range(compiled.groups + 1)]


def next_position(data: bytes, span: tuple[int, int]) -> int:
    """Return where the next search starts: after an empty match, one character later."""
    start, end = span
    if start < end:
        return end
    end += 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return end


def _all_matches(run: Run, compiled: Any, data: bytes) -> Iterator[list[tuple[int, int]]]:
    position = 0
    while spans := search(run, compiled, data, position):
        run.budget.charge(3)
        yield spans
        position = next_position(data, spans[0])


# --- Replacing --------------------------------------------------------------------------


def replaced(run: Run, compiled: Any, text: str, replacement: str, *, is_all: bool) -> str:
    data = bytes_of(run, text)
    template = _template(run, compiled, replacement)
    parts = Parts[bytes](run)
    at = 0
    for spans in _all_matches(run, compiled, data):
        inserted = [
            each if isinstance(each, bytes) else _bytes_at(data, spans[each])
            for each in template
        ]
        start, end = spans[0]
        for part in (data[at:start], *inserted):
            parts.add(part)
        at = end
        if not is_all:
            break
    parts.add(data[at:])
    return text_of(b"".join(parts.items))


def _bytes_at(data: bytes, span: tuple[int, int]) -> bytes:
    return b"" if span == NO_GROUP else data[span[0] : span[1]]


def _template(run: Run, compiled: Any, replacement: str) -> list[bytes | int]:
    """Split a replacement such as $1-x into texts and numbers of groups."""
    run.budget.charge_for(len(replacement), 50)
    run.allocate(len(replacement))
    parts: list[bytes | int] = []
    literal: list[str] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        at += 1
        if character == "$":
            parts.append("".join(literal).encode("utf-8", "surrogatepass"))
            literal = []
            group, at = _group_reference(compiled, replacement, at)
            parts.append(group)
        elif character == "\\":
            if at == len(replacement):
                message = "character to be escaped is missing"
                raise thrown("StringException", message)
            literal.append(replacement[at])
            at += 1
        else:
            literal.append(character)
    parts.append("".join(literal).encode("utf-8", "surrogatepass"))
    return parts


def _group_reference(compiled: Any, text: str, at: int) -> tuple[int, int]:
    """Return the group after a $ and the index behind it."""
    if text[at : at + 1] == "{":
        end = text.find("}", at)
        name = text[at + 1 : end].encode("utf-8", "surrogatepass") if end > 0 else b""
        group = compiled.groupindex.get(name)
        if group is None:
            raise thrown("StringException", "Illegal group reference")
        return group, end + 1
    if not text[at : at + 1].isdecimal() or not text[at].isascii():
        raise thrown("StringException", "Illegal group reference")
    group = int(text[at])
    at += 1
    if group > compiled.groups:
        raise thrown("StringException", f"No group {group}")
    while text[at : at + 1].isdecimal() and text[at].isascii():
        longer = group * 10 + int(text[at])
        if longer > compiled.groups:
            break
        group, at = longer, at + 1
    return group, at


@method("String", "replaceAll")
def replace_all(run: Run, text: str, pattern: str | None, replacement: str | None) -> str:
    """Replace each match."""
    require(pattern, replacement)
    compiled = _compiled(run, pattern).compiled
    return replaced(run, compiled, text, str(replacement), is_all=True)


@method("String", "replaceFirst")
def replace_first(run: Run, text: str, pattern: str | None, replacement: str | None) -> str:
    """Replace the first match."""
    require(pattern, replacement)
    compiled = _compiled(run, pattern).compiled
    return replaced(run, compiled, text, str(replacement), is_all=False)


# --- Splitting --------------------------------------------------------------------------


def _split(run: Run, compiled: Any, text: str, limit: int) -> ApexList:
    """Split as Java does: without a limit, empty texts at the end are left out."""
    data = bytes_of(run, text)
    parts: list[bytes] = []
    at = 0
    for spans in _all_matches(run, compiled, data):
        if limit > 0 and len(parts) == limit - 1:
            break
        start, end = spans[0]
        if end == 0:
            # An empty match at the start splits nothing off.
            continue
        run.allocate(8 + start - at)
        parts.append(data[at:start])
        at = end
    parts.append(data[at:])
    if limit == 0 and len(parts) > 1:
        while parts and not parts[-1]:
            parts.pop()
    return text_list(run, [text_of(part) for part in parts])


@method("String", "split", 1)
def split(run: Run, text: str, pattern: str | None) -> ApexList:
    """Split at each match."""
    return split_up_to(run, text, pattern, 0)


@method("String", "split", 2)
def split_up_to(run: Run, text: str, pattern: str | None, limit: int | None) -> ApexList:
    """Split at matches into at most so many parts."""
    require(pattern, limit)
    return _split(run, _compiled(run, pattern).compiled, text, int(limit or 0))


# --- Pattern ----------------------------------------------------------------------------


@static_method("Pattern", "compile")
def compile_pattern(run: Run, pattern: str | None) -> PatternValue:
    """Compile an expression."""
    return _compiled(run, pattern)


@static_method("Pattern", "matches")
def pattern_matches(run: Run, pattern: str | None, text: str | None) -> bool:
    """Say whether all of a text matches an expression."""
    require(pattern, text)
    compiled = _compiled(run, pattern).compiled
    return search(run, compiled, bytes_of(run, str(text)), 0, "fullmatch") is not None


@static_method("Pattern", "quote")
def quote(run: Run, text: str | None) -> str:
    """Return an expression that matches a text itself."""
    require(text)
    text = str(text)
    reserve_text(run, 3 * len(text) + 4)
    return "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"


@method("Pattern", "pattern")
def pattern_text(run: Run, pattern: PatternValue) -> str:
    """Return the text of an expression."""
    del run
    return pattern.source


@method("Pattern", "split", 1)
def pattern_split(run: Run, pattern: PatternValue, text: str | None) -> ApexList:
    """Split a text at each match."""
    return pattern_split_up_to(run, pattern, text, 0)


@method("Pattern", "split", 2)
def pattern_split_up_to(
    run: Run, pattern: PatternValue, text: str | None, limit: int | None
) -> ApexList:
    """Split a text at matches into at most so many parts."""
    require(text, limit)
    return _split(run, pattern.compiled, str(text), int(limit or 0))
