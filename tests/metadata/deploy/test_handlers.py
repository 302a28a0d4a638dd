"""Deploying handlers and their enabled apps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import ApexClassFactory, ClientAppFactory, IntegrationUserFactory
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry

from .deploying import (
    apex_class,
    app_of,
    connected_app,
    deploy,
    enabled,
    external_app,
    handler,
    outcomes,
    problems,
    ready_for_handlers,
)

pytestmark = pytest.mark.usefixtures("apps")


@pytest.fixture
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop", "Wiki")


def enablements(name="Mine"):
    rows = Enablement.objects.filter(handler__developer_name=name).order_by("app_key")
    return {row.app.api_name: row for row in rows}


def test_creates_a_handler_as_the_page_does(admin):
    wanted = handler("Mine", enabled("Billing", is_default=True), "Shop")

    deployment = deploy(admin, [replace(wanted, description="Checks", is_protected=True)])

    handler_row = TokenExchangeHandler.objects.get(developer_name="Mine")
    assert deployment.status == Status.SUCCEEDED
    assert outcomes(deployment) == {"Mine": "Created"}
    assert (handler_row.org, handler_row.label, handler_row.description) == (
        admin.org,
        "Mine",
        "Checks",
    )
    assert (handler_row.is_enabled, handler_row.is_protected) == (True, True)
    assert handler_row.token_types == ["JWT"]
    assert (handler_row.created_by, handler_row.modified_by) == (admin, admin)
    assert handler_row.connected_count == 2
    assert [row.is_default for row in enablements().values()] == [True, False]
    assert {row.run_as.username for row in enablements().values()} == {
        "inga@mycompany.example"
    }


def test_adds_each_change_to_the_audit_trail(admin):
    deploy(admin, [handler("Mine", "Billing", "Shop")])

    assert set(AuditEntry.objects.values_list("display", flat=True)) == {
        "Created token exchange handler Mine, enabled",
        "Replaced the apps of token exchange handler Mine: enabled Billing, Shop",
    }


def test_deploying_the_same_again_changes_nothing(admin):
    wanted = handler("Mine", enabled("Billing", is_default=True), "Shop")
    deploy(admin, [wanted])
    before = list(TokenExchangeHandler.objects.values()), list(Enablement.objects.values())
    entries = AuditEntry.objects.count()

    deployment = deploy(admin, [wanted])

    assert outcomes(deployment) == {"Mine": "Unchanged"}
    assert deployment.status == Status.SUCCEEDED
    assert before == (
        list(TokenExchangeHandler.objects.values()),
        list(Enablement.objects.values()),
    )
    assert AuditEntry.objects.count() == entries


def test_reports_any_difference_as_a_change(admin, subtests):
    wanted = handler("Mine", "Billing")
    deploy(admin, [wanted])

    for change in [
        {"label": "Other"},
        {"description": "Other"},
        {"is_enabled": False},
        {"supports_saml2": True},
        {"allows_user_creation": True},
        {"allows_contact_creation": False},
        {"is_protected": False},
        {"developer_name": "mine"},
        {"enablements": ()},
        {"enablements": (enabled("Billing"), enabled("Shop"))},
        {"enablements": (enabled("Billing", is_default=True),)},
        {"enablements": (enabled("Shop"),)},
    ]:
        with subtests.test(change=change), rolled_back():
            deployment = deploy(admin, [replace(wanted, **change)])

            assert list(outcomes(deployment).values()) == ["Changed"]
            again = deploy(admin, [replace(wanted, **change)])
            assert list(outcomes(again).values()) == ["Unchanged"]


def test_reports_another_class_as_a_change(admin, org):
    ApexClassFactory(org=org, name="WikiTokens")
    deploy(admin, [handler("Mine")])

    deployment = deploy(admin, [handler("Mine", apex_class="WikiTokens")])

    assert outcomes(deployment) == {"Mine": "Changed"}
    assert TokenExchangeHandler.objects.get().apex_class.name == "WikiTokens"


def test_replaces_the_whole_list_of_apps(admin, org):
    otto = IntegrationUserFactory(org=org)
    deploy(admin, [handler("Mine", enabled("Billing", is_default=True), "Shop")])

    deploy(admin, [handler("Mine", enabled("Billing", run_as=otto.username), "Wiki")])

    assert list(enablements()) == ["Billing", "Wiki"]
    assert enablements()["Billing"].run_as == otto
    assert not enablements()["Billing"].is_default
    assert TokenExchangeHandler.objects.get().connected_count == 2


def test_apps_that_stay_enabled_keep_their_enabled_date(admin, org):
    deploy(admin, [handler("Mine", "Billing", "Shop")])
    long_ago = timezone.now() - timedelta(days=100)
    Enablement.objects.update(enabled_at=long_ago)

    deploy(admin, [handler("Mine", enabled("Billing", is_default=True), "Shop", "Wiki")])

    dates = {name: row.enabled_at for name, row in enablements().items()}
    assert dates["Billing"] == dates["Shop"] == long_ago
    assert dates["Wiki"] > long_ago


def test_a_file_without_enablements_removes_all_apps(admin):
    deploy(admin, [handler("Mine", "Billing")])

    deploy(admin, [handler("Mine")])

    assert not enablements()
    assert TokenExchangeHandler.objects.get().app_count == 0


def test_names_match_in_any_case(admin, org):
    deploy(admin, [handler("Mine", "Billing")])

    again = deploy(
        admin,
        [
            handler(
                "Mine",
                enabled("BILLING", run_as=" INGA@mycompany.example "),
                apex_class="shoptokens",
            )
        ],
    )

    assert outcomes(again) == {"Mine": "Unchanged"}


def test_a_handler_can_change_the_case_of_its_name(admin):
    deploy(admin, [handler("Mine", "Billing")])
    [before] = TokenExchangeHandler.objects.all()

    deploy(admin, [handler("MINE", "Billing")])

    [after] = TokenExchangeHandler.objects.all()
    assert (after.pk, after.developer_name) == (before.pk, "MINE")


def test_a_handler_can_use_components_of_the_same_package(admin):
    deployment = deploy(
        admin,
        [
            handler(
                "Mine", enabled("New"), enabled(external="Portal"), apex_class="NewTokens"
            ),
            ("NewTokens", apex_class("NewTokens")),
            ("New", connected_app("New")),
            ("Portal", external_app("Portal")),
        ],
    )

    # The external client app has no settings yet: it is not ready.
    assert deployment.status == Status.FAILED
    [problem] = problems(deployment)
    assert problem.endswith(
        "In field: externalClientApp - Portal can't be enabled because token exchange "
        "is turned off in its settings and policies."
    )

    deployment = deploy(
        admin,
        [
            handler("Mine", "New", apex_class="NewTokens"),
            ("NewTokens", apex_class("NewTokens")),
            ("New", connected_app("New")),
        ],
    )
    assert outcomes(deployment) == {"NewTokens": "Created", "New": "Created"} | {
        "Mine": "Created"
    }
    assert enablements()["New"].app == app_of(admin.org, "New")


def test_an_app_stays_enabled_if_its_token_exchange_is_turned_off(admin, apps):
    deploy(admin, [handler("Mine", "Billing")])
    apps[0].allows_token_exchange = False
    apps[0].save()

    deployment = deploy(admin, [handler("Mine", enabled("Billing", is_default=True))])

    assert outcomes(deployment) == {"Mine": "Changed"}


def test_a_connected_and_an_external_client_app_can_have_the_same_name(admin, org):
    ClientAppFactory(org=org, kind="external", label="Billing", api_name="Billing")

    deploy(admin, [handler("Mine", "Billing", enabled(external="Billing"))])

    handler_row = TokenExchangeHandler.objects.get()
    assert (handler_row.connected_count, handler_row.external_count) == (1, 1)


def test_creates_many_handlers_of_one_package(admin):
    several = [handler(f"Mine{n}", "Billing", "Shop", "Wiki") for n in range(20)]

    deployment = deploy(admin, several)

    assert set(outcomes(deployment).values()) == {"Created"}
    assert Enablement.objects.count() == 60
    assert {h.connected_count for h in TokenExchangeHandler.objects.all()} == {3}
