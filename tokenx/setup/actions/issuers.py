"""Actions on simulated issuers."""

import secrets
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.claims import check_claims
from tokenx.org.issuer_keys import generate_issuer_key
from tokenx.org.models import Certificate, Issuer, Org, User
from tokenx.org.models.issuer import Algorithm, normalized
from tokenx.org.people import check_people
from tokenx.org.sealing import seal
from tokenx.setup.issuer_shapes import new_key_id

# Salesforce has no such page; issuers are recorded with other tokenx features.
SECTION = "Training"
MAX_ISSUERS = 50
_SECRET_BYTES = 32


class IssuerValues(TypedDict, total=False):
    """The fields of an issuer that can be edited."""

    label: str
    shape: str
    iss: str
    discovery_url: str
    keys_url: str
    userinfo_url: str
    introspection_url: str
    token_url: str
    claims: dict[str, Any]
    people: list[dict[str, Any]]
    algorithm: str
    certificate_name: str


def create_issuer(*, name: str, by: User, **values: Unpack[IssuerValues]) -> Issuer:
    """Create an issuer with a new key.

    Raise ValidationError, by field, if a value is invalid or in use, and without a field
    if the org has too many.
    """
    issuer = Issuer(org_id=by.org_id, name=name, **values)
    # A key takes a while, so find problems first. The org is locked afterward.
    _check(issuer)
    renew_key(issuer)
    return _add(issuer, by)


@transaction.atomic
def edit_issuer(
    *, issuer: Issuer, name: str, by: User, **values: Unpack[IssuerValues]
) -> Issuer:
    """Change an issuer. Raise ValidationError as create_issuer() does.

    Another algorithm needs another key.
    """
    Org.objects.locked(issuer.org_id)
    current = _current(issuer)
    wanted = {"name": name, **values}
    if all(getattr(current, field) == value for field, value in wanted.items()):
        return current
    before = current.algorithm, current.certificate_name
    for field, value in wanted.items():
        setattr(current, field, value)
    _check(current)
    if before != (current.algorithm, current.certificate_name):
        renew_key(current)
    _save(current)
    _record(by, "changedIssuer", f"Changed simulated issuer {current.label}")
    return current


@transaction.atomic
def rotate_key(*, issuer: Issuer, by: User) -> Issuer:
    """Replace the issuer's key. The keys URL has the old one until the next rotation."""
    Org.objects.locked(issuer.org_id)
    current = _current(issuer)
    if current.certificate_name:
        raise ValidationError(
            f"{current.label} signs with the certificate {current.certificate_name}. "
            "Create another certificate in Certificate and Key Management instead."
        )
    renew_key(current)
    _save(current)
    display = f"Rotated the key of simulated issuer {current.label}"
    _record(by, "rotatedIssuerKey", display)
    return current


@transaction.atomic
def delete_issuer(*, issuer: Issuer, by: User) -> None:
    """Delete an issuer and its private key. Its URLs stop responding."""
    deleted, _ = Issuer.objects.filter(org=issuer.org_id, pk=issuer.pk).delete()
    if deleted:
        _record(by, "deletedIssuer", f"Deleted simulated issuer {issuer.label}")


def renew_key(issuer: Issuer) -> None:
    """Give an issuer a new key, or none if it signs with a certificate's.

    Its current key becomes its previous one. An issuer without a shared secret gets one.
    """
    issuer.has_new_key = False
    issuer.previous_key = _as_previous(issuer)
    if not issuer.sealed_secret:
        issuer.sealed_secret = seal(secrets.token_urlsafe(_SECRET_BYTES).encode())
    if issuer.certificate_name:
        issuer.key_id, issuer.public_key, issuer.sealed_key = "", {}, ""
        return
    key = generate_issuer_key(issuer.algorithm)
    issuer.key_id = new_key_id(issuer, key.thumbprint)
    issuer.public_key, issuer.sealed_key = key.public_key, key.sealed_key


def _as_previous(issuer: Issuer) -> dict[str, Any]:
    if not issuer.sealed_key:
        return {}
    is_elliptic = issuer.public_key.get("kty") == "EC"
    return {
        "kid": issuer.key_id,
        "alg": Algorithm.ES256 if is_elliptic else Algorithm.RS256,
        "public": issuer.public_key,
        "sealed": issuer.sealed_key,
    }


@transaction.atomic
def generate_secret(*, issuer: Issuer, by: User) -> str:
    """Replace the shared secret of HS256 signatures, and return the new one."""
    Org.objects.locked(issuer.org_id)
    current = _current(issuer)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    current.sealed_secret = seal(secret.encode())
    _save(current)
    display = f"Generated a shared secret for simulated issuer {current.label}"
    _record(by, "generatedIssuerSecret", display)
    return secret


@transaction.atomic
def _add(issuer: Issuer, by: User) -> Issuer:
    Org.objects.locked(by.org_id)
    _check(issuer)
    if Issuer.objects.filter(org=by.org_id).count() >= MAX_ISSUERS:
        raise ValidationError(
            f"This org already has {MAX_ISSUERS} simulated issuers, the limit. "
            "Delete one first."
        )
    issuer.save()
    _record(by, "createdIssuer", f"Created simulated issuer {issuer.label}")
    return issuer


def _current(issuer: Issuer) -> Issuer:
    current = Issuer.objects.filter(org=issuer.org_id, pk=issuer.pk).first()
    if current is None:
        raise ValidationError(f"{issuer.label} was already deleted.")
    return current


def _save(issuer: Issuer) -> None:
    issuer.modified_at = timezone.now()
    issuer.save()


def _check(issuer: Issuer) -> None:
    issuer.clean_fields(exclude=["org"])
    try:
        issuer.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error
    try:
        check_claims(issuer.claims)
    except ValidationError as error:
        raise ValidationError({"claims": error.messages}) from error
    try:
        check_people(issuer.people)
    except ValidationError as error:
        raise ValidationError({"people": error.messages}) from error
    _check_certificate(issuer)
    others = Issuer.objects.filter(org=issuer.org_id).exclude(pk=issuer.pk)
    repeated = repeated_addresses([*others, issuer])
    if found := next((each for each in repeated if each[0] is issuer), None):
        _, field, other = found
        sentence = f"{other} already answers this URL. Enter a different one."
        raise ValidationError({field: sentence})


def repeated_addresses(issuers: list[Issuer]) -> list[tuple[Issuer, str, Issuer]]:
    """Return the issuers and fields whose URLs an earlier issuer or field already has."""
    known: dict[tuple[str, str], Issuer] = {}
    repeated = []
    for issuer in issuers:
        for field, url in issuer.addresses.items():
            key = normalized(url)
            if key in known:
                repeated.append((issuer, field, known[key]))
            known.setdefault(key, issuer)
    return repeated


def _check_certificate(issuer: Issuer) -> None:
    if not issuer.certificate_name:
        return
    named = Certificate.objects.filter(
        org=issuer.org_id, name__iexact=issuer.certificate_name
    )
    certificate = named.first()
    if certificate is None or not certificate.has_private_key:
        raise ValidationError(
            {
                "certificate_name": "Select a certificate with a private key. Create one "
                "in Certificate and Key Management."
            }
        )
    if issuer.algorithm != Algorithm.RS256:
        sentence = "Certificates have RSA keys. Select RS256."
        raise ValidationError({"algorithm": sentence})


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
