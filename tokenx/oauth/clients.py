"""The client and the token of a revocation or introspection request."""

from django.http import HttpRequest

from tokenx.org.models import ClientApp

from .decisions.clients import client, secret
from .errors import OAuthError
from .grant import Grant, known
from .token_request import TokenRequest, read_token_request


def read_request_with_token(request: HttpRequest) -> TokenRequest:
    """Return the request's parameters. Raise OAuthError if the token is missing."""
    found = read_token_request(request)
    if found.problem:
        raise OAuthError("invalid_request", found.problem)
    if not found.token:
        raise OAuthError("invalid_request", "missing required parameter: token")
    return found


def authenticated_app(request: TokenRequest, *, needs_secret: bool) -> ClientApp:
    """Return the app whose key and secret the request has. Raise OAuthError.

    With `needs_secret`, a client without its secret is refused, even if its token requests
    don't need one. The token endpoint makes the same decisions about a client.
    """
    grant = Grant(request)
    client.decide(grant)
    app = known(grant.app)
    if request.client_secret:
        secret.decide(grant)
    elif needs_secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    return app
