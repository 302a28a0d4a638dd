"""Matcher."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import ApexType
from ..values import PlatformObject, Value
from ..values.utf16 import character_index, length
from .allocation import reserve_text
from .checks import given, require
from .patterns import (
    NO_GROUP,
    PatternValue,
    bytes_of,
    next_position,
    replaced,
    search,
    text_of,
)
from .registry import method, static_method


@dataclass(slots=True, eq=False, kw_only=True)
class MatcherValue(PlatformObject):
    """A Matcher: its text as UTF-8, and the spans of the last match in bytes."""

    type: ApexType = ApexType("Matcher")  # noqa: RUF009  (types are frozen)
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


@method("Pattern", "matcher")
def new_matcher(run: Run, pattern: PatternValue, text: str | None) -> MatcherValue:
    """Return a Matcher for a text."""
    require(text)
    run.allocate(64)
    matcher = MatcherValue(pattern=pattern, source="", data=b"")
    return reset_with(run, matcher, text)


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
    matcher.data = bytes_of(run, matcher.source)
    return reset(run, matcher)


def _find(run: Run, matcher: MatcherValue, position: int, anchor: str) -> bool:
    """Search the region from a position in it, and keep what's found."""
    start, end = matcher.region
    whole = (start, end) == (0, len(matcher.data))
    if not whole:
        run.budget.charge_for(end - start)
    data = matcher.data if whole else matcher.data[start:end]
    spans = search(run, matcher.pattern.compiled, data, position, anchor)
    if spans is None:
        matcher.spans, matcher.position = None, len(data) + 1
        return False
    matcher.position = next_position(data, spans[0])
    matcher.spans = [
        span if span == NO_GROUP else (span[0] + start, span[1] + start) for span in spans
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
    return length(text_of(matcher.data[:at]))


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
    return text_of(matcher.data[start:end])


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
    pattern = given(pattern)
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
    return replaced(run, compiled, matcher.source, str(replacement), is_all=True)


@method("Matcher", "replaceFirst")
def matcher_replace_first(run: Run, matcher: MatcherValue, replacement: str | None) -> str:
    """Replace the first match in the whole text."""
    require(replacement)
    reset(run, matcher)
    compiled = matcher.pattern.compiled
    return replaced(run, compiled, matcher.source, str(replacement), is_all=False)
