"""URLs of classes."""

from django.urls import URLPattern, path

from .views import classes, exports, join, people

_CLASS = "training/classes/<int:classroom_id>/"
_PERSON = f"{_CLASS}people/<int:participant_id>/"

urlpatterns: list[URLPattern] = [
    path("training/classes/", classes.classroom_list, name="classroom-list"),
    path("training/classes/open/", classes.open_classroom, name="open-classroom"),
    path(_CLASS, classes.classroom, name="classroom"),
    path(f"{_CLASS}end/", classes.end_classroom, name="end-classroom"),
    path(f"{_CLASS}delete/", classes.delete_classroom, name="delete-classroom"),
    path(f"{_CLASS}results/", exports.results_csv, name="class-results-csv"),
    path(f"{_CLASS}statements/", exports.statements, name="class-statements"),
    path(f"{_CLASS}send/", exports.send_statements, name="send-statements"),
    path(_PERSON, people.participant, name="participant"),
    path(f"{_PERSON}note/", people.send_note, name="send-note"),
    path(f"{_PERSON}reset/", people.reset_participant, name="reset-participant"),
    path(f"{_PERSON}remove/", people.remove_participant, name="remove-participant"),
    path(f"{_PERSON}look/", people.look_into, name="look-into"),
    path("training/stop-looking/", people.stop_looking, name="stop-looking"),
    path("training/class-note/", join.class_note, name="class-note"),
    path("join/", join.join, name="join"),
    path("join/<key:code>/", join.join, name="join-by-link"),
    path("come-back/<key:token>/", join.come_back, name="come-back"),
]
