"""Classes: open, join, watch, end."""

from django.urls import URLPattern, path

from .views import classes, join
from .views import exports as class_exports
from .views import people as class_people

_CLASS = "training/classes/<int:classroom_id>/"
_PERSON = f"{_CLASS}people/<int:participant_id>/"

urlpatterns: list[URLPattern] = [
    path("training/classes/", classes.classroom_list, name="classroom-list"),
    path("training/classes/open/", classes.open_classroom, name="open-classroom"),
    path(_CLASS, classes.classroom, name="classroom"),
    path(f"{_CLASS}end/", classes.end_classroom, name="end-classroom"),
    path(f"{_CLASS}delete/", classes.delete_classroom, name="delete-classroom"),
    path(f"{_CLASS}results/", class_exports.results_csv, name="class-results-csv"),
    path(f"{_CLASS}statements/", class_exports.statements, name="class-statements"),
    path(f"{_CLASS}send/", class_exports.send_statements, name="send-statements"),
    path(_PERSON, class_people.participant, name="participant"),
    path(f"{_PERSON}note/", class_people.send_note, name="send-note"),
    path(f"{_PERSON}reset/", class_people.reset_participant, name="reset-participant"),
    path(f"{_PERSON}remove/", class_people.remove_participant, name="remove-participant"),
    path(f"{_PERSON}look/", class_people.look_into, name="look-into"),
    path("training/stop-looking/", class_people.stop_looking, name="stop-looking"),
    path("training/class-note/", join.class_note, name="class-note"),
    path("join/", join.join, name="join"),
    path("join/<key:code>/", join.join, name="join-by-link"),
    path("come-back/<key:token>/", join.come_back, name="come-back"),
]
