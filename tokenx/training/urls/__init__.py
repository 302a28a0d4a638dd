"""Training: practice orgs, exercises, classes, demos."""

from django.urls import path

from tokenx.training.views import home

from . import classes, demos, exercises, practice

app_name = "training"

urlpatterns = [
    path("training/", home.home, name="home"),
    *practice.urlpatterns,
    *exercises.urlpatterns,
    *classes.urlpatterns,
    *demos.urlpatterns,
]
