"""A trainer looks into the org of somebody in a class: sees all of it, changes nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import TokenExchangeHandlerFactory
from tests.handlers.addresses import CHANGING, CLOSED, TAKES_POST, everything, rows_of
from tests.training import class_addresses
from tests.training.class_rows import (
    ClassroomFactory,
    ExerciseRunFactory,
    ParticipantFactory,
)
from tokenx.org.models import AuditEntry, Org, Profile
from tokenx.training import classes
from tokenx.training.exercises import paths
from tokenx.training.models import ExerciseRun, Participant
from tokenx.training.removal import remove_org

HOME = "/"
LIST = "/handlers/"
BAR = "You look into the org of Ada"
STOP = reverse("training:stop-looking")


@pytest.fixture
def ada(admin):
    return ParticipantFactory(classroom=ClassroomFactory(trainer=admin), name="Ada")


@pytest.fixture
def theirs(ada):
    owner = classes.owner_of(ada)
    return TokenExchangeHandlerFactory(
        org=owner.org, label="Handler of Ada", modified_by=owner
    )


@pytest.fixture
def looking(admin_client, ada):
    """The trainer's browser, which looks into Ada's org."""
    look(admin_client, ada)
    return admin_client


def look(client, participant):
    keys = [participant.classroom_id, participant.pk]
    return client.post(reverse("training:look-into", args=keys))


def visits(participant):
    entries = AuditEntry.objects.filter(org=participant.practice_org).order_by("id")
    return list(entries.values_list("action", "delegate_user"))


def test_shows_the_org_of_the_person_with_a_bar(looking, theirs, handler):
    response = looking.get(LIST)

    assertContains(response, "Handler of Ada")
    assertContains(response, BAR)
    assertNotContains(response, handler.label)


def test_no_one_else_sees_a_bar(admin_client, ada):
    assertNotContains(admin_client.get(HOME), "You look into")


def test_leaving_leads_back_to_the_class_and_to_ones_own_org(looking, ada, handler):
    response = looking.post(STOP)

    assertRedirects(response, reverse("training:classroom", args=[ada.classroom_id]))
    assertContains(looking.get(LIST), handler.label)
    assertNotContains(looking.get(LIST), BAR)


def test_coming_and_going_are_in_the_trail_of_that_org(looking, ada, admin):
    looking.post(STOP)

    assert visits(ada) == [
        ("beganLooking", admin.username),
        ("endedLooking", admin.username),
    ]
    assert not AuditEntry.objects.filter(org=admin.org).exists()


def test_signing_out_ends_looking(looking, ada):
    looking.post("/sign-out/")

    assert visits(ada)[-1][0] == "endedLooking"
    assert looking.get(HOME).status_code == 302


def test_looking_into_another_org_ends_the_first_look(looking, ada):
    other = ParticipantFactory(classroom=ada.classroom, name="Grace")

    look(looking, other)

    assert visits(ada)[-1][0] == "endedLooking"
    assertContains(looking.get(HOME), "You look into the org of Grace")


@pytest.mark.parametrize("name", sorted(set(CLOSED) - set(class_addresses.KEYS)))
def test_every_page_shows_and_none_changes(looking, ada, name):
    there = rows_of(ada.practice_org, "Theirs")
    # Deployments that wait are run by whoever opens a page.
    signed_in(classes.owner_of(ada)).get(reverse("metadata:deployment-list"))
    before = everything()

    shown = looking.get(there.address(name))
    sent = looking.post(there.address(name), there.form)

    assert shown.status_code == (403 if name in CHANGING else 200)
    assert sent.status_code in ({403} if name in TAKES_POST else {403, 405})
    assert everything() == before


def test_how_far_an_exercise_is_stays_as_its_owner_saw_it(looking, ada):
    run = ExerciseRunFactory(org=ada.practice_org, exercise="find-the-page", conditions=0)
    Org.objects.filter(pk=run.org_id).update(exercise=run.exercise)
    before = ExerciseRun.objects.values().get()

    for name in ["exercise", "check-exercise"]:
        assertContains(looking.get(reverse(f"training:{name}", args=[run.exercise])), BAR)
    assert looking.get(reverse("training:exercise-state")).status_code == 200

    assert ExerciseRun.objects.values().get() == before
    signed_in(classes.owner_of(ada)).get(reverse("training:exercise-state"))
    assert ExerciseRun.objects.values().get() != before


def test_the_panel_offers_nothing_that_is_refused(looking, ada):
    run = ExerciseRunFactory(org=ada.practice_org, exercise="find-the-page")
    Org.objects.filter(pk=run.org_id).update(exercise=run.exercise)

    response = looking.get(HOME)

    assertContains(response, "exercise-heading")
    assertNotContains(response, reverse("training:place-exercise"))


def test_the_certificate_is_the_persons(looking, ada, admin):
    for slug in paths()["all"].exercises:
        now = timezone.now()
        ExerciseRunFactory(org=ada.practice_org, exercise=slug, finished_at=now)

    response = looking.get(reverse("training:certificate"))

    assertContains(response, '<h1 class="certificate__name">Ada</h1>', html=True)


def test_what_only_its_owner_may_see_is_refused_in_words_about_looking(looking, ada):
    response = looking.get(reverse("training:snapshots"))

    assertContains(response, "You look into the org of somebody else", status_code=403)
    assertContains(response, "Back to the class", status_code=403)
    assertNotContains(response, "Log in as somebody else", status_code=403)


@pytest.mark.parametrize("name", ["handlers:detail", "setup:app", "setup:user"])
def test_the_trainers_own_rows_are_not_in_that_org(looking, admin, name):
    own = rows_of(admin.org, "Own")

    assert looking.get(own.address(name)).status_code == 404


@pytest.mark.parametrize("name", ["handlers:detail", "setup:app", "setup:user"])
def test_a_third_org_is_reached_by_no_key(looking, ada, name):
    other = ParticipantFactory(classroom=ada.classroom)
    third = rows_of(other.practice_org, "Third")

    assert looking.get(third.address(name)).status_code == 404


def test_the_pages_of_the_class_stay_the_trainers_own(looking, ada):
    response = looking.get(reverse("training:classroom", args=[ada.classroom_id]))

    assertContains(response, "Ada")
    assertNotContains(response, BAR)


def test_nobody_looks_with_a_key_alone(ada):
    stranger = ParticipantFactory().classroom.trainer
    client = signed_in(stranger)
    session = client.session
    session["looking"] = ada.pk
    session.save()

    response = client.get(LIST)

    assertRedirects(response, reverse("training:classroom-list"))
    assert "looking" not in client.session
    assert visits(ada) == []


def end(ada, admin):
    classes.end_classroom(classroom=ada.classroom, by=admin)


def pass_day(ada, admin):
    ada.classroom.ends_at = timezone.now() - timedelta(seconds=1)
    ada.classroom.save()


def demote(ada, admin):
    admin.profile = Profile.SETUP_VIEWER
    admin.save()


def remove(ada, admin):
    classes.remove_participant(participant=ada, by=admin)


def lose_org(ada, admin):
    remove_org(ada.practice_org)


def lose_user(ada, admin):
    admin.is_active = False
    admin.save()


@pytest.mark.parametrize(
    "what", [end, pass_day, demote, remove, lose_org, lose_user], ids=lambda f: f.__name__
)
def test_the_right_is_asked_for_each_time(looking, ada, theirs, admin, what):
    assertContains(looking.get(LIST), BAR)

    what(ada, admin)

    response = looking.get(LIST)
    assert response.status_code == 302
    assert b"Handler of Ada" not in looking.get(LIST).content


def test_a_page_that_looks_again_is_led_away_too(looking, ada, admin):
    end(ada, admin)

    response = looking.get(LIST, headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == reverse("training:classroom-list")


def test_the_note_stays_unread_while_the_trainer_looks(looking, ada):
    Participant.objects.update(note="Read me", note_at=timezone.now())

    assertNotContains(looking.get(HOME), "Read me")
    assert looking.post(reverse("training:class-note"), {"seen": "x"}).status_code == 403
    assert not Participant.objects.get(pk=ada.pk).note_read_at


def test_the_person_is_who_they_were(looking, ada):
    looking.get(LIST)

    assert classes.owner_of(ada).profile == Profile.SYSTEM_ADMINISTRATOR


def test_what_signs_the_person_in_is_not_shown(looking, ada):
    expires_at = timezone.now() + timedelta(days=7)
    Org.objects.filter(pk=ada.practice_org_id).update(expires_at=expires_at)
    [own, shown] = [
        client.get(reverse("training:home"))
        for client in [signed_in(classes.owner_of(ada)), looking]
    ]

    assertContains(own, "personal-link")
    assertContains(shown, BAR)
    assertNotContains(shown, "personal-link")
    assertNotContains(shown, "come-back/")


def test_the_api_knows_nothing_of_it(looking, ada):
    response = looking.get("/services/data/v60.0/query?q=SELECT+Id+FROM+User")

    assert response.status_code == 401


def test_leaving_where_nobody_looks_is_no_error(admin_client, ada):
    assertRedirects(admin_client.post(STOP), reverse("training:classroom-list"))


def test_the_way_in_is_not_in_a_link(admin_client, ada):
    keys = [ada.classroom_id, ada.pk]

    response = admin_client.get(reverse("training:look-into", args=keys))

    assertContains(response, "can change nothing")
    assertNotContains(admin_client.get(HOME), BAR)
