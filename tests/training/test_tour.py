"""The tour: a list for everybody, and a bar on the pages that goes through them."""

import pytest
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from tests.conftest import signed_in
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.training.practice import start_practice_org
from tokenx.training.steps import SLUGS, STEPS


@pytest.fixture
def practising(db):
    return start_practice_org(scenario="first-steps", name="Pat Presenter")


def test_its_steps_are_a_list_of_links_with_captions(admin_client):
    response = admin_client.get("/training/tour/")

    for step in STEPS.values():
        assertContains(response, f'href="/training/steps/{step.slug}/"')
        assertContains(response, escape(step.caption))


def test_it_goes_through_all_steps_by_its_buttons(admin_client):
    response = admin_client.post("/training/tour/", follow=True)

    for place, slug in enumerate(SLUGS, start=1):
        assertContains(response, f"{place} of {len(SLUGS)}: {STEPS[slug].label}.")
        query, _, _ = response.redirect_chain[-1][0].partition("#")
        assert query.endswith(f"tour={slug}")
        after = SLUGS[place % len(SLUGS)]
        response = admin_client.post(
            f"/training/steps/{after}/", {"tour": "on"}, follow=True
        )
    assertContains(response, f"1 of {len(SLUGS)}")


def test_there_is_no_bar_outside_the_tour(admin_client, viewer_client):
    assertNotContains(admin_client.get("/handlers/"), "tour-bar")
    assertNotContains(admin_client.get("/handlers/?tour=none-such"), "tour-bar")
    assertNotContains(viewer_client.get("/handlers/?tour=list"), "tour-bar")
    assertContains(admin_client.get("/handlers/?tour=list"), "tour-bar")


@pytest.mark.parametrize("asked", [True, False])
def test_each_loop_resets_the_org_where_that_was_asked(practising, asked):
    page = signed_in(practising)
    page.post("/training/tour/", {"reset": "on"} if asked else {})
    TokenExchangeHandler.objects.filter(org=practising.org).update(label="Changed")

    page.post("/training/steps/detail/", {"tour": "on"})
    page.post("/training/steps/quick-find/", {"tour": "on"})
    assert TokenExchangeHandler.objects.filter(label="Changed").exists()

    page.post("/training/steps/quick-find/", {"tour": "on", "loop": "on"})
    assert TokenExchangeHandler.objects.filter(label="Changed").exists() is not asked
    assert page.get("/handlers/").status_code == 200


def test_only_an_org_of_a_scenario_is_offered_to_be_reset(admin_client, practising):
    assertNotContains(admin_client.get("/training/tour/"), "Reset the org")
    assertContains(signed_in(practising).get("/training/tour/"), "Reset the org")


def test_an_org_of_no_scenario_is_not_reset_whatever_is_sent(admin_client, org, handler):
    admin_client.post("/training/tour/", {"reset": "on"})

    assert TokenExchangeHandler.objects.filter(pk=handler.pk).exists()


def test_a_caption_stays_long_enough_to_be_read():
    for step in STEPS.values():
        assert step.seconds >= 3 + len(step.caption.split()) / 4
