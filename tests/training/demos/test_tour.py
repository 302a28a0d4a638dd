"""The tour: a list of steps, and a bar that takes them."""

import pytest
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from tests.conftest import signed_in
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.training.demos.steps import SLUGS, STEPS
from tokenx.training.practice.actions import start_practice_org


@pytest.fixture
def practice_user(db):
    return start_practice_org(scenario="first-steps", name="Pat Presenter")


def test_lists_all_steps_with_links_and_captions(admin_client):
    response = admin_client.get("/training/tour/")

    for step in STEPS.values():
        assertContains(response, f'href="/training/steps/{step.slug}/"')
        assertContains(response, escape(step.caption))


def test_its_buttons_go_through_all_steps(admin_client):
    response = admin_client.post("/training/tour/", follow=True)

    for number, slug in enumerate(SLUGS, start=1):
        assertContains(response, f"{number} of {len(SLUGS)}: {STEPS[slug].label}.")
        query, _, _ = response.redirect_chain[-1][0].partition("#")
        assert query.endswith(f"tour={slug}")
        after = SLUGS[number % len(SLUGS)]
        response = admin_client.post(
            f"/training/steps/{after}/", {"tour": "on"}, follow=True
        )
    assertContains(response, f"1 of {len(SLUGS)}")


def test_there_is_no_bar_outside_the_tour(admin_client, viewer_client):
    assertNotContains(admin_client.get("/handlers/"), "tour-bar")
    assertNotContains(admin_client.get("/handlers/?tour=none-such"), "tour-bar")
    assertNotContains(viewer_client.get("/handlers/?tour=list"), "tour-bar")
    assertContains(admin_client.get("/handlers/?tour=list"), "tour-bar")


@pytest.mark.parametrize("resets", [True, False])
def test_each_loop_resets_the_org_if_selected(practice_user, resets):
    page = signed_in(practice_user)
    page.post("/training/tour/", {"reset": "on"} if resets else {})
    TokenExchangeHandler.objects.filter(org=practice_user.org).update(label="Changed")

    page.post("/training/steps/detail/", {"tour": "on"})
    page.post("/training/steps/quick-find/", {"tour": "on"})
    assert TokenExchangeHandler.objects.filter(label="Changed").exists()

    page.post("/training/steps/quick-find/", {"tour": "on", "loop": "on"})
    assert TokenExchangeHandler.objects.filter(label="Changed").exists() is not resets
    assert page.get("/handlers/").status_code == 200


def test_offers_a_reset_only_for_an_org_of_a_scenario(admin_client, practice_user):
    assertNotContains(admin_client.get("/training/tour/"), "Reset the org")
    assertContains(signed_in(practice_user).get("/training/tour/"), "Reset the org")


def test_an_org_without_a_scenario_is_never_reset(admin_client, org, handler):
    admin_client.post("/training/tour/", {"reset": "on"})

    assert TokenExchangeHandler.objects.filter(pk=handler.pk).exists()


def test_captions_stay_long_enough_to_read():
    for step in STEPS.values():
        assert step.seconds >= 3 + len(step.caption.split()) / 4
