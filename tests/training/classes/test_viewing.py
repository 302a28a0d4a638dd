"""Viewing a participant's org: the trainer sees everything and changes nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.addresses import CHANGING, CLOSED, OWN_ONLY, TAKES_POST, Unchanged, rows_of
from tests.conftest import signed_in
from tests.factories import TokenExchangeHandlerFactory, profile_of
from tests.rollback import rolled_back
from tokenx.org.models import AuditEntry, BuiltInProfile, Org, User
from tokenx.training.classes import actions as classes
from tokenx.training.exercises import paths
from tokenx.training.models import Classroom, ExerciseRun, Participant
from tokenx.training.practice.removal import remove_org

from . import addresses as class_addresses
from .rows import ClassroomFactory, ExerciseRunFactory, ParticipantFactory

HOME = "/"
LIST = "/handlers/"
BAR = "You're viewing Ada's org"
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
def viewing(admin_client, ada):
    """Return the trainer's browser, which shows Ada's org."""
    view_org(admin_client, ada)
    return admin_client


def view_org(client, participant):
    keys = [participant.classroom_id, participant.pk]
    return client.post(reverse("training:look-into", args=keys))


def visits(participant):
    entries = AuditEntry.objects.filter(org=participant.practice_org).order_by("id")
    return list(entries.values_list("action", "delegate_user"))


def test_shows_the_participants_org_under_a_bar(viewing, theirs, handler):
    response = viewing.get(LIST)

    assertContains(response, "Handler of Ada")
    assertContains(response, BAR)
    assertNotContains(response, handler.label)


def test_no_one_else_sees_a_bar(admin_client, ada):
    assertNotContains(admin_client.get(HOME), "You're viewing")


def test_leaving_returns_to_the_class_and_to_the_trainers_org(viewing, ada, handler):
    response = viewing.post(STOP)

    assertRedirects(response, reverse("training:classroom", args=[ada.classroom_id]))
    assertContains(viewing.get(LIST), handler.label)
    assertNotContains(viewing.get(LIST), BAR)


def test_a_visit_is_in_that_orgs_audit_trail(viewing, ada, admin):
    viewing.post(STOP)

    assert visits(ada) == [
        ("beganLooking", admin.username),
        ("endedLooking", admin.username),
    ]
    assert not AuditEntry.objects.filter(org=admin.org).exists()


def test_signing_out_ends_the_visit(viewing, ada):
    viewing.post("/sign-out/")

    assert visits(ada)[-1][0] == "endedLooking"
    assert viewing.get(HOME).status_code == 302


def test_viewing_another_org_ends_the_first_visit(viewing, ada):
    other = ParticipantFactory(classroom=ada.classroom, name="Grace")

    view_org(viewing, other)

    assert visits(ada)[-1][0] == "endedLooking"
    assertContains(viewing.get(HOME), "You're viewing Grace's org")


def test_every_page_opens_and_none_changes_anything(viewing, ada, subtests):
    their_rows = rows_of(ada.practice_org, "Theirs")
    # Opening a page runs queued deployments.
    signed_in(classes.owner_of(ada)).get(reverse("metadata:deployment-list"))
    rows = Unchanged()

    for name in sorted(set(CLOSED) - set(class_addresses.KEYS)):
        with subtests.test(name=name):
            page = viewing.get(their_rows.address(name))
            result = viewing.post(their_rows.address(name), their_rows.form)

            # Logs are personal: only their users and administrators read them.
            opens = 404 if name in OWN_ONLY else 200
            if name == "setup:own-api-access":
                opens = 302
            # The trainer's own time zone isn't the participant's.
            is_refused = name in CHANGING or name == "setup:change-time-zone"
            assert page.status_code == (403 if is_refused else opens)
            assert result.status_code in ({403} if name in TAKES_POST else {403, 405})
            rows.check()


def test_does_not_update_the_participants_exercise(viewing, ada):
    run = ExerciseRunFactory(org=ada.practice_org, exercise="find-the-page", conditions=0)
    Org.objects.filter(pk=run.org_id).update(exercise=run.exercise)
    before = ExerciseRun.objects.values().get()

    for name in ["exercise", "check-exercise"]:
        assertContains(viewing.get(reverse(f"training:{name}", args=[run.exercise])), BAR)
    assert viewing.get(reverse("training:exercise-state")).status_code == 200

    assert ExerciseRun.objects.values().get() == before
    signed_in(classes.owner_of(ada)).get(reverse("training:exercise-state"))
    assert ExerciseRun.objects.values().get() != before


def test_the_exercise_panel_offers_no_refused_action(viewing, ada):
    run = ExerciseRunFactory(org=ada.practice_org, exercise="find-the-page")
    Org.objects.filter(pk=run.org_id).update(exercise=run.exercise)

    response = viewing.get(HOME)

    assertContains(response, "exercise-heading")
    assertNotContains(response, reverse("training:place-exercise"))


def test_the_certificate_has_the_participants_name(viewing, ada, admin):
    for slug in paths()["all"].exercises:
        now = timezone.now()
        ExerciseRunFactory(org=ada.practice_org, exercise=slug, finished_at=now)

    response = viewing.get(reverse("training:certificate"))

    assertContains(response, '<h1 class="certificate__name" dir="auto">Ada</h1>', html=True)


def test_refusals_explain_the_visit(viewing, ada):
    response = viewing.get(reverse("training:snapshots"))

    assertContains(response, "viewing a participant&#x27;s org", status_code=403)
    assertContains(response, "Back to Class", status_code=403)
    assertNotContains(response, "Log in as a different user", status_code=403)


def test_rows_of_other_orgs_are_not_found(viewing, ada, admin, subtests):
    other = ParticipantFactory(classroom=ada.classroom)
    for rows in [rows_of(admin.org, "Own"), rows_of(other.practice_org, "Third")]:
        for name in ["handlers:detail", "setup:app", "setup:user"]:
            with subtests.test(rows=rows.handler_name, name=name):
                assert viewing.get(rows.address(name)).status_code == 404


def test_class_pages_are_the_trainers_own(viewing, ada):
    response = viewing.get(reverse("training:classroom", args=[ada.classroom_id]))

    assertContains(response, "Ada")
    assertNotContains(response, BAR)


def test_a_key_in_the_session_gives_no_access(ada):
    stranger = ParticipantFactory().classroom.trainer
    client = signed_in(stranger)
    session = client.session
    session["looking"] = ada.pk
    session.save()

    response = client.get(LIST)

    assertRedirects(response, reverse("training:classroom-list"))
    assert "looking" not in client.session
    assert visits(ada) == []


def end_class(ada, admin):
    classes.end_classroom(classroom=ada.classroom, by=admin)


def pass_last_day(ada, admin):
    ends_at = timezone.now() - timedelta(seconds=1)
    Classroom.objects.filter(pk=ada.classroom_id).update(ends_at=ends_at)


def demote_trainer(ada, admin):
    User.objects.filter(pk=admin.pk).update(
        profile=profile_of(admin.org, BuiltInProfile.SETUP_VIEWER)
    )


def deactivate_trainer(ada, admin):
    User.objects.filter(pk=admin.pk).update(is_active=False)


def remove_participant(ada, admin):
    classes.remove_participant(participant=ada, by=admin)


def remove_participants_org(ada, admin):
    remove_org(ada.practice_org)


def test_every_request_checks_the_trainers_rights(ada, theirs, admin, subtests):
    for change in [
        end_class,
        pass_last_day,
        demote_trainer,
        deactivate_trainer,
        remove_participant,
        remove_participants_org,
    ]:
        with subtests.test(change=change.__name__), rolled_back():
            client = signed_in(admin)
            view_org(client, ada)
            assertContains(client.get(LIST), BAR)

            change(Participant.objects.get(pk=ada.pk), admin)

            response = client.get(LIST)
            assert response.status_code == 302
            assert b"Handler of Ada" not in client.get(LIST).content


def test_an_htmx_request_is_redirected_too(viewing, ada, admin):
    end_class(ada, admin)

    response = viewing.get(LIST, headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == reverse("training:classroom-list")


def test_the_trainer_does_not_mark_the_note_as_read(viewing, ada):
    Participant.objects.update(note="Read me", note_at=timezone.now())

    assertNotContains(viewing.get(HOME), "Read me")
    assert viewing.post(reverse("training:class-note"), {"seen": "x"}).status_code == 403
    assert not Participant.objects.get(pk=ada.pk).note_read_at


def test_the_participants_profile_stays(viewing, ada):
    viewing.get(LIST)

    assert classes.owner_of(ada).profile.kind == BuiltInProfile.SYSTEM_ADMINISTRATOR


def test_hides_the_participants_personal_link(viewing, ada):
    expires_at = timezone.now() + timedelta(days=7)
    Org.objects.filter(pk=ada.practice_org_id).update(expires_at=expires_at)
    [own, viewed] = [
        client.get(reverse("training:home"))
        for client in [signed_in(classes.owner_of(ada)), viewing]
    ]

    assertContains(own, "personal-link")
    assertContains(viewed, BAR)
    assertNotContains(viewed, "personal-link")
    assertNotContains(viewed, "come-back/")


def test_the_api_gives_no_access(viewing, ada):
    response = viewing.get("/services/data/v60.0/query?q=SELECT+Id+FROM+User")

    assert response.status_code == 401


def test_leaving_without_a_visit_is_no_error(admin_client, ada):
    assertRedirects(admin_client.post(STOP), reverse("training:classroom-list"))


def test_a_get_request_only_asks_for_confirmation(admin_client, ada):
    keys = [ada.classroom_id, ada.pk]

    response = admin_client.get(reverse("training:look-into", args=keys))

    assertContains(response, "can't change anything")
    assertNotContains(admin_client.get(HOME), BAR)
