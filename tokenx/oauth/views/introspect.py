"""Token introspection (RFC 7662)."""

from typing import Any

from django.http import HttpRequest

from tokenx.oauth.clients import authenticated_app, read_request_with_token
from tokenx.oauth.introspection import introspect as introspect_token

from .base import oauth_endpoint


@oauth_endpoint("POST")
def introspect(request: HttpRequest) -> dict[str, Any]:
    """Return the claims of a token to a client that can see it."""
    found = read_request_with_token(request)
    app = authenticated_app(found, needs_secret=True)
    return introspect_token(app=app, token=found.token, server_url=found.client.server_url)
