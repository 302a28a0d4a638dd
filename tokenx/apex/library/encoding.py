"""EncodingUtil: base64, hex, and the encoding of URLs."""

import base64
import codecs
import re
from urllib.parse import quote_from_bytes

from ..runtime.api import Run
from ..runtime.errors import thrown
from .checks import given
from .registry import static_method

# A search for invalid characters takes longer than the decoding.
_SEARCHED_PER_STEP = 300
_NOT_HEX = re.compile(r"[^0-9A-Fa-f]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=\r\n\t ]")
# Python's codecs by the names of Java's character sets.
CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso_8859_1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
}


@static_method("EncodingUtil", "base64Encode")
def base64_encode(run: Run, content: bytes | None) -> str:
    """Return a Blob in base64, without line breaks."""
    content = given(content)
    run.budget.charge_for(len(content))
    run.allocate(4 * len(content) // 3 + 4)
    return base64.b64encode(content).decode("ascii")


@static_method("EncodingUtil", "base64Decode")
def base64_decode(run: Run, text: str | None) -> bytes:
    """Read base64. The padding can be missing; the alphabet of URLs isn't allowed."""
    text = given(text)
    run.budget.charge_for(len(text), _SEARCHED_PER_STEP)
    run.allocate(len(text))
    if invalid := _NOT_BASE64.search(text):
        raise thrown("StringException", f"Unrecognized base64 character: {invalid[0]}")
    kept = "".join(text.split()).rstrip("=")
    if "=" in kept:
        raise thrown("StringException", "Unrecognized base64 character: =")
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return base64.b64decode(kept + "=" * (-len(kept) % 4))


@static_method("EncodingUtil", "convertToHex")
def convert_to_hex(run: Run, content: bytes | None) -> str:
    """Return a Blob in lower-case hex."""
    content = given(content)
    run.budget.charge_for(2 * len(content))
    run.allocate(2 * len(content))
    return content.hex()


@static_method("EncodingUtil", "convertFromHex")
def convert_from_hex(run: Run, text: str | None) -> bytes:
    """Read hex in any case."""
    text = given(text)
    run.budget.charge_for(len(text), _SEARCHED_PER_STEP)
    run.allocate(len(text) // 2)
    if len(text) % 2:
        message = "input string must be an even number of characters long, but was"
        raise thrown("InvalidParameterValueException", f"{message} {len(text)}")
    if invalid := _NOT_HEX.search(text):
        message = f"Illegal hexadecimal character {invalid[0]} at index {invalid.start()}"
        raise thrown("InvalidParameterValueException", message)
    return bytes.fromhex(text)


def _codec(name: str) -> str:
    codec = CODECS.get(name.strip().lower())
    if codec is None:
        raise thrown("StringException", f"Unsupported encoding: {name[:100]}")
    return codec


@static_method("EncodingUtil", "urlEncode")
def url_encode(run: Run, text: str | None, encoding: str | None) -> str:
    """Encode a text as a form does: a space becomes a plus sign."""
    text, encoding = given(text), given(encoding)
    codec = _codec(encoding)
    run.budget.charge_for(3 * len(text))
    run.allocate(12 * len(text) if not text.isascii() else 3 * len(text))
    encoded = text.encode(codec, "replace")
    return quote_from_bytes(encoded, safe=" *-._").replace("~", "%7E").replace(" ", "+")


_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%.{0,2}", re.DOTALL)


@static_method("EncodingUtil", "urlDecode")
def url_decode(run: Run, text: str | None, encoding: str | None) -> str:
    """Decode what urlEncode returns."""
    text, encoding = given(text), given(encoding)
    codec = _codec(encoding)
    run.budget.charge_for(len(text))
    run.budget.charge(text.count("%") // 2)
    run.allocate(len(text))

    def decoded(match: re.Match[str]) -> str:
        part = match[0]
        try:
            content = bytes.fromhex(part.replace("%", ""))
        except ValueError:
            content = b""
        if len(part) % 3 or not content:
            words = f"URLDecoder: Illegal hex characters in escape (%) pattern: {part}"
            raise thrown("IllegalArgumentException", words)
        return codecs.decode(content, codec, "replace")

    return _ESCAPED.sub(decoded, text.replace("+", " "))
