"""Classes: the trainer's pages, viewing a participant's org, and joining."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog
from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
from tokenx.org.models import User
from tokenx.training.classes.actions import send_note
from tokenx.training.classes.joining import NAME_LENGTH, join_class
from tokenx.training.models import Classroom, ExerciseRun, Participant
from tokenx.training.scenarios.demo_org import sign_in_name

from .state import INVALID, NOT_FOUND, State

CLASSES = "/training/classes/"


def a_class() -> Classroom:
    """Open a class in the demo org with an active and an inactive participant."""
    trainer = User.objects.get(username=sign_in_name("admin"))
    classroom = ClassroomFactory(trainer=trainer, name="Spring")
    ada = join_class(classroom=classroom, name="Ada")
    ParticipantFactory(classroom=classroom, name="Grace with a rather long name of her own")
    ParticipantFactory(classroom=classroom, name="W" * NAME_LENGTH)
    ExerciseRun.objects.filter(org=ada.practice_org).update(met=1, hints=2)
    old = timezone.now() - timedelta(minutes=12)
    Participant.objects.filter(name__startswith="Grace").update(joined_at=old)
    return classroom


def address() -> str:
    return f"{CLASSES}{a_class().pk}/"


def person_address() -> str:
    classroom = a_class()
    return f"{CLASSES}{classroom.pk}/people/{Participant.objects.get(name='Ada').pk}/"


def list_of_classes(page: Page) -> None:
    a_class()
    page.goto(CLASSES)


def view_org(page: Page) -> None:
    open_dialog(page, person_address(), "View Org")
    dialog(page).get_by_role("button", name="View Org").click()
    expect(page.get_by_text("You're viewing Ada's org")).to_be_visible()


def ended(page: Page) -> None:
    classroom = a_class()
    Classroom.objects.update(ends_at=timezone.now())
    page.goto(f"{CLASSES}{classroom.pk}/")


def in_dialog(name: str, at: object) -> object:
    def reach(page: Page) -> None:
        open_dialog(page, at(), name)

    return reach


def statements_not_sent(page: Page) -> None:
    open_dialog(page, address(), "Send Statements")
    dialog(page).get_by_label("Address").fill("https://192.168.0.1/xapi")
    dialog(page).get_by_label("Key or Username").fill("key")
    dialog(page).get_by_label("Secret or Password").fill("secret")
    dialog(page).get_by_role("button", name="Send").click()
    expect(dialog(page).get_by_text("isn't on the public internet")).to_be_visible()


def join(page: Page) -> None:
    page.goto(f"/join/{a_class().code}/")


def join_invalid(page: Page) -> None:
    page.goto("/join/")
    page.get_by_label("Class Code").fill("NONE")
    page.get_by_label("Your Name").fill("Ada")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("We couldn't find a class with this code.")).to_be_visible()


def joined_with_a_note(page: Page) -> None:
    join(page)
    page.get_by_label("Your Name").fill("Mary")
    page.get_by_role("button", name="Join").click()
    mary = Participant.objects.get(name="Mary")
    send_note(participant=mary, text="Look at Run as.", by=mary.classroom.trainer)
    page.goto("/training/")
    expect(page.get_by_text("Look at Run as.")).to_be_visible()


def come_back(page: Page) -> None:
    a_class()
    page.goto(f"/come-back/{Participant.objects.get(name='Ada').come_back_token}/")


STATES = [
    State("list of classes", list_of_classes),
    State("no class yet", lambda page: page.goto(CLASSES)),
    State("open a class", lambda page: open_dialog(page, CLASSES, "Open Class")),
    State("class", lambda page: page.goto(address())),
    State("class, ended", ended),
    State("class, no match", lambda page: page.goto(f"{address()}?search=no+match")),
    State("class, end", in_dialog("End", address)),
    State("class, send", in_dialog("Send Statements", address)),
    State("class, statements not sent", statements_not_sent, expects=INVALID),
    State("person of a class", lambda page: page.goto(person_address())),
    State("person, note", in_dialog("Send Note", person_address)),
    State("person, reset", in_dialog("Reset", person_address)),
    State("person, remove", in_dialog("Remove", person_address)),
    State("viewing an org", view_org),
    State("join a class", join, who="stranger"),
    State("join a class, invalid", join_invalid, who="stranger", expects=INVALID),
    State("joined, with a note", joined_with_a_note, who="stranger"),
    State("come back to a class", come_back, who="stranger"),
    State(
        "come back, unknown participant",
        lambda page: page.goto("/come-back/none/"),
        who="stranger",
        expects=NOT_FOUND,
    ),
]
