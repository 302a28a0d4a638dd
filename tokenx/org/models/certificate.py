"""Certificates, with sealed private keys."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.api_names import LENGTH, validate_api_name
from tokenx.org.x509 import CertificateDetails, read_certificate

from .org import OrgRow

LABEL_LENGTH = 64


class Certificate(OrgRow):
    """A certificate, as on Certificate and Key Management.

    A generated certificate has a private key, sealed by tokenx.org.sealing. No file,
    scenario, snapshot, log, or page contains it.
    """

    name = models.CharField(
        max_length=LENGTH,
        validators=[validate_api_name],
        error_messages={"blank": "Enter a unique name."},
    )
    label = models.CharField(
        max_length=LABEL_LENGTH, error_messages={"blank": "Enter a label."}
    )
    pem = models.TextField()
    sealed_key = models.TextField(blank=True, editable=False)
    is_key_exportable = models.BooleanField(default=True)
    # A reset or a restored snapshot generated a new key.
    has_new_key = models.BooleanField(default=False, editable=False)
    # From the certificate itself.
    key_size = models.PositiveIntegerField(editable=False)
    is_ca_signed = models.BooleanField(default=False, editable=False)
    starts_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="certificate_name_per_org",
                violation_error_message="Another certificate already has this name.",
            )
        ]
        indexes = [models.Index(fields=["org", "name"], name="certificate_by_name")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("setup:certificate", args=[self.name])

    def set_pem(self, data: bytes) -> None:
        """Take a certificate or chain. Raise ValidationError if it can't be used."""
        details = read_certificate(data)
        for name in ("pem", "key_size", "is_ca_signed", "starts_at", "expires_at"):
            setattr(self, name, getattr(details, name))

    @property
    def details(self) -> CertificateDetails:
        return read_certificate(self.pem.encode())

    @property
    def has_private_key(self) -> bool:
        return bool(self.sealed_key)

    @property
    def validity(self) -> str:
        return validity_at(self, timezone.now())


def validity_at(certificate: Certificate, now: datetime) -> str:
    if certificate.expires_at <= now:
        return "Expired"
    return "Not valid yet" if certificate.starts_at > now else "Valid"
