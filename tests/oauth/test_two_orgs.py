"""One address serves all orgs: each grant in two practice orgs that have the same names."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import OrgFactory
from tokenx.org.models import AccessToken, LoginRecord, OAuthApproval, User
from tokenx.org.record_ids import ORG, record_id
from tokenx.org.sessions import session_of

from .exchanging import SECRET, exchanging_org

pytestmark = pytest.mark.django_db
USERNAME = "same@mycompany.example"
GRANTS = [
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:hybrid-token-exchange",
]


@pytest.fixture
def orgs(db):
    """Return two practice orgs whose users, apps, and handlers have the same names."""
    found = []
    for _ in range(2):
        org = OrgFactory(expires_at=timezone.now() + timedelta(days=1))
        setup = exchanging_org(org, label="Same App", api_name="Same_App")
        for row, values in [
            (setup.user, {"username": USERNAME, "federation_id": "F-1"}),
            (setup.handler, {"label": "Same", "developer_name": "Same"}),
        ]:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        found.append(setup)
    return found


def refresh(setup, token):
    return setup.post(
        grant_type="refresh_token",
        refresh_token=token,
        subject_token=None,
        subject_token_type=None,
    )


def assert_of(setup, answer):
    session = session_of(answer["access_token"])
    assert (session.org_id, session.user_id) == (setup.org.pk, setup.user.pk)
    org_id = record_id(ORG, setup.org.pk)
    assert f"/id/{org_id}/" in answer["id"]
    assert answer["access_token"].startswith(org_id[:15])


@pytest.mark.parametrize("grant_type", GRANTS)
@pytest.mark.parametrize("handler", [None, "Same", "TrustingHandler"])
def test_token_exchange_finds_the_user_of_the_apps_org(orgs, grant_type, handler):
    for setup in orgs:
        response = setup.post(grant_type=grant_type, token_handler=handler)
        assert_of(setup, response.json())
        record = LoginRecord.objects.get(org=setup.org)
        assert record.user_id == setup.user.pk
        assert AccessToken.objects.filter(org=setup.org).count() == 1


def test_refreshing_stays_in_the_org(orgs):
    ours, theirs = orgs
    answers = [setup.post().json() for setup in orgs]

    for setup, answer in zip(orgs, answers, strict=True):
        assert_of(setup, refresh(setup, answer["refresh_token"]).json())
    assert refresh(ours, answers[1]["refresh_token"]).status_code == 400
    assert refresh(theirs, answers[0]["refresh_token"]).status_code == 400


def test_a_refresh_token_under_another_orgs_prefix_is_unknown(orgs):
    ours, theirs = orgs
    token = ours.post().json()["refresh_token"]
    moved = token.replace(
        record_id(ORG, ours.org.pk)[:15], record_id(ORG, theirs.org.pk)[:15]
    )

    assert refresh(theirs, moved).status_code == 400
    assert refresh(ours, moved).status_code == 400
    assert not OAuthApproval.objects.exclude(revoked_at=None).exists()


def test_another_orgs_secret_is_invalid(orgs):
    ours, theirs = orgs
    theirs.app.secret_hash = ""
    theirs.app.save()

    assert ours.post(client_secret=SECRET).status_code == 200
    assert theirs.post(client_secret=SECRET).json()["error"] == "invalid_client"


def test_another_orgs_handler_is_not_found(orgs):
    ours, theirs = orgs
    theirs.handler.developer_name = "Theirs"
    theirs.handler.save()
    theirs.handler.apex_class.name = "TheirClass"
    theirs.handler.apex_class.save()

    for name in ["Theirs", "TheirClass"]:
        body = ours.post(token_handler=name).json()
        assert body["error_description"] == "token handler not found"


def test_another_orgs_user_is_not_found_by_name(orgs):
    ours, theirs = orgs
    User.objects.filter(org=ours.org, pk=ours.user.pk).update(username="else@x.example")

    assert ours.post(subject_token=USERNAME).json()["error"] == "invalid_grant"
    assert_of(theirs, theirs.post(subject_token=USERNAME).json())


def test_revoking_ends_nothing_in_another_org(orgs):
    answers = [setup.post().json() for setup in orgs]

    Client().post("/services/oauth2/revoke", {"token": answers[0]["refresh_token"]})

    assert session_of(answers[0]["access_token"]) is None
    assert_of(orgs[1], answers[1])
    assert refresh(orgs[1], answers[1]["refresh_token"]).status_code == 200


def test_an_identity_url_of_another_org_is_refused(orgs):
    answers = [setup.post().json() for setup in orgs]
    headers = {"Authorization": f"Bearer {answers[0]['access_token']}"}
    client = Client(headers=headers)

    assert client.get(answers[0]["id"]).json()["username"] == USERNAME
    assert client.get(answers[1]["id"]).status_code == 403
    userinfo = client.get("/services/oauth2/userinfo").json()
    assert userinfo["sub"] == answers[0]["id"]


def test_signing_keys_and_discovery_belong_to_the_server(orgs):
    for setup in orgs:
        setup.app.scopes = ["openid", "api"]
        setup.app.save()
    tokens = [setup.post().json()["id_token"] for setup in orgs]

    headers = {token.partition(".")[0] for token in tokens}
    assert len(headers) == 1
    assert len(Client().get("/id/keys").json()["keys"]) == 1
