"""Guessing clients and secrets is throttled by network; sending bad tokens hardly is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tokenx.oauth.exchange import exchange
from tokenx.oauth.token_request import Client as Sender
from tokenx.oauth.token_request import TokenRequest
from tokenx.org.login_throttle import FREE_FROM_ADDRESS
from tokenx.org.models import LoginFailure, LoginRecord
from tokenx.training.management.commands import demo

from .exchanging import JWT, TOKEN_URL, exchanging_org

pytestmark = pytest.mark.django_db
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NETWORK, OTHER = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def setup(org):
    return exchanging_org(org)


def post(setup, address=NETWORK, **changes):
    return Client(REMOTE_ADDR=address).post(TOKEN_URL, setup.parameters(**changes))


def use_up(rows=LoginFailure.objects):
    """Set every counter to the last failure that's free."""
    assert rows.exists()
    rows.update(count=FREE_FROM_ADDRESS, closed_until=EPOCH)


def hold():
    """Check that the last failure closed the counters, and keep them closed for a while."""
    assert not LoginFailure.objects.filter(closed_until=EPOCH).exists()
    LoginFailure.objects.update(closed_until=timezone.now() + timedelta(minutes=5))


def is_throttled(response):
    if response.status_code != 429:
        return False
    assert response.json()["error"] == "slow_down"
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    return True


@pytest.mark.parametrize("guess", ["client_id", "client_secret"])
def test_guessing_clients_and_secrets_is_throttled(setup, guess):
    assert post(setup, **{guess: "guess"}).status_code == 400
    use_up()
    assert not is_throttled(post(setup, **{guess: "guess"}))
    hold()

    assert is_throttled(post(setup, **{guess: "guess"}))
    assert is_throttled(post(setup))
    assert post(setup, OTHER).status_code == 200
    for path in ["revoke", "introspect"]:
        data = {"token": "x", "client_id": "guess"}
        client = Client(REMOTE_ADDR=NETWORK)
        assert is_throttled(client.post(f"/services/oauth2/{path}", data))


def test_bad_tokens_are_throttled_for_their_app_only(setup, settings):
    settings.THROTTLE_TOKENS = True
    assert post(setup, subject_token="bad").status_code == 400
    use_up()
    assert not is_throttled(post(setup, subject_token="no one"))
    hold()

    assert is_throttled(post(setup))
    assert post(setup, OTHER).status_code == 200
    assert "wait" in LoginRecord.objects.order_by("pk")[2].trace[5]["found"]
    other = exchanging_org(setup.org, body=OTHER_CLASS)
    assert post(other).status_code == 200


OTHER_CLASS = """
public class OtherHandler extends Auth.Oauth2TokenExchangeHandler {
    public override Auth.TokenValidationResult validateIncomingToken(
            String appName, Auth.IntegratingAppType appType, String incomingToken,
            Auth.OAuth2TokenExchangeType tokenType) {
        Auth.UserData data = new Auth.UserData(incomingToken, null, null, null, null, null,
            null, null, 'test', null, null);
        return new Auth.TokenValidationResult(
            true, null, data, incomingToken, tokenType, null);
    }
    public override User getUserForTokenSubject(Id networkId,
            Auth.TokenValidationResult result, Boolean canCreateUser,
            String appName, Auth.IntegratingAppType appType) {
        String name = result.userData.identifier;
        return [SELECT Id FROM User WHERE Username = :name];
    }
}
"""


@pytest.mark.parametrize("reason", ["practice org", "setting", "Setup", "this machine"])
def test_bad_tokens_are_not_counted(setup, settings, reason):
    settings.THROTTLE_TOKENS = reason != "setting"
    if reason == "practice org":
        setup.org.expires_at = timezone.now() + timedelta(days=1)
        setup.org.save()
    address = "127.0.0.1" if reason == "this machine" else NETWORK
    request = TokenRequest(
        Sender("http://testserver", address),
        **setup.parameters(subject_token="bad"),
        setup_org=setup.org.pk if reason == "Setup" else None,
    )

    decided = exchange(request)

    assert decided.body["error_description"] == "token handler validation failed"
    assert not LoginFailure.objects.exists()


def test_requests_from_setup_are_never_refused_by_the_throttle(setup, settings):
    settings.THROTTLE_TOKENS = True
    for changes in [{"subject_token": "bad"}, {"client_secret": "guess"}]:
        post(setup, **changes)
    use_up()
    post(setup, subject_token="bad")
    post(setup, client_secret="guess")
    hold()
    assert is_throttled(post(setup))

    request = TokenRequest(
        Sender("http://testserver", NETWORK),
        **setup.parameters(subject_token_type=JWT),
        setup_org=setup.org.pk,
    )

    assert exchange(request).is_success


def test_a_good_request_counts_nothing(setup, settings):
    settings.THROTTLE_TOKENS = True
    assert post(setup).status_code == 200
    assert not LoginFailure.objects.exists()


@pytest.mark.parametrize(("variable", "throttles"), [(None, False), ("1", True)])
def test_the_demo_throttles_no_tokens_unless_asked(
    settings, monkeypatch, variable, throttles
):
    settings.THROTTLE_TOKENS, settings.SIGNUP, settings.ALLOWED_HOSTS = True, "", ["x"]
    monkeypatch.delenv("TOKENX_THROTTLE_TOKENS", raising=False)
    if variable:
        monkeypatch.setenv("TOKENX_THROTTLE_TOKENS", variable)

    demo.set_demo_settings("demo", [])

    assert throttles == settings.THROTTLE_TOKENS
