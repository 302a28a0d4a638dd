"""Actions on certificates: generate, upload, edit, and delete them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import Certificate, Org, User
from tokenx.org.sealing import seal
from tokenx.org.x509 import KEY_SIZES, generate_certificate
from tokenx.web.local_formats import format_number

SECTION = "Certificate and Key Management"
MAX_CERTIFICATES = 20
DEFAULT_KEY_SIZE = 2048


def create_certificate(
    *,
    name: str,
    label: str,
    key_size: int = DEFAULT_KEY_SIZE,
    is_key_exportable: bool = True,
    by: User,
) -> Certificate:
    """Generate a self-signed certificate with a private key.

    Raise ValidationError, by field, if a value is invalid or the name is in use, and
    without a field if the org has too many.
    """
    certificate = Certificate(org_id=by.org_id, name=name, label=label)
    certificate.is_key_exportable = is_key_exportable
    # A key takes up to a second, so find problems first. The org is locked afterward.
    _check(certificate)
    renew_key(certificate, key_size)
    return _add(certificate, by)


def upload_certificate(
    *, name: str, label: str, pem: bytes, is_key_exportable: bool = True, by: User
) -> Certificate:
    """Add a certificate without a private key.

    Raise ValidationError as create_certificate() does, and by the field `pem` if the
    certificate can't be used. An expired one can be added.
    """
    certificate = Certificate(org_id=by.org_id, name=name, label=label)
    certificate.is_key_exportable = is_key_exportable
    _set_pem(certificate, pem)
    return _add(certificate, by)


@transaction.atomic
def edit_certificate(
    *,
    certificate: Certificate,
    name: str,
    label: str,
    is_key_exportable: bool,
    pem: bytes | None = None,
    by: User,
) -> Certificate:
    """Change a certificate, or replace it with another one, which has no private key.

    Raise ValidationError as upload_certificate() does.
    """
    Org.objects.locked(certificate.org_id)
    rows = Certificate.objects.filter(org=certificate.org_id, pk=certificate.pk)
    current = rows.first()
    if current is None:
        raise ValidationError(f"{certificate.label} was already deleted.")
    old_pem = current.pem
    if pem is not None:
        _set_pem(current, pem)
    wanted = {"name": name, "label": label, "is_key_exportable": is_key_exportable}
    is_replaced = current.pem != old_pem
    if not is_replaced and all(getattr(current, key) == wanted[key] for key in wanted):
        return current
    for field, value in wanted.items():
        setattr(current, field, value)
    if is_replaced:
        current.sealed_key, current.has_new_key = "", False
    _check(current)
    current.modified_at = timezone.now()
    current.save()
    _record(by, "updateCertificate", f"Changed certificate {current.label}")
    return current


@transaction.atomic
def delete_certificate(*, certificate: Certificate, by: User) -> None:
    """Delete a certificate and its private key."""
    rows = Certificate.objects.filter(org=certificate.org_id, pk=certificate.pk)
    deleted, _ = rows.delete()
    if deleted:
        _record(by, "deleteCertificate", f"Deleted certificate {certificate.label}")


def renew_key(certificate: Certificate, key_size: int) -> None:
    """Give an unsaved certificate a new key, and a certificate that the key signs."""
    if key_size not in KEY_SIZES:
        raise ValidationError({"key_size": "Select a key size of 2048, 3072, or 4096."})
    generated = generate_certificate(
        name=certificate.name, key_size=key_size, now=timezone.now()
    )
    certificate.set_pem(generated.pem.encode())
    certificate.sealed_key = seal(generated.private_key)


@transaction.atomic
def _add(certificate: Certificate, by: User) -> Certificate:
    Org.objects.locked(by.org_id)
    _check(certificate)
    if Certificate.objects.filter(org=by.org_id).count() >= MAX_CERTIFICATES:
        raise ValidationError(
            f"This org already has {format_number(MAX_CERTIFICATES)} certificates, the "
            "limit. Delete one first."
        )
    certificate.save()
    _record(by, "insertCertificate", f"Created certificate {certificate.label}")
    return certificate


def _set_pem(certificate: Certificate, pem: bytes) -> None:
    try:
        certificate.set_pem(pem)
    except ValidationError as error:
        raise ValidationError({"pem": error.messages}) from error


def _check(certificate: Certificate) -> None:
    """Check what users enter; the rest comes from the certificate."""
    own = {"name", "label"}
    others = {field.name for field in Certificate._meta.fields} - own
    certificate.clean_fields(exclude=others)
    try:
        certificate.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)
