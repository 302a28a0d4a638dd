"""Answers of an org's simulated issuers, to Apex's callouts and over HTTP.

No answer needs a request elsewhere: the addresses, and URLs in tokens, are only compared.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tokenx.apex.runtime.ports import CalloutResponse
from tokenx.org.models import Issuer, Org
from tokenx.org.models.issuer import IssuerShape, normalized
from tokenx.org.search.prepared import prepared
from tokenx.setup.issuer_shapes import find_person, shape_of, token_claims
from tokenx.setup.provider_shapes import ID_TOKEN

from .tokens import Mint, TokenKind, claims_of, is_current, mint, published_jwks

# What a token says about itself; the others are about its user.
_ABOUT_TOKEN = {"iss", "aud", "iat", "nbf", "exp", "jti"}
_EXPIRES_IN = 3600
_WELL_KNOWN = "/.well-known/openid-configuration"

_normalized_address = lru_cache(maxsize=4096)(normalized)

Answer = tuple[HTTPStatus, dict[str, Any]]


def answer(
    org: Org, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> CalloutResponse | None:
    """Return the answer of the org's issuer at the address, or None if none has it."""
    found = find_address(org, url)
    return answer_at(*found, method, headers, body) if found else None


def answer_at(
    issuer: Issuer, field: str, method: str, headers: Mapping[str, str], body: bytes
) -> CalloutResponse:
    """Return the answer of an issuer at one of its addresses."""
    allowed, reply = _REPLIES[field]
    by_name = {name.lower(): value for name, value in headers.items()}
    extra: dict[str, str] = {}
    if method.upper() not in allowed:
        status, content = HTTPStatus.METHOD_NOT_ALLOWED, _error("invalid_request")
        extra = {"Allow": ", ".join(allowed)}
    else:
        try:
            status, content = reply(issuer, by_name, body)
        except ValidationError as error:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            content = _error("server_error", " ".join(error.messages))
    if status == HTTPStatus.UNAUTHORIZED:
        extra = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return CalloutResponse(
        status_code=status.value,
        status=status.phrase,
        headers={"Content-Type": "application/json", "Cache-Control": "no-store", **extra},
        body=json.dumps(content, ensure_ascii=False).encode(),
        source=f"The simulated issuer {issuer.label} answered at its "
        f"{Issuer.label_of(field)}.",
    )


@prepared
def _addresses(org: int) -> QuerySet:
    rows = Issuer.objects.filter(org=org).order_by("pk")
    return rows.values_list("pk", *Issuer.ADDRESSES)


@prepared
def _issuers(org: int, pk: int) -> QuerySet:
    return Issuer.objects.filter(org=org, pk=pk)


def find_address(org: Org, url: str) -> tuple[Issuer, str] | None:
    """Return the org's issuer with this address, and the field that has it.

    An address without a query answers with any query.
    """
    wanted = normalized(url)
    found = _find_address(org, wanted) or _find_well_known(org, wanted)
    issuers = _issuers(org.pk, found[0]) if found else []
    return (issuers[0], found[1]) if found and issuers else None


def _find_well_known(org: Org, wanted: tuple[str, str]) -> tuple[int, str] | None:
    """Return the issuer whose claim iss leads to a discovery document's address."""
    if not wanted[0].endswith(_WELL_KNOWN):
        return None
    rows = Issuer.objects.filter(org=org, discovery_url="").order_by("pk")
    for pk, iss in rows.values_list("pk", "iss"):
        if normalized(iss.rstrip("/") + _WELL_KNOWN) == wanted:
            return pk, "discovery_url"
    return None


def find_own_address(org_id: int, path: str) -> tuple[Issuer, str] | None:
    """Return the org's issuer with an address of this server, by the address's path."""
    for issuer in Issuer.objects.filter(org=org_id).order_by("pk"):
        for field, address in issuer.addresses.items():
            if urlsplit(address).path == path:
                return issuer, field
    return None


def _find_address(org: Org, wanted: tuple[str, str]) -> tuple[int, str] | None:
    """Return the key of the issuer with a normalized address, and the field."""
    without_query: tuple[int, str] | None = None
    for pk, *urls in _addresses(org.pk):
        for field, address in zip(Issuer.ADDRESSES, urls, strict=True):
            known = _normalized_address(address) if address else None
            if known == wanted:
                return pk, field
            if known == (wanted[0], ""):
                without_query = pk, field
    return without_query


# The names of addresses in a discovery document (OpenID Connect Discovery, section 3).
_DISCOVERED = {
    "keys_url": "jwks_uri",
    "userinfo_url": "userinfo_endpoint",
    "introspection_url": "introspection_endpoint",
    "token_url": "token_endpoint",
}


def _discovery(issuer: Issuer, headers: Mapping[str, str], body: bytes) -> Answer:
    """List what the issuer answers. It has no page where users log in."""
    urls = {
        name: issuer.addresses[field]
        for field, name in _DISCOVERED.items()
        if field in issuer.addresses
    }
    claims = {*token_claims(issuer, ID_TOKEN), *shape_of(issuer).id_token.person}
    return HTTPStatus.OK, {
        "issuer": issuer.iss,
        **urls,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "grant_types_supported": ["refresh_token"] if issuer.token_url else [],
        "id_token_signing_alg_values_supported": [issuer.algorithm],
        "claims_supported": sorted({"iss", "aud", "exp", "iat", *claims}),
    }


def _keys(issuer: Issuer, headers: Mapping[str, str], body: bytes) -> Answer:
    return HTTPStatus.OK, {"keys": published_jwks(issuer)}


def _userinfo(issuer: Issuer, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the user's claims of the token in the header (OpenID Connect Core, 5.3)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    claims = claims_of(issuer, token.strip()) if scheme.lower() == "bearer" else None
    if claims is None or not is_current(claims):
        return HTTPStatus.UNAUTHORIZED, _error("invalid_token")
    return HTTPStatus.OK, _about_user(issuer, claims)


def _about_user(issuer: Issuer, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims about a token's user. Some products' tokens have only an ID."""
    shape = shape_of(issuer)
    tokens = (shape.id_token, shape.access_token)
    product = {name for each in tokens for name in (*each.claims, *each.added)}
    about_token = _ABOUT_TOKEN | product
    own = {name: value for name, value in claims.items() if name not in about_token}
    person = find_person(issuer, claims) if shape.shape != IssuerShape.OWN else {}
    return own | person


def _introspection(issuer: Issuer, headers: Mapping[str, str], body: bytes) -> Answer:
    """Tell whether a token is active, and return its claims (RFC 7662, section 2)."""
    token = _form(body).get("token", "")
    if not token:
        message = "The parameter token is missing."
        return HTTPStatus.BAD_REQUEST, _error("invalid_request", message)
    claims = claims_of(issuer, token)
    if claims is None or not is_current(claims):
        return HTTPStatus.OK, {"active": False}
    active = {"active": True, "token_type": "Bearer", **claims}
    if issuer.shape != IssuerShape.OWN:
        active = _client_and_user(claims) | active
    return HTTPStatus.OK, active


def _client_and_user(claims: dict[str, Any]) -> dict[str, Any]:
    """Return the names that RFC 7662 has for claims whose names differ in products."""
    found = {
        "client_id": claims.get("cid") or claims.get("azp"),
        "username": claims.get("preferred_username") or claims.get("sub"),
        "scope": " ".join(claims["scp"]) if isinstance(claims.get("scp"), list) else None,
    }
    return {name: value for name, value in found.items() if value}


def _tokens(issuer: Issuer, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return new tokens for a refresh token (RFC 6749, section 6)."""
    form = _form(body)
    if form.get("grant_type") != "refresh_token":
        return HTTPStatus.BAD_REQUEST, _error("unsupported_grant_type")
    token = form.get("refresh_token", "")
    # A JWT of the issuer is another type of token.
    claims = None if "." in token else claims_of(issuer, token)
    if claims is None or not is_current(claims):
        return HTTPStatus.BAD_REQUEST, _error("invalid_grant")
    own = {name: value for name, value in claims.items() if name not in _ABOUT_TOKEN}
    own |= {name: claims[name] for name in ("iss", "aud") if name in claims}
    access_token = mint(issuer, own, Mint(kind=TokenKind.OPAQUE))
    tokens = {"access_token": access_token, "id_token": mint(issuer, own)}
    return HTTPStatus.OK, {**tokens, "token_type": "Bearer", "expires_in": _EXPIRES_IN}


def _form(body: bytes) -> dict[str, str]:
    try:
        parameters = parse_qs(body.decode("utf-8", "replace"), max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parameters.items()}


def _error(code: str, description: str = "") -> dict[str, Any]:
    return {"error": code, **({"error_description": description} if description else {})}


_READ = ("GET", "HEAD")
_Reply = Callable[[Issuer, Mapping[str, str], bytes], Answer]
# The methods and the function of each address.
_REPLIES: dict[str, tuple[tuple[str, ...], _Reply]] = {
    "discovery_url": (_READ, _discovery),
    "keys_url": (_READ, _keys),
    "userinfo_url": ((*_READ, "POST"), _userinfo),
    "introspection_url": (("POST",), _introspection),
    "token_url": (("POST",), _tokens),
}
