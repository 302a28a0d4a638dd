"""The settings of an app that decide about its tokens: pages, rules, and audit trail."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains

from tests.factories import ClientAppFactory
from tests.form import field_errors, form_of
from tests.read import read, record
from tests.rollback import rolled_back
from tokenx.org.models import AuditEntry, ClientApp, Scope
from tokenx.setup.actions.apps import RefreshPolicy, edit_app_policies

DAYS = RefreshPolicy("specific_lifetime", 30, "DAYS")


@pytest.fixture
def app(org):
    return ClientAppFactory(
        org=org,
        label="Billing Sync",
        contact_email="ada@mycompany.example",
        callback_url="https://billing.example/callback",
        scopes=["api"],
    )


def url_of(app, name="edit-app"):
    return reverse(f"setup:{name}", args=[app.kind, app.api_name])


def displays():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "display"))


# --- Settings -------------------------------------------------------------------------


def test_both_switches_are_saved_shown_and_audited(admin_client, app):
    page = record(admin_client.get(url_of(app, "app")))
    assert page["Enable Refresh Token Rotation"] == page["Introspect All Tokens"] == "Off"
    form = form_of(admin_client.get(url_of(app)))
    form |= {"rotates_refresh_tokens": "on", "introspects_all_tokens": "on"}

    admin_client.post(url_of(app), form)

    app.refresh_from_db()
    assert app.rotates_refresh_tokens
    assert app.introspects_all_tokens
    page = record(admin_client.get(url_of(app, "app")))
    assert page["Enable Refresh Token Rotation"] == page["Introspect All Tokens"] == "On"
    prefix = "Changed the Billing Sync connected app setting"
    assert displays() == [
        (
            "changeApplicationRefreshTokenRotationEnabled",
            f"{prefix} Enable Refresh Token Rotation from false to true",
        ),
        (
            "changeApplicationIntrospectAllTokens",
            f"{prefix} Introspect All Tokens from false to true",
        ),
    ]


def test_every_documented_scope_can_be_selected(admin_client, app):
    opened = admin_client.get(url_of(app))
    boxes = read(opened).all("input", name="scopes")
    assert [box.attributes["value"] for box in boxes] == Scope.values
    assert len(boxes) == 36

    admin_client.post(url_of(app), form_of(opened) | {"scopes": Scope.values})

    app.refresh_from_db()
    assert app.scopes == Scope.values
    shown = record(admin_client.get(url_of(app, "app")))["Selected OAuth Scopes"]
    assert shown == ", ".join(Scope.labels)


def test_each_scope_ends_with_its_value(subtests):
    for scope in Scope:
        with subtests.test(scope):
            assert str(scope.label).endswith(f" ({scope})")


# --- Policies -------------------------------------------------------------------------


def test_each_policy_is_saved_shown_and_audited(admin_client, app, subtests):
    url = url_of(app, "edit-app-policies")
    for values, stored, text in [
        (
            {"refresh_token_policy": "zero"},
            RefreshPolicy("zero"),
            "Immediately expire refresh token",
        ),
        (
            {
                "refresh_token_policy": "specific_inactivity",
                "refresh_token_validity": "7",
                "refresh_token_unit": "HOURS",
            },
            RefreshPolicy("specific_inactivity", 7, "HOURS"),
            "Expire refresh token if not used for 7 Hour(s)",
        ),
        (
            {
                "refresh_token_policy": "specific_lifetime",
                "refresh_token_validity": "9999",
                "refresh_token_unit": "MONTHS",
            },
            RefreshPolicy("specific_lifetime", 9999, "MONTHS"),
            "Expire refresh token after 9999 Month(s)",
        ),
    ]:
        with subtests.test(text), rolled_back():
            form = form_of(admin_client.get(url))

            response = admin_client.post(url, form | values)

            assert response.status_code == 302
            app.refresh_from_db()
            assert stored.values().items() <= vars(app).items()
            page = record(admin_client.get(url_of(app, "app")))
            assert page["Refresh Token Policy"] == text
            assert displays() == [
                (
                    "changeRefreshTokenPolicy",
                    "Changed connected app Billing Sync Refresh Token Policy setting from "
                    f"Refresh token is valid until revoked to {text}",
                )
            ]


def test_changing_only_the_period_is_one_audit_entry(admin, app):
    _set_policy(admin, app, DAYS)

    _set_policy(admin, app, DAYS._replace(validity=31))

    assert displays()[-1] == (
        "changeRefreshTokenPolicy",
        "Changed connected app Billing Sync Refresh Token Policy setting from Expire "
        "refresh token after 30 Day(s) to Expire refresh token after 31 Day(s)",
    )
    assert len(displays()) == 2


def test_a_policy_without_a_period_drops_the_one_that_was_entered(admin_client, app):
    url = url_of(app, "edit-app-policies")
    form = form_of(admin_client.get(url)) | {
        "refresh_token_policy": "infinite",
        "refresh_token_validity": "-1",
        "refresh_token_unit": "DAYS",
    }

    assert admin_client.post(url, form).status_code == 302

    app.refresh_from_db()
    assert app.refresh_token_validity is None
    assert app.refresh_token_unit == ""
    assert not AuditEntry.objects.exists()


def test_refuses_an_invalid_policy_at_its_field(admin_client, app, subtests):
    url = url_of(app, "edit-app-policies")
    opened = form_of(admin_client.get(url)) | {
        "refresh_token_policy": "specific_lifetime",
        "refresh_token_validity": "30",
    }
    enter = "Enter a number of hours, days, or months."
    for name, value, message in [
        ("policy", "", "Select a refresh token policy."),
        ("policy", "weekly", "Select one of the four refresh token policies."),
        ("validity", "", enter),
        ("validity", "soon", enter),
        ("validity", "0", enter),
        ("validity", "1.5", enter),
        ("validity", "10000", "Enter at most 9,999."),
        ("validity", "9" * 400, "Enter at most 9,999."),
        ("unit", "WEEKS", "Select hours, days, or months."),
    ]:
        with subtests.test(name=name, value=value[:9]):
            field = f"refresh_token_{name}"

            response = admin_client.post(url, opened | {field: value})

            assert response.status_code == 422
            assert field_errors(response, field) == [message]
            assert not AuditEntry.objects.exists()


def _set_policy(by, app, policy):
    return edit_app_policies(
        app=app,
        permitted_users=app.permitted_users,
        policy_allows_token_exchange=app.policy_allows_token_exchange,
        refresh=policy,
        by=by,
    )


def test_the_action_refuses_a_period_that_does_not_fit(admin, app, subtests):
    for policy in [
        RefreshPolicy("infinite", 30, "DAYS"),
        RefreshPolicy("zero", None, "DAYS"),
        RefreshPolicy("specific_lifetime"),
        RefreshPolicy("specific_lifetime", 30),
        RefreshPolicy("specific_inactivity", None, "DAYS"),
    ]:
        with subtests.test(policy), pytest.raises(ValidationError) as raised:
            _set_policy(admin, app, policy)

        assert raised.value.message_dict.keys() == {"refresh_token_validity"}


def test_the_database_refuses_it_too(app, subtests):
    rows = ClientApp.objects.filter(pk=app.pk)
    for values in [
        RefreshPolicy("zero", 1, "DAYS").values(),
        RefreshPolicy("specific_lifetime", None, "").values(),
        RefreshPolicy("specific_lifetime", 0, "DAYS").values(),
        RefreshPolicy("specific_lifetime", 10_000, "DAYS").values(),
        RefreshPolicy("specific_lifetime", 1, "").values(),
        {"consumer_key": ""},
    ]:
        with subtests.test(values), pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


# --- Consumer keys --------------------------------------------------------------------


def test_every_app_has_a_consumer_key_that_can_be_copied(admin_client, app):
    page = admin_client.get(url_of(app, "app"))

    assert record(page)["Consumer Key"] == app.consumer_key
    assert len(app.consumer_key) == 85
    assertContains(page, 'data-copy="app-consumer-key"')


def test_the_first_secret_is_not_a_rotation(admin_client, app):
    key = app.consumer_key
    opened = admin_client.get(url_of(app, "rotate-secret"))
    assertContains(opened, "Generate a consumer secret?")

    admin_client.post(url_of(app, "rotate-secret"))
    admin_client.post(url_of(app, "rotate-secret"))

    app.refresh_from_db()
    assert app.consumer_key == key
    assert displays() == [
        (
            "generateApplicationConsumerSecret",
            "Generated the consumer secret of connected app Billing Sync",
        ),
        (
            "rotateApplicationConsumerSecret",
            "Rotated the consumer secret of connected app Billing Sync",
        ),
    ]
