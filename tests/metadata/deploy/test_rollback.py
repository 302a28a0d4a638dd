"""Rollback: the effects of failed deployments on their org and on other orgs."""

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Status
from tokenx.org.models import ApexClass, AuditEntry, ClientApp

from .deploying import (
    apex_class,
    connected_app,
    deploy,
    enabled,
    external_app,
    handler,
    only_problem,
    outcomes,
    ready_for_handlers,
)


@pytest.fixture
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


def test_with_rollback_a_failure_leaves_nothing(admin, apps):
    deployment = deploy(
        admin,
        [
            ("NewTokens", apex_class("NewTokens")),
            handler("Mine", "Shop"),
            handler("Yours", "Gone"),
        ],
    )

    assert deployment.status == Status.FAILED
    assert outcomes(deployment) == {
        "NewTokens": "Created",
        "Yours": "Failed",
        "Mine": "Created",
    }
    assert not TokenExchangeHandler.objects.exists()
    assert not ApexClass.objects.filter(name="NewTokens").exists()
    assert not AuditEntry.objects.exists()


def test_a_component_that_was_rolled_back_has_no_id(admin, apps):
    deployment = deploy(admin, [("NewTokens", apex_class("NewTokens"))], check_only=True)

    assert deployment.messages.get(full_name="NewTokens").component_id == ""


def test_without_rollback_valid_components_are_kept(admin, apps):
    deployment = deploy(
        admin,
        [
            ("NewTokens", apex_class("NewTokens")),
            ("Broken", apex_class("Other")),
            handler("Mine", "Shop"),
            handler("Yours", "Gone"),
            handler("Theirs", apex_class="Broken"),
        ],
        rollback_on_error=False,
    )

    assert deployment.status == Status.SUCCEEDED_PARTIAL
    assert outcomes(deployment) == {
        "Broken": "Failed",
        "NewTokens": "Created",
        "Theirs": "Failed",
        "Yours": "Failed",
        "Mine": "Created",
    }
    assert deployment.components_total == 5
    assert deployment.components_deployed == 2
    assert deployment.component_errors == 3
    assert list(TokenExchangeHandler.objects.values_list("label", flat=True)) == ["Mine"]
    entries = AuditEntry.objects.values_list("display", flat=True)
    assert not any("Yours" in entry or "Broken" in entry for entry in entries)


def test_a_failing_component_stays_unchanged(admin, apps):
    deploy(admin, [handler("Mine", "Billing")])

    deploy(
        admin, [handler("Mine", "Billing", "Gone", label="New")], rollback_on_error=False
    )

    handler_row = TokenExchangeHandler.objects.get()
    assert (handler_row.label, handler_row.app_count) == ("Mine", 1)


def test_without_rollback_a_deployment_fails_if_nothing_is_valid(admin, apps):
    deployment = deploy(admin, [handler("Mine", "Gone")], rollback_on_error=False)

    assert deployment.status == Status.FAILED


def test_another_orgs_components_are_neither_found_nor_changed(admin, org):
    theirs = ClientAppFactory(label="Billing", api_name="Billing")
    ApexClassFactory(org=theirs.org, name="ShopTokens")
    IntegrationUserFactory(org=theirs.org, username="inga@mycompany.example")
    other = TokenExchangeHandlerFactory(org=theirs.org, label="Mine", developer_name="Mine")
    EnablementFactory(handler=other, app=theirs, is_default=True)

    deployment = deploy(admin, [handler("Mine", enabled("Billing", is_default=True))])
    assert "no ApexClass named ShopTokens found" in only_problem(deployment)

    ready_for_handlers(org)
    deployment = deploy(
        admin,
        [
            handler("Mine", enabled("Billing", is_default=True)),
            ("Billing", connected_app("Ours")),
            ("Portal", external_app()),
        ],
    )

    assert deployment.status == Status.SUCCEEDED
    assert ClientApp.objects.get(pk=theirs.pk).label == "Billing"
    assert Enablement.objects.filter(is_default=True).count() == 2
    other.refresh_from_db()
    assert other.apex_class.org_id == theirs.org_id
