"""Refresh tokens: policies, rotation and replay, five approvals, and what ends them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import OrgFactory, UserFactory
from tokenx.oauth.actions.tokens import MAX_APPROVALS, OVERTAKEN, REPLAYED, sweep_tokens
from tokenx.oauth.exchange import exchange
from tokenx.oauth.sweeping import sweep_unused_orgs
from tokenx.oauth.token_request import Client, TokenRequest
from tokenx.org.models import (
    AccessToken,
    AppProfile,
    BuiltInProfile,
    LoginRecord,
    OAuthApproval,
    PermittedUsers,
    RefreshTokenPolicy,
    Scope,
)
from tokenx.org.sessions import session_of
from tokenx.setup.actions.apps import change_app, delete_app, rotate_secret

from .exchanging import SECRET, exchanging_org

pytestmark = pytest.mark.django_db
REFRESH = {
    "grant_type": "refresh_token",
    "subject_token": None,
    "subject_token_type": None,
}
EXPIRED = {
    "error": "invalid_grant",
    "error_description": "expired access/refresh token",
}


@pytest.fixture
def setup(org):
    return exchanging_org(org)


@pytest.fixture
def by(org):
    return UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)


def policy(setup, name, validity=None, unit="", **more):
    values = {
        "refresh_token_policy": name,
        "refresh_token_validity": validity,
        "refresh_token_unit": unit,
        **more,
    }
    for field, value in values.items():
        setattr(setup.app, field, value)
    setup.app.save()


def renew(setup, token, **changes):
    return setup.post(**REFRESH | {"refresh_token": token} | changes)


def refusal(setup, token, **changes):
    response = renew(setup, token, **changes)
    assert response.status_code == 400
    assert response["Cache-Control"] == "no-store"
    return response.json()


def why(setup):
    """Return the failed decision of the last request, and its reason."""
    trace = LoginRecord.objects.filter(org=setup.org).order_by("-pk")[0].trace
    [row] = [row for row in trace if row["state"] == "failed"]
    return row["name"], row["found"]


def later(**age):
    """Let time pass for all approvals."""
    moved = timedelta(**age)
    for row in OAuthApproval.objects.all():
        row.created_at -= moved
        row.used_at -= moved
        if row.expires_at:
            row.expires_at -= moved
        row.save()


def test_valid_until_revoked(setup):
    token = setup.post().json()["refresh_token"]
    later(days=3_000)

    answer = renew(setup, token).json()

    assert "refresh_token" not in answer
    assert session_of(answer["access_token"]).user == setup.user
    assert answer["scope"] == "api refresh_token"
    assert set(answer) == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert LoginRecord.objects.filter(login_subtype="OAuth Refresh Token").count() == 1


def test_immediately_expired(setup):
    policy(setup, RefreshTokenPolicy.ZERO)

    answer = setup.post().json()

    assert "refresh_token" not in answer
    assert session_of(answer["access_token"])
    assert not OAuthApproval.objects.exists()


def test_expired_if_not_used(setup):
    policy(setup, RefreshTokenPolicy.INACTIVITY, 3, "DAYS")
    token = setup.post().json()["refresh_token"]
    for _ in range(3):
        later(days=2)
        assert renew(setup, token).status_code == 200
    later(days=3)

    assert refusal(setup, token) == EXPIRED
    assert why(setup)[0] == "refresh_token"
    assert "has expired under the app's refresh token policy." in why(setup)[1]


def test_expired_after_a_lifetime(setup):
    policy(setup, RefreshTokenPolicy.LIFETIME, 5, "HOURS")
    token = setup.post().json()["refresh_token"]
    later(hours=4)
    assert renew(setup, token).status_code == 200
    later(hours=1)

    assert refusal(setup, token) == EXPIRED


def test_rotation_replaces_the_token_and_notices_its_replay(setup):
    policy(setup, RefreshTokenPolicy.INFINITE, rotates_refresh_tokens=True)
    first = setup.post().json()
    second = renew(setup, first["refresh_token"]).json()
    third = renew(setup, second["refresh_token"]).json()
    assert third["refresh_token"] != second["refresh_token"] != first["refresh_token"]

    assert refusal(setup, second["refresh_token"]) == EXPIRED

    assert "rotation has replaced it" in why(setup)[1]
    assert refusal(setup, third["refresh_token"]) == EXPIRED
    for answer in [first, second, third]:
        assert session_of(answer["access_token"]) is None


def test_replays_of_all_earlier_tokens_are_noticed(setup, subtests):
    policy(setup, RefreshTokenPolicy.INFINITE, rotates_refresh_tokens=True)
    for replayed in range(4):
        tokens = [setup.post().json()["refresh_token"]]
        for _ in range(4):
            tokens.append(renew(setup, tokens[-1]).json()["refresh_token"])
        other = setup.post().json()["refresh_token"]

        with subtests.test(rotations=4 - replayed):
            assert refusal(setup, tokens[replayed]) == EXPIRED
            assert why(setup) == ("refresh_token", REPLAYED)
            assert refusal(setup, tokens[-1]) == EXPIRED
            assert renew(setup, other).status_code == 200


def test_a_check_of_a_replayed_token_revokes_nothing(setup):
    policy(setup, RefreshTokenPolicy.INFINITE, rotates_refresh_tokens=True)
    first = setup.post().json()
    second = renew(setup, first["refresh_token"]).json()
    parameters = setup.parameters(**REFRESH | {"refresh_token": first["refresh_token"]})
    request = TokenRequest(Client("http://testserver"), **parameters)

    assert not exchange(request, commit=False).is_success
    parameters["refresh_token"] = second["refresh_token"]
    request = TokenRequest(Client("http://testserver"), **parameters)
    assert exchange(request, commit=False).is_success

    assert renew(setup, second["refresh_token"]).status_code == 200


def test_a_request_that_another_one_overtook_is_refused(setup, monkeypatch):
    """Two requests read the same refresh token; only one replaces it."""
    policy(setup, RefreshTokenPolicy.INFINITE, rotates_refresh_tokens=True)
    token = setup.post().json()["refresh_token"]
    stale = OAuthApproval.objects.select_related("user__org", "user__profile").get()
    renew(setup, token)
    monkeypatch.setattr(
        "tokenx.oauth.decisions.refreshing.find_approval", lambda **values: stale
    )

    assert refusal(setup, token) == EXPIRED
    assert why(setup) == ("tokens", OVERTAKEN)


def test_a_sixth_approval_revokes_the_oldest(setup):
    answers = [setup.post().json() for _ in range(MAX_APPROVALS)]
    assert all(session_of(each["access_token"]) for each in answers)

    newest = setup.post().json()

    assert refusal(setup, answers[0]["refresh_token"]) == EXPIRED
    assert session_of(answers[0]["access_token"]) is None
    for answer in [*answers[1:], newest]:
        assert renew(setup, answer["refresh_token"]).status_code == 200
        assert session_of(answer["access_token"])
    live = OAuthApproval.objects.of(setup.app, setup.user).live_at(timezone.now())
    assert live.count() == MAX_APPROVALS


def test_without_the_scope_there_is_no_refresh_token(setup):
    for scope in ["api", "api api"]:
        answer = setup.post(scope=scope).json()
        assert answer["scope"] == "api"
        assert "refresh_token" not in answer
    setup.app.scopes = [Scope.API, Scope.OFFLINE_ACCESS]
    setup.app.save()
    assert "refresh_token" in setup.post().json()


def test_scopes_can_only_become_fewer(setup):
    token = setup.post().json()["refresh_token"]

    assert renew(setup, token, scope="api").json()["scope"] == "api"
    assert renew(setup, token).json()["scope"] == "api refresh_token"
    assert refusal(setup, token, scope="api web")["error"] == "invalid_scope"
    setup.app.scopes = [Scope.API, Scope.WEB, Scope.REFRESH_TOKEN]
    setup.app.save()
    assert refusal(setup, token, scope="web")["error"] == "invalid_scope"
    setup.app.scopes = [Scope.REFRESH_TOKEN]
    setup.app.save()
    assert renew(setup, token).json()["scope"] == "refresh_token"


def test_an_inactive_user_gets_no_token(setup):
    token = setup.post().json()["refresh_token"]
    setup.user.is_active = False
    setup.user.save()

    assert refusal(setup, token) == EXPIRED
    assert why(setup) == ("refresh_user", f"{setup.user.name} is inactive.")


def test_a_user_who_lost_the_approval_gets_no_token(setup):
    token = setup.post().json()["refresh_token"]
    AppProfile.objects.filter(org=setup.org, app=setup.app).delete()

    assert refusal(setup, token)["error"] == "invalid_app_access"

    setup.app.permitted_users = PermittedUsers.SELF_AUTHORIZED
    setup.app.save()
    assert renew(setup, token).status_code == 200


def test_a_live_approval_lets_a_self_authorized_app_exchange(setup):
    token = setup.post().json()["refresh_token"]
    setup.app.permitted_users = PermittedUsers.SELF_AUTHORIZED
    setup.app.save()
    assert setup.post().status_code == 200
    OAuthApproval.objects.filter(org=setup.org).update(revoked_at=timezone.now())

    response = setup.post()

    assert response.json() == {
        "error": "invalid_grant",
        "error_description": "user hasn't approved this consumer",
    }
    assert refusal(setup, token) == EXPIRED


def test_nonsense_is_not_a_refresh_token(setup, subtests):
    answer = setup.post().json()
    token = answer["refresh_token"]
    for each in [token + "x", token[:-1], "x", answer["access_token"], "5Aep861", "\0é"]:
        with subtests.test(each[:30]):
            assert refusal(setup, each) == EXPIRED
    assert refusal(setup, "")["error"] == "invalid_request"
    assert renew(setup, token).status_code == 200


def test_another_apps_or_orgs_refresh_token_is_unknown(setup):
    token = setup.post().json()["refresh_token"]
    stranger = exchanging_org(OrgFactory())

    assert refusal(stranger, token) == EXPIRED
    assert why(stranger)[1] == f"{stranger.app.label} has no refresh token with this value."
    assert renew(setup, token).status_code == 200


def test_a_changed_policy_applies_to_issued_tokens(setup, by):
    def change(name, validity=None, unit=""):
        values = {
            "refresh_token_policy": name,
            "refresh_token_validity": validity,
            "refresh_token_unit": unit,
        }
        change_app(app=setup.app, by=by, values=values)
        setup.app.refresh_from_db()

    token = setup.post().json()["refresh_token"]
    later(days=10)
    change(RefreshTokenPolicy.LIFETIME, 20, "DAYS")
    assert renew(setup, token).status_code == 200
    change(RefreshTokenPolicy.LIFETIME, 9, "DAYS")
    assert refusal(setup, token) == EXPIRED
    # A token that has expired stays expired.
    change(RefreshTokenPolicy.INFINITE)
    assert refusal(setup, token) == EXPIRED

    token = setup.post().json()["refresh_token"]
    later(days=10)
    renew(setup, token)
    change(RefreshTokenPolicy.INACTIVITY, 9, "DAYS")
    assert renew(setup, token).status_code == 200
    change(RefreshTokenPolicy.ZERO)
    assert refusal(setup, token) == EXPIRED


def test_a_new_secret_leaves_tokens_valid(setup, by):
    answer = setup.post().json()

    secret = rotate_secret(app=setup.app, by=by).secret

    assert session_of(answer["access_token"])
    refused = refusal(setup, answer["refresh_token"], client_secret=SECRET)
    assert refused["error"] == "invalid_client"
    renewed = renew(setup, answer["refresh_token"], client_secret=secret)
    assert renewed.status_code == 200


def test_deleting_an_app_deletes_its_tokens(setup, by):
    answer = setup.post().json()
    setup.enablement.delete()

    delete_app(app=setup.app, by=by)

    assert session_of(answer["access_token"]) is None
    assert not AccessToken.objects.filter(org=setup.org).exists()
    assert not OAuthApproval.objects.filter(org=setup.org).exists()
    assert refusal(setup, answer["refresh_token"])["error"] == "invalid_client_id"
    # Its login history stays.
    assert LoginRecord.objects.filter(org=setup.org).exists()


def test_ended_tokens_and_approvals_are_swept(setup):
    now = timezone.now()
    ages = {"today": 0, "yesterday": 1, "long ago": 31}
    answers = {when: setup.post().json() for when in ages}
    stranger = exchanging_org(OrgFactory())
    stranger.post()
    approvals = OAuthApproval.objects.order_by("pk")
    for approval, days in zip(approvals, [*ages.values(), 31], strict=True):
        if days:
            approval.revoked_at = now - timedelta(days=days)
            approval.save()
            tokens = AccessToken.objects.filter(approval=approval)
            tokens.update(expires_at=now - timedelta(days=days))

    sweep_tokens(setup.org.pk, now)

    assert approvals.filter(org=setup.org).count() == 2
    assert session_of(answers["today"]["access_token"])
    assert AccessToken.objects.filter(org=setup.org).count() == 1
    assert approvals.filter(org=stranger.org).count() == 1
    sweep_unused_orgs()
    assert not approvals.filter(org=stranger.org).exists()


def test_a_deactivated_user_loses_access_until_activated(setup):
    answer = setup.post().json()
    setup.user.is_active = False
    setup.user.save()

    assert session_of(answer["access_token"]) is None
    assert setup.post().json()["error"] == "invalid_grant"
