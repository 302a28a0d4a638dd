"""URLs of token errors."""

from django.urls import path

from . import views

urlpatterns = [
    path("token-errors/", views.token_error_list, name="token-error-list"),
    path("token-errors/<slug:error_key>/", views.token_error, name="token-error"),
    path(
        "token-errors/<slug:error_key>/reproduce/",
        views.reproduce_token_error,
        name="reproduce-token-error",
    ),
]
