"""Practice orgs: start one, put it back."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
