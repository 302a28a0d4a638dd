"""Every address of programs: none lets a browser in, and none answers with a page."""

import re

import pytest
from django.test import Client
from django.urls import resolve

from tests.conftest import signed_in
from tests.handlers.addresses import OF_PROGRAMS, everything
from tests.metadata.api.calling import JSON_TYPE, XML_TYPE

ADDRESSES = {
    "api:soap": "/services/Soap/m/62.0/deployRequest",
    "api:login": "/services/Soap/u/62.0",
    "api:versions": "/services/data",
    "api:resources": "/services/data/v62.0",
    "api:query": "/services/data/v62.0/query",
    "api:query-more": "/services/data/v62.0/query/locator-1",
    "api:tooling-query": "/services/data/v62.0/tooling/query",
    "api:tooling-query-more": "/services/data/v62.0/tooling/query/locator-1",
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
    "api:user-info": "/services/oauth2/userinfo",
    "api:revoke": "/services/oauth2/revoke",
    "api:identity": "/id/00D000000000001/005000000000001",
    "api:no-such-resource": "/services/apexrest/x",
}
# What is told, and what is done, without a session: nothing of an org.
WITHOUT_SESSION = {
    ("api:versions", "get", 200),
    ("api:versions", "head", 200),
    ("api:revoke", "post", 200),
}
METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]


def test_every_address_of_programs_is_walked_here():
    assert ADDRESSES.keys() == OF_PROGRAMS
    for name, path in ADDRESSES.items():
        found = resolve(path)
        assert f"{found.namespace}:{found.url_name}" == name
        assert resolve(f"{path}/").view_name == name


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("who", ["nobody", "browser"])
def test_nothing_is_told_or_done_without_a_token(admin, name, end, who):
    client = signed_in(admin) if who == "browser" else Client()
    before = everything()

    for method in METHODS:
        response = getattr(client, method)(ADDRESSES[name] + end)

        assert response["Content-Type"] in {JSON_TYPE, XML_TYPE}
        if (name, method, response.status_code) in WITHOUT_SESSION:
            continue
        assert response.status_code in {401, 403, 405, 500}
        if response.status_code == 500:
            assert b"<soapenv:Fault>" in response.content
        assert not re.search(rb"<html|<body", response.content)
    assert everything() == before


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_token_opens_no_page(name, session, client):
    """Nor does the answer of a program's address sign anybody in."""
    headers = {"Authorization": f"Bearer {session}"}

    client.get(ADDRESSES[name], headers=headers)

    assert client.get("/handlers/", headers=headers)["Location"].startswith("/sign-in/")
