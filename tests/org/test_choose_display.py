"""The theme and the look of a person's pages."""

import json
import re
from itertools import pairwise, product

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.read import read
from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.org.models.user import Look, Theme
from tokenx.training.demos.actions import present
from tokenx.training.scenarios.demo_org import build_demo_org
from tokenx.training.scenarios.reader import ScenarioError, read_scenario
from tokenx.training.snapshots.actions import restore_snapshot, save_snapshot

URL = reverse("org:choose-display")
HTML = re.compile(r'<html lang="en" data-theme="(\w+)" data-look="(\w+)">')
CHOICES = list(product(Theme.values, Look.values))
SCENARIO = """\
label = "T"
description = "T"

[[users]]
username = "ina@company.example"
last_name = "Inga"
theme = "dark"
look = "cosmos"
"""


def display_of(client: Client, address: str = "/handlers/") -> tuple[str, ...]:
    """Return the theme and the look of a page."""
    match = HTML.search(client.get(address).content.decode())
    assert match
    return match.groups()


def choose(client: Client, **chosen: str) -> None:
    client.post(URL, chosen)


def test_two_people_have_their_own_theme_and_look(admin_client, viewer_client, subtests):
    for (theme, look), others in pairwise([*CHOICES, CHOICES[0]]):
        with subtests.test(theme=theme, look=look):
            choose(admin_client, theme=theme, look=look)
            choose(viewer_client, theme=others[0], look=others[1])

            assert display_of(admin_client) == (theme, look)
            assert display_of(viewer_client) == others


def test_a_button_changes_only_its_own_choice(admin_client):
    choose(admin_client, theme="dark")
    choose(admin_client, look="cosmos")

    assert display_of(admin_client) == ("dark", "cosmos")


def test_the_menu_marks_the_choices(admin_client):
    choose(admin_client, theme="dark")

    page = read(admin_client.get("/handlers/"))

    buttons = page.all("button", aria_pressed="true")
    assert [button.text for button in buttons] == ["Dark", "Lightning"]


def test_without_javascript_the_browser_returns_to_its_page(admin_client, subtests):
    pages = {
        "/handlers/?status=enabled": "/handlers/?status=enabled",
        "https://evil.example/": "/",
        "": "/",
    }
    for page, landing in pages.items():
        with subtests.test(page=page):
            response = admin_client.post(URL, {"theme": "dark", "next": page})

            assert response["Location"] == landing


def test_the_menu_returns_to_the_page_without_its_dialog(admin_client, subtests):
    pages = {
        "/": "/",
        "/handlers/?status=enabled": "/handlers/?status=enabled",
        "/users/?open=new-user": "/users/",
    }
    for address, page in pages.items():
        with subtests.test(address=address):
            form = read(admin_client.get(address)).one("form", id="display")

            assert form.one("input", name="next").attributes["value"] == page


def test_with_htmx_only_the_menu_is_replaced(admin_client):
    response = admin_client.post(URL, {"theme": "dark"}, headers={"HX-Request": "true"})

    event = {"display-chosen": {"theme": "dark", "look": "lightning"}}
    assert json.loads(response["HX-Trigger"]) == event
    assert read(response).one("form", id="display")


def test_unknown_choices_change_nothing(admin_client):
    choose(admin_client, theme="sepia", look="classic")

    assert display_of(admin_client) == ("system", "lightning")


def test_signed_out_people_sign_in_and_return(client):
    page = "/handlers/?status=enabled"

    response = client.post(URL, {"theme": "dark", "next": page})

    assert client.get(response["Location"]).context["next"] == page
    assert display_of(client, response["Location"]) == ("system", "lightning")


@pytest.mark.parametrize("address", ["/handlers/None_Such/", "/none-such/"])
def test_error_pages_have_the_persons_theme(admin_client, address):
    choose(admin_client, theme="dark", look="cosmos")

    assert display_of(admin_client, address) == ("dark", "cosmos")


def test_people_without_access_to_setup_choose_too(org):
    client = signed_in(UserFactory(org=org, profile=BuiltInProfile.STANDARD_USER))

    choose(client, theme="dark")

    assert display_of(client) == ("dark", "lightning")


def test_choosing_is_no_change_of_the_org(admin, admin_client):
    choose(admin_client, theme="dark")

    assert not AuditEntry.objects.filter(org=admin.org).exists()
    assert User.objects.of(admin).get(pk=admin.pk).modified_at == admin.modified_at


def test_the_presenter_bar_keeps_pages_light(admin, admin_client):
    choose(admin_client, theme="dark", look="cosmos")
    present(org=admin.org, by=admin, is_on=True)

    assert display_of(admin_client) == ("light", "cosmos")


def test_a_trainer_keeps_the_theme_while_viewing_an_org(admin, admin_client):
    ada = ParticipantFactory(classroom=ClassroomFactory(trainer=admin))
    choose(admin_client, theme="dark")
    keys = [ada.classroom_id, ada.pk]
    admin_client.post(reverse("training:look-into", args=keys))

    assert display_of(admin_client) == ("dark", "lightning")
    choose(admin_client, look="cosmos")
    assert display_of(admin_client) == ("dark", "cosmos")


def test_restoring_a_snapshot_keeps_the_theme(admin, admin_client):
    snapshot = save_snapshot(org=admin.org, name="Before", by=admin)
    choose(admin_client, theme="dark")

    restore_snapshot(snapshot=snapshot, by=admin)

    assert display_of(admin_client) == ("dark", "lightning")


def test_resetting_the_org_keeps_the_theme(db):
    client = signed_in(build_demo_org(password="Pw-for-1-test"))
    choose(client, theme="dark")

    client.post(reverse("training:reset-org"))

    assert display_of(client) == ("dark", "lightning")


def test_a_scenario_sets_a_users_theme_and_look(org):
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")

    user = scenario.users[0].build(org)

    assert (user.theme, user.look) == ("dark", "cosmos")
    with pytest.raises(ScenarioError, match="theme"):
        read_scenario(SCENARIO.replace("dark", "sepia"), slug="t", file="t.toml")
