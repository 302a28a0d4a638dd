"""Opening, ending, and deleting a class, and actions for one participant."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import OrgFactory, TokenExchangeHandlerFactory
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import AuditEntry, Org
from tokenx.training.classes import actions as classes
from tokenx.training.exercises import exercises, paths
from tokenx.training.models import Classroom, ExerciseRun, Participant
from tokenx.training.scenarios.catalogue import scenarios

from .rows import AdminFactory, ClassroomFactory, ParticipantFactory


def address(name, participant=None, classroom=None):
    if participant:
        keys = [participant.classroom_id, participant.pk]
    else:
        keys = [classroom.pk] if classroom else []
    return reverse(f"training:{name}", args=keys)


def form(**other):
    return {
        "name": "Spring",
        "scenario": next(iter(scenarios())),
        "path": next(iter(paths())),
        "ends_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
        **other,
    }


def trail(org):
    return list(AuditEntry.objects.filter(org=org).values_list("action", flat=True))


@pytest.fixture
def classroom(admin):
    return ClassroomFactory(trainer=admin)


@pytest.fixture
def ada(classroom):
    return ParticipantFactory(classroom=classroom, name="Ada")


def test_opens_a_class_with_a_code_and_a_link(admin_client, admin):
    response = admin_client.post(address("open-classroom"), form(), follow=True)

    [opened] = Classroom.objects.all()
    assertContains(response, f"http://testserver/join/{opened.code}/")
    assertContains(response, opened.shown_code)
    assert opened.org == admin.org
    assert set(opened.code) <= set(classes.LETTERS)
    assert opened.ends_at.date() == timezone.localdate() + timedelta(days=3)
    assert trail(admin.org) == ["openedClass"]


def test_refuses_invalid_values(admin_client, subtests):
    for invalid in [
        {"name": ""},
        {"name": "Spring\x1b[2J"},
        {"name": "\u202e"},
        {"scenario": "none-such"},
        {"path": "none-such"},
        {"ends_on": "never"},
        {"ends_on": "2020-01-01"},
        {"ends_on": (timezone.localdate() + timedelta(days=200)).isoformat()},
    ]:
        with subtests.test(invalid=invalid):
            response = admin_client.post(address("open-classroom"), form(**invalid))

            assert response.status_code == 422
            assert response.context["form"].errors.keys() == invalid.keys()
            assert not Classroom.objects.exists()


def test_refuses_a_day_in_the_past(admin_client):
    response = admin_client.post(address("open-classroom"), form(ends_on="2020-01-01"))

    assertContains(response, "Enter a day in the future.", status_code=422)


def test_limits_an_orgs_open_classes(admin_client, admin, monkeypatch):
    monkeypatch.setattr(classes, "OPEN_AT_ONCE", 1)
    ClassroomFactory(trainer=admin)

    response = admin_client.post(address("open-classroom"), form())

    assert response.status_code == 422
    assert b"End one of them first." in response.content


def test_participants_cannot_open_a_class(ada):
    owner = classes.owner_of(ada)
    client = signed_in(owner)

    assert client.get(address("classroom-list")).status_code == 403
    assert client.post(address("open-classroom"), form()).status_code == 403
    assert Classroom.objects.count() == 1


def test_lists_only_the_orgs_classes(admin_client, classroom):
    ClassroomFactory(name="Of others")

    response = admin_client.get(address("classroom-list"))

    assertContains(response, classroom.name)
    assertNotContains(response, "Of others")


def test_ends_a_class_early(admin_client, classroom):
    response = admin_client.post(address("end-classroom", classroom=classroom))

    assertRedirects(response, address("classroom", classroom=classroom))
    classroom.refresh_from_db()
    assert not classroom.is_open
    assert trail(classroom.org) == ["endedClass"]


def test_an_open_class_is_not_deleted(admin_client, classroom):
    response = admin_client.post(address("delete-classroom", classroom=classroom))

    assert response.status_code == 422
    assert Classroom.objects.exists()


def test_deletes_an_ended_class_with_its_people(admin_client, classroom, ada):
    classes.end_classroom(classroom=classroom, by=classroom.trainer)

    assertContains(
        admin_client.get(address("delete-classroom", classroom=classroom)), "Results as CSV"
    )
    admin_client.post(address("delete-classroom", classroom=classroom))

    assert not Classroom.objects.exists()
    assert not Participant.objects.exists()
    assert ada.practice_org.name == "Ada"  # It is theirs until it expires.


def test_a_note_is_read_once(admin_client, ada):
    owner = signed_in_as(ada)

    admin_client.post(address("send-note", ada), {"note": "Look at <Default>."})

    home = owner.get(reverse("setup:home"))
    assertContains(home, "Look at &lt;Default&gt;.")
    note = reverse("training:class-note")
    key = Participant.objects.get().note_key
    owner.post(note, {"seen": key})
    assertNotContains(owner.get(reverse("setup:home")), "Look at")
    assertContains(admin_client.get(address("participant", ada)), "Your note")
    assert Participant.objects.get().note_read_at


def test_a_newer_note_stays_unread(admin_client, ada):
    owner = signed_in_as(ada)
    admin_client.post(address("send-note", ada), {"note": "First"})
    key = Participant.objects.get().note_key
    admin_client.post(address("send-note", ada), {"note": "Second"})

    owner.post(reverse("training:class-note"), {"seen": key})

    assertContains(owner.get(reverse("setup:home")), "Second")


def test_polling_for_a_note_returns_only_a_new_one(admin_client, ada):
    owner = signed_in_as(ada, **{"HX-Request": "true"})
    note = reverse("training:class-note")
    assert owner.get(note, {"seen": ""}).status_code == 204

    admin_client.post(address("send-note", ada), {"note": "Well done"})

    assertContains(owner.get(note, {"seen": ""}), "Well done")
    key = Participant.objects.get().note_key
    assert owner.get(note, {"seen": key}).status_code == 204


def test_refuses_an_empty_note(admin_client, ada):
    assert admin_client.post(address("send-note", ada), {"note": " "}).status_code == 422


def test_resets_one_org_and_adds_an_audit_entry_there(admin_client, ada, admin):
    other = ParticipantFactory(classroom=ada.classroom)
    for person in [ada, other]:
        TokenExchangeHandlerFactory(org=person.practice_org, label="Made in class")

    admin_client.post(address("reset-participant", ada))

    assert Org.objects.get(pk=ada.practice_org_id).name == ada.classroom.name
    remaining = TokenExchangeHandler.objects.filter(label="Made in class")
    assert [handler.org for handler in remaining] == [other.practice_org]
    [entry] = AuditEntry.objects.filter(org=ada.practice_org)
    assert (entry.action, entry.delegate_user) == ("resetOrg", admin.username)
    assert signed_in_as(ada).get(reverse("setup:home")).status_code == 200


def test_a_reset_restarts_the_exercise(admin_client, ada):
    exercise = next(iter(exercises()))
    Org.objects.filter(pk=ada.practice_org_id).update(exercise=exercise)
    ExerciseRun.objects.create(org=ada.practice_org, exercise=exercise, met=2, hints=1)

    admin_client.post(address("reset-participant", ada))

    run = ExerciseRun.objects.get()
    assert (run.met, run.hints) == (0, 1)


def test_a_removed_participant_keeps_the_org(admin_client, ada):
    admin_client.post(address("remove-participant", ada))

    assert not Participant.objects.exists()
    assert classes.owner_of(ada)
    assert signed_in_as(ada).get(reverse("setup:home")).status_code == 200


def test_the_trainers_rights_end_with_the_class(admin_client, ada, subtests):
    classes.end_classroom(classroom=ada.classroom, by=ada.classroom.trainer)

    for name in ["send-note", "reset-participant", "look-into"]:
        with subtests.test(name=name):
            url = address(name, ada)
            assert admin_client.get(url).status_code == 403
            assert admin_client.post(url, {"note": "Late"}).status_code == 403
    assert admin_client.get(address("participant", ada)).status_code == 200


WITH_A_PERSON = [
    "participant",
    "send-note",
    "reset-participant",
    "remove-participant",
    "look-into",
]
OF_A_CLASS = ["classroom", "end-classroom", "delete-classroom"]
OF_A_CLASS += ["class-results-csv", "class-statements", "send-statements"]


def test_other_trainers_and_participants_find_nothing(ada, subtests):
    others = ParticipantFactory(name="Eve")
    people = [others.classroom.trainer, classes.owner_of(others), classes.owner_of(ada)]
    clients = [signed_in(person) for person in people]
    before = list(Participant.objects.values()), list(Classroom.objects.values())

    for name in WITH_A_PERSON + OF_A_CLASS:
        of_person = name in WITH_A_PERSON
        url = address(name, ada) if of_person else address(name, classroom=ada.classroom)
        with subtests.test(name=name):
            for client in clients:
                assert client.get(url).status_code == 404
                assert client.post(url).status_code in {404, 405}
            after = list(Participant.objects.values()), list(Classroom.objects.values())
            assert after == before


def test_a_participant_of_another_class_is_not_found(admin_client, ada, subtests):
    other = ClassroomFactory(trainer=ada.classroom.trainer)

    for name in WITH_A_PERSON:
        with subtests.test(name=name):
            url = reverse(f"training:{name}", args=[other.pk, ada.pk])
            assert admin_client.get(url).status_code == 404


def test_another_administrator_of_the_org_can_open_the_class(ada):
    colleague = AdminFactory(org=ada.org)

    assert signed_in(colleague).get(address("participant", ada)).status_code == 200


def test_a_deleted_org_cannot_be_reset(admin_client, ada):
    Participant.objects.update(practice_org=None)

    response = admin_client.post(address("reset-participant", ada), follow=True)

    assertContains(response, "Ada&#x27;s org was deleted.")


def signed_in_as(participant, **headers):
    client = signed_in(classes.owner_of(participant), **headers)
    session = client.session
    session["participant"] = [participant.org_id, participant.pk]
    session.save()
    return client


def test_a_session_of_another_org_shows_no_note(ada):
    stranger = signed_in(AdminFactory(org=OrgFactory()))
    session = stranger.session
    session["participant"] = [ada.org_id, ada.pk]
    session.save()
    Participant.objects.update(note="Secret", note_at=timezone.now())

    assertNotContains(stranger.get(reverse("setup:home")), "Secret")
