"""The root URL configuration."""

from django.urls import include, path

from .web import converters  # noqa: F401  (the URLs below use its converters)

urlpatterns = [
    path("", include("tokenx.handlers.urls")),
    path("", include("tokenx.setup.urls")),
    path("", include("tokenx.metadata.urls")),
    path("", include("tokenx.oauth.urls")),
    path("", include("tokenx.api.urls")),
    path("", include("tokenx.training.urls")),
    path("", include("tokenx.org.urls")),
]

handler400 = "tokenx.web.errors.bad_request"
handler403 = "tokenx.web.errors.permission_denied"
handler404 = "tokenx.web.errors.page_not_found"
handler500 = "tokenx.web.errors.server_error"
