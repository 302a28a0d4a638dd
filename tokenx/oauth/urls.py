"""The URLs that OAuth clients call, and the pages that show how requests are decided.

Endpoints work with and without a trailing slash and never redirect, which would lose the
request's body.
"""

from typing import Any

from django.urls import path, re_path

from .views import (
    discovery,
    examples,
    identity,
    introspect,
    issuers,
    revoke,
    token,
    try_it,
)

app_name = "oauth"


def _path(pattern: str, view: Any, name: str) -> Any:
    return re_path(rf"^{pattern}/?$", view, name=name)


urlpatterns = [
    _path("services/oauth2/token", token.token, "token"),
    _path("services/oauth2/userinfo", identity.user_info, "user-info"),
    _path("services/oauth2/revoke", revoke.revoke, "revoke"),
    _path("services/oauth2/introspect", introspect.introspect, "introspect"),
    _path("id/keys", discovery.keys, "keys"),
    _path(
        r"id/(?P<org_id>[A-Za-z0-9]{15,18})/(?P<user_id>[A-Za-z0-9]{15,18})",
        identity.identity,
        "identity",
    ),
    _path(r"\.well-known/openid-configuration", discovery.discovery, "discovery"),
    _path(
        r"\.well-known/oauth-authorization-server",
        discovery.discovery,
        "authorization-server",
    ),
    _path("services/tokenx/mint", issuers.mint, "mint"),
    re_path(
        r"^idp/(?P<org_id>00D[A-Za-z0-9]{12,15})/",
        issuers.issuer_address,
        name="issuer-address",
    ),
    path("try-it/", try_it.try_it, name="try-it"),
    path("exchange-examples/", examples.example_list, name="example-list"),
    path("new-exchange-example/", examples.save_example, name="save-example"),
    path(
        "exchange-examples/<int:example_id>/run/",
        examples.run_example,
        name="run-example",
    ),
    path(
        "exchange-examples/<int:example_id>/edit/",
        examples.edit_example,
        name="edit-example",
    ),
    path(
        "exchange-examples/<int:example_id>/delete/",
        examples.delete_example,
        name="delete-example",
    ),
]
