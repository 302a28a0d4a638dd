"""Exercises on enabled apps: which states pass, in Setup and with metadata files."""

import pytest

from tests.factories import ClientAppFactory
from tests.rollback import rolled_back
from tokenx.org.models import User
from tokenx.training.exercises import exercises, paths
from tokenx.training.exercises.actions import answer_question

from .exercising import INTEGRATION, MY_HANDLER, TOKEN, Learner, enablement_xml, with_app

pytestmark = pytest.mark.django_db


# Exercises that enable one app: slug, app, kind, Run As User, default.
ENABLING = [
    ("enable-a-connected-app", "TokenExchangeApp1", "connected", TOKEN, False),
    ("enable-an-external-client-app", "Partner_Portal", "external", TOKEN, False),
    ("run-as-an-integration-user", "TokenExchangeApp2", "connected", INTEGRATION, False),
    ("make-it-the-default", "Customer_Mobile_App", "external", INTEGRATION, True),
]
ELEMENTS = {"connected": "connectedApp", "external": "externalClientApp"}


def test_a_new_exercise_is_not_done(learn, subtests):
    for slug in exercises():
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)

            assert not learner.is_done
            for result in learner.results:
                assert result.sentence
                assert result.expected
                assert result.actual
                assert result.page.url.startswith("/")


def test_all_exercises_are_on_the_path():
    assert len(exercises()) >= 12
    assert list(paths()["all"].exercises) == list(exercises())


def test_an_app_enabled_in_setup_passes(learn, subtests):
    for slug, app, kind, run_as, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            learner.enable(app, run_as, kind=kind, default=default)

            assert learner.is_done


def test_an_app_enabled_by_deploying_a_file_passes(learn, subtests):
    for slug, app, kind, run_as, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            more = enablement_xml(app, run_as, default=default, element=ELEMENTS[kind])

            deployment = learner.deploy_text(with_app(learner.file_of(), more))

            assert deployment.is_success
            assert learner.is_done


def test_an_app_with_another_run_as_user_does_not_pass(learn, subtests):
    for slug, app, kind, _, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            other = learner.any_person()

            learner.enable(app, other.username, kind=kind, default=default)

            assert len(learner.open) == 1
            assert other.username in learner.actual(learner.open[0])


def test_an_app_enabled_for_another_handler_does_not_pass(learn, subtests):
    for slug, app, kind, run_as, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            another = learner.file_of().replace(f"{MY_HANDLER}<", "Another<")
            another = another.replace("MyOauthAnother", "MyOauthTokenExchangeHandler")
            start = another.index("    <enablements>")
            end = another.index("</enablements>") + 15
            more = enablement_xml(app, run_as, default=default, element=ELEMENTS[kind])

            assert learner.deploy_text(another[:start] + more + another[end:]).is_success

            assert len(learner.open) == 1
            assert MY_HANDLER in learner.open[0]


def test_removing_another_enabled_app_does_not_pass(learn, subtests):
    for slug, app, kind, run_as, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            learner.enable(app, run_as, kind=kind, default=default)

            learner.remove("Warehouse_Scanner")

            assert learner.open == ["No other enabled apps changed."]
            assert "Warehouse_Scanner" in learner.actual("No other")


def test_an_app_enabled_and_removed_again_does_not_pass(learn, subtests):
    for slug, app, kind, run_as, default in ENABLING:
        with subtests.test(slug=slug), rolled_back():
            learner = learn(slug)
            learner.enable(app, run_as, kind=kind, default=default)

            learner.remove(app)

            assert not learner.is_done
            assert learner.actual(learner.open[0]).endswith(
                "isn't enabled for this handler."
            )


def test_an_app_of_the_other_type_does_not_pass(learn):
    learner = learn("enable-a-connected-app")
    ClientAppFactory(
        org=learner.org, kind="external", label="T1", api_name="TokenExchangeApp1"
    )

    learner.enable("TokenExchangeApp1", TOKEN, kind="external")

    assert not learner.is_done


def test_an_app_without_the_default_does_not_pass(learn):
    learner = learn("make-it-the-default")

    learner.enable("Customer_Mobile_App", kind="external")

    assert learner.actual("Customer Mobile App") == "Default handler: No"


def test_names_are_not_case_sensitive(learn):
    learner = learn("enable-a-connected-app")
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


def test_accepts_the_pages_value_in_several_spellings(learn, subtests):
    learner = learn("find-the-page")
    answer(learner, 1, "the identity group")
    for text in ["1", " 1 ", "1.", "1 item", "1 item • Sorted by Name", "one"]:
        with subtests.test(text=text), rolled_back():
            answer(learner, 0, text)

            assert learner.is_done


def test_refuses_other_answers(learn, subtests):
    learner = learn("find-the-page")
    for texts in [
        ("2", "Identity"),
        ("1", "Security"),
        ("", "Identity"),
        ("1 or 2", "Identity"),
    ]:
        with subtests.test(texts=texts), rolled_back():
            for number, text in enumerate(texts):
                answer(learner, number, text)

            assert len(learner.open) == 1


def test_the_answer_changes_with_the_org(learn):
    learner = learn("view-details")
    answer(learner, 0, "myoauthtokenexchangehandler")
    answer(learner, 1, "1")
    assert learner.is_done

    more = enablement_xml("TokenExchangeApp1")
    learner.deploy_text(with_app(learner.file_of(), more))

    assert learner.open == [learner.exercise.questions[1]]
    answer(learner, 1, "2")
    assert learner.is_done


def test_answers_about_the_long_list(learn, subtests):
    learner = learn("filter-and-sort")
    for texts, is_done in [
        (("140", "40", "100"), True),
        (("140", "40", "a hundred"), True),
        (("Enabled Apps (140)", "40 apps", "up to 100 enabled apps"), True),
        (("140", "-40", "100"), False),
        (("100", "40", "100"), False),
        (("140", "100", "100"), False),
        (("140", "40", "200"), False),
    ]:
        with subtests.test(texts=texts), rolled_back():
            for number, text in enumerate(texts):
                answer(learner, number, text)

            assert learner.is_done is is_done


# --- Edit, remove, enable again ------------------------------------------------------


def test_another_run_as_user_passes(learn):
    learner = learn("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=TOKEN)

    assert learner.is_done


def test_another_run_as_user_passes_when_deployed(learn):
    learner = learn("edit-an-enabled-app")

    learner.deploy_text(learner.file_of().replace(INTEGRATION, TOKEN))

    assert learner.is_done


def test_another_run_as_user_without_the_default_does_not_pass(learn):
    learner = learn("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=TOKEN, default=False)

    assert len(learner.open) == 1
    assert "default handler" in learner.open[0]


def test_an_unexpected_run_as_user_does_not_pass(learn):
    learner = learn("edit-an-enabled-app")

    learner.edit("Warehouse_Scanner", run_as=learner.any_person().username)

    assert len(learner.open) == 1


def test_an_app_removed_and_enabled_again_passes(learn):
    learner = learn("remove-and-enable-again")

    learner.remove("Warehouse_Scanner")
    assert not learner.is_done
    learner.enable("Warehouse_Scanner", default=True)

    assert learner.is_done


def test_an_app_removed_and_enabled_again_by_deployments_passes(learn):
    learner = learn("remove-and-enable-again")
    file = learner.file_of()
    start, end = file.index("    <enablements>"), file.index("</enablements>") + 15

    assert learner.deploy_text(file[:start] + file[end:]).is_success
    assert learner.deploy_text(file).is_success

    assert learner.is_done


def test_an_app_that_was_never_removed_does_not_pass(learn):
    learner = learn("remove-and-enable-again")

    learner.edit("Warehouse_Scanner", run_as=TOKEN)

    assert learner.actual("enabled again") == "Enabled Date: before you started"


def test_an_app_enabled_again_in_another_way_does_not_pass(learn, subtests):
    learner = learn("remove-and-enable-again")
    learner.remove("Warehouse_Scanner")
    other = learner.any_person().username
    for values in [{"default": False}, {"default": True, "run_as": other}]:
        with subtests.test(values=values), rolled_back():
            learner.enable("Warehouse_Scanner", **values)

            assert len(learner.open) == 1


def test_an_inactive_integration_user_does_not_pass(learn):
    learner = learn("remove-and-enable-again")
    learner.remove("Warehouse_Scanner")
    learner.enable("Warehouse_Scanner", default=True)

    User.objects.filter(org=learner.org, username=INTEGRATION).update(is_active=False)

    assert learner.open == [
        f"For this app, {MY_HANDLER} runs as an active integration user."
    ]
