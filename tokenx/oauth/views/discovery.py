"""Discovery of the endpoints, and the keys of ID tokens.

The document has Salesforce's names (docs/salesforce/oauth.md, "Endpoints"), and lists only
what this server has.
"""

from typing import Any
from urllib.parse import urljoin

from django.http import HttpRequest
from django.urls import reverse

from tokenx.oauth.decisions import HYBRID_TOKEN_EXCHANGE, REFRESH_TOKEN, TOKEN_EXCHANGE
from tokenx.oauth.id_tokens import CLAIMS
from tokenx.oauth.signing_keys import ALGORITHM, public_keys
from tokenx.org.bearer import server_url
from tokenx.org.models import Scope

from .base import oauth_endpoint

_ENDPOINTS = {
    "token_endpoint": "oauth:token",
    "revocation_endpoint": "oauth:revoke",
    "introspection_endpoint": "oauth:introspect",
    "userinfo_endpoint": "oauth:user-info",
    "jwks_uri": "oauth:keys",
}
_CLIENT_METHODS = ["client_secret_post", "client_secret_basic"]


@oauth_endpoint("GET", "HEAD")
def discovery(request: HttpRequest) -> dict[str, Any]:
    """Return the document. Clients refuse one whose issuer isn't the address they used."""
    address = server_url(request)
    return {
        "issuer": address,
        **{name: urljoin(address, reverse(view)) for name, view in _ENDPOINTS.items()},
        "scopes_supported": Scope.values,
        # No grant has a page of this server where a user logs in.
        "response_types_supported": [],
        "grant_types_supported": [TOKEN_EXCHANGE, HYBRID_TOKEN_EXCHANGE, REFRESH_TOKEN],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": _CLIENT_METHODS,
        "revocation_endpoint_auth_methods_supported": _CLIENT_METHODS,
        "introspection_endpoint_auth_methods_supported": _CLIENT_METHODS,
        "claims_supported": list(CLAIMS),
    }


@oauth_endpoint("GET", "HEAD")
def keys(request: HttpRequest) -> dict[str, Any]:
    """Return the public keys of ID tokens (RFC 7517)."""
    return {"keys": public_keys()}
