"""Training: practice orgs, exercises, classes, demos."""

from django.urls import path

from . import views as home
from .classes import urls as classes
from .demos import urls as demos
from .exercises import urls as exercises
from .practice import urls as practice

app_name = "training"

urlpatterns = [
    path("training/", home.home, name="home"),
    *practice.urlpatterns,
    *exercises.urlpatterns,
    *classes.urlpatterns,
    *demos.urlpatterns,
]
