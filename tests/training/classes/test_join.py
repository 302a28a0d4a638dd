"""Joining a class with a code or a link, and returning to it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.rollback import rolled_back
from tokenx.org import login_throttle
from tokenx.org.models import AuditEntry, Org
from tokenx.training.classes import actions as classes
from tokenx.training.classes import joining
from tokenx.training.exercises import paths
from tokenx.training.models import Participant
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios.catalogue import scenarios

from .rows import ClassroomFactory, ParticipantFactory

JOIN = "/join/"
HOME = "/"
ELSEWHERE = "203.0.113.7"


@pytest.fixture
def classroom(db):
    return ClassroomFactory(
        scenario=next(iter(scenarios())), path=next(iter(paths())), name="Spring"
    )


def join(classroom, name="Ada", client=None, **other):
    client = client or Client()
    data = {"code": classroom.code, "name": name, **other}
    return client, client.post(JOIN, data)


def user_of(client):
    return client.get(HOME).context["request"].user


def come_back(participant):
    return reverse("training:come-back", args=[participant.come_back_token])


def test_anyone_can_join_with_the_code_and_a_name(classroom):
    client, response = join(classroom)

    assertRedirects(response, HOME)
    [participant] = Participant.objects.all()
    assert participant.name == "Ada"
    assert user_of(client).org == participant.practice_org
    assert participant.practice_org != classroom.org


def test_the_first_exercise_starts_and_the_org_outlasts_the_class(classroom):
    join(classroom)

    org = Participant.objects.get().practice_org
    assert org.exercise == paths()[classroom.path].exercises[0]
    assert org.expires_at > classroom.ends_at


def test_a_link_fills_in_the_code(client, classroom):
    response = client.get(f"{JOIN}{classroom.code}/")

    assertContains(response, "Join Spring")
    assertContains(response, f'value="{classroom.code}"')


def test_a_link_still_names_the_class_after_an_invalid_name(client, classroom):
    data = {"code": classroom.code, "name": " "}

    response = client.post(f"{JOIN}{classroom.code}/", data)

    assertContains(response, "Join Spring", status_code=422)


def test_a_code_can_be_entered_in_several_ways(classroom, subtests):
    code = classroom.code.lower()
    for text in [code, f" {code} ", classroom.shown_code]:
        with subtests.test(text=text), rolled_back():
            _, response = join(classroom, code=text)

            assert response.status_code == 302


def test_repeated_names_get_numbers(classroom):
    for name in ["Ada", "ada", "Ada"]:
        join(classroom, name)

    names = set(Participant.objects.values_list("name", flat=True))
    assert names == {"Ada", "ada (2)", "Ada (3)"}


def test_refuses_unreadable_names(classroom, subtests):
    for name in ["", "  ", "\x07", "a\0b", "\u202e", "…", "x" * 61]:
        with subtests.test(name=name):
            _, response = join(classroom, name)

            assert response.status_code == 422
            assert response.context["form"].errors.keys() == {"name"}
            assert not Participant.objects.exists()


def test_keeps_names_of_all_kinds(classroom, subtests):
    for name in ["Łukasz", "美咲", "O'Brien", "<b>", "=1+1", "Anna Müller"]:
        with subtests.test(name=name), rolled_back():
            join(classroom, name)

            assert Participant.objects.get().name == name


def test_refuses_an_incorrect_code(classroom, subtests):
    for code in ["", "NONESUCH", "x" * 10_000, "a\0b", "🙂", "'; --"]:
        with subtests.test(code=code), rolled_back():
            _, response = join(classroom, code=code)

            assert response.status_code == 422
            assert "code" in response.context["form"].errors
            assert not Participant.objects.exists()


def test_incorrect_codes_throttle_the_next_attempt(client, classroom, monkeypatch):
    monkeypatch.setattr(login_throttle, "FREE_FROM_ADDRESS", 3)
    for _ in range(5):
        client.get(f"{JOIN}NONESUCH/", REMOTE_ADDR=ELSEWHERE)

    response = client.post(
        JOIN, {"code": classroom.code, "name": "Ada"}, REMOTE_ADDR=ELSEWHERE
    )

    assert response.status_code == 422
    assert b"Too many incorrect codes." in response.content


def test_correct_codes_of_a_whole_class_are_not_throttled(classroom, monkeypatch):
    monkeypatch.setattr(login_throttle, "FREE_FROM_ADDRESS", 3)

    for _ in range(6):
        response = Client().get(f"{JOIN}{classroom.code}/", REMOTE_ADDR=ELSEWHERE)
        assert b"Join Spring" in response.content


def test_refuses_to_join_an_ended_class(classroom):
    classes.end_classroom(classroom=classroom, by=classroom.trainer)

    _, response = join(classroom)

    assert response.status_code == 422
    assert b"This class has ended." in response.content
    assertContains(Client().get(f"{JOIN}{classroom.code}/"), "This class has ended.")


def test_refuses_to_join_a_full_class(classroom, monkeypatch):
    monkeypatch.setattr(joining, "MOST", 1)
    join(classroom)

    _, response = join(classroom, "Grace")

    assert response.status_code == 422
    assert b"This class is full" in response.content
    assert Org.objects.count() == 2


def test_a_failed_org_adds_no_participant(classroom, monkeypatch):
    def fail(**_):
        raise joining.ValidationError("No more orgs.")

    monkeypatch.setattr(joining, "start_practice_org", fail)

    _, response = join(classroom)

    assert response.status_code == 422
    assert b"No more orgs." in response.content
    assert not Participant.objects.exists()


def test_the_same_browser_continues(classroom):
    client, _ = join(classroom)

    response = client.get(f"{JOIN}{classroom.code}/")

    assertRedirects(response, HOME)
    assert Participant.objects.count() == 1


def test_the_browser_stays_in_the_class_until_it_ends(classroom):
    client, _ = join(classroom)

    difference = client.session.get_expiry_date() - classroom.ends_at
    assert abs(difference) < timedelta(minutes=1)


def test_another_browser_returns_by_the_personal_link(classroom):
    join(classroom)
    participant = Participant.objects.get()
    client = Client()

    assertContains(client.get(come_back(participant)), "Welcome back, Ada")
    assert client.get(HOME).status_code == 302
    assertRedirects(client.post(come_back(participant)), HOME)
    assert user_of(client).org == participant.practice_org
    assertContains(client.get(reverse("training:home")), participant.come_back_token)


def test_a_personal_link_expires_with_the_class(client, classroom):
    person = ParticipantFactory(classroom=classroom)
    classes.end_classroom(classroom=classroom, by=classroom.trainer)

    response = client.post(come_back(person))

    assert response.status_code == 404
    assert b"This class has ended." in response.content
    assert client.get(HOME).status_code == 302


def test_an_expired_personal_link_is_hidden(classroom):
    client, _ = join(classroom)
    token = Participant.objects.get().come_back_token
    classes.end_classroom(classroom=classroom, by=classroom.trainer)

    response = client.get(reverse("training:home"))

    assertContains(response, "which ended on")
    assertNotContains(response, token)


def test_a_removed_participants_link_is_not_found(client, classroom):
    person = ParticipantFactory(classroom=classroom)
    link = come_back(person)
    classes.remove_participant(participant=person, by=classroom.trainer)

    assert client.get(link).status_code == 404


def test_a_personal_link_to_a_deleted_org_is_not_found(client, classroom):
    person = ParticipantFactory(classroom=classroom)
    remove_org(person.practice_org)

    assert client.get(come_back(person)).status_code == 404


def test_an_invalid_personal_link_is_not_found(client, db, subtests):
    for token in ["none", "a:b:c", "x" * 5000, "🙂"]:
        with subtests.test(token=token):
            assert client.get(f"/come-back/{token}/").status_code == 404


def test_the_new_orgs_audit_trail_does_not_name_the_trainer(classroom):
    join(classroom)
    org = Participant.objects.get().practice_org

    for entry in AuditEntry.objects.filter(org=org):
        assert classroom.trainer.username not in entry.display


def test_joining_allows_no_other_methods(client, classroom):
    assert client.put(JOIN).status_code == 405
    assert client.delete(f"{JOIN}{classroom.code}/").status_code == 405
    assert client.put("/come-back/x/").status_code == 405


def test_the_page_names_the_signed_in_user(admin_client, classroom, admin):
    assertContains(admin_client.get(JOIN), f"logged in as {admin.name}")


def test_an_open_page_cannot_join_an_ended_class(classroom):
    classroom.ends_at = timezone.now() - timedelta(seconds=1)
    classroom.save()

    with pytest.raises(joining.ValidationError, match="has ended"):
        joining.join_class(classroom=classroom, name="Late")
