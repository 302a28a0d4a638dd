"""A token as people can read it: its form, header, claims, and times.

Nothing is verified here. The token can be hostile: every text is bounded, and what can't be
read is said in a note.
"""

import base64
import binascii
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from django.utils import timezone

from tokenx.org.claims import value_text
from tokenx.web.text import count_of

# A page shows this much of a token, this many claims, and this much of each.
MAX_SHOWN, MAX_ROWS, MAX_TEXT = 100_000, 100, 1_000
# A deeper SAML assertion isn't one.
_MAX_DEPTH = 50
JWT, JWE, SAML, OPAQUE = "JWT", "Encrypted JWT", "SAML 2.0 assertion", "Opaque token"
# The types that a token of each form can be exchanged as.
_TYPES = {
    JWT: ("JWT", "ID_TOKEN", "ACCESS_TOKEN"),
    JWE: ("JWT", "ID_TOKEN", "ACCESS_TOKEN"),
    SAML: ("SAML_2",),
    OPAQUE: ("ACCESS_TOKEN", "REFRESH_TOKEN"),
}
_TIMES = {"exp", "iat", "nbf", "auth_time", "updated_at"}
_UNITS = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)
_LONGEST = 1_000 * 31_536_000


class Pair(NamedTuple):
    """A name and a value, as text."""

    name: str
    text: str


@dataclass(frozen=True)
class DecodedToken:
    """The readable parts of a token. `is_current` is None if the token has no times."""

    kind: str
    header: tuple[Pair, ...] = ()
    claims: tuple[Pair, ...] = ()
    left_out: int = 0
    algorithm: str = ""
    key_id: str = ""
    issuer: str = ""
    expiry: str = ""
    is_current: bool | None = None
    note: str = ""

    @property
    def token_types(self) -> tuple[str, ...]:
        """Return the values of Auth.OAuth2TokenExchangeType that fit its form."""
        return _TYPES[self.kind]


def decode_token(token: str, now: datetime | None = None) -> DecodedToken:
    """Return what the token says. Nothing in it can be trusted."""
    seconds = (now or timezone.now()).timestamp()
    parts = token.split(".", 5)
    if len(parts) in {3, 5} and isinstance(header := _json_of(parts[0]), dict):
        if len(parts) == 5:
            note = "Only its recipient can decrypt the claims."
            return _with_header(DecodedToken(JWE, note=note), header)
        return _with_claims(_with_header(DecodedToken(JWT), header), parts[1], seconds)
    if (xml := _xml_of(token)) is not None:
        return _decode_saml(xml, seconds)
    return DecodedToken(OPAQUE, note="Only its issuer can read it.")


def expiry_in_words(expires: Any, starts: Any, now: float) -> tuple[str, bool | None]:
    """Return a sentence about a token's times, and whether it's valid now."""
    end, start = _seconds(expires), _seconds(starts)
    if end is None:
        if expires is not None:
            return "Its expiry time isn't a number.", None
        if start is None:
            return "It has no expiry time.", None
    if end is not None and end <= now:
        return f"Expired {_distance(now - end)} ago.", False
    if start is not None and start > now:
        return f"Not valid yet. It becomes valid in {_distance(start - now)}.", False
    if end is None:
        return "It has no expiry time.", None
    return f"Valid for {_distance(end - now, 'more ')}.", True


def _with_header(found: DecodedToken, header: dict[str, Any]) -> DecodedToken:
    pairs, _ = _pairs(header, 0.0)
    return replace(
        found,
        header=pairs,
        algorithm=_text(header.get("alg", "")),
        key_id=_text(header.get("kid", "")),
    )


def _with_claims(found: DecodedToken, segment: str, now: float) -> DecodedToken:
    claims = _json_of(segment)
    if not isinstance(claims, dict):
        return replace(found, note="Its claims aren't a JSON object.")
    return with_claims(found, claims, now)


def with_claims(
    found: DecodedToken, claims: dict[str, Any], now: float | None = None
) -> DecodedToken:
    """Return the token with claims, and what they say about its times."""
    seconds = timezone.now().timestamp() if now is None else now
    pairs, left_out = _pairs(claims, seconds)
    expiry, is_current = expiry_in_words(claims.get("exp"), claims.get("nbf"), seconds)
    return replace(
        found,
        claims=pairs,
        left_out=left_out,
        issuer=_text(claims.get("iss", "")),
        expiry=expiry,
        is_current=is_current,
    )


def _pairs(values: dict[str, Any], now: float) -> tuple[tuple[Pair, ...], int]:
    shown = [*values.items()][:MAX_ROWS]
    pairs = (Pair(_text(name), _value(name, value, now)) for name, value in shown)
    return tuple(pairs), len(values) - len(shown)


def _value(name: str, value: Any, now: float) -> str:
    text, seconds = _text(value), _seconds(value)
    if name not in _TIMES or seconds is None or not now:
        return text
    distance = _distance(abs(now - seconds))
    return f"{text} ({f'in {distance}' if seconds > now else f'{distance} ago'})"


def _text(value: Any) -> str:
    """Return a value as text that any page can show."""
    try:
        text = value if isinstance(value, str) else value_text(value)
    except (ValueError, RecursionError):
        return "(can't be shown)"
    # Lone surrogates and NUL can't be in a page.
    text = text.encode(errors="replace").decode().replace("\0", "\ufffd")
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _seconds(value: Any) -> float | None:
    """Return a claim's time in seconds since 1970, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def _distance(seconds: float, more: str = "") -> str:
    """Return a period in words, in the largest unit that fits: `3 hours`."""
    if seconds >= _LONGEST:
        return "more than 1,000 years"
    for length, unit in _UNITS:
        if seconds >= length:
            return count_of(round(seconds / length), f"{more}{unit}")
    return f"less than 1 {more}second"


def _json_of(segment: str) -> Any:
    """Return the JSON of a base64url segment, or None."""
    try:
        return json.loads(_bytes_of(segment))
    except (ValueError, RecursionError):
        return None


def _bytes_of(text: str) -> bytes:
    """Decode base64 or base64url, with or without padding. Raise ValueError."""
    plain = text.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _xml_of(token: str) -> ET.Element | None:
    """Return the root of an assertion, or None."""
    try:
        data = token.encode() if token.startswith("<") else _bytes_of(token)
    except ValueError:
        return None
    if not data.lstrip().startswith(b"<"):
        return None
    parser = ET.XMLParser(target=_BoundedBuilder())  # noqa: S314 (refuses a DOCTYPE)
    try:
        parser.feed(data)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError):
        return None
    return root


class _BoundedBuilder(ET.TreeBuilder):
    """Refuse a DOCTYPE, which can carry an XML bomb, and deep elements."""

    depth = 0

    def doctype(self, *args: str) -> None:
        raise ValueError("A DOCTYPE isn't allowed.")

    def start(self, tag: Any, attrs: Any) -> ET.Element:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ValueError("The elements are too deep.")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def _decode_saml(root: ET.Element, now: float) -> DecodedToken:
    elements: dict[str, list[ET.Element]] = {}
    for each in root.iter():
        elements.setdefault(each.tag.rpartition("}")[2], []).append(each)
    first = {name: rows[0] for name, rows in elements.items()}
    if "Assertion" not in first:
        return DecodedToken(SAML, note="The XML has no Assertion element.")
    conditions = first.get("Conditions")
    times = dict(conditions.attrib) if conditions is not None else {}
    rows = [*_saml_rows(elements, times)]
    method = first.get("SignatureMethod")
    algorithm = method.get("Algorithm", "") if method is not None else "none"
    expires, starts = _moment(times.get("NotOnOrAfter")), _moment(times.get("NotBefore"))
    expiry, is_current = expiry_in_words(expires, starts, now)
    issuer = _text(first["Issuer"].text or "") if "Issuer" in first else ""
    return DecodedToken(
        SAML,
        claims=tuple(rows[:MAX_ROWS]),
        left_out=max(0, len(rows) - MAX_ROWS),
        algorithm=_text(algorithm.rpartition("#")[2]),
        issuer=issuer,
        expiry=expiry,
        is_current=is_current,
    )


def _saml_rows(
    elements: dict[str, list[ET.Element]], times: dict[str, str]
) -> Iterable[Pair]:
    for name in ("Issuer", "NameID", "Audience"):
        for each in elements.get(name, []):
            yield Pair(name, _text((each.text or "").strip()))
    for name, value in times.items():
        yield Pair(_text(name), _text(value))
    for attribute in elements.get("Attribute", []):
        values = ", ".join((each.text or "").strip() for each in attribute)
        yield Pair(_text(attribute.get("Name", "Attribute")), _text(values))


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else timezone.make_aware(moment)).timestamp()
    except (ValueError, OverflowError):
        return None
