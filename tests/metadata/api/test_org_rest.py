"""The org itself: what is left of its limits, what it has, and a way into Setup."""

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import TokenExchangeHandlerFactory, UserFactory
from tests.metadata.api.calling import HANDLER, Rest, session_id

SINGLE_ACCESS = "/services/oauth2/singleaccess"
FRONT_DOOR = "/secur/frontdoor.jsp"


@pytest.fixture
def ada(admin):
    """An administrator with a password."""
    admin.set_password("correct horse battery")
    admin.can_sign_in = True
    admin.save()
    return admin


def path_of(link):
    assert link.startswith("http://testserver/")
    return link.removeprefix("http://testserver")


def test_says_what_is_left_of_the_limits(rest):
    assert rest.get("limits")["DailyApiRequests"] == {"Max": 15_000, "Remaining": 15_000}


def test_the_limits_are_a_resource(rest):
    assert rest.get("")["limits"] == "/services/data/v62.0/limits"


def test_counts_the_records_of_the_org(rest, org, handler):
    TokenExchangeHandlerFactory(label="Theirs")
    UserFactory.create_batch(2, org=org)

    found = rest.get("limits/recordCount", sObjects=f"User,{HANDLER}")

    assert found["sObjects"] == [
        {"count": 3, "name": "User"},
        {"count": 1, "name": HANDLER},
    ]
    every = {each["name"] for each in rest.get("limits/recordCount")["sObjects"]}
    assert every >= {"User", "ApexClass", "Organization"}


def test_counts_nothing_for_others(standard_session):
    [error] = Rest(standard_session).get("limits/recordCount", 403)

    assert error["errorCode"] == "INSUFFICIENT_ACCESS"


def test_counts_only_objects_that_are_here(rest):
    [error] = rest.get("limits/recordCount", 404, sObjects="User,Account")

    assert error["errorCode"] == "NOT_FOUND"


def test_a_program_opens_setup_once(client, ada, rest):
    link = path_of(rest.get(SINGLE_ACCESS)["frontdoor_uri"])

    assert client.get(link)["Location"] == "/"
    assert client.get("/handlers/").status_code == 200
    assert client.get(link)["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    "asked", ["lightning/setup/ManageUsers/home", "/lightning/setup/ManageUsers/home"]
)
def test_a_program_opens_a_page_by_its_path_in_the_real_product(client, ada, rest, asked):
    link = rest.get(SINGLE_ACCESS, redirect_uri=asked)["frontdoor_uri"]

    response = client.get(path_of(link))

    assert response["Location"] == "/lightning/setup/ManageUsers/home"


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example/", "//evil.example/", "///evil.example", "\\\\evil.example"],
)
def test_leads_to_no_other_site(client, ada, rest, asked):
    link = rest.get(SINGLE_ACCESS, redirect_uri=asked)["frontdoor_uri"]

    location = client.get(path_of(link))["Location"]

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example/"])
def test_a_link_that_was_changed_leads_to_no_other_site(client, ada, rest, following):
    link = path_of(rest.get(SINGLE_ACCESS)["frontdoor_uri"])

    assert client.get(link, {"next": following})["Location"] == "/"


def test_who_does_not_sign_in_gets_no_way_in(org):
    told = Rest(session_id(UserFactory(org=org))).refused("get", SINGLE_ACCESS)

    assert told == (403, "INSUFFICIENT_ACCESS", "This user does not sign in to Setup")


def test_a_browser_gets_no_way_in(admin):
    response = signed_in(admin).get(SINGLE_ACCESS)

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ({}, "/"),
        (
            {"retURL": "/lightning/setup/ManageUsers/home"},
            "/lightning/setup/ManageUsers/home",
        ),
        (
            {"retURL": "lightning/setup/ManageUsers/home"},
            "/lightning/setup/ManageUsers/home",
        ),
        ({"retURL": "https://evil.example/"}, "/https://evil.example/"),
        ({"retURL": "//evil.example/"}, "/evil.example/"),
        ({"retURL": "/\\\\evil.example/"}, "/"),
    ],
)
def test_a_program_opens_setup_with_its_session(client, ada, session, asked, location):
    response = client.get(FRONT_DOOR, {"sid": session, **asked})

    assert response["Location"] == location
    assert client.get("/handlers/").status_code == 200


@pytest.mark.parametrize("sid", ["", "00D000000000001!nonsense"])
def test_the_front_door_opens_for_no_other_session(client, ada, sid):
    response = client.get(FRONT_DOOR, {"sid": sid}, follow=True)

    assert response.redirect_chain == [("/sign-in/", 302)]
    assertContains(response, "This session has ended")


def test_the_front_door_stays_shut_for_who_does_not_sign_in(client, org):
    sid = session_id(UserFactory(org=org))

    assertRedirects(client.get(FRONT_DOOR, {"sid": sid}), "/sign-in/")
