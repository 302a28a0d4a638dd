"""Claims of an issuer's tokens: the product's, the issuer's own, and its people's."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenx.org.models import Issuer, User
from tokenx.org.models.issuer import IssuerShape
from tokenx.org.people import MAX_PEOPLE

from .provider_shapes import ACCESS_TOKEN, ID_TOKEN, SHAPES, Shape, base64url

# Claims that name a user. An issuer whose claims have one needs no person.
_USER_CLAIMS = ("sub", "oid", "email", "username", "preferred_username", "upn")


@dataclass(frozen=True)
class UserFacts:
    """The facts about a user of the org that a provider can state."""

    id: str
    username: str
    name: str
    first_name: str
    last_name: str
    email: str
    domain: str
    # An ID that only one app sees.
    pairwise: str
    is_verified: bool = True


def facts_of(user: User) -> UserFacts:
    """Return the facts about a user. The Federation ID is the provider's ID of the user."""
    known = user.federation_id or user.username
    return UserFacts(
        id=known,
        username=user.username,
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        domain=user.email.partition("@")[2],
        pairwise=base64url(hashlib.sha256(f"pairwise {known}".encode()).digest()),
    )


def shape_of(issuer: Issuer) -> Shape:
    """Return the product that an issuer is modeled on."""
    return SHAPES[IssuerShape(issuer.shape)]


def new_key_id(issuer: Issuer, thumbprint: str) -> str:
    """Return the ID of a new key, in the product's form."""
    return shape_of(issuer).key_id.of_thumbprint(thumbprint)


def token_claims(issuer: Issuer, token_type: str) -> dict[str, Any]:
    """Return the claims that all of an issuer's tokens of a type have.

    The issuer's own claims replace the product's.
    """
    product = shape_of(issuer).tokens(token_type).claims
    values = {"iss": issuer.iss.rstrip("/"), "tenant": tenant_of(issuer)}
    return {
        **{name: _fill(value, values) for name, value in product.items()},
        **issuer.claims,
    }


def tenant_of(issuer: Issuer) -> str:
    """Return the customer's part of the claim iss, or nothing."""
    start, found, end = shape_of(issuer).iss.partition("{tenant}")
    iss = issuer.iss
    if not found or not (iss.startswith(start) and iss.endswith(end)):
        return ""
    return iss[len(start) : len(iss) - len(end)]


def people_of(issuer: Issuer, token_type: str = ID_TOKEN) -> list[dict[str, Any]]:
    """Return the issuer's people: its own, or the org's users with Federation IDs."""
    if issuer.people:
        return list(issuer.people)
    users = User.objects.filter(org=issuer.org_id, is_active=True)
    federated = users.exclude(federation_id=None).exclude(federation_id="")
    ordered = federated.order_by("last_name", "first_name", "pk")[:MAX_PEOPLE]
    people: dict[str, dict[str, Any]] = {}
    for user in ordered:
        name = user.name if user.name not in people else user.username
        people[name] = {"name": name, "claims": person_claims(issuer, user, token_type)}
    return list(people.values())


def person_claims(issuer: Issuer, user: User, token_type: str = ID_TOKEN) -> dict[str, Any]:
    """Return the claims about a user in tokens of a type."""
    facts = facts_of(user)
    named = shape_of(issuer).tokens(token_type).person
    return {claim: getattr(facts, name) for claim, name in named.items()}


def find_person(issuer: Issuer, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return an ID token's claims about the person that a token names, or nothing."""
    if not claims.get("sub"):
        return {}
    for token_type in (ID_TOKEN, ACCESS_TOKEN):
        for index, person in enumerate(people_of(issuer, token_type)):
            if person["claims"].get("sub") == claims["sub"]:
                return dict(people_of(issuer, ID_TOKEN)[index]["claims"])
    return {}


def default_person(issuer: Issuer) -> str:
    """Return the name of the person of a new token, or nothing.

    An issuer whose claims name a user needs no person.
    """
    if any(name in issuer.claims for name in _USER_CLAIMS):
        return ""
    people = people_of(issuer)
    return str(people[0]["name"]) if people else ""


def _fill(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_fill(each, values) for each in value]
    if isinstance(value, dict):
        return {name: _fill(each, values) for name, each in value.items()}
    return value.format(**values) if isinstance(value, str) else value
