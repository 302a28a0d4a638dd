"""The tokens of the products that issuers are modeled on.

Each shape is a row of docs/salesforce/identity-providers.md, with its source.
"""

from typing import Any

from tokenx.org.models import Issuer, User

# The most people that an issuer has.
MAX_PEOPLE = 50
# Claims that name a user. An issuer whose claims have one needs no person.
_USER_CLAIMS = ("sub", "oid", "email", "username", "preferred_username", "upn")


def token_claims(issuer: Issuer, token_type: str) -> dict[str, Any]:
    """Return the claims that the product gives tokens of a type, without a person's."""
    return dict(issuer.claims)


def people_of(issuer: Issuer) -> list[dict[str, Any]]:
    """Return the issuer's people: its own, or the org's users with Federation IDs."""
    if issuer.people:
        return list(issuer.people)
    users = User.objects.filter(org=issuer.org_id, is_active=True)
    federated = users.exclude(federation_id=None).exclude(federation_id="")
    ordered = federated.order_by("last_name", "first_name", "pk")[:MAX_PEOPLE]
    names: dict[str, dict[str, Any]] = {}
    for user in ordered:
        name = user.name if user.name not in names else f"{user.name} ({user.username})"
        names[name] = {"name": name, "claims": person_claims(issuer, user)}
    return list(names.values())


def person_claims(issuer: Issuer, user: User) -> dict[str, Any]:
    """Return the claims about a user."""
    return {
        "sub": user.federation_id,
        "name": user.name,
        "email": user.email,
        "preferred_username": user.username,
    }


def default_person(issuer: Issuer) -> str:
    """Return the name of the person of a new token, or nothing.

    An issuer whose claims name a user needs no person.
    """
    if any(name in issuer.claims for name in _USER_CLAIMS):
        return ""
    people = people_of(issuer)
    return str(people[0]["name"]) if people else ""
