"""Reasons: each one has a code and links to the setting that changes it."""

import pytest
from django.urls import reverse

from tests.factories import ClientAppFactory, EnablementFactory, UserFactory
from tests.read import links, names, read, rows
from tests.rollback import rolled_back
from tokenx.handlers import why
from tokenx.handlers.models import TokenExchangeHandler

pytestmark = pytest.mark.django_db


def test_explains_each_setting_that_is_turned_off(org):
    app = ClientAppFactory(
        org=org, allows_token_exchange=False, policy_allows_token_exchange=False
    )

    reasons = why.why_app_is_off(app)

    codes = [reason.code for reason in reasons]
    assert codes == ["app-off-in-settings", "app-off-in-policies"]
    key = [app.kind, app.api_name]
    assert [reason.url for reason in reasons] == [
        reverse("setup:edit-app", args=key),
        reverse("setup:edit-app-policies", args=key),
    ]
    assert why.why_app_is_off(ClientAppFactory(org=org)) == []


def test_explains_why_an_app_is_not_offered(handler, subtests):
    for fields, is_enabled, code in [
        ({}, True, "app-enabled-already"),
        ({"allows_token_exchange": False}, False, "app-off-in-settings"),
        ({"policy_allows_token_exchange": False}, False, "app-off-in-policies"),
        ({"kind": "external"}, False, "app-of-other-type"),
    ]:
        with subtests.test(fields=fields, is_enabled=is_enabled), rolled_back():
            app = ClientAppFactory(org=handler.org, **fields)

            reason = why.why_not_offered(app, handler, "connected", is_enabled=is_enabled)

            assert reason.code == code
            assert reason.sentence.startswith(f"{app.label} ")
            assert reason.url == reverse("setup:app", args=[app.kind, app.api_name])


def test_explains_why_more_than_a_hundred_apps_are_not_sorted():
    assert why.why_no_sorting(TokenExchangeHandler(connected_count=100)) is None
    reason = why.why_no_sorting(TokenExchangeHandler(connected_count=101))
    assert reason.code == "sorting-off"


def test_run_as_says_that_a_matching_user_is_inactive(htmx_client, org, subtests):
    user = UserFactory(org=org, first_name="Gone", last_name="User", is_active=False)
    UserFactory(first_name="Gone", last_name="Elsewhere", is_active=False)

    for text in ["gon", "*one", "gone user"]:
        with subtests.test(text=text):
            response = htmx_client.get(reverse("handlers:user-lookup"), {"q": text})

            user_url = reverse("setup:user", args=[user.pk])
            assert links(response) == {"Gone User": user_url}
            assert "Gone User is inactive." in read(response).text


def test_marks_a_row_whose_app_is_turned_off(admin_client, handler, subtests):
    enablement = EnablementFactory(handler=handler)
    app = enablement.app

    for switches, mark in [
        ((True, True), ""),
        ((False, True), "Turned off in settings"),
        ((True, False), "Turned off in policies"),
        ((False, False), "Turned off in both"),
    ]:
        with subtests.test(switches=switches):
            app.allows_token_exchange, app.policy_allows_token_exchange = switches
            app.save()

            response = admin_client.get(reverse("handlers:detail", args=["My_Handler"]))

            assert names(response) == [app.label + mark]
            assert len(why.why_row_is_marked(enablement)) == switches.count(False)


def test_marks_a_row_whose_user_is_inactive(admin_client, handler):
    enablement = EnablementFactory(handler=handler)
    enablement.run_as.is_active = False
    enablement.run_as.save()

    [row] = rows(admin_client.get(reverse("handlers:detail", args=["My_Handler"])))

    assert row[3] == f"{enablement.run_as.name}Inactive"
    [reason] = why.why_row_is_marked(enablement)
    assert reason.code == "user-inactive"
