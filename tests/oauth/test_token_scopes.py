"""Tokens of apps work immediately, for the APIs that their scopes allow."""

import json

import pytest
from django.test import Client

from tests.api.calling import Soap, session_id
from tokenx.org.models import BuiltInProfile, Profile, Scope

from .exchanging import exchanging_org

pytestmark = pytest.mark.django_db
REST = [
    "/services/data/v62.0",
    "/services/data/v62.0/query?q=SELECT+Id+FROM+User",
    "/services/data/v62.0/tooling/query?q=SELECT+Id+FROM+User",
    "/services/data/v62.0/metadata/deployRequest",
]
REST_REFUSAL = [
    {
        "message": "This session is not valid for use with the REST API",
        "errorCode": "INVALID_SESSION_ID",
    }
]
SOAP_REFUSAL = "INVALID_SESSION_ID: This session is not valid for use with the API"
SINGLE_ACCESS = "/services/oauth2/singleaccess"
USERINFO = "/services/oauth2/userinfo"


@pytest.fixture
def setup(org):
    setup = exchanging_org(org)
    setup.app.scopes = Scope.values
    setup.app.save()
    # An administrator: other users can't call the Metadata API.
    setup.user.profile = Profile.objects.get(
        org=org, kind=BuiltInProfile.SYSTEM_ADMINISTRATOR
    )
    setup.user.set_password("x")
    setup.user.save()
    setup.admit_everyone()
    return setup


def token_with(setup, scope):
    answer = setup.post(scope=scope).json()
    assert answer["scope"] == scope
    return answer["access_token"]


def get(path, token):
    return Client(headers={"Authorization": f"Bearer {token}"}).get(path)


@pytest.mark.parametrize("scope", ["api", "full", "web api"])
def test_api_and_full_open_rest_and_soap(setup, scope):
    token = token_with(setup, scope)

    statuses = [get(path, token).status_code for path in REST]

    assert statuses == [200, 200, 200, 405]
    assert "metadataObjects" in Soap(token).answer("<describeMetadata/>")


@pytest.mark.parametrize("scope", ["web", "refresh_token", "id", "chatter_api openid"])
def test_other_scopes_open_neither(setup, scope):
    token = token_with(setup, scope)
    for path in REST:
        response = get(path, token)
        assert (response.status_code, response.json()) == (401, REST_REFUSAL)
    soap = Soap(token)
    assert soap.fault("<describeMetadata/>") == ("sf:INVALID_SESSION_ID", SOAP_REFUSAL)
    soap.path = "/services/Soap/u/62.0"
    for operation in ["getUserInfo", "logout"]:
        assert soap.fault(f"<{operation}/>")[1] == SOAP_REFUSAL
    soap.path = "/services/Soap/s/62.0"
    assert soap.fault("<executeAnonymous/>")[1] == SOAP_REFUSAL


def test_web_and_full_open_setup_in_a_browser(setup, subtests):
    expected = {"web": True, "full": True, "api": False, "id": False}
    for scope, is_open in expected.items():
        with subtests.test(scope):
            token = token_with(setup, scope)
            single = get(SINGLE_ACCESS, token)
            door = Client().get("/secur/frontdoor.jsp", {"sid": token})

            assert single.status_code == (200 if is_open else 401)
            assert door.status_code == 302
            assert door["Location"].startswith("/sign-in/") != is_open


def test_identity_needs_a_scope_of_identity(setup, subtests):
    expected = dict.fromkeys(
        ["id", "openid", "profile", "email", "address", "phone", "api", "full"], True
    ) | dict.fromkeys(["web", "refresh_token", "chatter_api"], False)
    for scope, is_open in expected.items():
        with subtests.test(scope):
            answer = setup.post(scope=scope).json()
            token = answer["access_token"]
            info = get(USERINFO, token)
            identity = get(answer["id"], token)

            assert info.status_code == (200 if is_open else 401)
            assert identity.status_code == (200 if is_open else 403)
            if not is_open:
                assert info.json() == REST_REFUSAL
                assert identity.json()[0]["message"] == "No_Access"


def test_sessions_without_an_app_are_unrestricted(setup):
    token = session_id(setup.user)
    for path in [*REST[:3], SINGLE_ACCESS, USERINFO]:
        assert get(path, token).status_code == 200
    assert "metadataObjects" in Soap(token).answer("<describeMetadata/>")


def test_identity_answers_in_json_or_xml(setup, subtests):
    answer = setup.post(scope="id").json()
    token, path = answer["access_token"], answer["id"]
    setup.user.first_name = "Ann & <Ben>"
    setup.user.save()
    cases = [
        ({}, "", "json"),
        ({"Accept": "*/*"}, "", "json"),
        ({"Accept": "application/xml"}, "", "xml"),
        ({"Accept": "application/json"}, "?format=xml", "xml"),
        ({"Accept": "application/xml"}, "?format=json", "json"),
        ({"Accept": "text/html"}, "", "json"),
    ]
    for headers, query, kind in cases:
        with subtests.test(query, headers=headers):
            headers = {**headers, "Authorization": f"Bearer {token}"}
            response = Client(headers=headers).get(path + query)
            assert response.status_code == 200
            assert response["Content-Type"] == f"application/{kind};charset=UTF-8"
            assert response["Cache-Control"] == "no-store"
            if kind == "json":
                claims = json.loads(response.content)
                assert claims["id"] == path
                assert claims["username"] == setup.user.username
            else:
                text = response.content.decode()
                assert f"<username>{setup.user.username}</username>" in text
                assert "<first_name>Ann &amp; &lt;Ben&gt;</first_name>" in text


def test_methods_and_options(setup, subtests):
    token = token_with(setup, "full")
    headers = {"Authorization": f"Bearer {token}"}
    for path in [USERINFO, "/id/keys", "/.well-known/openid-configuration"]:
        with subtests.test(path):
            client = Client(headers=headers)
            head = client.head(path)
            assert (head.status_code, head.content) == (200, b"")
            options = client.options(path)
            assert (options.status_code, options.json()) == (200, {})
            assert "OPTIONS" in options["Allow"]
            refused = client.put(path)
            assert refused.status_code == 405
            assert refused.json()["error"] == "invalid_request"
            assert refused["Cache-Control"] == "no-store"
