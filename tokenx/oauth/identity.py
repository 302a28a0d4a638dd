"""The identity URL of a user, and the claims about the user."""

from urllib.parse import urljoin

from django.urls import reverse

from tokenx.org.models import User
from tokenx.org.record_ids import ORG, USER, record_id


def identity_url(server_url: str, user: User) -> str:
    """Return the URL that identifies the user; clients split it at its slashes."""
    ids = record_id(ORG, user.org_id), record_id(USER, user.pk)
    return urljoin(server_url, reverse("oauth:identity", args=ids))
