"""The number of statements of a token exchange, and how secrets are compared."""

import hashlib
import hmac

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tokenx.oauth.actions.tokens import MAX_APPROVALS
from tokenx.org import client_secrets
from tokenx.org.client_secrets import hash_secret, matches, needs_new_hash
from tokenx.org.models import AccessToken, LoginRecord, OAuthApproval
from tokenx.setup.apex_runs.run_handler import HandlerCall, Validation

from .exchanging import SECRET, TOKEN_URL, exchanging_org

MAX_STATEMENTS = 12


@pytest.fixture
def setup(org):
    return exchanging_org(org)


@pytest.fixture
def stubbed(setup, monkeypatch):
    """Replace the methods of the class, so that no Apex runs."""
    user = setup.user

    def check_user(call):
        call.result.user = user

    def validate(call):
        call.result.validation = Validation(is_valid=True)

    monkeypatch.setattr(HandlerCall, "validate", validate)
    monkeypatch.setattr(HandlerCall, "find_user", lambda call: None)
    monkeypatch.setattr(HandlerCall, "check_user", check_user)
    return setup


@pytest.mark.django_db(transaction=True)
def test_an_exchange_takes_at_most_twelve_statements(stubbed, monkeypatch, subtests):
    # Every hundredth record sweeps old ones, with more statements.
    monkeypatch.setattr("tokenx.org.login_history._SWEEP_EVERY", 10**12)
    browser = Client(REMOTE_ADDR="203.0.113.7")
    browser.post(TOKEN_URL, stubbed.parameters())
    # The sixth approval revokes the first, with its access token.
    for number in range(2, MAX_APPROVALS + 3):
        with CaptureQueriesContext(connection) as statements:
            response = browser.post(TOKEN_URL, stubbed.parameters())

        assert response.status_code == 200
        texts = [each["sql"][:300] for each in statements]
        with subtests.test(exchange=number):
            assert len(texts) <= MAX_STATEMENTS, "\n".join(texts)
            for model in [AccessToken, OAuthApproval]:
                rows = model.objects.filter(org=stubbed.org)
                assert rows.count() == number
                assert rows.filter(revoked_at=None).count() == min(number, MAX_APPROVALS)
            assert LoginRecord.objects.filter(org=stubbed.org).count() == number


@pytest.mark.django_db
def test_an_old_hash_is_replaced_at_the_first_use(setup, subtests):
    old = {
        "a password hash": (make_password(SECRET), SECRET),
        "a hash with an old key": ("hmac", "short secret"),
    }
    for name, (stored, secret) in old.items():
        with subtests.test(name):
            setup.app.secret_hash = stored if stored != "hmac" else _with_old_key(secret)
            setup.app.save()

            assert setup.post(client_secret="guess").status_code == 400
            setup.app.refresh_from_db()
            assert needs_new_hash(secret, setup.app.secret_hash)
            response = setup.post(client_secret=secret)

            assert response.status_code == 200, response.json()
            setup.app.refresh_from_db()
            assert setup.app.secret_hash == hash_secret(secret)
            assert setup.post(client_secret=secret).status_code == 200


def _with_old_key(secret):
    return "hmac$" + client_secrets._keyed_digest(secret, "the key before")


@pytest.fixture(autouse=True)
def _an_older_key(settings):
    settings.SECRET_KEY_FALLBACKS = ["the key before"]


def test_random_secrets_have_a_plain_hash_and_others_a_keyed_one(settings):
    assert hash_secret(SECRET) == "sha256$" + hashlib.sha256(SECRET.encode()).hexdigest()
    weak = ["short", "correct horse battery", "a" * 64, "0123" * 16]
    hashes = [hash_secret(secret) for secret in weak]
    assert all(each.startswith("hmac$") for each in hashes)
    settings.SECRET_KEY = "another key"
    assert not [each for each in weak if hash_secret(each) in hashes]
    settings.SECRET_KEY_FALLBACKS = []
    assert not matches("short", hashes[0])


@pytest.mark.parametrize("stored", [hash_secret(SECRET), hash_secret("weak"), ""])
def test_secrets_are_compared_in_constant_time(monkeypatch, stored):
    compared = []

    def compare(first, second):
        compared.append(second)
        return hmac.compare_digest(first, second)

    class Spy:
        new = staticmethod(hmac.new)
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(client_secrets, "hmac", Spy)

    assert not matches("guess", stored)
    assert set(compared) == ({stored} if stored else set())
