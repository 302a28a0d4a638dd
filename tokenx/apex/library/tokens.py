"""Reads JSON Web Tokens and checks their signatures with joserfc.

Only asymmetric algorithms are accepted, so a public key can't serve as a secret, and
"none" isn't an algorithm. A problem is an InvalidTokenError with a sentence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwk, jws
from joserfc.errors import JoseError

from ..runtime.api import Run
from ..runtime.errors import ThrownError
from ..values import ApexList, ApexMap, Value
from .exceptions import message_of
from .json_building import read_untyped
from .keys import (
    InvalidKeyError,
    PrivateKey,
    PublicKey,
    decode_base64,
    public_key_from_jwk,
    public_key_of_certificate,
)

MAX_TOKEN = 100_000
SIGN_STEPS = 2_000
VERIFY_STEPS = 200
_MIN_RSA_BITS = 2_048
_MOST_KEYS = 200
_MOST_TRIES = 10
_PART = re.compile(r"[A-Za-z0-9_-]*+")

ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
}
_CURVE_BITS = {"ES256": 256, "ES384": 384, "ES512": 521}


class InvalidTokenError(Exception):
    """A token isn't valid; the message is a sentence."""


class _Registry(jws.JWSRegistry):
    max_header_length = MAX_TOKEN
    max_payload_length = MAX_TOKEN
    max_signature_length = 4_000


@dataclass(frozen=True, slots=True)
class JsonWebToken:
    """A token that was read: its text, its header, and its claims."""

    text: str
    header: dict[str, Value]
    claims: dict[str, Value]

    @property
    def algorithm(self) -> str:
        """Return the algorithm that the header names."""
        return str(self.header.get("alg"))

    @property
    def key_id(self) -> str | None:
        """Return the ID of the key that signed the token, or None."""
        key_id = self.header.get("kid")
        return key_id if isinstance(key_id, str) else None


def read_token(run: Run, text: str) -> JsonWebToken:
    """Read a token without checking it."""
    if len(text) > MAX_TOKEN:
        raise InvalidTokenError(f"The token has more than {MAX_TOKEN:,} characters.")
    run.budget.charge_for(len(text))
    parts = text.strip().split(".")
    if len(parts) == 5:
        raise InvalidTokenError("The token is encrypted; only signed tokens can be read.")
    if len(parts) != 3:
        raise InvalidTokenError("The token doesn't have three parts separated by periods.")
    header = _object(run, parts[0], "header")
    claims = _object(run, parts[1], "payload")
    return JsonWebToken(text.strip(), header, claims)


def _object(run: Run, part: str, name: str) -> dict[str, Value]:
    if not part or not _PART.fullmatch(part):
        raise InvalidTokenError(f"The token's {name} isn't base64url.")
    run.allocate(2 * len(part))
    try:
        text = decode_base64(part).decode("utf-8")
        found = read_untyped(run, text)
    except (InvalidKeyError, ValueError) as error:
        raise InvalidTokenError(f"The token's {name} isn't base64url of UTF-8.") from error
    except ThrownError as error:
        detail = message_of(error.value)
        raise InvalidTokenError(f"The token's {name} isn't JSON: {detail}") from error
    if not isinstance(found, ApexMap):
        raise InvalidTokenError(f"The token's {name} isn't a JSON object.")
    return as_dict(found)


def as_dict(found: ApexMap) -> dict[str, Value]:
    """Return a map of untyped JSON as a dictionary."""
    return {str(key): value for key, value in found.items.values()}


# --- Signatures ------------------------------------------------------------------------


def check_signature(run: Run, token: JsonWebToken, keys: Iterable[PublicKey]) -> None:
    """Raise InvalidTokenError unless one of the keys made the token's signature."""
    algorithm = token.algorithm
    if algorithm not in ALGORITHMS:
        accepted = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, and ES512"
        words = f"The token's algorithm is {algorithm[:40]!r}; the accepted ones are"
        raise InvalidTokenError(f"{words} {accepted}.")
    if "crit" in token.header:
        raise InvalidTokenError("The token's header has critical extensions.")
    tries = 0
    for key in keys:
        if not fits(algorithm, key):
            continue
        tries += 1
        run.budget.charge(VERIFY_STEPS)
        if tries > _MOST_TRIES or _is_signed_by(token, key):
            break
    else:
        if not tries:
            raise InvalidTokenError(f"The key isn't one for the algorithm {algorithm}.")
        raise InvalidTokenError("The token's signature isn't valid.")
    if tries > _MOST_TRIES:
        raise InvalidTokenError("The token's signature isn't valid.")


def fits(algorithm: str, key: PublicKey) -> bool:
    """Say whether a key is one for an algorithm."""
    if isinstance(key, rsa.RSAPublicKey):
        is_rsa = ALGORITHMS.get(algorithm) == "RSA"
        return is_rsa and key.key_size >= _MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        is_named = key.curve.name in ("secp256r1", "secp384r1", "secp521r1")
        return is_named and _CURVE_BITS.get(algorithm) == key.key_size
    return False


def _is_signed_by(token: JsonWebToken, key: PublicKey) -> bool:
    registry = _Registry(algorithms=[token.algorithm], strict_check_header=False)
    try:
        jws.deserialize_compact(token.text, _jwk(key), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return False
    return True


def _jwk(key: PublicKey | PrivateKey) -> jwk.RSAKey | jwk.ECKey:
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return jwk.RSAKey.import_key(key)
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return jwk.ECKey.import_key(key)
    raise InvalidTokenError("The key is neither an RSA key nor an elliptic curve key.")


def sign_token(header: dict[str, str], payload: str, key: PrivateKey) -> str:
    """Return a signed token; the header's algorithm fits the key."""
    registry = _Registry(algorithms=[header["alg"]], strict_check_header=False)
    content = payload.encode("utf-8", "replace")
    return jws.serialize_compact(dict(header), content, _jwk(key), registry=registry)


# --- Key sets --------------------------------------------------------------------------


def keys_of_set(run: Run, text: str, token: JsonWebToken) -> list[PublicKey]:
    """Return the keys of a JWKS that can be the token's: by its key ID if it has one."""
    try:
        found = read_untyped(run, text)
    except ThrownError as error:
        detail = message_of(error.value)
        raise InvalidTokenError(f"The keys aren't JSON: {detail}") from error
    entries = as_dict(found).get("keys") if isinstance(found, ApexMap) else None
    if not isinstance(entries, ApexList):
        raise InvalidTokenError('The keys are no JWKS: it has no list "keys".')
    if len(entries.items) > _MOST_KEYS:
        raise InvalidTokenError(f"The JWKS has more than {_MOST_KEYS:,} keys.")
    all_keys = [as_dict(each) for each in entries.items if isinstance(each, ApexMap)]
    chosen = [each for each in all_keys if _can_be_of(each, token)]
    if not chosen:
        raise InvalidTokenError(_no_key(token))
    keys, problem = [], ""
    for each in chosen[: _MOST_TRIES + 1]:
        run.budget.charge(20)
        try:
            keys.append(_key(each))
        except InvalidKeyError as error:
            problem = str(error)
    if not keys:
        raise InvalidTokenError(f"The JWKS's key can't be used. {problem}")
    return keys


def _can_be_of(entry: dict[str, Value], token: JsonWebToken) -> bool:
    if token.key_id is not None and entry.get("kid") != token.key_id:
        return False
    if entry.get("use") not in (None, "sig"):
        return False
    algorithm = entry.get("alg")
    if algorithm is not None and algorithm != token.algorithm:
        return False
    return entry.get("kty") == ALGORITHMS.get(token.algorithm, entry.get("kty"))


def _no_key(token: JsonWebToken) -> str:
    if token.key_id is None:
        return f"The JWKS has no key for the algorithm {token.algorithm[:40]}."
    return f"The JWKS has no key with the ID {token.key_id[:100]!r} for this token."


def _key(entry: dict[str, Any]) -> PublicKey:
    chain = entry.get("x5c")
    if "n" not in entry and isinstance(chain, ApexList) and chain.items:
        return public_key_of_certificate(decode_base64(str(chain.items[0])[:40_000]))
    return public_key_from_jwk(entry)
