"""Classes: open, join, watch, end."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
