"""Exercises, their panel, a person's progress."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
