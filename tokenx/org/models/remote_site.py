"""Remote sites: the URLs that Apex can call."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.api_names import LENGTH, validate_api_name

from .org import OrgRow

URL_LENGTH = 1024
DESCRIPTION_LENGTH = 255
_EXAMPLE = "Enter a URL with https:// or http://, such as https://idp.example.com."
_PORTS = "Use port 80 with http://, port 443 with https://, or a port from 1024 to 65535."
_FIRST_FREE_PORT = 1024
_OWN_PORTS = {80: "http", 443: "https"}


def validate_remote_site_url(url: str) -> None:
    """Raise ValidationError unless the URL has a scheme, a host, and an allowed port.

    Salesforce restricts the ports (docs/salesforce/product.md, Remote sites).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValidationError(_EXAMPLE) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValidationError(_EXAMPLE)
    if not url.isprintable() or " " in url:
        raise ValidationError("A URL can't contain spaces or control characters.")
    is_allowed = port is None or port >= _FIRST_FREE_PORT
    if not is_allowed and _OWN_PORTS.get(port or 0) != parts.scheme:
        raise ValidationError(_PORTS)


class RemoteSite(OrgRow):
    """A URL that Apex can call, as on Remote Site Settings."""

    name = models.CharField(
        max_length=LENGTH,
        validators=[validate_api_name],
        error_messages={"blank": "Enter a name."},
    )
    url = models.CharField(
        max_length=URL_LENGTH,
        validators=[validate_remote_site_url],
        error_messages={"blank": "Enter a URL."},
    )
    is_active = models.BooleanField(default=True)
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    # Lets Apex pass data between HTTPS and HTTP.
    disables_protocol_security = models.BooleanField(default=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="remote_site_name_per_org",
                violation_error_message="Another remote site already has this name.",
            )
        ]
        indexes = [models.Index(fields=["org", "name"], name="remote_site_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:remote-site", args=[self.name])
