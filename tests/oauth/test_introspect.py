"""Introspection: an app sees its own tokens, or all of its org, and never another org's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.api.calling import session_id
from tests.factories import ClientAppFactory, OrgFactory
from tokenx.org.consumer_keys import new_consumer_key
from tokenx.org.models import AccessToken, OAuthApproval, RefreshTokenPolicy

from .exchanging import SECRET, exchanging_org
from .test_revoke import basic, revoke
from .test_throttle import OTHER_CLASS

pytestmark = pytest.mark.django_db
INTROSPECT = "/services/oauth2/introspect"
INACTIVE = {"active": False}


@pytest.fixture
def setup(org):
    return exchanging_org(org)


@pytest.fixture
def other(setup):
    """Return another app of the same org."""
    return exchanging_org(setup.org, body=OTHER_CLASS)


def introspect(setup, token, **more):
    client = {"client_id": setup.app.consumer_key, "client_secret": SECRET}
    response = Client().post(INTROSPECT, {"token": token, **client, **more})
    assert response.status_code == 200, response.json()
    assert response["Cache-Control"] == "no-store"
    return response.json()


def test_an_app_sees_its_access_token(setup):
    answer = setup.post().json()
    row = AccessToken.objects.get(org=setup.org)

    claims = introspect(setup, answer["access_token"], token_type_hint="access_token")

    assert claims == {
        "active": True,
        "scope": "api refresh_token",
        "client_id": setup.app.consumer_key,
        "username": setup.user.username,
        "sub": answer["id"],
        "token_type": "access_token",
        "exp": int(row.expires_at.timestamp()),
        "iat": int(row.created_at.timestamp()),
        "nbf": int(row.created_at.timestamp()),
    }
    assert claims["exp"] > claims["iat"]
    row.refresh_from_db()
    assert row.last_used_at is None


def test_an_app_sees_its_refresh_token(setup):
    answer = setup.post().json()

    claims = introspect(setup, answer["refresh_token"])

    assert claims["active"]
    assert claims["token_type"] == "refresh_token"
    assert claims["username"] == setup.user.username
    assert "exp" not in claims
    setup.app.refresh_token_policy = RefreshTokenPolicy.LIFETIME
    setup.app.refresh_token_validity = 2
    setup.app.refresh_token_unit = "DAYS"
    setup.app.save()
    claims = introspect(setup, setup.post().json()["refresh_token"])
    assert claims["exp"] - claims["iat"] == 2 * 24 * 60 * 60


def test_tokens_that_ended_are_inactive(setup, subtests):
    def user(**values):
        type(setup.user).objects.filter(org=setup.org, pk=setup.user.pk).update(**values)

    past = timezone.now() - timedelta(seconds=1)
    endings = {
        "revoked": lambda answer: revoke(answer["refresh_token"]),
        "expired": lambda answer: (
            AccessToken.objects.filter(org=setup.org).update(expires_at=past),
            OAuthApproval.objects.filter(org=setup.org).update(expires_at=past),
        ),
        "inactive": lambda answer: user(is_active=False),
    }
    for name, end in endings.items():
        with subtests.test(name):
            answer = setup.post().json()
            end(answer)
            assert introspect(setup, answer["access_token"]) == INACTIVE
            assert introspect(setup, answer["refresh_token"]) == INACTIVE
    for token in ["nonsense", "00D000000000001!x", "5Aep86100D", "\0"]:
        assert introspect(setup, token) == INACTIVE


def test_other_apps_tokens_need_the_setting(setup, other):
    answer = setup.post().json()
    session = session_id(setup.user)
    tokens = [answer["access_token"], answer["refresh_token"], session]
    assert [introspect(other, token) for token in tokens] == [INACTIVE] * 3

    other.app.introspects_all_tokens = True
    other.app.save()

    access, refresh, own = [introspect(other, token) for token in tokens]
    key = setup.app.consumer_key
    assert access["client_id"] == refresh["client_id"] == key
    assert own["active"]
    assert "client_id" not in own


def test_another_orgs_tokens_are_never_seen(setup):
    stranger = exchanging_org(OrgFactory(), introspects_all_tokens=True)
    answer = setup.post().json()
    tokens = [answer["access_token"], answer["refresh_token"], session_id(setup.user)]

    assert [introspect(stranger, token) for token in tokens] == [INACTIVE] * 3


def test_the_client_must_say_who_it_is(setup):
    token = setup.post().json()["access_token"]
    key = setup.app.consumer_key
    cases = [
        ({}, {}, "invalid_client_id"),
        ({"client_id": key}, {}, "invalid_client"),
        ({"client_id": key, "client_secret": "guess"}, {}, "invalid_client"),
        ({"client_id": "unknown", "client_secret": SECRET}, {}, "invalid_client_id"),
        ({}, basic(key, "guess"), "invalid_client"),
        ({}, {"Authorization": f"Bearer {token}"}, "invalid_client_id"),
    ]
    public = ClientAppFactory(
        org=setup.org,
        consumer_key=new_consumer_key(),
        secret_hash="",
        requires_secret=False,
    )
    cases.append(({"client_id": public.consumer_key}, {}, "invalid_client"))
    for data, headers, error in cases:
        response = Client(headers=headers).post(INTROSPECT, {"token": token, **data})
        assert (response.status_code, response.json()["error"]) == (400, error)
    response = Client(headers=basic(key)).post(INTROSPECT, {"token": token})
    assert response.json()["active"]
    response = Client(headers=basic(key)).post(INTROSPECT)
    assert response.json()["error_description"] == "missing required parameter: token"
    # A secret is needed even if token exchange doesn't require it.
    setup.app.requires_secret = False
    setup.app.save()
    response = Client().post(INTROSPECT, {"token": token, "client_id": key})
    assert response.json()["error"] == "invalid_client"
