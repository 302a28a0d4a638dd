"""The token endpoint exchanges a token, and says why it doesn't."""

import pytest

from tests.oauth.exchanging import exchanging_org
from tokenx.org.models import AccessToken, LoginRecord, OAuthApproval
from tokenx.org.sessions import session_of

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
