"""Simulated issuers, which sign tokens and answer the addresses of an identity provider."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.api_names import LENGTH, validate_api_name

from .org import OrgRow

LABEL_LENGTH = 80
KEY_ID_LENGTH = 64
URL_LENGTH = 1024
# This server's own addresses: /idp/, an org's ID, and more.
_OWN_PATH = re.compile(r"/idp/00D[A-Za-z0-9]{12,15}/[A-Za-z0-9_]+(/|$)")
_EXAMPLE = "Enter a URL with https://, such as https://idp.example.com/keys."


class Algorithm(models.TextChoices):
    """The algorithm of an issuer's signatures, as in a JWT's header."""

    RS256 = "RS256", "RS256 (RSA)"
    ES256 = "ES256", "ES256 (elliptic curve)"


def validate_issuer_address(url: str) -> None:
    """Raise ValidationError unless the URL has https and a host.

    This server's own addresses can have http. No URL leads to a request: docs/decisions/
    reach-of-runs.md.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValidationError(_EXAMPLE) from error
    schemes = {"https", "http"} if _OWN_PATH.match(parts.path) else {"https"}
    if parts.scheme.lower() not in schemes or not parts.hostname or "@" in parts.netloc:
        raise ValidationError(_EXAMPLE)
    if not url.isprintable() or " " in url:
        raise ValidationError("A URL can't contain spaces or control characters.")
    if "#" in url:
        raise ValidationError("Remove the fragment, which starts with #, from the URL.")


def _address(label: str) -> models.CharField:
    return models.CharField(
        label, max_length=URL_LENGTH, blank=True, validators=[validate_issuer_address]
    )


class IssuerShape(models.TextChoices):
    """The products that issuers are modeled on: docs/salesforce/identity-providers.md."""

    OWN = "own", "Your own"
    AUTH0 = "auth0", "Auth0"
    ENTRA_ID = "entra_id", "Microsoft Entra ID"
    GOOGLE = "google", "Google"
    KEYCLOAK = "keycloak", "Keycloak"
    OKTA = "okta", "Okta"
    PING = "ping", "PingOne"


class Issuer(OrgRow):
    """An identity provider that tokenx simulates: its keys, and its addresses.

    Apex that calls an address gets the issuer's answer, no matter whose host it names. The
    private key is sealed by tokenx.org.sealing. No file, scenario, snapshot, log, or page
    contains it.
    """

    # The addresses, by the names of their fields. Each is unique in the org.
    ADDRESSES = (
        "discovery_url",
        "keys_url",
        "userinfo_url",
        "introspection_url",
        "token_url",
    )

    # The fields with something secret, which no file and no list of issuers has.
    SECRETS = ("sealed_key", "previous_key", "sealed_secret")

    name = models.CharField(
        "API Name",
        max_length=LENGTH,
        validators=[validate_api_name],
        error_messages={"blank": "Enter an API name."},
    )
    label = models.CharField(
        "Name", max_length=LABEL_LENGTH, error_messages={"blank": "Enter a name."}
    )
    # The claim of that name, which isn't always a URL.
    iss = models.CharField(
        "Issuer", max_length=URL_LENGTH, error_messages={"blank": "Enter an issuer."}
    )
    shape = models.CharField(
        "Provider", max_length=8, choices=IssuerShape.choices, default=IssuerShape.OWN
    )
    discovery_url = _address("Discovery URL")
    keys_url = _address("Keys URL")
    userinfo_url = _address("UserInfo URL")
    introspection_url = _address("Introspection URL")
    token_url = _address("Token URL")
    # Claims of every token, unless the person who signs it chooses others.
    claims = models.JSONField(default=dict, blank=True)
    # People who can log in at the issuer: each has a name and the claims that differ.
    people = models.JSONField(default=list, blank=True)
    algorithm = models.CharField(
        max_length=5, choices=Algorithm.choices, default=Algorithm.RS256
    )
    # The certificate whose private key signs tokens. Blank: the issuer's own key.
    certificate_name = models.CharField("Certificate", max_length=LENGTH, blank=True)
    # The issuer's own key: its ID, the public part as a JWK, and the private part.
    key_id = models.CharField(
        "Key ID", max_length=KEY_ID_LENGTH, blank=True, editable=False
    )
    public_key = models.JSONField(default=dict, blank=True, editable=False)
    sealed_key = models.TextField(blank=True, editable=False)
    # The key before the current one, which the keys URL still has: its ID, its algorithm,
    # its public part as a JWK, and its sealed private part.
    previous_key = models.JSONField(default=dict, blank=True, editable=False)
    # The secret of HS256 signatures.
    sealed_secret = models.TextField(blank=True, editable=False)
    # Restoring a snapshot generated a new key.
    has_new_key = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="issuer_name_per_org",
                violation_error_message="Another issuer already has this API name.",
            )
        ]
        indexes = [models.Index(fields=["org", "name"], name="issuer_by_name")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("setup:issuer", args=[self.name])

    @property
    def addresses(self) -> dict[str, str]:
        """Return the URLs that the issuer answers, by the names of their fields."""
        urls = {field: getattr(self, field) for field in self.ADDRESSES}
        return {field: url for field, url in urls.items() if url}

    @classmethod
    def label_of(cls, field: str) -> str:
        """Return the label of a field."""
        # For the type checker, it could be a reverse relation, which has no name.
        return str(cls._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def normalized(url: str) -> tuple[str, str]:
    """Return a URL without its query, and the query, to compare it with others.

    The scheme and host ignore case, and the default port can be left out. An invalid URL
    equals only itself.
    """
    try:
        parts = urlsplit(url)
        number = parts.port
    except ValueError:
        return url, ""
    host = (parts.hostname or "").lower()
    default = {"https": 443, "http": 80}.get(parts.scheme.lower())
    port = "" if number in {None, default} else f":{number}"
    return f"{parts.scheme.lower()}://{host}{port}{parts.path or '/'}", parts.query
