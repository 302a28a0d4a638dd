"""Whether what a file says is of the types that a table has."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_WORDS = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    tuple: "a list of texts",
    list: "a list of tables",
    Any: "anything",
}
Wrong = tuple[str, str]


def wrong_keys(values: Mapping[str, Any], known: Mapping[str, Any]) -> list[Wrong]:
    """The keys that a table does not have, and those whose value is no such thing."""
    wrong = []
    for name, value in values.items():
        if name not in known:
            wrong.append((name, f"There is no key {name}. Keys are: {', '.join(known)}."))
        elif not _fits(value, known[name]):
            wrong.append((name, f"{name} has to be {_words(known[name])}."))
    return wrong


def missing(values: Mapping[str, Any], needed: Iterable[str]) -> list[str]:
    return [name for name in needed if name not in values]


def why_not(kind: type, values: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with the values for a dataclass; nothing, where they fit."""
    hints = get_type_hints(kind)
    known = {field.name: hints[field.name] for field in fields(kind)}
    wrong = wrong_keys(values, known)
    for field in fields(kind):
        if field.default is MISSING and field.name not in values:
            label = field.metadata.get("label", field.name)
            wrong.append(("", f"It has no {field.name}: {label}."))
    return wrong


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in {UnionType, Union}:
        return any(_fits(value, each) for each in get_args(hint) if each is not NoneType)
    if origin is Literal:
        return value in get_args(hint)
    if origin is tuple:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if origin is list:
        return isinstance(value, list) and all(isinstance(each, dict) for each in value)
    if hint is Any:
        return True
    # To Python, true is a number.
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def _words(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in {UnionType, Union}:
        return _words(next(each for each in get_args(hint) if each is not NoneType))
    if origin is Literal:
        return "one of: " + ", ".join(get_args(hint))
    return _WORDS[origin or hint]
