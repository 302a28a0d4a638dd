"""Pattern, Matcher, and the methods of String that take regular expressions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import ApexType
from ..values import ApexList, PlatformObject, Value
from ..values.building import Parts
from ..values.utf16 import character_index, length
from .arguments import require, reserve_text
from .expressions import charge, compile_expression
from .registry import method, static_method
from .text import text_list

_NO_GROUP = (-1, -1)


@dataclass(slots=True, eq=False, kw_only=True)
class PatternValue(PlatformObject):
    """A compiled regular expression."""

    type: ApexType = ApexType("Pattern")  # noqa: RUF009
    source: str
    compiled: Any

    def children(self) -> Iterator[Value]:
        """Yield the text of the expression."""
        yield self.source

    def text(self) -> str:
        """Return the text of the expression."""
        return self.source


@dataclass(slots=True, eq=False, kw_only=True)
class MatcherValue(PlatformObject):
    """A Matcher: its text as UTF-8, and the spans of the last match in bytes."""

    type: ApexType = ApexType("Matcher")  # noqa: RUF009
    pattern: PatternValue
    source: str
    data: bytes
    # The part of the text that's searched; ^ and $ match at its ends.
    region: tuple[int, int] = (0, 0)
    spans: list[tuple[int, int]] | None = None
    position: int = 0

    def children(self) -> Iterator[Value]:
        """Yield the pattern and the text in both forms."""
        yield self.pattern
        yield self.source
        yield self.data


def _compiled(run: Run, pattern: str | None) -> PatternValue:
    require(pattern)
    assert pattern is not None  # noqa: S101
    run.allocate(64 + len(pattern))
    return PatternValue(source=str(pattern), compiled=compile_expression(run, pattern))


def _bytes_of(run: Run, text: str) -> bytes:
    reserve_text(run, len(text) if text.isascii() else 4 * len(text))
    return text.encode("utf-8", "surrogatepass")


def _text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _search(
    run: Run, compiled: Any, data: bytes, position: int, anchor: str = "search"
) -> list[tuple[int, int]] | None:
    """Return the spans of the next match and of its groups, in bytes, or None."""
    if position > len(data):
        return None
    charge(run, compiled, 0)
    if anchor == "search":
        found = compiled.search(data, position)
    else:
        found = compiled.match(data) if anchor == "match" else compiled.fullmatch(data)
    end = found.end() if found else len(data)
    charge(run, compiled, end - position)
    if not found:
        return None
    return [found.span(group) for group in range(compiled.groups + 1)]


def _next_position(data: bytes, span: tuple[int, int]) -> int:
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
    while spans := _search(run, compiled, data, position):
        run.budget.charge(2)
        yield spans
        position = _next_position(data, spans[0])


# --- Replacing --------------------------------------------------------------------------


def _replaced(run: Run, compiled: Any, text: str, replacement: str, *, is_all: bool) -> str:
    data = _bytes_of(run, text)
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
    return _text_of(b"".join(parts.items))


def _bytes_at(data: bytes, span: tuple[int, int]) -> bytes:
    return b"" if span == _NO_GROUP else data[span[0] : span[1]]


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
    return _replaced(run, compiled, text, str(replacement), is_all=True)


@method("String", "replaceFirst")
def replace_first(run: Run, text: str, pattern: str | None, replacement: str | None) -> str:
    """Replace the first match."""
    require(pattern, replacement)
    compiled = _compiled(run, pattern).compiled
    return _replaced(run, compiled, text, str(replacement), is_all=False)


# --- Splitting --------------------------------------------------------------------------


def _split(run: Run, compiled: Any, text: str, limit: int) -> ApexList:
    """Split as Java does: without a limit, empty texts at the end are left out."""
    data = _bytes_of(run, text)
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
    return text_list(run, [_text_of(part) for part in parts])


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
    return _search(run, compiled, _bytes_of(run, str(text)), 0, "fullmatch") is not None


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


@method("Pattern", "matcher")
def new_matcher(run: Run, pattern: PatternValue, text: str | None) -> MatcherValue:
    """Return a Matcher for a text."""
    require(text)
    run.allocate(64)
    matcher = MatcherValue(pattern=pattern, source="", data=b"")
    return reset_with(run, matcher, text)


# --- Matcher ----------------------------------------------------------------------------


@static_method("Matcher", "quoteReplacement")
def quote_replacement(run: Run, text: str | None) -> str:
    """Return a replacement that stands for a text itself."""
    require(text)
    text = str(text)
    reserve_text(run, 2 * len(text))
    return text.replace("\\", "\\\\").replace("$", "\\$")


@method("Matcher", "reset", 0)
def reset(run: Run, matcher: MatcherValue) -> MatcherValue:
    """Start again with the whole text."""
    del run
    matcher.region = 0, len(matcher.data)
    matcher.spans, matcher.position = None, 0
    return matcher


@method("Matcher", "reset", 1)
def reset_with(run: Run, matcher: MatcherValue, text: str | None) -> MatcherValue:
    """Start again with another text."""
    require(text)
    matcher.source = str(text)
    matcher.data = _bytes_of(run, matcher.source)
    return reset(run, matcher)


def _find(run: Run, matcher: MatcherValue, position: int, anchor: str) -> bool:
    """Search the region from a position in it, and keep what's found."""
    start, end = matcher.region
    whole = (start, end) == (0, len(matcher.data))
    if not whole:
        run.budget.charge_for(end - start)
    data = matcher.data if whole else matcher.data[start:end]
    spans = _search(run, matcher.pattern.compiled, data, position, anchor)
    if spans is None:
        matcher.spans, matcher.position = None, len(data) + 1
        return False
    matcher.position = _next_position(data, spans[0])
    matcher.spans = [
        span if span == _NO_GROUP else (span[0] + start, span[1] + start) for span in spans
    ]
    return True


@method("Matcher", "find", 0)
def find(run: Run, matcher: MatcherValue) -> bool:
    """Find the next match."""
    return _find(run, matcher, matcher.position, "search")


@method("Matcher", "find", 1)
def find_from(run: Run, matcher: MatcherValue, index: int | None) -> bool:
    """Start again, and find the first match from an index on."""
    reset(run, matcher)
    return _find(run, matcher, _byte_index(run, matcher, index), "search")


@method("Matcher", "lookingAt")
def looking_at(run: Run, matcher: MatcherValue) -> bool:
    """Say whether the text starts with a match."""
    return _find(run, matcher, 0, "match")


@method("Matcher", "matches")
def matches(run: Run, matcher: MatcherValue) -> bool:
    """Say whether all of the text matches."""
    return _find(run, matcher, 0, "fullmatch")


def _byte_index(run: Run, matcher: MatcherValue, index: int | None) -> int:
    require(index)
    size = length(matcher.source)
    if index is None or not 0 <= index <= size:
        raise thrown("StringException", f"Illegal start index: {index}")
    if matcher.source.isascii():
        return index
    run.budget.charge_for(len(matcher.source), 50)
    before = matcher.source[: character_index(matcher.source, index)]
    return len(before.encode("utf-8", "surrogatepass"))


def _unit_index(run: Run, matcher: MatcherValue, at: int) -> int:
    if at < 0 or matcher.source.isascii():
        return at
    run.budget.charge_for(at, 50)
    return length(_text_of(matcher.data[:at]))


def _span(matcher: MatcherValue, group: int | None) -> tuple[int, int]:
    if matcher.spans is None:
        raise _no_match()
    require(group)
    if group is None or not 0 <= group < len(matcher.spans):
        raise thrown("StringException", f"No group {group}")
    return matcher.spans[group]


def _no_match() -> ThrownError:
    return thrown("StringException", "No match found")


@method("Matcher", "group")
def group_text(run: Run, matcher: MatcherValue, group: int | None = 0) -> str | None:
    """Return the text of the match or of a group; null if the group has none."""
    start, end = _span(matcher, group)
    if start < 0:
        return None
    reserve_text(run, end - start)
    return _text_of(matcher.data[start:end])


@method("Matcher", "start")
def start_index(run: Run, matcher: MatcherValue, group: int | None = 0) -> int:
    """Return where the match or a group starts; -1 if the group has no text."""
    return _unit_index(run, matcher, _span(matcher, group)[0])


@method("Matcher", "end")
def end_index(run: Run, matcher: MatcherValue, group: int | None = 0) -> int:
    """Return where the match or a group ends."""
    return _unit_index(run, matcher, _span(matcher, group)[1])


@method("Matcher", "groupCount")
def group_count(run: Run, matcher: MatcherValue) -> int:
    """Return the number of groups of the expression."""
    del run
    return int(matcher.pattern.compiled.groups)


@method("Matcher", "pattern")
def matcher_pattern(run: Run, matcher: MatcherValue) -> PatternValue:
    """Return the Pattern."""
    del run
    return matcher.pattern


@method("Matcher", "usePattern")
def use_pattern(run: Run, matcher: MatcherValue, pattern: PatternValue | None) -> Value:
    """Go on with another Pattern."""
    del run
    require(pattern)
    assert pattern is not None  # noqa: S101
    matcher.pattern, matcher.spans = pattern, None
    return matcher


@method("Matcher", "region")
def set_region(
    run: Run, matcher: MatcherValue, start: int | None, end: int | None
) -> MatcherValue:
    """Search only between two indexes."""
    region = _byte_index(run, matcher, start), _byte_index(run, matcher, end)
    if region[0] > region[1]:
        raise thrown("StringException", f"Illegal start index: {start}")
    reset(run, matcher)
    matcher.region = region
    return matcher


@method("Matcher", "regionStart")
def region_start(run: Run, matcher: MatcherValue) -> int:
    """Return where the search starts."""
    return _unit_index(run, matcher, matcher.region[0])


@method("Matcher", "regionEnd")
def region_end(run: Run, matcher: MatcherValue) -> int:
    """Return where the search ends."""
    return _unit_index(run, matcher, matcher.region[1])


@method("Matcher", "hasAnchoringBounds")
def has_anchoring_bounds(run: Run, matcher: MatcherValue) -> bool:
    """Say whether ^ and $ match at the ends of the region."""
    del run, matcher
    return True


@method("Matcher", "hasTransparentBounds")
def has_transparent_bounds(run: Run, matcher: MatcherValue) -> bool:
    """Say whether an expression can see beyond the region."""
    del run, matcher
    return False


@method("Matcher", "useAnchoringBounds")
def use_anchoring_bounds(run: Run, matcher: MatcherValue, value: bool | None) -> Value:
    """Accept only what's so anyway."""
    del run
    if value is not True:
        raise NotRunnableError("Matcher.useAnchoringBounds", "Only true is supported.")
    return matcher


@method("Matcher", "useTransparentBounds")
def use_transparent_bounds(run: Run, matcher: MatcherValue, value: bool | None) -> Value:
    """Accept only what's so anyway."""
    del run
    if value is not False:
        raise NotRunnableError("Matcher.useTransparentBounds", "Only false is supported.")
    return matcher


@method("Matcher", "replaceAll")
def matcher_replace_all(run: Run, matcher: MatcherValue, replacement: str | None) -> str:
    """Replace each match in the whole text."""
    require(replacement)
    reset(run, matcher)
    compiled = matcher.pattern.compiled
    return _replaced(run, compiled, matcher.source, str(replacement), is_all=True)


@method("Matcher", "replaceFirst")
def matcher_replace_first(run: Run, matcher: MatcherValue, replacement: str | None) -> str:
    """Replace the first match in the whole text."""
    require(replacement)
    reset(run, matcher)
    compiled = matcher.pattern.compiled
    return _replaced(run, compiled, matcher.source, str(replacement), is_all=False)
