"""The URLs that OAuth clients call, and the pages that show how requests are decided.

Endpoints work with and without a trailing slash and never redirect, which would lose the
request's body.
"""

from typing import Any

from django.urls import path, re_path

from .views import identity, token, try_it

app_name = "oauth"


def _path(pattern: str, view: Any, name: str) -> Any:
    return re_path(rf"^{pattern}/?$", view, name=name)


urlpatterns = [
    _path("services/oauth2/token", token.token, "token"),
    _path("services/oauth2/userinfo", identity.user_info, "user-info"),
    _path("services/oauth2/revoke", identity.revoke, "revoke"),
    _path(
        r"id/(?P<org_id>[A-Za-z0-9]{15,18})/(?P<user_id>[A-Za-z0-9]{15,18})",
        identity.identity,
        "identity",
    ),
    path("try-it/", try_it.try_it, name="try-it"),
]
