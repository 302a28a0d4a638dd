"""The exercises on enabled apps: a right state passes, by page or by file; others don't."""

import pytest

from tests.factories import ClientAppFactory
from tests.training.exercising import (
    INTEGRATION,
    MY_HANDLER,
    TOKEN,
    Learner,
    enablement_xml,
    with_app,
)
from tokenx.org.models import User
from tokenx.training.exercise_actions import answer_question
from tokenx.training.exercises import exercises, paths

pytestmark = pytest.mark.django_db


# Exercises that are one enabled app: slug, app, kind, element, whom it runs as, default.
ENABLING = [
    ("enable-a-connected-app", "TokenExchangeApp1", "connected", TOKEN, False),
    ("enable-an-external-client-app", "Partner_Portal", "external", TOKEN, False),
    ("run-as-an-integration-user", "TokenExchangeApp2", "connected", INTEGRATION, False),
    ("make-it-the-default", "Customer_Mobile_App", "external", INTEGRATION, True),
]
ELEMENTS = {"connected": "connectedApp", "external": "externalClientApp"}
each = pytest.mark.parametrize(("slug", "app", "kind", "run_as", "default"), ENABLING)


@pytest.mark.parametrize("slug", list(exercises()))
def test_nothing_is_done_when_an_exercise_begins(slug):
    learner = Learner(slug)

    assert not learner.is_done
    for result in learner.results:
        assert result.sentence
        assert result.expected
        assert result.found
        assert result.where.url.startswith("/")


def test_there_are_a_dozen_exercises_and_all_are_on_the_path():
    assert len(exercises()) >= 12
    assert list(paths()["all"].exercises) == list(exercises())


@each
def test_an_app_that_was_enabled_by_page_passes(slug, app, kind, run_as, default):
    learner = Learner(slug)

    learner.enable(app, run_as, kind=kind, default=default)

    assert learner.is_done


@each
def test_an_app_that_was_enabled_by_file_passes(slug, app, kind, run_as, default):
    learner = Learner(slug)
    more = enablement_xml(app, run_as, default=default, element=ELEMENTS[kind])

    deployment = learner.deploy_text(with_app(learner.file_of(), more))

    assert deployment.is_success
    assert learner.is_done


@each
def test_an_app_that_runs_as_somebody_else_does_not(slug, app, kind, run_as, default):
    learner = Learner(slug)
    wrong = learner.anybody()

    learner.enable(app, wrong.username, kind=kind, default=default)

    assert len(learner.open) == 1
    assert wrong.username in learner.found(learner.open[0])


@each
def test_an_app_of_another_handler_does_not(slug, app, kind, run_as, default):
    learner = Learner(slug)
    another = learner.file_of().replace(f"{MY_HANDLER}<", "Another<")
    another = another.replace("MyOauthAnother", "MyOauthTokenExchangeHandler")
    start, end = another.index("    <enablements>"), another.index("</enablements>") + 15
    more = enablement_xml(app, run_as, default=default, element=ELEMENTS[kind])

    assert learner.deploy_text(another[:start] + more + another[end:]).is_success

    assert len(learner.open) == 1
    assert MY_HANDLER in learner.open[0]


@each
def test_an_app_that_cost_another_one_its_place_does_not(slug, app, kind, run_as, default):
    learner = Learner(slug)
    learner.enable(app, run_as, kind=kind, default=default)

    learner.remove("Warehouse_Scanner")

    assert learner.open == ["All other enabled apps are as they were."]
    assert "Warehouse_Scanner" in learner.found("All other")


@each
def test_an_app_that_was_enabled_and_removed_does_not(slug, app, kind, run_as, default):
    learner = Learner(slug)
    learner.enable(app, run_as, kind=kind, default=default)

    learner.remove(app)

    assert not learner.is_done
    assert learner.found(learner.open[0]).endswith("is not enabled for it.")


def test_an_app_of_the_other_type_does_not():
    learner = Learner("enable-a-connected-app")
    ClientAppFactory(
        org=learner.org, kind="external", label="T1", api_name="TokenExchangeApp1"
    )

    learner.enable("TokenExchangeApp1", TOKEN, kind="external")

    assert not learner.is_done


def test_an_app_that_is_not_the_default_does_not():
    learner = Learner("make-it-the-default")

    learner.enable("Customer_Mobile_App", kind="external")

    assert learner.found("Customer Mobile App") == "Default handler: No"


def test_names_are_compared_whatever_their_case():
    learner = Learner("enable-a-connected-app")
    app = learner.app("TokenExchangeApp1")
    app.api_name = "tokenexchangeapp1"
    app.save()

    learner.enable("tokenexchangeapp1", TOKEN)

    assert learner.is_done


# --- Answers -------------------------------------------------------------------------


def answer(learner: Learner, number: int, text: str) -> None:
    question = learner.exercise.questions[number]
    answer_question(
        org=learner.org, exercise=learner.exercise, question=question, answer=text
    )


@pytest.mark.parametrize("text", ["1", " 1 ", "1.", "1 handler", "one"])
def test_what_the_page_shows_is_the_answer(text):
    learner = Learner("find-the-page")

    answer(learner, 0, text)
    answer(learner, 1, "the identity group")

    assert learner.is_done


@pytest.mark.parametrize(
    "texts",
    [("2", "Identity"), ("1", "Security"), ("", "Identity"), ("1 or 2", "Identity")],
)
def test_another_answer_is_none(texts):
    learner = Learner("find-the-page")

    for number, text in enumerate(texts):
        answer(learner, number, text)

    assert len(learner.open) == 1


def test_the_answer_changes_with_the_org():
    learner = Learner("view-details")
    answer(learner, 0, "myoauthtokenexchangehandler")
    answer(learner, 1, "1")
    assert learner.is_done

    more = enablement_xml("TokenExchangeApp1")
    learner.deploy_text(with_app(learner.file_of(), more))

    assert learner.open == [learner.exercise.questions[1]]
    answer(learner, 1, "2")
    assert learner.is_done


@pytest.mark.parametrize(
    ("texts", "is_done"),
    [
        (("140", "40", "100"), True),
        (("140", "40", "a hundred"), True),
        (("Enabled Apps (140)", "40 apps", "up to 100 enabled apps"), True),
        (("140", "-40", "100"), False),
        (("100", "40", "100"), False),
        (("140", "100", "100"), False),
        (("140", "40", "200"), False),
    ],
)
def test_the_long_list_is_asked_about(texts, is_done):
    learner = Learner("filter-and-sort")

    for number, text in enumerate(texts):
        answer(learner, number, text)

    assert learner.is_done is is_done


# --- Edit, remove, enable again ------------------------------------------------------


def test_another_run_as_passes():
    learner = Learner("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=TOKEN)

    assert learner.is_done


def test_another_run_as_passes_by_file():
    learner = Learner("edit-an-enabled-app")

    learner.deploy_text(learner.file_of().replace(INTEGRATION, TOKEN))

    assert learner.is_done


def test_another_run_as_that_took_the_default_along_does_not():
    learner = Learner("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=TOKEN, default=False)

    assert len(learner.open) == 1
    assert "default handler" in learner.open[0]


def test_another_run_as_than_wanted_does_not():
    learner = Learner("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=learner.anybody().username)

    assert len(learner.open) == 1


def test_an_app_that_is_removed_and_enabled_again_passes():
    learner = Learner("remove-and-enable-again")

    learner.remove("Warehouse_Scanner")
    assert not learner.is_done
    learner.enable("Warehouse_Scanner", default=True)

    assert learner.is_done


def test_an_app_that_is_removed_and_enabled_again_by_file_passes():
    learner = Learner("remove-and-enable-again")
    file = learner.file_of()
    start, end = file.index("    <enablements>"), file.index("</enablements>") + 15

    assert learner.deploy_text(file[:start] + file[end:]).is_success
    assert learner.deploy_text(file).is_success

    assert learner.is_done


def test_an_app_that_was_never_removed_does_not():
    learner = Learner("remove-and-enable-again")

    learner.edit("Warehouse_Scanner", run_as=TOKEN)

    assert learner.found("anew") == "Enabled Date: before you started"


@pytest.mark.parametrize(
    "again", [{"default": False}, {"default": True, "run_as": "somebody"}]
)
def test_an_app_that_is_not_as_before_does_not(again):
    learner = Learner("remove-and-enable-again")
    learner.remove("Warehouse_Scanner")
    if "run_as" in again:
        again = again | {"run_as": learner.anybody().username}

    learner.enable("Warehouse_Scanner", **again)

    assert len(learner.open) == 1


def test_an_integration_user_who_is_switched_off_does_not():
    learner = Learner("remove-and-enable-again")
    learner.remove("Warehouse_Scanner")
    learner.enable("Warehouse_Scanner", default=True)

    User.objects.filter(org=learner.org, username=INTEGRATION).update(is_active=False)

    assert learner.open == ["It runs as an integration user that is active."]
