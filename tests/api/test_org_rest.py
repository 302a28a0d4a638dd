"""The org over REST: its limits, its record counts, and links into Setup."""

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import TokenExchangeHandlerFactory, UserFactory

from .calling import HANDLER, Rest, session_id

SINGLE_ACCESS = "/services/oauth2/singleaccess"
FRONT_DOOR = "/secur/frontdoor.jsp"


@pytest.fixture
def ada(admin):
    """Give the administrator a password."""
    admin.set_password("correct horse battery")
    admin.can_sign_in = True
    admin.save()
    return admin


def path_of(link):
    assert link.startswith("http://testserver/")
    return link.removeprefix("http://testserver")


def test_returns_the_remaining_limits(rest):
    assert rest.get("limits")["DailyApiRequests"] == {"Max": 15_000, "Remaining": 15_000}


def test_the_limits_are_a_resource(rest):
    assert rest.get("")["limits"] == "/services/data/v62.0/limits"


def test_counts_the_records_of_the_org(rest, org, handler):
    TokenExchangeHandlerFactory(label="Theirs")
    UserFactory.create_batch(2, org=org)

    counts = rest.get("limits/recordCount", sObjects=f"User,{HANDLER}")

    assert counts["sObjects"] == [
        {"count": 3, "name": "User"},
        {"count": 1, "name": HANDLER},
    ]
    every = {each["name"] for each in rest.get("limits/recordCount")["sObjects"]}
    assert every >= {"User", "ApexClass", "Organization"}


def test_counts_nothing_for_users_without_access_to_setup(standard_session):
    [error] = Rest(standard_session).get("limits/recordCount", 403)

    assert error["errorCode"] == "INSUFFICIENT_ACCESS"


def test_counts_only_known_objects(rest):
    [error] = rest.get("limits/recordCount", 404, sObjects="User,Account")

    assert error["errorCode"] == "NOT_FOUND"


def test_a_link_into_setup_works_once(client, ada, rest):
    link = path_of(rest.get(SINGLE_ACCESS)["frontdoor_uri"])

    assert client.get(link)["Location"] == "/"
    assert client.get("/handlers/").status_code == 200
    assert client.get(link)["Location"] == "/sign-in/"


def test_a_client_opens_a_page_by_its_path_in_salesforce(ada, rest, subtests):
    path = "lightning/setup/ManageUsers/home"
    for redirect_uri in [path, f"/{path}"]:
        with subtests.test(redirect_uri=redirect_uri):
            link = rest.get(SINGLE_ACCESS, redirect_uri=redirect_uri)["frontdoor_uri"]

            response = Client().get(path_of(link))

            assert response["Location"] == f"/{path}"


def test_a_link_never_leads_to_another_site(ada, rest, subtests):
    for redirect_uri in [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "\\\\evil.example",
    ]:
        with subtests.test(redirect_uri=redirect_uri):
            link = rest.get(SINGLE_ACCESS, redirect_uri=redirect_uri)["frontdoor_uri"]

            location = Client().get(path_of(link))["Location"]

            assert location.startswith("/")
            assert not location.startswith(("//", "/\\"))


def test_a_changed_link_never_leads_to_another_site(ada, rest, subtests):
    for following in ["https://evil.example/", "//evil.example/"]:
        with subtests.test(following=following):
            link = path_of(rest.get(SINGLE_ACCESS)["frontdoor_uri"])

            assert Client().get(link, {"next": following})["Location"] == "/"


def test_users_who_cannot_sign_in_get_no_link(org):
    refusal = Rest(session_id(UserFactory(org=org))).refused("get", SINGLE_ACCESS)

    assert refusal == (403, "INSUFFICIENT_ACCESS", "This user can't log in to Setup")


def test_a_browser_session_gets_no_link(admin):
    response = signed_in(admin).get(SINGLE_ACCESS)

    assert response.status_code == 401


def test_a_client_opens_setup_with_its_session(ada, session, subtests):
    page = "/lightning/setup/ManageUsers/home"
    for parameters, location in [
        ({}, "/"),
        ({"retURL": page}, page),
        ({"retURL": page[1:]}, page),
        ({"retURL": "https://evil.example/"}, "/https://evil.example/"),
        ({"retURL": "//evil.example/"}, "/evil.example/"),
        ({"retURL": "/\\\\evil.example/"}, "/"),
    ]:
        with subtests.test(parameters=parameters):
            client = Client()

            response = client.get(FRONT_DOOR, {"sid": session, **parameters})

            assert response["Location"] == location
            assert client.get("/handlers/").status_code == 200


def test_frontdoor_refuses_an_invalid_session(ada, subtests):
    for sid in ["", "00D000000000001!nonsense"]:
        with subtests.test(sid=sid):
            response = Client().get(FRONT_DOOR, {"sid": sid}, follow=True)

            assert response.redirect_chain == [("/sign-in/", 302)]
            assertContains(response, "This session has expired")


def test_frontdoor_refuses_users_who_cannot_sign_in(client, org):
    sid = session_id(UserFactory(org=org))

    assertRedirects(client.get(FRONT_DOOR, {"sid": sid}), "/sign-in/")
