"""The token endpoint exchanges a token, and says why it doesn't."""

import hmac
import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from django.test import Client

from tests.oauth.exchanging import SECRET, TOKEN_URL, exchanging_org
from tokenx.org.client_secrets import hash_secret
from tokenx.org.models import AccessToken, LoginRecord, OAuthApproval
from tokenx.org.sessions import session_of
from tokenx.setup.apex_runs.run_handler import HandlerCall

pytestmark = pytest.mark.django_db


def test_a_token_is_exchanged(org):
    setup = exchanging_org(org)
    response = setup.post()
    answer = response.json()
    assert response.status_code == 200, answer
    assert response["Cache-Control"] == "no-store"
    assert set(answer) == {
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    session = session_of(answer["access_token"])
    assert session is not None
    assert session.user == setup.user
    record = LoginRecord.objects.get(org=org)
    assert record.is_success
    assert [row["state"] for row in record.trace] == ["passed"] * 15
    assert AccessToken.objects.filter(org=org).count() == 1
    assert OAuthApproval.objects.filter(org=org).count() == 1


def test_a_refused_token_has_its_reason_in_the_trace(org):
    setup = exchanging_org(org)
    response = setup.post(subject_token="bad")
    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "token handler validation failed",
    }
    record = LoginRecord.objects.get(org=org)
    failed = [row for row in record.trace if row["state"] == "failed"]
    assert [(row["name"], row["found"]) for row in failed] == [
        ("validate", "The token isn't valid.")
    ]
    assert [row["state"] for row in record.trace[10:]] == ["not_reached"] * 5


def test_a_refresh_token_renews_the_access_token(org):
    setup = exchanging_org(org)
    first = setup.post().json()
    again = setup.post(
        grant_type="refresh_token",
        refresh_token=first["refresh_token"],
        subject_token=None,
        subject_token_type=None,
    )
    assert again.status_code == 200, again.json()
    assert "refresh_token" not in again.json()
    assert again.json()["access_token"] != first["access_token"]


def test_an_app_without_a_default_links_to_where_one_is_set(org):
    setup = exchanging_org(org)
    row = setup.enablement
    for is_enabled, url in [
        (True, f"/handlers/{setup.handler.developer_name}/enabled-apps/{row.pk}/edit/"),
        (False, "/handlers/"),
    ]:
        type(row).objects.filter(pk=row.pk).update(is_default=False)
        type(setup.handler).objects.filter(org=org).update(is_enabled=is_enabled)
        assert setup.post().status_code == 400
        record = LoginRecord.objects.filter(org=org).latest("pk")
        [failed] = [each for each in record.trace if each["state"] == "failed"]
        assert failed["place"][0] == url


def test_a_handlers_name_is_compared_whole(org):
    setup = exchanging_org(org)
    type(setup.handler).objects.filter(org=org).update(developer_name="h" * 80)

    assert setup.post(token_handler="h" * 80).status_code == 200
    assert setup.post(token_handler="h" * 81).json()["error_description"] == (
        "token handler not found"
    )


def test_an_unexpected_error_is_in_the_login_history(org, monkeypatch):
    setup = exchanging_org(org)

    def fail(call):
        raise RuntimeError(f"{setup.user.username} {SECRET}")

    monkeypatch.setattr(HandlerCall, "validate", fail)
    response = setup.post()

    assert response.status_code == 500
    record = LoginRecord.objects.get(org=org)
    assert record.status == "Failed: an unexpected error occurred"
    assert (record.error, record.application) == ("server_error", setup.app.label)
    assert response.json() == {
        "error": record.error,
        "error_description": record.error_description,
    }
    assert not AccessToken.objects.filter(org=org).exists()


def test_basic_secrets_are_taken_encoded_and_raw(org, subtests):
    setup = exchanging_org(org)
    key = setup.app.consumer_key
    for secret in ["a+b c%20d", "100%", "plus+", "%41" * 12]:
        setup.app.secret_hash = hash_secret(secret)
        setup.app.save()
        for sent in [secret, quote_plus(secret), quote(secret)]:
            with subtests.test(secret=secret, sent=sent):
                credentials = b64encode(f"{key}:{sent}".encode()).decode()
                data = setup.parameters(client_id=None, client_secret=None)
                response = Client(headers={"Authorization": f"Basic {credentials}"}).post(
                    TOKEN_URL, data
                )
                assert response.status_code == 200, response.json()
                # Clients check the signature with the secret that they know.
                signed = response.json()["id"] + response.json()["issued_at"]
                assert (
                    response.json()["signature"]
                    == b64encode(
                        hmac.digest(secret.encode(), signed.encode(), "sha256")
                    ).decode()
                )
                record = LoginRecord.objects.filter(org=org).latest("pk")
                assert secret not in json.dumps(record.trace)
