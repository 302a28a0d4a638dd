"""Strict mode: hide and refuse actions that Salesforce's Setup doesn't have."""

from itertools import product

import pytest
from pytest_django.asserts import assertContains

from tests.factories import OrgFactory
from tests.read import links, read
from tokenx.org.models import AuditEntry

URL = "/strict-mode/switch/"
DETAIL = "/handlers/My_Handler/"


@pytest.fixture
def strict(org, handler):
    org.is_strict = True
    org.save()


def test_an_administrator_turns_it_on_and_off(admin_client, org):
    for to, is_strict in [("on", True), ("off", False)]:
        admin_client.post(URL, {"to": to})

        org.refresh_from_db()
        assert org.is_strict is is_strict
    displays = AuditEntry.objects.filter(org=org).order_by("id").values_list("display")
    assert [display for (display,) in displays] == [
        "Changed the setting Strict mode from false to true",
        "Changed the setting Strict mode from true to false",
    ]


def test_turning_it_on_twice_is_one_change(admin_client, org):
    for _ in range(2):
        admin_client.post(URL, {"to": "on"})

    assert AuditEntry.objects.filter(org=org).count() == 1


def test_its_page_says_whether_it_is_on_and_has_the_switch(admin_client, org, subtests):
    for is_strict, state, button in [(False, "Off", "Turn On"), (True, "On", "Turn Off")]:
        with subtests.test(state=state):
            org.is_strict = is_strict
            org.save()

            response = admin_client.get("/strict-mode/")

            assertContains(response, f"Strict Mode: {state}")
            assert links(response)[button] == URL


def test_a_viewer_sees_it_without_the_switch(viewer_client):
    response = viewer_client.get("/strict-mode/")

    assertContains(response, "Strict Mode: Off")
    assertContains(response, "You have view-only access to Setup.")
    assert "Turn On" not in links(response)


def test_setup_home_has_no_trace_of_it_outside_the_tree(admin_client, strict):
    assert "Strict" not in read(admin_client.get("/")).one("main").text


def test_hides_actions_that_salesforces_page_does_not_have(admin_client, handler, org):
    urls = links(admin_client.get(DETAIL))
    assert {"Edit", "Disable", "Clone", "Delete"} <= urls.keys()
    org.is_strict = True
    org.save()

    urls = links(admin_client.get(DETAIL))

    assert not {"Edit", "Disable", "Clone", "Delete"} & urls.keys()
    assert "Enable New App" in urls


def test_refuses_hidden_actions_on_the_server(admin_client, strict, handler, subtests):
    for method, verb in product(["get", "post"], ["edit", "switch", "delete"]):
        with subtests.test(method=method, verb=verb):
            response = getattr(admin_client, method)(f"{DETAIL}{verb}/", {"to": "disabled"})

            assert response.status_code == 403
            assertContains(response, "Strict mode is on", status_code=403)
            handler.refresh_from_db()
            assert handler.is_enabled


def test_handlers_can_still_be_created(admin_client, strict):
    assert admin_client.get("/create-handler/").status_code == 200


def test_another_org_is_not_affected(admin_client):
    other = OrgFactory()

    admin_client.post(URL, {"to": "on"})

    other.refresh_from_db()
    assert not other.is_strict


def test_asks_again_if_it_is_neither_turned_on_nor_off(
    admin_client, strict, admin, subtests
):
    for to in ["", "ON", "both"]:
        with subtests.test(to=to):
            response = admin_client.post(URL, {"to": to})

            assert response.status_code == 422
            admin.org.refresh_from_db()
            assert admin.org.is_strict
