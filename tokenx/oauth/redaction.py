"""Hides secrets and tokens in traces: only their first eight characters are shown.

Parts of a token are hidden, too, because a class can print one. So are its URL-encoded,
base64, and hexadecimal forms.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from .token_request import TokenRequest

_SHOWN = 8
# Shorter parts of a token aren't hidden: they could be any word.
_SHORTEST = 12
# Each part of 12 characters has a window of 7 that starts at a multiple of 6.
_WINDOW, _STRIDE = 7, 6
# Hiding takes about 20 microseconds per character, and a class can return megabytes.
_LONGEST = 10_000
_ISSUED = ("access_token", "refresh_token", "id_token", "signature")
# An access token starts with the org's ID, which isn't secret; so does a refresh token.
_PUBLIC_START = re.compile(r"(?:5Aep861)?00D[0-9A-Za-z]{12}!?")
Row = TypeVar("Row")


class Redaction:
    """Hides the secrets and tokens of a request and its answer in rows of text.

    A row is a dataclass, dictionary, tuple, or text. Texts longer than `longest` are cut,
    and characters that the database refuses are replaced.
    """

    def __init__(self, request: TokenRequest, answer: dict[str, str]) -> None:
        self._hidden = _Hidden(_secrets_of(request, answer))

    def of(self, rows: Iterable[Row], *, longest: int = _LONGEST) -> list[Row]:
        """Return rows in which no text contains a secret or token."""
        return [_redact(row, self._hidden, longest) for row in rows]


def hide_values(text: str, values: Iterable[str]) -> str:
    """Return a text that doesn't contain the values."""
    return _Hidden(values).hide(text)


def shortened(text: str) -> str:
    """Return the beginning of a secret or token; of a short one, at most half."""
    return f"{text[: min(_SHOWN, len(text) // 2)]}…" if text else ""


def _secrets_of(request: TokenRequest, answer: dict[str, str]) -> list[str]:
    sent = [
        request.subject_token,
        request.client_secret,
        request.other_secret,
        request.refresh_token,
    ]
    return [*sent, *(answer.get(name, "") for name in _ISSUED)]


class _Hidden:
    """Texts to hide, in all of their forms."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted({text for text in texts if text}, key=len, reverse=True)
        long = [text for text in self._texts if len(text) >= _SHORTEST]
        short = [re.escape(text) for text in self._texts if len(text) < _SHORTEST]
        self._short = re.compile(rf"(?<!\w)(?:{'|'.join(short)})(?!\w)") if short else None
        self._long = long
        self._forms = "\n".join({form for text in long for form in _forms_of(text)})

    def hide(self, value: str) -> str:
        if value in self._texts:
            return shortened(value)
        if self._short:
            value = self._short.sub(lambda found: shortened(found[0]), value)
        for text in self._long:
            value = value.replace(text, shortened(text))
        for start, end in reversed(self._parts_in(value)):
            value = value[:start] + self._instead_of(value[start:end]) + value[end:]
        return value

    def hide_in_kept(self, value: str, longest: int) -> str:
        """Hide the texts in a value that the database or a page keeps."""
        if value in self._texts:
            return shortened(value)
        is_cut = len(value) > longest
        kept = value[:longest].encode(errors="replace").decode()
        kept = self.hide(kept.replace("\0", "\ufffd"))
        # The cut can have left a part that's too short to be found.
        return f"{kept[:-_SHORTEST]}…" if is_cut else kept

    def _parts_in(self, value: str) -> list[tuple[int, int]]:
        """Return the places of all parts with at least 12 characters, in order."""
        parts: list[tuple[int, int]] = []
        for at in range(0, len(value) - _WINDOW + 1, _STRIDE):
            if value[at : at + _WINDOW] not in self._forms:
                continue
            for start in range(max(0, at - _STRIDE + 1), at + 1):
                end = start + _SHORTEST
                if end > len(value) or value[start:end] not in self._forms:
                    continue
                if parts and start <= parts[-1][1]:
                    parts[-1] = parts[-1][0], max(end, parts[-1][1])
                else:
                    parts.append((start, end))
        return parts

    def _instead_of(self, part: str) -> str:
        for text in self._texts:
            if part.startswith(text[:_SHORTEST]):
                return shortened(text)
        return "…"


def _forms_of(text: str) -> Iterable[str]:
    secret = text.removeprefix(start[0]) if (start := _PUBLIC_START.match(text)) else text
    yield secret
    yield from {quote(secret, safe=""), quote_plus(secret)} - {secret}
    raw = text.encode(errors="replace")
    yield raw.hex()
    # Three positions are possible in a longer text that's base64.
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        inner = encoded[offset + (offset > 0) : -4]
        yield inner
        yield inner.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def _redact(value: Any, hidden: _Hidden, longest: int) -> Any:
    if isinstance(value, str):
        return hidden.hide_in_kept(value, longest)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            each.name: _redact(getattr(value, each.name), hidden, longest)
            for each in fields(value)
        }
        return replace(value, **changes)
    if isinstance(value, dict):
        return {name: _redact(each, hidden, longest) for name, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_redact(each, hidden, longest) for each in value))
    if isinstance(value, list | tuple):
        return type(value)(_redact(each, hidden, longest) for each in value)
    return value
