"""Try It: the form, the exchange, the trace, and who can use it."""

import json

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import IssuerFactory
from tests.oauth.exchanging import SECRET, exchanging_org
from tests.read import read
from tokenx.oauth import decisions
from tokenx.org.models import AccessToken, LoginRecord, User
from tokenx.org.sessions import session_of

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
    assert "An administrator sent this request" in secret.found
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


def test_a_deleted_decision_has_no_row(admin_client, setup, monkeypatch):
    rows = decisions_on(press(admin_client, setup))
    assert "Run As user" in rows
    left = tuple(each for each in decisions.EXCHANGE if each.name != "run_as")
    monkeypatch.setattr(decisions, "EXCHANGE", left)

    response = press(admin_client, setup)

    assert decisions_on(response) == [row for row in rows if row != "Run As user"]
