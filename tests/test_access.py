"""Who may open what: every address of the project, by every kind of person."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.handlers.addresses import (
    CHANGING,
    CLOSED,
    KEYS,
    OF_PROGRAMS,
    TAKES_POST,
    Rows,
    everything,
    rows_of,
)
from tokenx.org.models import Profile


@pytest.fixture
def ours(org) -> Rows:
    return rows_of(org, "Ours")


@pytest.fixture
def standard(org) -> Client:
    return signed_in(UserFactory(org=org, profile=Profile.STANDARD_USER))


def names(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace + (pattern.name or f"(no name) {pattern.pattern}")
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names(pattern.url_patterns, namespace + inner)


def test_every_address_is_walked_here():
    assert set(names(get_resolver().url_patterns)) == set(KEYS) | OF_PROGRAMS


def test_no_page_is_among_the_addresses_of_programs():
    assert not set(KEYS) & OF_PROGRAMS
    assert all(name.startswith("api:") for name in OF_PROGRAMS)


@pytest.mark.parametrize("name", CLOSED)
def test_whoever_is_signed_out_signs_in_first(client, ours, name):
    address = ours.address(name)

    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")
    assert client.get(response["Location"]).context["next"] == address


@pytest.mark.parametrize("name", CLOSED)
def test_whoever_was_signed_out_meanwhile_comes_back_to_the_page_they_saw(
    client, ours, name
):
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/handlers/?status=enabled&sort=-name",
    }

    response = client.get(ours.address(name), headers=headers)

    sign_in = client.get(response["HX-Redirect"])
    assert sign_in.context["next"] == "/handlers/?status=enabled&sort=-name"


@pytest.mark.parametrize(
    "seen", ["https://evil.example/handlers/", "http://[", "http://testserver:x/", "\0", ""]
)
def test_signing_in_leads_to_no_other_site(client, ours, seen):
    headers = {"HX-Request": "true", "HX-Current-URL": seen}

    response = client.get(ours.address("handlers:list"), headers=headers)

    assert response["HX-Redirect"] == "/sign-in/?next=/"


@pytest.mark.parametrize("name", sorted(TAKES_POST))
def test_whoever_is_signed_out_changes_nothing(client, ours, name):
    before = everything()

    response = client.post(ours.address(name), ours.form)

    assert response["Location"].startswith("/sign-in/")
    assert everything() == before


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("profile", [Profile.STANDARD_USER, Profile.API_ONLY])
def test_other_users_cannot_enter_setup(org, ours, name, profile):
    client = signed_in(UserFactory(org=org, profile=profile))
    before = everything()

    assert client.get(ours.address(name)).status_code == 403
    assert client.post(ours.address(name), ours.form).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("name", sorted(set(CLOSED) - CHANGING))
def test_a_viewer_opens_every_page(viewer_client, ours, name):
    assert viewer_client.get(ours.address(name)).status_code == 200


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_a_viewer_changes_nothing(viewer_client, ours, name):
    before = everything()

    assert viewer_client.get(ours.address(name)).status_code == 403
    assert viewer_client.post(ours.address(name), ours.form).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("name", CLOSED)
def test_an_administrator_opens_everything(admin_client, ours, name):
    assert admin_client.get(ours.address(name)).status_code == 200


WRONG = {
    "handler_name": ["None_Such", "ours", "x" * 10_000, "a\0b", '’"><b>', "%", "🙂"],
    "pk": [0, 10**18, 10**30],
    "kind": ["other", "CONNECTED", "a\0b"],
    "api_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "user_id": [0, 10**18, 10**30],
    "access_token_id": [0, 10**18, 10**30],
    "deployment_id": [0, 10**18, 10**30],
    "source_id": [0, 10**18, 10**30],
    "classroom_id": [0, 10**18, 10**30],
    "participant_id": [0, 10**18, 10**30],
    "snapshot_id": [0, 10**18, 10**30],
    "step": ["none-such", "x" * 10_000, "a\0b"],
    "slug": ["NoSuchPage", "x" * 10_000, "a\0b"],
    "exercise": ["no-such-exercise", "x" * 10_000, "a\0b"],
}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (name, key, value)
        for name in CLOSED
        for key in KEYS[name]
        for value in WRONG.get(key, [])
    ],
    ids=lambda value: str(value)[:20].encode("ascii", "backslashreplace").decode(),
)
def test_an_unknown_key_is_not_found(admin_client, ours, name, key, value):
    # No address that we make has a NUL in it.
    wrong = ours._replace(**{key: str(value).replace("\0", "(NUL)")})
    address = wrong.address(name).replace("(NUL)", "%00")
    before = everything()

    assert admin_client.get(address).status_code == 404
    if name in TAKES_POST:
        assert admin_client.post(address, ours.form).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("name", CLOSED)
def test_wrong_methods_are_not_allowed(admin_client, ours, name):
    wrong = ["put", "patch", "delete"] + (["post"] if name not in TAKES_POST else [])
    before = everything()

    answers = {
        method: getattr(admin_client, method)(ours.address(name)) for method in wrong
    }

    assert {m: answer.status_code for m, answer in answers.items()} == dict.fromkeys(
        wrong, 405
    )
    assert everything() == before


def test_signing_in_and_out_take_no_other_methods(client, ours):
    assert client.post(ours.address("org:sign-in-by-link")).status_code == 405
    assert client.get(ours.address("org:sign-out")).status_code == 405
    assert client.delete(ours.address("org:sign-in")).status_code == 405


@pytest.mark.parametrize("name", sorted(TAKES_POST))
def test_another_site_cannot_send_a_form(admin, ours, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    before = everything()

    response = client.post(ours.address(name), ours.form)

    assert response.status_code == 403
    assert b"The page was open too long" in response.content
    assert everything() == before


@pytest.mark.parametrize("status", [403, 404])
def test_an_error_reaches_htmx_as_one_toast(htmx_client, standard, ours, status):
    if status == 403:
        response = standard.get("/handlers/", headers={"HX-Request": "true"})
    else:
        response = htmx_client.get("/handlers/None_Such/")

    assert response.status_code == status
    assert response.content.count(b'data-toast="error"') == 1
    assert b"<html" not in response.content
