"""Token errors are explained, and occur in an org that's brought into their state."""

import json

from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.paths import ROOT
from tokenx.oauth.decision import DecisionState
from tokenx.org.models import AccessToken, AuditEntry, ClientApp, LoginRecord
from tokenx.setup.health import health_of
from tokenx.training.models import Snapshot
from tokenx.training.token_errors.actions import reproduce_token_error, send_request
from tokenx.training.token_errors.faults import ORG_FAULTS, REQUEST_FAULTS
from tokenx.training.token_errors.guide import TOKEN_ERRORS, explain, find_token_error

LIST = "/token-errors/"
SERVER = "https://tokenx.example"
# Health finds these before a request fails.
FOUND_BY_HEALTH = {
    "no-default-handler": "Apps without a default handler",
    "class-broken": "Apex classes with compile errors",
    "remote-site-missing": "Addresses missing from Remote Site Settings",
    "not-preauthorized": "Apps that no user can use",
    "not-self-authorized": "Apps that no user can use",
    "settings-off": "Enabled apps with token exchange turned off",
    "policies-off": "Enabled apps with token exchange turned off",
    "run-as-inactive": "Inactive Run As Users",
    "handler-disabled": "Disabled default handlers",
}


def test_each_error_occurs_in_a_fresh_org(admin, subtests):
    for error in TOKEN_ERRORS:
        if not error.fault:
            continue
        with subtests.test(key=error.key):
            reproduce_token_error(error=error, saves_state=False, by=admin)
            decided = send_request(error=error, by=admin, server_url=SERVER)
            assert decided.refusal is not None
            expected = {"error": error.error, "error_description": error.description}
            assert decided.body == expected
            states = [row.state for row in decided.rows]
            assert states.count(DecisionState.FAILED) == 1
            if heading := FOUND_BY_HEALTH.get(error.key):
                assert heading in {check.heading for check in health_of(admin.org)}
    assert not AccessToken.objects.exists()
    assert not LoginRecord.objects.exists()


def test_the_request_succeeds_without_a_fault(admin):
    error = find_token_error("policies-off")
    reproduce_token_error(error=error, saves_state=False, by=admin)
    apps = ClientApp.objects.filter(org=admin.org)
    apps.update(policy_allows_token_exchange=True)

    decided = send_request(error=error, by=admin, server_url=SERVER)

    assert decided.is_success, decided.refusal


def test_each_error_is_reproduced_or_says_why_it_is_not():
    for error in TOKEN_ERRORS:
        assert bool(error.fault) != bool(error.why_not), error.key
    used = {error.fault for error in TOKEN_ERRORS if error.fault}
    assert used == ORG_FAULTS.keys() | REQUEST_FAULTS.keys()


def test_pasted_texts_are_explained():
    for pasted, keys in [
        (json.dumps({"error_description": "user hasn't approved this consumer"}),
         ["not-self-authorized"]),
        ("error=invalid_client_id&error_description=client%20identifier%20invalid",
         ["client-unknown"]),
        ("?error=OAUTH_APP_ACCESS_DENIED", ["not-preauthorized"]),
        ("user hasn\\u0027t approved this consumer", ["not-self-authorized"]),
        ("Token Handler Not Found", ["no-default-handler", "handler-not-enabled-for-app"]),
        ("invalid_scope", ["scope-not-allowed"]),
        ("slow_down", ["device-pending"]),
        ("all is well", []),
        ("", []),
    ]:  # fmt: skip
        assert [error.key for error in explain(pasted)] == keys, pasted


def test_the_box_explains_a_text(admin_client):
    response = admin_client.post(LIST, {"text": "user is not admin approved to access"})
    assertContains(response, "No known token error found.")

    text = '{"error_description":"user is not admin approved to access this app"}'
    response = admin_client.post(LIST, {"text": text})
    assertContains(response, "1 error</h3>")
    assertContains(response, "/token-errors/not-preauthorized/")
    assert admin_client.post(LIST, {"text": ""}).status_code == 422
    assert admin_client.post(LIST, {"text": "x" * 20_001}).status_code == 422


def test_the_button_saves_a_snapshot_and_changes_one_thing(admin_client, admin, handler):
    url = reverse("training:reproduce-token-error", args=["policies-off"])
    assertContains(admin_client.get(url), "Reproduce this error?")

    page = reverse("training:token-error", args=["policies-off"])
    assert admin_client.post(url, {"saves_state": "on"}).url == page
    [snapshot] = Snapshot.objects.filter(org=admin.org)
    assert snapshot.name.startswith("Before policies-off")
    assert AuditEntry.objects.filter(action="reproducedTokenError").count() == 1

    response = admin_client.post(page)
    assertContains(response, "oauth_flow_disabled: app not enabled for token exchange")
    assertContains(response, "Edit policies of")


def test_an_org_without_apps_says_what_to_do(admin_client):
    response = admin_client.post(reverse("training:token-error", args=["policies-off"]))

    assertContains(response, "Reproduce the error first.", status_code=422)


def test_a_viewer_reads_but_changes_nothing(viewer_client):
    page = reverse("training:token-error", args=["policies-off"])

    assertNotContains(viewer_client.get(page), "Send Request")
    assert viewer_client.post(page).status_code == 403
    url = reverse("training:reproduce-token-error", args=["policies-off"])
    assert viewer_client.get(url).status_code == 403


def test_an_error_that_does_not_occur_here_says_why(admin_client):
    page = reverse("training:token-error", args=["code-expired"])

    assertContains(admin_client.get(page), "It belongs to an OAuth flow")
    url = reverse("training:reproduce-token-error", args=["code-expired"])
    assert admin_client.get(url).status_code == 404
    assert admin_client.get("/token-errors/unknown/").status_code == 404


def test_the_documentation_has_each_error():
    page = " ".join((ROOT / "docs" / "token-errors.md").read_text().split())
    for error in TOKEN_ERRORS:
        row = f"**{error.title}** - Cause: {error.cause} - Fix: {error.repair}"
        if error.why_not:
            row += f" - You can't reproduce it in tokenx. {error.why_not}"
        assert row in page, error.key
