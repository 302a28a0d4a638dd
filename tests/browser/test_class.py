"""A trainer and two participants in three browsers, which show each other's work live."""

import pytest
from playwright.sync_api import Page, expect

from tests.training.classes.rows import ParticipantFactory
from tokenx.training.classes.joining import NAME_LENGTH
from tokenx.training.exercises import exercises
from tokenx.training.models import Classroom

from .steps import dialog, toast


@pytest.fixture
def trainer(admin_page) -> Page:
    """Return the trainer's browser, on the page of a newly opened class."""
    admin_page.goto("/training/classes/")
    admin_page.get_by_role("link", name="Open Class").click()
    dialog(admin_page).get_by_role("textbox", name="Name").fill("Spring")
    dialog(admin_page).get_by_role("button", name="Open").click()
    expect(admin_page.get_by_text("No one has joined yet")).to_be_visible()
    return admin_page


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your Name").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(toast(page, f"Welcome, {name}!")).to_be_visible()


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has_text=name)


def test_the_trainer_sees_participants_join_and_work(trainer, browse):
    link = trainer.get_by_label("Join link").input_value()
    ada, grace = browse(None), browse(None)

    join(ada, link, "Ada")
    join(grace, link, "Grace")
    expect(row(trainer, "Ada")).to_contain_text(f"0 of {len(exercises())}")
    expect(row(trainer, "Grace")).to_be_visible()

    with trainer.expect_response(lambda response: response.status == 204):
        pass  # The page has received all progress so far.
    before = row(trainer, "Grace").element_handle()
    for question, right in [("How many handlers", "1"), ("In which group", "Identity")]:
        answer(ada, question, right)
    expect(row(trainer, "Ada")).to_contain_text(f"1 of {len(exercises())}")
    assert before.is_visible()  # Grace's row was not swapped.


def answer(page: Page, question: str, right: str) -> None:
    """Answer a question in the exercise panel."""
    form = page.locator("#exercise-slot form").filter(has_text=question)
    form.get_by_role("textbox").fill(right)
    form.get_by_role("button", name="Answer").click()


def test_a_note_arrives_while_the_participant_works(trainer, browse):
    ada = browse(None)
    join(ada, trainer.get_by_label("Join link").input_value(), "Ada")

    trainer.get_by_role("link", name="Ada").click()
    trainer.get_by_role("link", name="Send Note").click()
    dialog(trainer).get_by_label("Note").fill("Try Quick Find.")
    dialog(trainer).get_by_role("button", name="Send").click()

    expect(ada.get_by_text("Try Quick Find.")).to_be_visible()
    ada.get_by_role("button", name="Got It").click()
    expect(ada.get_by_text("Try Quick Find.")).to_be_hidden()


def test_the_trainer_views_an_org_and_returns(trainer, browse):
    ada = browse(None)
    join(ada, trainer.get_by_label("Join link").input_value(), "Ada")

    trainer.get_by_role("link", name="Ada").click()
    trainer.get_by_role("link", name="View Org").click()
    dialog(trainer).get_by_role("button", name="View Org").click()
    expect(trainer.get_by_text("You're viewing Ada's org")).to_be_visible()
    trainer.goto("/handlers/")
    expect(trainer.get_by_role("link", name="New", exact=True)).to_be_hidden()
    trainer.get_by_role("button", name="Back to Class").click()

    expect(row(trainer, "Ada")).to_be_visible()


def test_a_long_name_leaves_room_for_the_rest(trainer):
    ParticipantFactory(classroom=Classroom.objects.get(), name="W" * NAME_LENGTH)

    expect(row(trainer, "WWW")).to_be_visible()
    wide, window = trainer.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= window


def test_another_tab_sees_that_the_class_has_ended(trainer):
    other = trainer.context.new_page()
    other.goto(trainer.url)

    trainer.get_by_role("link", name="End", exact=True).click()
    dialog(trainer).get_by_role("button", name="End Class").click()

    expect(other.get_by_text("This class has ended").first).to_be_visible()
    expect(other.get_by_text("Join with")).to_be_hidden()


def test_the_class_works_without_scripts(plain_page, admin):
    plain_page.goto("/training/classes/open/")
    plain_page.get_by_role("textbox", name="Name").fill("Autumn")
    plain_page.get_by_role("button", name="Open").click()

    expect(plain_page.get_by_text("No one has joined yet")).to_be_visible()
