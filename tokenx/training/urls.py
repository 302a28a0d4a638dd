"""URLs of training: practice orgs, exercises, classes, and demos."""

from django.urls import path

from . import views
from .classes import urls as classes
from .demos import urls as demos
from .exercises import urls as exercises
from .practice import urls as practice
from .token_errors import urls as token_errors

app_name = "training"

urlpatterns = [
    path("training/", views.home, name="home"),
    *practice.urlpatterns,
    *exercises.urlpatterns,
    *classes.urlpatterns,
    *demos.urlpatterns,
    *token_errors.urlpatterns,
]
