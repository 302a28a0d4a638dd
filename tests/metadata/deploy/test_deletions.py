"""Deleting by destructiveChanges.xml, before and after the package's own components."""

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
)
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.format.definitions import (
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
)
from tokenx.metadata.models import Status
from tokenx.org.models import ApexClass, AuditEntry, ClientApp

from .deploying import (
    apex_class,
    app_of,
    deletions,
    deploy,
    external_app,
    handler,
    manifest,
    only_problem,
    outcomes,
    package,
    problems,
    ready_for_handlers,
    retrieved,
)

HANDLER = "OauthTokenExchangeHandler"
PARTS = [
    "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
]


@pytest.fixture
def enabled_app(admin):
    """Create an app enabled for a handler, and a class, all called Mine."""
    used = ApexClassFactory(org=admin.org, name="Mine")
    handler = TokenExchangeHandlerFactory(
        org=admin.org, label="Mine", developer_name="Mine", apex_class=used
    )
    app = ClientAppFactory(org=admin.org, label="Mine", api_name="Mine")
    return EnablementFactory(handler=handler, app=app)


def test_deletes_a_handler_and_leaves_its_apps(admin, enabled_app, subtests):
    for part in ["", "Pre", "Post"]:
        name = f"destructiveChanges{part}.xml"
        with subtests.test(name=name), rolled_back():
            deployment = deploy(admin, deletions(name, **{HANDLER: ["Mine"]}))

            assert deployment.status == Status.SUCCEEDED
            assert outcomes(deployment) == {"Mine": "Deleted"}
            [row] = deployment.messages.filter(deleted=True)
            assert (row.file_name, row.type_name, row.success) == (name, HANDLER, True)
            assert not TokenExchangeHandler.objects.exists()
            assert not Enablement.objects.exists()
            assert ClientApp.objects.exists()
            entry = AuditEntry.objects.get()
            assert "Deleted token exchange handler Mine" in entry.display


def test_names_to_delete_match_in_any_case(admin, enabled_app):
    deploy(admin, deletions(**{HANDLER: ["MINE"]}))

    assert not TokenExchangeHandler.objects.exists()


def test_deletes_handlers_before_their_classes_and_apps(admin, enabled_app):
    """Delete a handler whose class and app come first in the manifest."""
    listed = {"ApexClass": ["Mine"], "ConnectedApp": ["Mine"], HANDLER: ["Mine"]}

    deployment = deploy(admin, deletions(**listed))

    assert deployment.status == Status.SUCCEEDED
    assert not ApexClass.objects.exists()
    assert not ClientApp.objects.exists()


def test_deletes_an_app_with_its_parts_in_any_order(admin):
    deploy(
        admin,
        [
            ("Portal", external_app()),
            ("Portal_glbloauth", ExternalAppGlobalSettings(app="Portal")),
            ("Portal_oauth", ExternalAppSettings(app="Portal")),
            ("Portal_oauthPlcy", ExternalAppPolicies(app="Portal")),
        ],
    )
    listed = {
        "ExternalClientApplication": ["Portal"],
        "ExtlClntAppGlobalOauthSettings": ["Portal_glbloauth"],
        "ExtlClntAppOauthConfigurablePolicies": ["Portal_oauthPlcy"],
        "ExtlClntAppOauthSettings": ["Portal_oauth"],
    }

    deployment = deploy(admin, deletions(**listed))

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert deployment.components_deployed == deployment.components_total == 4
    assert not ClientApp.objects.exists()


# --- Missing components ----------------------------------------------------------------


def test_warns_about_a_missing_component(admin):
    files = deletions(**{HANDLER: ["Gone"]})

    deployment = deploy(admin, files, ignore_warnings=True)

    assert deployment.status == Status.SUCCEEDED
    row = deployment.messages.exclude(problem="").get()
    assert row.full_name == row.file_name == "destructiveChanges.xml"
    assert row.type_name == HANDLER
    assert row.problem == f"No {HANDLER} named: Gone found"
    assert (row.is_warning, row.success) == (True, True)
    assert not any([row.created, row.changed, row.deleted, row.line])
    assert (deployment.components_total, deployment.components_deployed) == (1, 1)


def test_counts_each_missing_component(admin):
    files = deletions(**{HANDLER: ["A", "B"], "ApexClass": ["C"]})

    good = deploy(admin, files, ignore_warnings=True)
    bad = deploy(admin, files)

    assert (good.components_total, good.components_deployed) == (3, 3)
    assert (bad.components_total, bad.component_errors) == (3, 3)


def test_a_warning_fails_the_deployment_unless_ignored(admin, enabled_app):
    files = deletions(**{HANDLER: ["Mine", "Gone"]})

    deployment = deploy(admin, files)

    assert deployment.status == Status.FAILED
    row = deployment.messages.exclude(problem="").get()
    assert (row.is_warning, row.success) == (True, False)
    assert TokenExchangeHandler.objects.exists()


def test_does_not_find_another_orgs_handler(admin):
    TokenExchangeHandlerFactory(developer_name="Mine")

    assert "named: Mine found" in only_problem(
        deploy(admin, deletions(**{HANDLER: ["Mine"]}))
    )
    assert TokenExchangeHandler.objects.exists()


# --- Components in use -----------------------------------------------------------------


def test_refuses_to_delete_components_in_use_as_the_page_does(admin, enabled_app, subtests):
    for type_name, message in [
        ("ApexClass", "Mine is used by Mine. Select another Apex class there first."),
        ("ConnectedApp", "Mine is enabled for Mine. Remove it there first."),
    ]:
        with subtests.test(type_name=type_name):
            deployment = deploy(admin, deletions(**{type_name: ["Mine"]}))

            assert only_problem(deployment) == f"destructiveChanges.xml {message}"
            assert outcomes(deployment) == {"Mine": "Failed"}
            assert ApexClass.objects.count() == ClientApp.objects.count() == 1


# --- Before and after ------------------------------------------------------------------


def test_a_component_can_be_deleted_and_created_again(admin, enabled_app):
    before = enabled_app.handler
    again = handler("Mine", apex_class="Mine")
    listed = manifest(**{HANDLER: ["Mine"]})

    deployment = deploy(admin, package(again, **{"destructiveChangesPre.xml": listed}))

    rows = deployment.messages.filter(full_name="Mine").order_by("number")
    assert [row.outcome for row in rows] == ["Deleted", "Created"]
    assert TokenExchangeHandler.objects.get().pk != before.pk


def test_can_delete_components_that_a_handler_used_before(admin, enabled_app):
    changed = handler("Mine", apex_class="NewTokens")
    listed = manifest(ApexClass=["Mine"], ConnectedApp=["Mine"])
    files = package(
        ("NewTokens", apex_class("NewTokens")),
        changed,
        **{"destructiveChangesPost.xml": listed},
    )

    deployment = deploy(admin, files)

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert [apex_class.name for apex_class in ApexClass.objects.all()] == ["NewTokens"]
    assert not ClientApp.objects.exists()


def test_a_package_can_delete_its_own_component_at_the_end(admin):
    ready_for_handlers(admin.org)
    listed = manifest(**{HANDLER: ["Mine"]})
    files = package(handler("Mine"), **{"destructiveChangesPost.xml": listed})

    deployment = deploy(admin, files)

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert not TokenExchangeHandler.objects.exists()


# --- Parts of an app -------------------------------------------------------------------


@pytest.mark.parametrize("type_name", PARTS)
def test_deleting_a_part_resets_it_to_defaults(admin, type_name):
    app = ClientAppFactory(
        org=admin.org,
        kind="external",
        label="Portal",
        api_name="Portal",
        contact_email="apps@mycompany.example",
        callback_url="https://x.example/",
        consumer_key="3MVG9",
        scopes=["api"],
    )
    files = retrieved(admin.org)
    [name] = retrieved(admin.org, {type_name: ["*"]})
    full_name = name.rpartition("/")[2].partition(".")[0]

    deployment = deploy(admin, deletions(**{type_name: [full_name]}))

    assert outcomes(deployment) == {full_name: "Deleted"}
    assert app_of(admin.org, "Portal").consumer_key == app.consumer_key
    assert retrieved(admin.org) == {n: text for n, text in files.items() if n != name}
    again = deploy(admin, deletions(**{type_name: [full_name]}))
    assert f"No {type_name} named: {full_name} found" in only_problem(again)


def test_a_check_deletes_nothing(admin, enabled_app):
    deployment = deploy(admin, deletions(**{HANDLER: ["Mine"]}), check_only=True)

    assert outcomes(deployment) == {"Mine": "Deleted"}
    assert TokenExchangeHandler.objects.exists()


def test_a_wildcard_deletes_nothing(admin, enabled_app):
    deployment = deploy(admin, deletions(**{HANDLER: ["*"]}))

    assert "Wildcard '*'" in only_problem(deployment)
    assert TokenExchangeHandler.objects.exists()
