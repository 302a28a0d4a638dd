"""Hides secrets and tokens in traces: only their first eight characters are shown."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from .token_request import TokenRequest

_SHOWN = 8
# Shorter parts of a token aren't hidden: they could be any word.
_SHORTEST = 12
_ISSUED = ("access_token", "refresh_token", "id_token", "signature")
Row = TypeVar("Row")


def redacted(
    rows: Iterable[Row], request: TokenRequest, answer: dict[str, str]
) -> list[Row]:
    """Return rows in which no text contains a secret or token of the request.

    A row is a dataclass, dictionary, tuple, or text. Parts of tokens are hidden, too: the
    segments between dots, and the beginning of a text that was cut.
    """
    hidden = _hidden_texts(request, answer)
    return [_redact(row, hidden) for row in rows]


def shortened(text: str) -> str:
    """Return the beginning of a secret or token."""
    return f"{text[:_SHOWN]}…" if text else ""


def _hidden_texts(request: TokenRequest, answer: dict[str, str]) -> list[str]:
    whole = [request.subject_token, request.client_secret, request.refresh_token]
    whole += [answer.get(name, "") for name in _ISSUED]
    parts = [part for text in whole for part in text.split(".") if len(part) >= _SHORTEST]
    texts = {text for text in [*whole, *parts] if len(text) > _SHOWN}
    return sorted(texts, key=len, reverse=True)


def _redact(value: Any, hidden: list[str]) -> Any:
    if isinstance(value, str):
        for text in hidden:
            value = _hide(value, text)
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            each.name: _redact(getattr(value, each.name), hidden) for each in fields(value)
        }
        return replace(value, **changes)
    if isinstance(value, dict):
        return {name: _redact(each, hidden) for name, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_redact(each, hidden) for each in value))
    if isinstance(value, list | tuple):
        return type(value)(_redact(each, hidden) for each in value)
    return value


def _hide(value: str, text: str) -> str:
    """Hide each place where the value has the text, or the text's beginning."""
    value = value.replace(text, shortened(text))
    start = text[: max(_SHOWN + 1, _SHORTEST)]
    at = value.find(start)
    while at >= 0:
        end = at + len(start)
        while end < len(value) and end - at < len(text) and value[end] == text[end - at]:
            end += 1
        value = value[:at] + shortened(text) + value[end:]
        at = value.find(start, at + _SHOWN)
    return value
