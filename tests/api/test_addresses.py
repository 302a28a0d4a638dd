"""Every URL of the API: a browser session isn't enough, and no answer is a page."""

import re

import pytest
from django.test import Client
from django.urls import resolve

from tests.addresses import OF_PROGRAMS, Unchanged
from tests.conftest import signed_in
from tokenx.oauth.signing_keys import public_keys

from .calling import JSON_TYPE, XML_TYPE

ADDRESSES = {
    "api:soap": "/services/Soap/m/62.0/deployRequest",
    "api:login": "/services/Soap/u/62.0",
    "api:apex-soap": "/services/Soap/s/62.0",
    "api:execute-anonymous": "/services/data/v62.0/tooling/executeAnonymous",
    "api:versions": "/services/data",
    "api:resources": "/services/data/v62.0",
    "api:query": "/services/data/v62.0/query",
    "api:query-more": "/services/data/v62.0/query/locator-1",
    "api:tooling-query": "/services/data/v62.0/tooling/query",
    "api:tooling-query-more": "/services/data/v62.0/tooling/query/locator-1",
    "api:tooling-records": "/services/data/v62.0/tooling/sobjects/TraceFlag",
    "api:tooling-describe": "/services/data/v62.0/tooling/sobjects/TraceFlag/describe",
    "api:tooling-record": "/services/data/v62.0/tooling/sobjects/User/005000000000001",
    "api:log-body": "/services/data/v62.0/tooling/sobjects/ApexLog/07L000000000001/Body",
    "api:cometd": "/cometd/36.0",
    "api:objects": "/services/data/v62.0/sobjects",
    "api:records": "/services/data/v62.0/sobjects/User",
    "api:describe": "/services/data/v62.0/sobjects/User/describe",
    "api:record": "/services/data/v62.0/sobjects/User/005000000000001",
    "api:record-by-field": "/services/data/v62.0/sobjects/User/Id/005000000000001",
    "api:collection": "/services/data/v62.0/composite/sobjects",
    "api:read-many": "/services/data/v62.0/composite/sobjects/User",
    "api:limits": "/services/data/v62.0/limits",
    "api:record-counts": "/services/data/v62.0/limits/recordCount",
    "api:single-access": "/services/oauth2/singleaccess",
    "api:deploy-requests": "/services/data/v62.0/metadata/deployRequest",
    "api:deploy-request": "/services/data/v62.0/metadata/deployRequest/0Af000000000001",
    "oauth:token": "/services/oauth2/token",
    "oauth:user-info": "/services/oauth2/userinfo",
    "oauth:revoke": "/services/oauth2/revoke",
    "oauth:introspect": "/services/oauth2/introspect",
    "oauth:identity": "/id/00D000000000001/005000000000001",
    "oauth:keys": "/id/keys",
    "oauth:discovery": "/.well-known/openid-configuration",
    "oauth:authorization-server": "/.well-known/oauth-authorization-server",
    "oauth:mint": "/services/tokenx/mint",
    "oauth:issuer-address": "/idp/00D000000000999/None_Such/keys",
    "api:no-such-resource": "/services/apexrest/x",
}
# Calls that work without a session. They reveal and change nothing in an org.
WITHOUT_SESSION = {
    ("api:versions", "get", 200),
    ("api:versions", "head", 200),
    ("oauth:revoke", "post", 400),
    ("oauth:introspect", "post", 400),
    *((name, "options", 200) for name in ADDRESSES if name.startswith("oauth:")),
}
for _method in ["get", "head"]:
    for _name in ["keys", "discovery", "authorization-server"]:
        WITHOUT_SESSION.add((f"oauth:{_name}", _method, 200))
METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
WITHOUT_SESSION |= {("oauth:issuer-address", method, 404) for method in METHODS}


def test_every_api_url_is_listed_for_these_tests():
    assert ADDRESSES.keys() == OF_PROGRAMS
    for name, path in ADDRESSES.items():
        match = resolve(path)
        assert f"{match.namespace}:{match.url_name}" == name
        assert resolve(f"{path}/").view_name == name


@pytest.mark.parametrize("who", ["nobody", "browser"])
def test_calls_without_a_token_reveal_and_change_nothing(admin, who, subtests):
    public_keys()
    client = signed_in(admin) if who == "browser" else Client()
    rows = Unchanged()
    for name, address in ADDRESSES.items():
        for path in [address, f"{address}/"]:
            with subtests.test(path=path):
                for method in METHODS:
                    check_refused(client, name, method, path)
                rows.check()


def check_refused(client, name, method, path):
    """Check that the call is refused without a page, except for calls without a session."""
    response = getattr(client, method)(path)
    assert response["Content-Type"] in {JSON_TYPE, XML_TYPE}, method
    if (name, method, response.status_code) in WITHOUT_SESSION:
        return
    if name == "oauth:token" and method != "options":
        assert response.status_code == 400, method
        return
    assert response.status_code in {401, 403, 405, 500}, method
    if response.status_code == 500:
        assert b"<soapenv:Fault>" in response.content, method
    assert not re.search(rb"<html|<body", response.content), method


def test_a_token_opens_no_page(session, client, subtests):
    """Check that an API call doesn't sign the browser in either."""
    headers = {"Authorization": f"Bearer {session}"}
    for name, path in ADDRESSES.items():
        with subtests.test(name=name):
            client.get(path, headers=headers)

            response = client.get("/handlers/", headers=headers)
            assert response["Location"].startswith("/sign-in/")
