"""The exercise panel: its content, its polling, and its remembered settings."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tokenx.org.models import User
from tokenx.training.exercises import exercises
from tokenx.training.exercises.actions import leave_exercise, start_exercise
from tokenx.training.exercises.checks import update_run
from tokenx.training.models import ExerciseRun

from .exercising import INTEGRATION, MY_HANDLER, TOKEN, Learner

STATE = "/training/exercise-state/"
PLACE = "/training/place-exercise/"


@pytest.fixture
def learner(learn) -> Learner:
    return learn("enable-a-connected-app")


def browser(user: User, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


@pytest.fixture
def client(learner) -> Client:
    return browser(learner.user)


@pytest.fixture
def htmx(learner) -> Client:
    return browser(learner.user, **{"HX-Request": "true"})


def url(name: str, slug: str = "enable-a-connected-app") -> str:
    return reverse(f"training:{name}", args=[slug])


def address(content: bytes) -> str:
    """Return the URL that the panel polls next."""
    [url] = re.findall(rb'hx-get="(/training/exercise-state/\?[^"]+)"', content)
    return unescape(url.decode())


def test_every_page_of_setup_shows_the_exercise(client):
    for page in ["/", "/handlers/", "/users/", "/training/"]:
        content = client.get(page).content

        assert b"Enable a connected app" in content
        assert b"1 of 2 met" in content


def test_an_org_without_an_exercise_has_no_panel(admin_client, org):
    assert b"exercise-slot" not in admin_client.get("/").content

    org.exercise = "gone-since"
    org.save()
    assert b"1 of 2 met" not in admin_client.get("/").content


def test_polling_returns_nothing_if_nothing_changed(client, htmx):
    poll_url = address(client.get("/").content)

    assert htmx.get(poll_url).status_code == 204
    assert htmx.get(poll_url).content == b""


def test_polling_returns_changes(client, htmx, learner):
    poll_url = address(client.get("/").content)

    learner.enable("TokenExchangeApp1", INTEGRATION)
    content = htmx.get(poll_url).content.decode()

    assert "Run as: integrationuser@mycompany.com" in content
    assert "1 of 2 conditions met" in content
    assert htmx.get(address(content.encode())).status_code == 204
    learner.edit("TokenExchangeApp1", run_as=TOKEN)
    content = htmx.get(address(content.encode())).content.decode()
    assert "Next Exercise" in content
    assert "Enable an external client app" in content


def test_an_old_tab_shows_the_current_exercise(client, htmx, learner):
    poll_url = address(client.get("/").content)

    start_exercise(org=learner.org, exercise=exercises()["view-details"], by=learner.user)
    response = htmx.get(poll_url)

    assert response["HX-Retarget"] == "#exercise-slot"
    assertContains(response, "View a handler")
    assertNotContains(response, "Enable a connected app")


def test_an_old_tab_closes_the_panel_after_the_exercise_was_left(client, htmx, learner):
    poll_url = address(client.get("/").content)

    leave_exercise(org=learner.org, by=learner.user)
    response = htmx.get(poll_url)

    assert response["HX-Retarget"] == "#exercise-slot"
    assertNotContains(response, "Enable a connected app")
    # A hidden panel takes no space next to the page either.
    assertNotContains(response, "exercise_right")


def test_polling_takes_few_queries_and_writes_nothing(
    client, htmx, learner, django_assert_num_queries
):
    poll_url = address(client.get("/").content)
    htmx.get(poll_url)

    # The session, the user with the org, the run; the app with its handlers, all others.
    with django_assert_num_queries(7) as captured:
        assert htmx.get(poll_url).status_code == 204

    assert not [
        query
        for query in captured.captured_queries
        if not query["sql"].startswith("SELECT")
    ]


def test_progress_is_stored_with_its_time(htmx, learner):
    run = ExerciseRun.objects.get(org=learner.org)
    assert (run.met, run.conditions, run.finished_at) == (0, 2, None)

    learner.enable("TokenExchangeApp1", TOKEN)
    htmx.get(STATE)

    run.refresh_from_db()
    assert (run.met, run.conditions) == (2, 2)
    assert run.finished_at == run.changed_at > run.started_at


def test_a_finished_exercise_stays_finished(learner):
    learner.enable("TokenExchangeApp1", TOKEN)
    finished = update_run(learner.org, learner.exercise).finished_at
    assert finished

    learner.remove("TokenExchangeApp1")
    run = update_run(learner.org, learner.exercise)

    assert (run.met, run.finished_at) == (1, finished)


def test_a_restarted_exercise_can_be_finished_again(learner):
    learner.enable("TokenExchangeApp1", TOKEN)
    first = update_run(learner.org, learner.exercise)

    start_exercise(org=learner.org, exercise=learner.exercise, by=learner.user)
    run = ExerciseRun.objects.get(org=learner.org)
    assert run.finished_at == first.finished_at
    assert not run.is_finished

    assert update_run(learner.org, learner.exercise).finished_at > first.finished_at


def test_the_time_of_all_attempts_counts(learner):
    def pass_time(minutes):
        run = ExerciseRun.objects.get(org=learner.org)
        run.tried_at -= timedelta(minutes=minutes)
        run.save()

    def minutes():
        return ExerciseRun.objects.get(org=learner.org).minutes

    pass_time(10)
    learner.enable("TokenExchangeApp1", TOKEN)
    update_run(learner.org, learner.exercise)
    assert minutes() == 10

    start_exercise(org=learner.org, exercise=learner.exercise, by=learner.user)
    assert minutes() == 10
    pass_time(5)
    update_run(learner.org, learner.exercise)
    assert minutes() == 15


def test_the_next_step_follows_the_state(client, htmx, learner):
    assert b"#enable-new-app" in client.get("/").content

    learner.enable("TokenExchangeApp1", INTEGRATION)
    content = htmx.get(STATE).content
    assert b"with other values" in content

    learner.remove("TokenExchangeApp1")
    assert b"#enable-new-app" in htmx.get(STATE).content


# --- Hints and answers -----------------------------------------------------------------


def test_hints_are_shown_one_at_a_time_and_counted(client, learner):
    for number in range(1, 6):
        client.post(url("show-hint"))
        shown = min(number, 3)
        content = client.get(url("exercise")).content.decode()
        assert ExerciseRun.objects.get(org=learner.org).hints == shown
        assert ("tok</code> is enough" in content) is (shown == 3)
    assert "Show hint" not in content


def test_an_answer_is_stored_and_checked(learn):
    learner = learn("find-the-page")
    htmx = browser(learner.user, **{"HX-Request": "true"})
    [first, second] = learner.exercise.questions
    answer_url = url("answer-exercise", "find-the-page")

    content = htmx.post(answer_url, {"question": first, "answer": "7"}).content.decode()
    assert "Your answer, 7, isn't correct." in unescape(content)
    content = htmx.post(answer_url, {"question": first, "answer": "1"}).content.decode()
    assert "1 of 2 met" in content

    htmx.post(answer_url, {"question": second, "answer": "Identity"})
    assert ExerciseRun.objects.get(org=learner.org).is_finished


def test_an_unknown_question_is_not_answered(learner, client):
    client.post(url("answer-exercise"), {"question": "Why?", "answer": "x" * 10_000})

    assert ExerciseRun.objects.get(org=learner.org).answers == {}


def test_answers_are_escaped(learn):
    learner = learn("find-the-page")
    client = browser(learner.user)
    answer = "<script>alert(1)</script>\0"
    answer_url = url("answer-exercise", "find-the-page")

    response = client.post(
        answer_url,
        {"question": learner.exercise.questions[0], "answer": answer},
        follow=True,
    )

    assert b"<script>alert" not in response.content
    assert b"&lt;script&gt;alert" in response.content


# --- Its position ----------------------------------------------------------------------


def test_the_panels_position_is_remembered(client, subtests):
    for place in ["left", "bottom", "right"]:
        with subtests.test(place=place):
            client.post(PLACE, {"place": place})

            assert f"exercise_{place}".encode() in client.get("/").content


def test_an_invalid_position_changes_nothing(client):
    client.post(PLACE, {"place": "top<script>"})

    assert b"exercise_right" in client.get("/").content


def test_the_panel_can_be_folded_and_unfolded(client):
    client.post(PLACE, {"fold": "1"})
    content = client.get("/").content
    assert b"exercise_folded" in content
    assert b"Show hint" not in content
    assert b"1 of 2 met" in content

    client.post(PLACE, {"fold": "0"})
    assert b"Show hint" in client.get("/").content


def test_the_pointer_can_be_turned_off(client):
    assert b"data-pointer" in client.get("/").content

    client.post(PLACE, {"guide": "0"})

    assert b"data-pointer" not in client.get("/").content


def test_after_all_steps_it_points_to_other_changes(learner, client):
    learner.enable("TokenExchangeApp2")
    learner.enable("TokenExchangeApp1", TOKEN)

    content = unescape(client.get("/").content.decode())

    assert "Fix the conditions that aren't met yet" in content
    assert f"TokenExchangeApp2 for {MY_HANDLER} (previously not enabled)" in content
    assert f'"open": "/handlers/{MY_HANDLER}/", "via": ["/handlers/"]' in content

    learner.remove("TokenExchangeApp2")
    assertContains(client.get("/"), "You've completed this exercise.")


def test_a_viewer_sees_the_progress_without_controls(learner):
    viewer = User.objects.get(org=learner.org, profile__kind="setup_viewer")
    client = browser(viewer)

    content = client.get("/").content

    assert b"1 of 2 met" in content
    for hidden in [b"Show hint", b"Leave</a>", b"data-pointer"]:
        assert hidden not in content


def test_another_org_does_not_see_the_exercise(admin_client, learner, org):
    assert b"No exercise is in progress" in admin_client.get(STATE).content

    content = admin_client.get(url("exercise")).content
    assert f"The handler {MY_HANDLER} doesn&#x27;t exist.".encode() in content
