"""URLs of practice orgs."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("practice/", views.start_practice_org, name="start-practice-org"),
    path("practice/<str:token>/", views.open_practice_org, name="open-practice-org"),
    path("training/reset/", views.reset_org, name="reset-org"),
]
