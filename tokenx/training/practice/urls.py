"""Practice orgs: start one, come back to it, put it back."""

from django.urls import URLPattern, path

from . import views as practice

urlpatterns: list[URLPattern] = [
    path("practice/", practice.start_practice_org, name="start-practice-org"),
    path("practice/<str:token>/", practice.open_practice_org, name="open-practice-org"),
    path("training/reset/", practice.reset_org, name="reset-org"),
]
