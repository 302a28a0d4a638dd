"""Revocation: RFC 7009, with answers that simple-oauth2 and jsforce can read."""

from base64 import b64encode
from urllib.parse import parse_qs

import pytest
from django.test import Client

from tests.factories import OrgFactory
from tokenx.org.models import AuditEntry, OAuthApproval
from tokenx.org.sessions import session_of

from .exchanging import SECRET, exchanging_org

pytestmark = pytest.mark.django_db
REVOKE = "/services/oauth2/revoke"


@pytest.fixture
def setup(org):
    return exchanging_org(org)


def revoke(token, **more):
    headers = more.pop("headers", {})
    return Client(headers=headers).post(REVOKE, {"token": token, **more})


def basic(key, secret=SECRET):
    return {"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode()}


def renew(setup, refresh_token):
    return setup.post(
        grant_type="refresh_token",
        refresh_token=refresh_token,
        subject_token=None,
        subject_token_type=None,
    )


def test_an_access_token_ends_alone(setup):
    answer = setup.post().json()
    entries = AuditEntry.objects.count()

    response = revoke(answer["access_token"], token_type_hint="refresh_token")

    assert (response.status_code, response.json()) == (200, {})
    assert response["Content-Type"] == "application/json;charset=UTF-8"
    assert response["Cache-Control"] == "no-store"
    assert session_of(answer["access_token"]) is None
    assert renew(setup, answer["refresh_token"]).status_code == 200
    # Login History has token requests; the audit trail doesn't.
    assert AuditEntry.objects.count() == entries


def test_a_refresh_token_ends_with_its_access_tokens(setup):
    first, other = setup.post().json(), setup.post().json()
    again = renew(setup, first["refresh_token"]).json()

    response = revoke(first["refresh_token"], revoke_reason="USER_LOGOUT")

    assert (response.status_code, response.json()) == (200, {})
    assert session_of(first["access_token"]) is session_of(again["access_token"]) is None
    assert session_of(other["access_token"])
    refused = renew(setup, first["refresh_token"])
    assert refused.status_code == 400
    assert refused.json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }


def test_an_unknown_or_revoked_token_has_already_ended(setup, subtests):
    answer = setup.post().json()
    revoke(answer["access_token"])
    tokens = [
        answer["access_token"],
        "nonsense",
        "00D000000000001!x",
        "5Aep861x",
        "é\0",
        "x" * 50_000,
    ]
    for token in tokens:
        with subtests.test(token[:20]):
            response = revoke(token)
            assert (response.status_code, response.json()) == (200, {})


def test_a_client_that_says_who_it_is_must_be_right(setup, org):
    other = exchanging_org(OrgFactory())
    answer = setup.post().json()
    key = setup.app.consumer_key
    cases = [
        ({"client_id": "unknown"}, "invalid_client_id"),
        ({"client_id": key, "client_secret": "guess"}, "invalid_client"),
        ({"headers": basic(key, "guess")}, "invalid_client"),
        ({"headers": basic(other.app.consumer_key)}, "invalid_request"),
        ({"client_id": other.app.consumer_key}, "invalid_request"),
    ]
    for token in [answer["access_token"], answer["refresh_token"]]:
        for more, error in cases:
            response = revoke(token, **more)
            assert (response.status_code, response.json()["error"]) == (400, error)
    assert session_of(answer["access_token"])
    assert not OAuthApproval.objects.exclude(revoked_at=None).exists()

    assert revoke(answer["access_token"], client_id=key).status_code == 200
    assert revoke(answer["refresh_token"], headers=basic(key)).status_code == 200
    assert session_of(answer["access_token"]) is None


def test_jsforce_shows_an_error_as_its_description(setup):
    """Read the answer as jsforce does: form-encoded, or else whole."""
    response = Client().post(REVOKE, {})

    assert response.status_code == 400
    body = response.content.decode()
    # Without a parameter named error, jsforce takes the whole body as the description.
    assert "error" not in parse_qs(body)
    assert "missing required parameter: token" in body


def test_tokens_of_an_inactive_user_end_too(setup):
    answer = setup.post().json()
    setup.user.is_active = False
    setup.user.save()

    assert revoke(answer["access_token"]).status_code == 200

    setup.user.is_active = True
    setup.user.save()
    assert session_of(answer["access_token"]) is None


def test_a_replaced_refresh_token_ends_the_approval(setup):
    setup.app.rotates_refresh_tokens = True
    setup.app.save()
    first = setup.post().json()
    second = renew(setup, first["refresh_token"]).json()

    revoke(first["refresh_token"])

    assert renew(setup, second["refresh_token"]).status_code == 400


def test_another_orgs_token_with_the_same_secret_part_is_another_token(setup):
    other = exchanging_org(OrgFactory())
    ours = setup.post().json()
    theirs = other.post().json()
    prefix = theirs["access_token"].partition("!")[0]
    mixed = prefix + "!" + ours["access_token"].partition("!")[2]

    revoke(mixed)

    assert session_of(ours["access_token"])
    assert session_of(theirs["access_token"])
