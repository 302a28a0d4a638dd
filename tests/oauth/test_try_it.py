"""Try It: the form, the exchange, the trace, and who can use it."""

import base64
import json
import shlex

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IssuerFactory,
    TokenExchangeHandlerFactory,
)
from tests.form import field_errors, form_errors
from tests.oauth.exchanging import SECRET, exchanging_org
from tests.read import links, read
from tests.setup.test_run_apex_class import held
from tokenx.oauth import decisions
from tokenx.org.models import AccessToken, LoginFailure, LoginRecord, User
from tokenx.org.sessions import session_of
from tokenx.setup.forms.run_apex_class import SIGNED

URL = "/try-it/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def setup(org):
    return exchanging_org(org)


def entries(response):
    """Return what the form would submit."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (None, False)
    }


def press(client, setup, query="", **changes):
    """Open the page, enter a token that the handler accepts, and exchange it."""
    data = entries(client.get(URL + query))
    data |= {"do": "exchange", "token_source": "own"}
    data |= {"incoming_token": setup.user.username}
    return client.post(URL, data | changes)


def trace_of(response):
    return [(row.name, str(row.state)) for row in response.context["outcome"].decided.rows]


def decisions_on(response):
    """Return the labels of the decisions on the page."""
    items = read(response).all("li")
    rows = [each for each in items if "decision" in each.attributes.get("class", "")]
    return [row.all("strong")[0].text for row in rows]


@pytest.mark.parametrize("name", ["admin_client", "htmx_client"])
def test_the_first_press_exchanges_the_token(request, name, setup):
    response = press(request.getfixturevalue(name), setup)

    assert response.status_code == 200
    outcome = response.context["outcome"]
    assert outcome.decided.is_success, outcome.decided.refusal
    assertContains(response, "The app got a token for")
    answer = json.loads(outcome.answer)
    assert session_of(answer["access_token"]).user == setup.user
    assertContains(response, answer["access_token"])
    record = LoginRecord.objects.get()
    assertContains(response, record.get_absolute_url())
    assert outcome.access_token == AccessToken.objects.get()
    assertContains(response, "Default handler for")
    assertContains(response, "Manage user data via APIs (api)")
    assertContains(response, "TrustingHandler")


def test_an_app_that_requires_a_secret_needs_none_here(admin_client, setup):
    outcome = press(admin_client, setup).context["outcome"]

    assert "signature" not in outcome.decided.body
    secret = outcome.decided.rows[3]
    assert secret.name == "secret"
    assert "an administrator's request from Setup" in secret.found
    # A client does need it.
    assert "client_secret=$CLIENT_SECRET" in outcome.request.http
    assert '"client_secret=$CLIENT_SECRET"' in outcome.request.full_curl


@pytest.mark.parametrize(
    ("secret", "error"),
    [(SECRET, None), ("other", "invalid_client"), ("", "invalid_client")],
)
def test_a_secret_is_checked_if_it_is_sent_or_left_out(admin_client, setup, secret, error):
    choice = {"secret": "send", "client_secret": secret} if secret else {"secret": "omit"}

    response = press(admin_client, setup, **choice)

    outcome = response.context["outcome"]
    refusal = outcome.decided.refusal
    assert (refusal.error if refusal else None) == error
    if secret:
        assert secret not in outcome.request.full_curl + outcome.request.http


def test_another_orgs_app_is_unknown(admin_client, setup):
    other = exchanging_org(IssuerFactory().org)
    changed = f"client_id={other.app.consumer_key}"

    response = press(admin_client, setup, changed_parameters=changed)

    outcome = response.context["outcome"]
    assert outcome.decided.refusal.error == "invalid_client_id"
    assertNotContains(response, other.app.label)
    assert not LoginRecord.objects.exists()


def test_a_check_keeps_nothing(admin_client, setup):
    users = User.objects.count()

    response = press(admin_client, setup, do="check")

    outcome = response.context["outcome"]
    assert outcome.decided.is_success
    assertContains(response, "Check only: nothing was saved")
    assert (outcome.record, outcome.access_token) == (None, None)
    assert not AccessToken.objects.exists()
    assert not LoginRecord.objects.exists()
    assert User.objects.count() == users
    assert session_of(outcome.decided.body["access_token"]) is None


def test_a_refusal_shows_its_reason_and_its_repair(admin_client, setup):
    setup.handler.is_enabled = False
    setup.handler.save()

    response = press(admin_client, setup)

    assertContains(response, "invalid_request: token handler disabled")
    assertContains(response, f"{setup.handler.label} is disabled.")
    failed = response.context["outcome"].failed
    assert failed.place.url == setup.handler.get_absolute_url()
    states = trace_of(response)
    assert [state for _, state in states[:7]] == ["passed"] * 7
    assert states[7] == ("handler_ready", "failed")
    assert {state for _, state in states[8:]} == {"not_reached"}


def test_a_deliberately_broken_token_leads_to_its_field(admin_client, setup, subtests):
    signed = {"token_source": SIGNED, "issuer": IssuerFactory(org=setup.org).name}
    cases = [
        (signed | {"broken": "expired"}, "#id_broken"),
        (signed | {"broken": "too_long"}, "#id_broken"),
        (signed, setup.handler.apex_class),
        ({"token_source": "own", "incoming_token": "x" * 10_001}, "#id_incoming_token"),
        ({"changed_parameters": "subject_token="}, "#id_changed_parameters"),
        ({"changed_parameters": "subject_token=bad"}, setup.handler.apex_class),
    ]
    for entries, expected in cases:
        with subtests.test(entries=str(entries)[:60]):
            response = press(admin_client, setup, **entries)
            url = expected if isinstance(expected, str) else expected.get_absolute_url()
            assert response.context["outcome"].failed.place.url == url
            assertContains(response, f'<a href="{url}" dir="auto">')


def test_a_token_without_scopes_leads_to_the_apps_scopes(admin_client, setup):
    setup.app.scopes = []
    setup.app.save()

    response = press(admin_client, setup)

    assertContains(response, "None. The token can't do anything.")
    assertContains(response, f"Edit settings of {setup.app.label}", 2)


def test_a_deleted_decision_has_no_row(admin_client, setup, monkeypatch):
    rows = decisions_on(press(admin_client, setup))
    assert "Run As user" in rows
    left = tuple(each for each in decisions.EXCHANGE if each.name != "run_as")
    monkeypatch.setattr(decisions, "EXCHANGE", left)

    response = press(admin_client, setup)

    assert decisions_on(response) == [row for row in rows if row != "Run As user"]


def test_a_viewer_reads_the_page_but_cannot_exchange(viewer_client, setup):
    response = viewer_client.get(URL)

    assertContains(response, "You have view-only access to Setup.")
    page = read(response)
    assert not [each for each in page.all("button") if each.attributes.get("name") == "do"
                and each.attributes["value"] in {"exchange", "check"}]  # fmt: skip
    assert viewer_client.post(URL, {"do": "exchange"}).status_code == 403
    assert not LoginRecord.objects.exists()


def test_pages_lead_to_it_with_their_app_or_handler(admin_client, setup):
    for row, query in [
        (setup.handler, f"?handler={setup.handler.developer_name}"),
        (setup.app, f"?app=connected:{setup.app.api_name}"),
    ]:
        assert links(admin_client.get(row.get_absolute_url()))["Try It"].endswith(query)
    form = admin_client.get(f"{URL}?handler={setup.handler.developer_name}").context["form"]
    assert form["handler"].value() == setup.handler.developer_name
    assert form["app"].value() == f"connected:{setup.app.api_name}"
    other = ClientAppFactory(org=setup.org, label="Aaa")
    form = admin_client.get(f"{URL}?app=connected:{other.api_name}").context["form"]
    assert form["app"].value() == f"connected:{other.api_name}"
    assert form["handler"].value() == ""
    assertContains(admin_client.get(URL), "Default handler (")


def test_unknown_and_hostile_keys_in_the_address(admin_client, setup):
    for query in [
        "app=connected:None",
        "app=x",
        "handler=None",
        "app=%00:a",
        "handler=%00",
    ]:
        assert admin_client.get(f"{URL}?{query}").status_code == 200
    for query in ["example=0", "example=x", f"example={10**30}", "example=%00"]:
        assert admin_client.get(f"{URL}?{query}").status_code == 404


def test_an_org_without_apps_and_issuers_has_the_page(admin_client, org):
    response = admin_client.get(URL)

    assertContains(response, "simulated issuer")
    response = admin_client.post(URL, entries(response) | {"do": "exchange"})
    assert field_errors(response, "app") == ["Select an app."]
    assert field_errors(response, "incoming_token") == ["Enter a token."]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"incoming_token": ""}, "incoming_token", "Enter a token."),
        ({"app": "connected:None"}, "app", "Select one of the listed apps."),
        ({"handler": "None"}, "handler", "Select one of the listed handlers."),
        ({"token_type": "x"}, "token_type", "Select one of the listed token types."),
        ({"secret": "send"}, "client_secret", "Enter a secret."),
        ({"changed_parameters": "scope"}, "changed_parameters", "Line 1 isn't a param"),
    ],
)
def test_an_invalid_entry_has_its_reason_beside_it(
    admin_client, setup, changes, field, message
):
    response = press(admin_client, setup, **changes)

    assert response.status_code == 422
    assert message in field_errors(response, field)[0]
    assert "outcome" not in response.context
    assert not LoginRecord.objects.exists()


def test_a_pasted_token_is_decoded_and_stays(admin_client, htmx_client, setup):
    header, claims = (
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")
        for each in ({"alg": "ES256", "kid": "<b>"}, {"sub": "<script>", "exp": 1})
    )
    token = f"{header}.{claims}.x"
    for client in [admin_client, htmx_client]:
        for do in ["decode", "app", "handler", "token_type", "check", "exchange"]:
            response = press(client, setup, do=do, incoming_token=token)

            assertContains(response, token)
            assertContains(response, "&lt;script&gt;")
            assertContains(response, "years ago")
            assertNotContains(response, "<script>\n")
            assert response.context["form"]["incoming_token"].value() == token


def test_changing_the_app_keeps_entries_and_resets_its_handler(admin_client, setup, org):
    saml = TokenExchangeHandlerFactory(org=org, supports_jwt=False, supports_saml2=True)
    other = EnablementFactory(handler=saml, is_default=True).app
    changes = {"app": f"connected:{other.api_name}", "scope": "api"}
    handler = {"handler": setup.handler.developer_name}

    form = press(admin_client, setup, do="app", **changes, **handler).context["form"]

    assert form["app"].value() == f"connected:{other.api_name}"
    assert (form["handler"].value(), form["scope"].value()) == ("", "api")
    assert form["token_type"].value() == "SAML_2"
    assert form["incoming_token"].value() == setup.user.username


def test_edited_claims_stay_when_the_app_changes(admin_client, setup, org):
    IssuerFactory(org=org, claims={"sub": "ada"})
    app = {"app": f"connected:{setup.app.api_name}"}
    data = entries(admin_client.get(URL)) | app | {"do": "app"}

    edited = admin_client.post(URL, data | {"claims": "sub=eve"}).context["form"]

    assert edited["claims"].value() == "sub=eve"
    unedited = admin_client.post(URL, data).context["form"]
    assert unedited["claims"].value() == "sub=ada"


def test_without_a_place_it_is_asked_to_come_back(admin_client, htmx_client, setup):
    with held(setup.org):
        for client in [admin_client, htmx_client]:
            response = press(client, setup)

            assert (response.status_code, response["Retry-After"]) == (503, "1")
            assert "Try again in a moment." in form_errors(response)[0]
    assert not LoginRecord.objects.exists()
    assert press(admin_client, setup).status_code == 200


def test_it_is_never_throttled(admin_client, setup, settings):
    settings.THROTTLE_TOKENS = True
    for _ in range(12):
        outcome = press(admin_client, setup, incoming_token="bad").context["outcome"]
        assert outcome.decided.refusal.error == "invalid_request"
    assert not LoginFailure.objects.exists()
    assert press(admin_client, setup).context["outcome"].decided.is_success


def test_steps_and_trace_show_only_the_start_of_the_token(admin_client, setup):
    token = "secret-token-" + "x" * 40

    outcome = press(admin_client, setup, incoming_token=token).context["outcome"]

    shown = [row.found + row.examined for row in outcome.decided.rows]
    shown += [step.text + step.detail for line in outcome.apex.classes[0].lines
              for step in line.steps]  # fmt: skip
    shown += [outcome.request.http, outcome.request.curl]
    assert token not in "".join(shown)
    assert "secret-t…" in "".join(shown)
    assert token in outcome.request.full_curl


def test_a_created_user_of_a_refused_or_checked_exchange_has_no_page(admin_client, setup):
    response = press(admin_client, setup, incoming_token="nobody@x.example")

    outcome = response.context["outcome"]
    assert outcome.decided.refusal.error == "invalid_grant"
    assert outcome.user_url == ""


def test_the_command_is_safe_to_paste(admin_client, setup):
    token = "a'b\"$(id) `id`\\ c" + "x" * 40

    request = press(admin_client, setup, incoming_token=token).context["outcome"].request

    words = shlex.split(request.full_curl.replace("\\\n", ""))
    assert f"subject_token={token}" in words
    assert words[:2] == ["curl", "http://testserver/services/oauth2/token"]


def test_entries_of_a_logged_out_user_are_in_no_address(client, setup):
    secrets = {
        "incoming_token": "a-token",
        "client_secret": "a-secret",
        "changed_parameters": "client_secret=a-secret",
    }

    response = client.post(URL, secrets | {"scope": "api"})

    assert "scope" in response["Location"]
    assert "a-token" not in response["Location"]
    assert "a-secret" not in response["Location"]
