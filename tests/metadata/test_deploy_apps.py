"""Deploying apps, which handlers refer to; and of every type, what is said of it."""

from dataclasses import replace

import pytest

from tests.factories import (
    ClientAppFactory,
)
from tests.metadata.deploying import (
    apex_class,
    app_of,
    connected_app,
    deploy,
    external_app,
    files_of,
    handler,
    only_problem,
    outcomes,
    place_in,
    ready_for_handlers,
    retrieved,
)
from tokenx.metadata.definition import (
    ExternalAppGlobalSettings,
    ExternalAppPolicies,
    ExternalAppSettings,
)
from tokenx.metadata.models import SourceChunk, Status
from tokenx.org.models import AuditEntry, ClientApp
from tokenx.setup.actions.apps import create_app

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


@pytest.mark.parametrize(
    "name, before, after",
    [
        ("ShopTokens", apex_class(), apex_class(api_version="61.0")),
        ("ShopTokens", apex_class(), apex_class(status="Inactive")),
        ("ShopTokens", apex_class(), apex_class(body="class ShopTokens {}")),
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
    ],
)
def test_says_that_it_is_changed_where_anything_is(admin, name, before, after):
    deploy(admin, [(name, before)])

    assert outcomes(deploy(admin, [(name, after)])) == {name: "Changed"}
    assert outcomes(deploy(admin, [(name, after)])) == {name: "Unchanged"}


@pytest.mark.parametrize(
    "name, part, change",
    [
        ("Portal_glbloauth", SETTINGS, {"callback_url": "https://x.example/"}),
        ("Portal_glbloauth", SETTINGS, {"requires_secret": None}),
        ("Portal_oauth", SCOPES, {"scopes": "Api"}),
        ("Portal_oauthPlcy", POLICIES, {"policy_allows_token_exchange": False}),
        ("Portal_oauthPlcy", POLICIES, {"permitted_users": "AllSelfAuthorized"}),
    ],
)
def test_says_that_a_part_is_changed_where_anything_is(admin, name, part, change):
    deploy(admin, PORTAL)
    changed = [(name, replace(part, **change))]

    assert outcomes(deploy(admin, changed)) == {name: "Changed"}
    assert outcomes(deploy(admin, changed)) == {name: "Unchanged"}


def test_what_was_made_in_setup_is_unchanged_when_it_comes_back(admin, org):
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


def test_a_connected_app_is_what_its_file_says(admin):
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


def test_the_parts_of_an_external_client_app_make_it_ready(admin):
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
def test_a_secret_comes_in_stays_and_never_goes_out(admin, org, name, definition):
    deploy(admin, PORTAL)
    [file] = files_of((name, definition))
    there = files_of((name, definition))[file].decode()
    closing = "</oauthConfig>" if "oauthConfig" in there else "</ExtlClntApp"
    sent = there.replace(closing, f"<consumerSecret>hush-hush</consumerSecret>{closing}", 1)

    deploy(admin, {file: sent})

    app = app_of(org, "Billing" if name == "Billing" else "Portal")
    assert app.has_secret("hush-hush")
    again = deploy(admin, {file: sent})
    assert outcomes(again) == {name: "Unchanged"}
    without = deploy(admin, {file: there})
    assert outcomes(without) == {name: "Unchanged"}
    app.refresh_from_db()
    assert app.has_secret("hush-hush")
    assert b"hush-hush" not in b"".join(retrieved(org).values())
    assert "hush-hush" not in str(list(ClientApp.objects.values()))
    assert "hush-hush" not in str(list(AuditEntry.objects.values()))
    assert SourceChunk.objects.exists()


def test_a_new_app_without_a_secret_has_none_and_a_key_all_the_same(admin):
    deploy(admin, [("Billing", connected_app())])

    app = app_of(admin.org, "Billing")
    assert app.secret_hash == ""
    assert app.consumer_key.startswith("3MVG9")


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another org", "the same org"])
def test_a_consumer_key_that_is_taken(admin, org, elsewhere):
    ClientAppFactory(consumer_key="3MVG9", **({} if elsewhere else {"org": org}))
    app = ("Billing", connected_app(config={"consumer_key": "3MVG9"}))
    [file] = files_of(app)

    place = place_in(files_of(app), file, "consumerKey")
    words = "In field: consumerKey - Another app has this consumer key."
    assert only_problem(deploy(admin, [app])) == f"{place} {words}"


@pytest.mark.parametrize(
    "app, element, words",
    [
        (connected_app(config={"callback_url": "x"}), "callbackUrl", "Enter a URL"),
        (
            connected_app(config={"consumer_key": "x" * 86}),
            "consumerKey",
            "Ensure this value has at most 85",
        ),
        (
            replace(connected_app(), contact_email="nobody"),
            "contactEmail",
            "Enter a valid email",
        ),
    ],
)
def test_what_an_app_cannot_be_is_said_at_its_element(admin, app, element, words):
    files = files_of(("Billing", app))
    [file] = files

    problem = only_problem(deploy(admin, files))

    place = place_in(files, file, element)
    assert problem.startswith(f"{place} In field: {element} - {words}")


def test_who_may_use_an_app_is_one_of_two(admin):
    deploy(admin, PORTAL)
    policies = replace(POLICIES, permitted_users="Everybody")

    problem = only_problem(deploy(admin, [("Portal_oauthPlcy", policies)]))

    assert "In field: permittedUsersPolicyType - Value 'Everybody'" in problem


def test_an_app_of_that_name_in_another_case_is_the_same(admin, org):
    ClientAppFactory(org=org, label="Billing", api_name="Billing", consumer_key="3MVG9")

    deployment = deploy(admin, [("BILLING", connected_app("Bills"))])

    assert outcomes(deployment) == {"BILLING": "Changed"}
    app = ClientApp.objects.get()
    assert (app.api_name, app.label, app.consumer_key) == ("Billing", "Bills", "3MVG9")


def test_handlers_stay_enabled_for_an_app_that_is_switched_off(admin, org):
    ready_for_handlers(org, "Billing")
    deploy(admin, [handler("Mine", "Billing")])

    off = connected_app(policy={"policy_allows_token_exchange": False})
    deployment = deploy(admin, [("Billing", off), handler("Mine", "Billing")])

    assert outcomes(deployment) == {"Billing": "Changed", "Mine": "Unchanged"}
