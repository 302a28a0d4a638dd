"""The time zone of the user's own pages."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.read import read
from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.web.local_formats import COOKIE

URL = reverse("setup:change-time-zone")
LINK = "time-zone-link"


def zone_in_menu(client) -> str:
    return read(client.get("/handlers/")).one("a", id=LINK).text


@pytest.mark.parametrize(
    "profile", [BuiltInProfile.SYSTEM_ADMINISTRATOR, BuiltInProfile.SETUP_VIEWER]
)
def test_everyone_in_setup_changes_their_own_time_zone(org, profile):
    user = UserFactory(org=org, profile=profile)
    other = UserFactory(org=org)
    client = signed_in(user)

    response = client.post(URL, {"time_zone": "Asia/Tokyo"})

    assertRedirects(response, reverse("setup:user", args=[user.pk]))
    assert zone_in_menu(client) == "(GMT+09:00) Asia/Tokyo"
    assert User.objects.of(other).get(pk=other.pk).time_zone == ""
    change = AuditEntry.objects.get(org=org)
    assert change.display.endswith("from (blank) to Asia/Tokyo")


def test_the_menu_shows_the_browsers_time_zone(admin_client):
    assert zone_in_menu(admin_client) == "Automatic"
    admin_client.cookies[COOKIE] = "Asia/Tokyo"
    assert zone_in_menu(admin_client) == "Automatic: (GMT+09:00) Asia/Tokyo"


def test_refuses_an_unknown_time_zone(admin, admin_client):
    response = admin_client.post(URL, {"time_zone": "Mars/Olympus"})

    assertContains(response, "Select one of the listed time zones.", status_code=422)
    assert User.objects.of(admin).get(pk=admin.pk).time_zone == ""


def test_a_trainer_who_views_an_org_isnt_offered_it(admin, admin_client):
    ada = ParticipantFactory(classroom=ClassroomFactory(trainer=admin))
    keys = [ada.classroom_id, ada.pk]
    admin_client.post(reverse("training:look-into", args=keys))

    assertNotContains(admin_client.get("/handlers/"), LINK)
    assert admin_client.get(URL).status_code == 403
