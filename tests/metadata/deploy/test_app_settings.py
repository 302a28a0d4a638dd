"""The settings of an app that decide about its tokens, in both kinds of files."""

from dataclasses import replace

import pytest

from tests.rollback import rolled_back
from tokenx.metadata.format.definitions import ExternalAppPolicies
from tokenx.metadata.mapping import scopes
from tokenx.org.models import AuditEntry, ClientApp, Scope
from tokenx.setup.actions.apps import RefreshPolicy, edit_app_policies

from .deploying import (
    app_of,
    connected_app,
    deletions,
    deploy,
    files_of,
    location_in,
    only_problem,
    outcomes,
    retrieved,
)
from .test_apps import PORTAL, SETTINGS

SWITCHES = {"introspects_all_tokens": True, "rotates_refresh_tokens": True}
POLICIES = {
    RefreshPolicy("infinite"): ("infinite", ("Infinite", None, None)),
    RefreshPolicy("zero"): ("zero", ("Zero", None, None)),
    RefreshPolicy("specific_inactivity", 7, "HOURS"): (
        "specific_inactivity:7:HOURS",
        ("SpecificInactivity", "7", "Hours"),
    ),
    RefreshPolicy("specific_lifetime", 12, "MONTHS"): (
        "specific_lifetime:12:MONTHS",
        ("SpecificLifetime", "12", "Months"),
    ),
}
NAMES = ("refresh_token_policy", "refresh_token_validity", "refresh_token_unit")
PLAIN = ExternalAppPolicies(app="Portal", policy_allows_token_exchange=True)


def policies(*texts):
    return replace(PLAIN, **dict(zip(NAMES, texts, strict=True)))


def policy_of(app):
    return RefreshPolicy(*(getattr(app, name) for name in NAMES))


# --- Connected apps --------------------------------------------------------------------


def test_a_connected_apps_file_has_each_policy(admin, org, subtests):
    for policy, (text, _) in POLICIES.items():
        with subtests.test(text), rolled_back():
            files = [("Billing", connected_app(policy={"refresh_token_policy": text}))]

            deploy(admin, files)

            assert policy_of(app_of(org, "Billing")) == policy
            assert retrieved(org, {"ConnectedApp": ["Billing"]}) == files_of(*files)


def test_a_connected_apps_switches_are_in_its_settings(admin, org):
    files = [("Billing", connected_app(config=SWITCHES))]

    deploy(admin, files)

    app = app_of(org, "Billing")
    assert app.introspects_all_tokens
    assert app.rotates_refresh_tokens
    assert retrieved(org, {"ConnectedApp": ["Billing"]}) == files_of(*files)


def test_a_file_keeps_its_spelling_until_the_policy_changes(admin, org):
    text = "Specific_Lifetime:030:days"
    files = [("Billing", connected_app(policy={"refresh_token_policy": text}))]
    deploy(admin, files)
    app = app_of(org, "Billing")
    assert retrieved(org, {"ConnectedApp": ["Billing"]}) == files_of(*files)

    edit_app_policies(
        app=app,
        permitted_users=app.permitted_users,
        policy_allows_token_exchange=True,
        refresh=RefreshPolicy("specific_lifetime", 31, "DAYS"),
        by=admin,
    )

    [file] = retrieved(org, {"ConnectedApp": ["Billing"]}).values()
    assert b"<refreshTokenPolicy>specific_lifetime:31:DAYS</refreshTokenPolicy>" in file


def test_a_file_without_the_elements_has_the_defaults(admin, org):
    deploy(
        admin,
        [
            (
                "Billing",
                connected_app(config=SWITCHES, policy={"refresh_token_policy": "zero"}),
            )
        ],
    )

    deployment = deploy(admin, [("Billing", connected_app())])

    assert outcomes(deployment) == {"Billing": "Changed"}
    app = app_of(org, "Billing")
    assert policy_of(app) == RefreshPolicy()
    assert not app.introspects_all_tokens
    assert not app.rotates_refresh_tokens


def test_refuses_an_invalid_policy_at_its_element(admin, org, subtests):
    name = "connectedApps/Billing.connectedApp"
    for text in [
        "SPECIFIC",
        "zero:1:DAYS",
        "specific_lifetime:",
        "specific_lifetime:DAYS",
        "specific_lifetime:3:WEEKS",
        "specific_lifetime:-3:DAYS",
    ]:
        with subtests.test(text):
            files = files_of(
                ("Billing", connected_app(policy={"refresh_token_policy": text}))
            )

            problem = only_problem(deploy(admin, files))

            location = location_in(files, name, "refreshTokenPolicy")
            assert problem == (
                f"{location} In field: refreshTokenPolicy - Value '{text}' is not a valid "
                "choice."
            )
            assert not ClientApp.objects.exists()


def test_refuses_a_policy_without_its_period(admin):
    policy = {"refresh_token_policy": "specific_lifetime"}

    problem = only_problem(deploy(admin, [("Billing", connected_app(policy=policy))]))

    assert "In field: refreshTokenPolicy - Value 'specific_lifetime:'" in problem


def test_refuses_a_period_out_of_range(admin, subtests):
    for number in ["0", "10000", "9" * 400]:
        with subtests.test(number[:9]):
            text = f"specific_lifetime:{number}:DAYS"

            deployment = deploy(
                admin, [("Billing", connected_app(policy={"refresh_token_policy": text}))]
            )

            assert "Ensure this value is" in only_problem(deployment)
            assert not ClientApp.objects.exists()


# --- External client apps --------------------------------------------------------------


def test_an_external_client_apps_file_has_each_policy(admin, org, subtests):
    deploy(admin, PORTAL)
    for policy, (_, texts) in POLICIES.items():
        with subtests.test(texts), rolled_back():
            files = [("Portal_oauthPlcy", policies(*texts))]

            deploy(admin, files)

            assert policy_of(app_of(org, "Portal")) == policy
            members = {ExternalAppPolicies.type_name: ["Portal_oauthPlcy"]}
            assert retrieved(org, members) == files_of(*files)


def test_an_unused_period_round_trips(admin, org):
    deploy(admin, PORTAL)
    files = [("Portal_oauthPlcy", policies("Infinite", "0", "Days"))]

    deploy(admin, files)

    assert policy_of(app_of(org, "Portal")) == RefreshPolicy()
    members = {ExternalAppPolicies.type_name: ["Portal_oauthPlcy"]}
    assert retrieved(org, members) == files_of(*files)


def test_an_external_client_apps_switches_are_in_its_global_settings(admin, org):
    settings = replace(SETTINGS, **SWITCHES)

    deploy(admin, [*PORTAL, ("Portal_glbloauth", settings)])
    deploy(admin, [("Portal_glbloauth", settings)])

    app = app_of(org, "Portal")
    assert app.introspects_all_tokens
    assert app.rotates_refresh_tokens
    members = {settings.type_name: ["Portal_glbloauth"]}
    assert retrieved(org, members) == files_of(("Portal_glbloauth", settings))


@pytest.mark.parametrize(
    ("texts", "element", "message"),
    [
        (("Weekly", None, None), "refreshTokenPolicyType", "Value 'Weekly' is not a"),
        (
            ("SpecificLifetime", None, "Days"),
            "refreshTokenValidityPeriod",
            "Enter a number of hours, days, or months.",
        ),
        (
            ("SpecificLifetime", "3", "Weeks"),
            "refreshTokenValidityUnit",
            "Value 'WEEKS' is not a valid choice.",
        ),
        (
            ("SpecificLifetime", "10000", "Days"),
            "refreshTokenValidityPeriod",
            "Ensure this value is less than or equal to 9999.",
        ),
    ],
)
def test_refuses_an_invalid_part_at_its_element(admin, texts, element, message):
    deploy(admin, PORTAL)

    problem = only_problem(deploy(admin, [("Portal_oauthPlcy", policies(*texts))]))

    assert f"In field: {element} - {message}" in problem


def test_deleting_the_parts_resets_them(admin, org):
    settings = replace(SETTINGS, **SWITCHES)
    lifetime = policies("SpecificLifetime", "3", "Days")
    parts = [("Portal_glbloauth", settings), ("Portal_oauthPlcy", lifetime)]
    deploy(admin, [PORTAL[0], *parts])
    members = {part.type_name: [name] for name, part in parts}

    deploy(admin, deletions(**members))

    app = app_of(org, "Portal")
    assert policy_of(app) == RefreshPolicy()
    assert not app.introspects_all_tokens
    assert not app.rotates_refresh_tokens


# --- Scopes ----------------------------------------------------------------------------


def test_each_scope_has_a_name_in_files(subtests):
    names = scopes.to_file(Scope.values)
    assert len(set(names)) == len(Scope)
    for scope, name in zip(Scope.values, names, strict=True):
        with subtests.test(scope):
            assert name != scope or scope == name.lower()
            assert scopes.from_file([name]) == [scope]
            assert scopes.from_file([name.upper()]) == [scope]


def test_all_scopes_round_trip_in_both_kinds_of_files(admin, org):
    names = scopes.to_file(Scope.values)
    billing = ("Billing", connected_app(config={"scopes": names}))
    portal = [PORTAL[0], ("Portal_oauth", replace(PORTAL[2][1], scopes=",".join(names)))]

    deploy(admin, [billing, *portal])

    assert app_of(org, "Billing").scopes == app_of(org, "Portal").scopes == Scope.values
    members = {"ConnectedApp": ["Billing"], "ExtlClntAppOauthSettings": ["Portal_oauth"]}
    assert retrieved(org, members) == files_of(billing, portal[1])


def test_an_older_name_of_a_scope_round_trips(admin, org):
    files = [("Billing", connected_app(config={"scopes": ("Api", "SFAP")}))]

    deploy(admin, files)

    assert app_of(org, "Billing").scopes == ["api", "sfap_api"]
    assert retrieved(org, {"ConnectedApp": ["Billing"]}) == files_of(*files)


# --- Consumer keys ---------------------------------------------------------------------


def test_an_app_from_a_file_has_a_key_that_its_file_does_not_have(admin, org):
    files = [("Billing", connected_app()), PORTAL[0]]

    deploy(admin, files)

    keys = set(ClientApp.objects.values_list("consumer_key", flat=True))
    assert len(keys) == 2
    assert all(len(key) == 85 for key in keys)
    members = {"ConnectedApp": ["Billing"], "ExternalClientApplication": ["Portal"]}
    assert retrieved(org, members) == files_of(*files)


def test_deploying_again_keeps_the_key_and_leaves_no_trace(admin, org):
    files = [("Billing", connected_app())]
    deploy(admin, files)
    key, entries = app_of(org, "Billing").consumer_key, AuditEntry.objects.count()

    deploy(admin, files)

    assert app_of(org, "Billing").consumer_key == key
    assert AuditEntry.objects.count() == entries
