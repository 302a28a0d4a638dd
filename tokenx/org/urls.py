"""Sign-in, sign-out, the look of a person's pages, and probes."""

from django.urls import path

from . import probes, views

app_name = "org"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/<str:token>/", views.sign_in_by_link, name="sign-in-by-link"),
    path("secur/frontdoor.jsp", views.front_door, name="front-door"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("display/", views.choose_display, name="choose-display"),
    path("livez", probes.livez, name="livez"),
    path("readyz", probes.readyz, name="readyz"),
]
