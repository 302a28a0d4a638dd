"""Recipes of tokens: what to mint, by names, as pages, files, and clients give it.

A recipe has no key and no token. The same recipe mints a new token each time.
"""

import base64
import json
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.handlers.token_types import TOKEN_TYPES, type_of_urn
from tokenx.org.api_names import LENGTH
from tokenx.org.claims import check_claims
from tokenx.org.models import Issuer, Org
from tokenx.org.models.issuer import KEY_ID_LENGTH, LABEL_LENGTH
from tokenx.setup.issuer_shapes import people_of, shape_of, token_claims

from .signers import ALGORITHMS, ANOTHER, CERTIFICATE, CURRENT, PREVIOUS
from .tokens import Broken, Mint, TokenKind, mint

DEFAULT_MINUTES = 5
MAX_MINUTES = 525_600
_TYPES = {each.value for each in TOKEN_TYPES}
_KEY_LENGTH = len(CERTIFICATE) + LENGTH


@dataclass(frozen=True)
class TokenRecipe:
    """The options of a token. Blank ones are the issuer's defaults."""

    # The issuer's API name.
    issuer: str
    # The name of one of the issuer's people.
    person: str = ""
    # Claims over those of the issuer and the person. None removes a claim.
    claims: dict[str, Any] = field(default_factory=dict)
    # A value of Auth.OAuth2TokenExchangeType.
    token_type: str = "JWT"  # noqa: S105
    kind: str = ""
    algorithm: str = ""
    # "current", "previous", "another", or "certificate:" and its API name.
    key: str = CURRENT
    # None: the key's own ID. Blank: no key ID.
    key_id: str | None = None
    # In minutes.
    lifetime: int = DEFAULT_MINUTES
    # A value of Broken, or blank for a valid token.
    broken: str = ""


def mint_recipe(org: Org, recipe: TokenRecipe, *, now: datetime | None = None) -> str:
    """Return a new token. Raise ValidationError if the org can't mint it."""
    issuer = find_issuer(org, recipe.issuer)
    base = base_claims(issuer, person=recipe.person, token_type=recipe.token_type)
    tokens = shape_of(issuer).tokens(recipe.token_type)
    how = Mint(
        lifetime=timedelta(minutes=recipe.lifetime),
        kind=kind_of(issuer, recipe.token_type, recipe.kind),
        broken=Broken(recipe.broken) if recipe.broken else None,
        algorithm=recipe.algorithm,
        key=recipe.key,
        key_id=recipe.key_id,
        header=tokens.header,
        added=tuple(tokens.added.items()),
    )
    return mint(issuer, base | recipe.claims, how, now=now)


def decoded_jwt(token: str) -> dict[str, Any] | None:
    """Return the header and claims of a minted JWT, or None for another form."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in parts[:2]
    )
    return {"header": header, "claims": claims}


def find_issuer(org: Org, name: str) -> Issuer:
    """Return the org's issuer with an API name. Raise ValidationError without one."""
    found = Issuer.objects.filter(org=org, name__iexact=name).first()
    if found is None:
        raise ValidationError(
            f"This org has no simulated issuer with the API name {name[:80]}."
        )
    return found


def base_claims(issuer: Issuer, *, person: str, token_type: str) -> dict[str, Any]:
    """Return the claims of the issuer's tokens of a type, and those of the person."""
    claims = token_claims(issuer, token_type)
    if not person:
        return claims
    for each in people_of(issuer, token_type):
        if each["name"] == person:
            return claims | each["claims"]
    raise ValidationError(f"{issuer.label} has no person named {person[:80]}.")


def claims_over(base: dict[str, Any], entered: dict[str, Any]) -> dict[str, Any]:
    """Return what turns the base claims into the entered ones."""
    changed = {
        name: value
        for name, value in entered.items()
        if name not in base or not _is_same(base[name], value)
    }
    return changed | {name: None for name in base if name not in entered}


def kind_of(issuer: Issuer, token_type: str, kind: str = "") -> TokenKind:
    """Return the form of a token. Only an introspection URL can read an opaque one."""
    if kind:
        return TokenKind(kind)
    match token_type:
        case "SAML_2":
            return TokenKind.SAML
        case "REFRESH_TOKEN":
            return TokenKind.OPAQUE
        case "ACCESS_TOKEN" if shape_of(issuer).access_token.is_opaque or (
            issuer.introspection_url and not issuer.keys_url
        ):
            return TokenKind.OPAQUE
    return TokenKind.JWT


def recipe_to_json(recipe: TokenRecipe) -> dict[str, Any]:
    """Return a recipe as a JSON object. Options with their default are left out."""
    blank = TokenRecipe(issuer="")
    named = {each.name: getattr(recipe, each.name) for each in fields(TokenRecipe)}
    return {
        name: value
        for name, value in named.items()
        if name in ("issuer", "token_type") or value != getattr(blank, name)
    }


def recipe_from_json(content: Any) -> TokenRecipe:
    """Return a recipe. Raise ValidationError that says which option is invalid."""
    if not isinstance(content, dict):
        raise ValidationError("The recipe isn't a JSON object.")
    known = [each.name for each in fields(TokenRecipe)]
    for name in content:
        if name not in known:
            raise ValidationError(
                f"Unknown option: {str(name)[:80]}. The options are {', '.join(known)}."
            )
    read: dict[str, Any] = {"issuer": _text(content, "issuer", LENGTH)}
    if not read["issuer"]:
        raise ValidationError("issuer: Enter the API name of a simulated issuer.")
    read["person"] = _text(content, "person", LABEL_LENGTH)
    read["token_type"] = _token_type(content)
    read["kind"] = _choice(content, "kind", list(TokenKind))
    read["algorithm"] = _choice(content, "algorithm", list(ALGORITHMS))
    read["broken"] = _choice(content, "broken", list(Broken))
    read["key"] = _key(content)
    if content.get("key_id") is not None:
        read["key_id"] = _text(content, "key_id", KEY_ID_LENGTH)
    read["lifetime"] = _lifetime(content)
    read["claims"] = _claims(content)
    return TokenRecipe(**read)


def _text(content: dict[str, Any], name: str, longest: int) -> str:
    value = content.get(name, "")
    if not isinstance(value, str):
        raise ValidationError(f"{name}: Enter text.")
    if len(value) > longest:
        raise ValidationError(f"{name}: Enter at most {longest} characters.")
    if not value.isprintable():
        raise ValidationError(f"{name}: Control characters aren't allowed.")
    return value


def _choice(content: dict[str, Any], name: str, choices: list[str]) -> str:
    value = content.get(name, "")
    if value in ("", None):
        return ""
    if not isinstance(value, str) or value not in choices:
        raise ValidationError(f"{name}: Enter one of {', '.join(choices)}.")
    return str(value)


def _token_type(content: dict[str, Any]) -> str:
    """Return the type's value. A URN, as in a token request, names one as well."""
    value = content.get("token_type", "JWT")
    if isinstance(value, str):
        if value.upper() in _TYPES:
            return value.upper()
        if found := type_of_urn(value):
            return found.value
    raise ValidationError(f"token_type: Enter one of {', '.join(sorted(_TYPES))}.")


def _key(content: dict[str, Any]) -> str:
    key = _text(content, "key", _KEY_LENGTH) or CURRENT
    is_certificate = key.startswith(CERTIFICATE) and key != CERTIFICATE
    if key not in (CURRENT, PREVIOUS, ANOTHER) and not is_certificate:
        raise ValidationError(
            f"key: Enter {CURRENT}, {PREVIOUS}, {ANOTHER}, or {CERTIFICATE} and the "
            "certificate's API name."
        )
    return key


def _lifetime(content: dict[str, Any]) -> int:
    value = content.get("lifetime", DEFAULT_MINUTES)
    if type(value) is not int or not 1 <= value <= MAX_MINUTES:
        raise ValidationError(f"lifetime: Enter 1 to {MAX_MINUTES} minutes.")
    return int(value)


def _claims(content: dict[str, Any]) -> dict[str, Any]:
    claims = content.get("claims", {})
    if not isinstance(claims, dict):
        raise ValidationError("claims: Enter a JSON object.")
    check_claims(claims)
    return dict(claims)


def _is_same(one: Any, other: Any) -> bool:
    """Compare two JSON values. True equals 1 in Python, but not in JSON."""
    return type(one) is type(other) and one == other
