"""X.509 certificates: reads them, and generates self-signed ones with their keys."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.exceptions import ValidationError

KEY_SIZES = (2048, 3072, 4096)
# The years after which a generated certificate expires: docs/salesforce/product.md,
# Certificates.
_YEARS = {2048: 1, 3072: 1, 4096: 2}
MAX_CERTIFICATE_SIZE = 64 * 1024
MAX_CHAIN = 10
_PEM = b"-----BEGIN CERTIFICATE-----"
# Time zones can't move these out of the calendar.
_FIRST, _LAST = datetime(1950, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)

NOT_A_CERTIFICATE = "This isn't an X.509 certificate. Use a file in PEM or DER format."
HAS_PRIVATE_KEY = "This contains a private key. Use the certificate without its key."
TOO_LARGE = (
    f"This is too large. A certificate has at most {MAX_CERTIFICATE_SIZE // 1024} KB."
)
WRONG_KEY = "Use a certificate with an RSA key of 2048, 3072, or 4096 bits."


@dataclass(frozen=True)
class CertificateDetails:
    """A certificate's chain in PEM format, and what its first certificate says."""

    pem: str
    subject: str
    issuer: str
    serial_number: str
    key_size: int
    is_ca_signed: bool
    starts_at: datetime
    expires_at: datetime
    fingerprint: str


@dataclass(frozen=True)
class GeneratedCertificate:
    """A self-signed certificate and its private key, both in PEM format."""

    pem: str
    # Never in a message or a log.
    private_key: bytes = field(repr=False)


def read_certificate(data: bytes) -> CertificateDetails:
    """Read a certificate or a chain. Raise ValidationError if it can't be used."""
    if len(data) > MAX_CERTIFICATE_SIZE:
        raise ValidationError(TOO_LARGE)
    if b"PRIVATE KEY-----" in data:
        raise ValidationError(HAS_PRIVATE_KEY)
    try:
        if _PEM in data:
            chain = x509.load_pem_x509_certificates(data)
        else:
            chain = [x509.load_der_x509_certificate(data)]
        if len(chain) > MAX_CHAIN:
            raise ValidationError(f"A chain has at most {MAX_CHAIN} certificates.")
        return _details_of(chain)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise ValidationError(NOT_A_CERTIFICATE) from error


def _details_of(chain: list[x509.Certificate]) -> CertificateDetails:
    first = chain[0]
    public_key = first.public_key()
    if not isinstance(public_key, rsa.RSAPublicKey) or public_key.key_size not in KEY_SIZES:
        raise ValidationError(WRONG_KEY)
    digest = first.fingerprint(SHA256()).hex().upper()
    return CertificateDetails(
        pem="".join(each.public_bytes(Encoding.PEM).decode() for each in chain),
        subject=first.subject.rfc4514_string(),
        issuer=first.issuer.rfc4514_string(),
        serial_number=f"{first.serial_number:X}",
        key_size=public_key.key_size,
        is_ca_signed=first.subject != first.issuer,
        starts_at=min(max(first.not_valid_before_utc, _FIRST), _LAST),
        expires_at=min(max(first.not_valid_after_utc, _FIRST), _LAST),
        fingerprint=":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
    )


def generate_certificate(
    *, name: str, key_size: int, now: datetime
) -> GeneratedCertificate:
    """Generate a key and a certificate that it signs itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365 * _YEARS[key_size]))
        .sign(key, SHA256())
    )
    private_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return GeneratedCertificate(
        certificate.public_bytes(Encoding.PEM).decode(), private_key
    )
