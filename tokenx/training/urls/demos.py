"""Snapshots, the presenter's bar, the tour."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
