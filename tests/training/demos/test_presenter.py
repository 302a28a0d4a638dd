"""The presenter bar: each step of the workflow sets up the state it needs."""

from collections.abc import Iterator

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.addresses import everything
from tests.conftest import signed_in
from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Deployment, Source, Status
from tokenx.org.models import AuditEntry, BuiltInProfile, ClientApp, Org, User
from tokenx.training.demos.demo_data import RUN_AS
from tokenx.training.demos.steps import SLUGS
from tokenx.training.practice.actions import start_practice_org
from tokenx.training.scenarios.demo_org import build_demo_org


@pytest.fixture
def go(admin_client):
    """Take a step and return the page that it leads to."""

    def go(slug):
        response = admin_client.post(f"/training/steps/{slug}/", follow=True)
        assert response.status_code == 200
        return response

    return go


@pytest.fixture
def enablement(org):
    """Find the workflow's enabled app."""

    def enablement():
        return Enablement.objects.filter(
            org=org,
            handler__developer_name="MyTokenExchangeHandler",
            app__label="TokenExchangeApp1",
        ).first()

    return enablement


def test_the_bar_turns_on_and_off(admin_client, org):
    assertNotContains(admin_client.get("/handlers/"), "data-presenter")

    assertRedirects(admin_client.post("/training/present/", {"to": "on"}), "/training/")
    assertContains(admin_client.get("/handlers/"), "data-presenter")
    admin_client.post("/training/present/", {"to": "on"})

    admin_client.post("/training/present/", {"to": "off"})
    assertNotContains(admin_client.get("/handlers/"), "data-presenter")
    assert AuditEntry.objects.filter(org=org, display__contains="presenter").count() == 2


def test_the_bar_is_for_administrators(viewer_client, org):
    Org.objects.filter(pk=org.pk).update(is_presented=True)

    assertNotContains(viewer_client.get("/handlers/"), "data-presenter")


def test_the_bar_names_the_scenario_and_resets_it(db):
    owner = start_practice_org(scenario="first-steps", name="Pat Presenter")
    Org.objects.filter(pk=owner.org_id).update(is_presented=True)

    response = signed_in(owner).get("/handlers/")

    assertContains(response, "Presenter: First steps")
    assertContains(response, "/training/reset/")


def test_the_bar_names_the_demo_org(db):
    owner = build_demo_org(password="correct horse battery staple")
    Org.objects.filter(pk=owner.org_id).update(is_presented=True, name="Renamed")

    response = signed_in(owner).get("/training/")

    assertContains(response, "Presenter: tokenx Demo")
    assertContains(response, "A company with seven handlers")


def test_repeating_a_step_in_an_empty_org_changes_nothing(go, subtests):
    for slug in SLUGS:
        with subtests.test(slug=slug), rolled_back():
            go(slug)
            before = everything()

            go(slug)

            assert everything() == before


@pytest.mark.slow
def test_every_step_can_follow_every_other(go):
    for slug in each_after_each(SLUGS):
        go(slug)


def each_after_each(slugs: list[str]) -> Iterator[str]:
    """Order slugs so that each one follows every other, and itself, exactly once."""
    for index, first in enumerate(slugs):
        yield first
        for second in slugs[index + 1 :]:
            yield first
            yield second
    yield slugs[0]


def test_all_steps_in_an_org_of_a_scenario(db, subtests):
    for scenario in [
        "empty",
        "two-handlers-one-default",
        "app-not-found",
        "broken-deployment",
    ]:
        client = signed_in(start_practice_org(scenario=scenario, name="Pat Presenter"))
        for slug in SLUGS:
            with subtests.test(scenario=scenario, slug=slug):
                response = client.post(f"/training/steps/{slug}/", follow=True)
                assert response.status_code == 200
                assert "/training/" not in response.redirect_chain[-1][0]


def test_all_steps_in_the_demo_org(db, subtests):
    client = signed_in(build_demo_org(password="correct horse battery staple"))

    for slug in SLUGS:
        with subtests.test(slug=slug):
            response = client.post(f"/training/steps/{slug}/", follow=True)
            assert "/training/" not in response.redirect_chain[-1][0]


def test_step_2_of_the_wizard_has_its_selections(go, enablement):
    go("enabled")
    assert enablement().is_default

    response = go("choose-app")

    assert enablement() is None
    form = response.context["form"]
    assert form.chosen_app.label == "TokenExchangeApp1"
    assert form.chosen_user.name == "Integration User"
    assertContains(response, "checked")


def test_turns_on_token_exchange_for_the_app(go, org):
    ClientAppFactory(
        org=org,
        label="TokenExchangeApp1",
        api_name="TokenExchangeApp1",
        allows_token_exchange=False,
    )
    IntegrationUserFactory(
        org=org, username="integrationuser@mycompany.com", is_active=False
    )

    go("enabled")

    assert ClientApp.objects.get(org=org, label="TokenExchangeApp1").is_exchangeable
    assert User.objects.get(org=org, username=RUN_AS).is_active


def test_takes_over_the_default_from_the_other_handler(go, org):
    go("taken-over")

    app = ClientApp.objects.get(org=org, api_name="TokenExchangeApp2")
    handlers = Enablement.objects.filter(org=org, app=app).order_by("-is_default")
    assert [(row.handler.label, row.is_default) for row in handlers] == [
        ("MyTokenExchangeHandler", True),
        ("Okta Workforce", False),
    ]
    display = "as its default handler instead of Okta Workforce"
    assert AuditEntry.objects.filter(org=org, display__contains=display).exists()


def test_a_review_shows_the_app_that_would_be_enabled(go, enablement):
    go("enabled")

    response = go("review")

    assert enablement() is None
    assertContains(response, "Reviewed, with one more enabled app.")
    assertContains(response, "TokenExchangeApp1")


def test_the_prepared_source_can_be_deployed(go, admin_client, org):
    response = go("review")
    source = response.context["source"]

    admin_client.post(f"/deploy/{source.pk}/", {"do": "deploy"})

    assert Deployment.objects.get(org=org).status == Status.SUCCEEDED


def test_creates_the_failed_deployment_once(go, org):
    response = go("failed")
    go("failed")

    [deployment] = Deployment.objects.filter(org=org)
    assert deployment.status == Status.FAILED
    assert Source.objects.filter(org=org).count() == 1
    assertContains(response, "AnAppThatIsNotHere")


def test_uses_the_scenarios_handler(go, org, handler):
    response = go("detail")

    assertContains(response, handler.label)
    assert TokenExchangeHandler.objects.filter(org=org).count() == 1


def test_the_prepared_file_leaves_out_a_handler_with_many_apps(go, org, handler):
    EnablementFactory.create_batch(2, handler=handler)
    TokenExchangeHandler.objects.filter(pk=handler.pk).update(connected_count=201)

    assertContains(go("review"), "Shown")


def test_a_step_in_one_org_changes_no_other(go, org):
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    theirs = TokenExchangeHandlerFactory(org=other.org, modified_by=other)

    go("taken-over")

    assert not Enablement.objects.filter(org=other.org).exists()
    assert list(TokenExchangeHandler.objects.filter(org=other.org)) == [theirs]


def test_opening_a_step_with_get_changes_nothing(admin_client, org):
    before = everything()

    assertContains(admin_client.get("/training/steps/taken-over/"), "Go to Step")

    assert everything() == before
