"""What JSON has to look like, read strictly: all that is wrong, each at its place.

A shape takes a value and where it is, and gives what to go on with. What is wrong is
noted; then nothing of what was read is to be used.
"""

import json
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

MAX_PROBLEMS = 100
Problems = list[str]
Shape = Callable[[Problems, Any, str], Any]


def read_json(data: bytes, shape: Shape, *, name: str) -> Any:
    """What the bytes say. Raises ValidationError with all that is wrong in them."""
    problems: Problems = []
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        words = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ValidationError(f"{name} cannot be read: {words}.") from error
    found = shape(problems, value, "")
    if problems:
        raise ValidationError([f"{name}: {words}" for words in problems[:MAX_PROBLEMS]])
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice in one object")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def an_object(kind: Callable[..., Any], /, **shapes: Shape) -> Shape:
    """An object that has exactly these members, as what `kind` makes of them."""

    def read(problems: Problems, value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            return _say(problems, where, "is not an object")
        before = len(problems)
        for name in value.keys() - shapes.keys():
            _say(problems, _member(where, _short(name)), "is not known here")
        found = {}
        for name, shape in shapes.items():
            if name in value:
                found[name] = shape(problems, value[name], _member(where, name))
            else:
                _say(problems, _member(where, name), "is missing")
        return kind(**found) if len(problems) == before else None

    return read


def a_list(shape: Shape, *, at_most: int) -> Shape:
    def read(problems: Problems, value: Any, where: str) -> Any:
        if not isinstance(value, list):
            return _say(problems, where, "is not a list")
        if len(value) > at_most:
            return _say(problems, where, f"has more than {at_most:,} entries")
        found = []
        for place, each in enumerate(value):
            found.append(shape(problems, each, f"{where}[{place}]"))
            if len(problems) > MAX_PROBLEMS:
                break
        return tuple(found)

    return read


def a_text(
    *,
    length: int,
    may_be_empty: bool = False,
    validators: Iterable[Callable[[Any], None]] = (),
) -> Shape:
    """A text on one line; the validators are those of the column it comes into."""

    def read(problems: Problems, value: Any, where: str) -> Any:
        if not isinstance(value, str):
            return _say(problems, where, "is not a text")
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
            return _say(problems, where, "has control characters")
        if len(value) > length:
            return _say(problems, where, f"has more than {length} characters")
        if not value:
            return value if may_be_empty else _say(problems, where, "is empty")
        try:
            for validate in validators:
                validate(value)
        except ValidationError as error:
            _say(problems, where, f"({_short(value)!r}): {' '.join(error.messages)}")
        return value

    return read


def a_choice(words: Collection[Any]) -> Shape:
    def read(problems: Problems, value: Any, where: str) -> Any:
        # True is 1 to Python, and a list is in no set.
        if not any(value == word and type(value) is type(word) for word in words):
            listed = ", ".join(str(word) for word in words)
            return _say(problems, where, f"({_short(value)!r}) is none of {listed}")
        return value

    return read


a_flag = a_choice([True, False])


def a_moment(problems: Problems, value: Any, where: str) -> Any:
    """A time with its zone, as ISO 8601 writes it."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo and 1970 <= found.year < 2970:
            return found.astimezone(UTC)
    except (TypeError, ValueError):
        pass
    return _say(problems, where, f"({_short(value)!r}) is no time with a time zone")


def _say(problems: Problems, where: str, words: str) -> None:
    problems.append(f"{where or 'all of it'} {words}")


def _member(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _short(value: Any) -> str:
    # JSON can say half a letter, which no page and no terminal can show.
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= 80 else f"{text[:80]}…"
