"""Deploying apps, and the outcome of components of all types."""

from dataclasses import replace

import pytest

from tests.factories import ClientAppFactory
from tests.rollback import rolled_back
from tokenx.metadata.format.definitions import (
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
)
from tokenx.metadata.models import SourceChunk, Status
from tokenx.org.models import AuditEntry, ClientApp
from tokenx.setup.actions.apps import create_app

from .deploying import (
    apex_class,
    app_of,
    connected_app,
    deploy,
    external_app,
    files_of,
    handler,
    location_in,
    only_problem,
    outcomes,
    ready_for_handlers,
    retrieved,
)

SETTINGS = ExternalAppGlobalSettings(
    app="Portal",
    callback_url="https://portal.mycompany.example/callback",
    consumer_key="3MVG9Portal",
    requires_secret=True,
    allows_token_exchange=True,
)
SCOPES = ExternalAppSettings(app="Portal", scopes="Api, RefreshToken")
POLICIES = ExternalAppPolicies(
    app="Portal",
    policy_allows_token_exchange=True,
    permitted_users="AdminApprovedPreAuthorized",
)
PORTAL = [
    ("Portal", external_app(description="The portal")),
    ("Portal_glbloauth", SETTINGS),
    ("Portal_oauth", SCOPES),
    ("Portal_oauthPlcy", POLICIES),
]
ONE_OF_EACH = [
    ("ShopTokens", apex_class()),
    ("Billing", connected_app()),
    *PORTAL,
    handler("Mine", apex_class="ShopTokens"),
]

# --- All types -------------------------------------------------------------------------


def test_every_type_is_created_once_and_then_unchanged(admin):
    first, second = deploy(admin, ONE_OF_EACH), deploy(admin, ONE_OF_EACH)

    assert first.status == second.status == Status.SUCCEEDED
    assert set(outcomes(first).values()) == {"Created"}
    assert set(outcomes(second).values()) == {"Unchanged"}
    assert len(outcomes(first)) == first.components_deployed == len(ONE_OF_EACH)


def test_deploying_again_leaves_no_audit_entries(admin):
    deploy(admin, ONE_OF_EACH)
    entries = AuditEntry.objects.count()

    deploy(admin, ONE_OF_EACH)

    assert AuditEntry.objects.count() == entries


def test_reports_any_difference_as_a_change(admin, subtests):
    for name, before, after in [
        ("ShopTokens", apex_class(), apex_class(api_version="61.0")),
        ("ShopTokens", apex_class(), apex_class(status="Inactive")),
        ("ShopTokens", apex_class(), apex_class(body="public class ShopTokens {}")),
        ("Billing", connected_app(), connected_app("Invoices")),
        ("Billing", connected_app(), connected_app(description="Bills")),
        ("Billing", connected_app(), connected_app(config={"scopes": ("Api",)})),
        ("Billing", connected_app(), connected_app(config={"requires_secret": True})),
        ("Billing", connected_app(), connected_app(config={"consumer_key": "3MVG9"})),
        (
            "Billing",
            connected_app(),
            connected_app(config={"requires_admin_approval": True}),
        ),
        (
            "Billing",
            connected_app(),
            connected_app(policy={"policy_allows_token_exchange": False}),
        ),
        ("Portal", external_app(), external_app("Portal 2")),
    ]:
        with subtests.test(before=before, after=after), rolled_back():
            deploy(admin, [(name, before)])

            assert outcomes(deploy(admin, [(name, after)])) == {name: "Changed"}
            assert outcomes(deploy(admin, [(name, after)])) == {name: "Unchanged"}


def test_reports_any_difference_of_a_part_as_a_change(admin, subtests):
    deploy(admin, PORTAL)

    for name, part, change in [
        ("Portal_glbloauth", SETTINGS, {"callback_url": "https://x.example/"}),
        ("Portal_glbloauth", SETTINGS, {"requires_secret": None}),
        ("Portal_oauth", SCOPES, {"scopes": "Api"}),
        ("Portal_oauthPlcy", POLICIES, {"policy_allows_token_exchange": False}),
        ("Portal_oauthPlcy", POLICIES, {"permitted_users": "AllSelfAuthorized"}),
    ]:
        with subtests.test(name=name, change=change), rolled_back():
            changed = [(name, replace(part, **change))]

            assert outcomes(deploy(admin, changed)) == {name: "Changed"}
            assert outcomes(deploy(admin, changed)) == {name: "Unchanged"}


def test_components_created_in_setup_are_unchanged_after_a_round_trip(admin, org):
    ready_for_handlers(org)
    for kind in ClientApp.Kind:
        settings = {"callback_url": "", "scopes": ["api"], "requires_secret": True}
        create_app(
            kind=kind,
            api_name="Portal",
            by=admin,
            label="Portal",
            description="",
            contact_email="apps@mycompany.example",
            allows_token_exchange=True,
            **settings,
        )
    files = retrieved(org)

    deployment = deploy(admin, files)

    assert deployment.status == Status.SUCCEEDED
    assert {row.outcome for row in deployment.messages.all()} == {"Unchanged"}
    assert retrieved(org) == files


# --- Apps ------------------------------------------------------------------------------


def test_creates_a_connected_app_with_all_settings_of_its_file(admin):
    config = {
        "callback_url": "https://x.example/\nmyapp://x",
        "consumer_key": "3MVG9Billing",
        "requires_admin_approval": True,
        "requires_secret": True,
        "scopes": ("Api", "Basic"),
    }

    deploy(admin, [("Billing", connected_app("Bills", config=config))])

    app = app_of(admin.org, "Billing")
    assert (app.kind, app.label, app.org) == ("connected", "Bills", admin.org)
    assert app.is_exchangeable
    assert app.callback_url == "https://x.example/\nmyapp://x"
    assert (app.consumer_key, app.scopes) == ("3MVG9Billing", ["api", "id"])
    assert (app.requires_secret, app.permitted_users) == (
        True,
        "AdminApprovedPreAuthorized",
    )


def test_an_external_client_app_is_ready_with_all_of_its_parts(admin):
    deploy(admin, PORTAL)

    app = app_of(admin.org, "Portal")
    assert (app.kind, app.description) == ("external", "The portal")
    assert app.is_exchangeable
    assert (app.consumer_key, app.scopes) == ("3MVG9Portal", ["api", "refresh_token"])
    assert app.permitted_users == "AdminApprovedPreAuthorized"


@pytest.mark.parametrize(
    "name, definition",
    [
        ("Billing", connected_app(config={"consumer_secret": "hush-hush"})),
        ("Portal_glbloauth", replace(SETTINGS, consumer_secret="hush-hush")),
    ],
)
def test_a_secret_is_stored_and_never_returned(admin, org, name, definition):
    deploy(admin, PORTAL)
    [file] = files_of((name, definition))
    content = files_of((name, definition))[file].decode()
    closing = "</oauthConfig>" if "oauthConfig" in content else "</ExtlClntApp"
    changed = content.replace(
        closing, f"<consumerSecret>hush-hush</consumerSecret>{closing}", 1
    )

    deploy(admin, {file: changed})

    app = app_of(org, "Billing" if name == "Billing" else "Portal")
    assert app.has_secret("hush-hush")
    again = deploy(admin, {file: changed})
    assert outcomes(again) == {name: "Unchanged"}
    without = deploy(admin, {file: content})
    assert outcomes(without) == {name: "Unchanged"}
    app.refresh_from_db()
    assert app.has_secret("hush-hush")
    assert b"hush-hush" not in b"".join(retrieved(org).values())
    assert "hush-hush" not in str(list(ClientApp.objects.values()))
    assert "hush-hush" not in str(list(AuditEntry.objects.values()))
    assert SourceChunk.objects.exists()


def test_a_new_app_without_a_secret_gets_only_a_key(admin):
    deploy(admin, [("Billing", connected_app())])

    app = app_of(admin.org, "Billing")
    assert app.secret_hash == ""
    assert app.consumer_key.startswith("3MVG9")


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another org", "the same org"])
def test_refuses_a_consumer_key_that_is_in_use(admin, org, elsewhere):
    ClientAppFactory(consumer_key="3MVG9", **({} if elsewhere else {"org": org}))
    app = ("Billing", connected_app(config={"consumer_key": "3MVG9"}))
    [file] = files_of(app)

    location = location_in(files_of(app), file, "consumerKey")
    message = "In field: consumerKey - Another app already has this consumer key."
    assert only_problem(deploy(admin, [app])) == f"{location} {message}"


def test_reports_an_apps_problems_at_their_elements(admin, subtests):
    for app, element, message in [
        (
            connected_app(config={"callback_url": "x"}),
            "callbackUrl",
            "Enter a callback URL",
        ),
        (
            connected_app(config={"consumer_key": "x" * 86}),
            "consumerKey",
            "Ensure this value has at most 85",
        ),
        (
            replace(connected_app(), contact_email="invalid"),
            "contactEmail",
            "Enter a valid email",
        ),
    ]:
        with subtests.test(element=element):
            files = files_of(("Billing", app))
            [file] = files

            problem = only_problem(deploy(admin, files))

            location = location_in(files, file, element)
            assert problem.startswith(f"{location} In field: {element} - {message}")


def test_refuses_an_unknown_policy_for_permitted_users(admin):
    deploy(admin, PORTAL)
    policies = replace(POLICIES, permitted_users="Everyone")

    problem = only_problem(deploy(admin, [("Portal_oauthPlcy", policies)]))

    assert "In field: permittedUsersPolicyType - Value 'Everyone'" in problem


def test_app_names_match_in_any_case(admin, org):
    ClientAppFactory(org=org, label="Billing", api_name="Billing", consumer_key="3MVG9")

    deployment = deploy(admin, [("BILLING", connected_app("Bills"))])

    assert outcomes(deployment) == {"BILLING": "Changed"}
    app = ClientApp.objects.get()
    assert (app.api_name, app.label, app.consumer_key) == ("Billing", "Bills", "3MVG9")


def test_an_app_stays_enabled_after_its_token_exchange_is_turned_off(admin, org):
    ready_for_handlers(org, "Billing")
    deploy(admin, [handler("Mine", "Billing")])

    off = connected_app(policy={"policy_allows_token_exchange": False})
    deployment = deploy(admin, [("Billing", off), handler("Mine", "Billing")])

    assert outcomes(deployment) == {"Billing": "Changed", "Mine": "Unchanged"}
