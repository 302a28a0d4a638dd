"""Access to every URL of the project, for each kind of user."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from tokenx.org.models import BuiltInProfile

from .addresses import (
    CHANGING,
    CLOSED,
    KEYS,
    OF_PROGRAMS,
    OWN_ONLY,
    TAKES_POST,
    Rows,
    Unchanged,
    rows_of,
)
from .conftest import signed_in
from .factories import UserFactory
from .rollback import rolled_back


@pytest.fixture
def ours(org) -> Rows:
    return rows_of(org, "Ours")


@pytest.fixture
def standard(org) -> Client:
    return signed_in(UserFactory(org=org, profile=BuiltInProfile.STANDARD_USER))


def names(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace + (pattern.name or f"(no name) {pattern.pattern}")
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names(pattern.url_patterns, namespace + inner)


def test_every_url_is_listed_for_these_tests():
    assert set(names(get_resolver().url_patterns)) == set(KEYS) | OF_PROGRAMS


def test_no_page_is_listed_as_an_api_url():
    assert not set(KEYS) & OF_PROGRAMS
    assert all(name.startswith(("api:", "oauth:")) for name in OF_PROGRAMS)


def test_signed_out_users_sign_in_first(client, ours, subtests):
    for name in CLOSED:
        with subtests.test(name=name):
            address = ours.address(name)

            response = client.get(address)

            assert response.status_code == 302
            assert response["Location"].startswith("/sign-in/?next=")
            assert client.get(response["Location"]).context["next"] == address


def test_users_whose_session_ended_return_to_the_page_they_were_on(client, ours, subtests):
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/handlers/?status=enabled&sort=-name",
    }
    for name in CLOSED:
        with subtests.test(name=name):
            response = client.get(ours.address(name), headers=headers)

            sign_in = client.get(response["HX-Redirect"])
            assert sign_in.context["next"] == "/handlers/?status=enabled&sort=-name"


def test_sign_in_never_leads_to_another_site(client, ours, subtests):
    urls = ["https://evil.example/handlers/", "http://[", "http://testserver:x/", "\0", ""]
    for url in urls:
        with subtests.test(url=url):
            headers = {"HX-Request": "true", "HX-Current-URL": url}

            response = client.get(ours.address("handlers:list"), headers=headers)

            assert response["HX-Redirect"] == "/sign-in/?next=/"


def test_signed_out_users_change_nothing(client, ours, subtests):
    rows = Unchanged()
    for name in sorted(TAKES_POST):
        with subtests.test(name=name):
            response = client.post(ours.address(name), ours.form)

            assert response["Location"].startswith("/sign-in/")
            rows.check()


@pytest.mark.parametrize("profile", [BuiltInProfile.STANDARD_USER, BuiltInProfile.API_ONLY])
def test_users_without_access_to_setup_are_refused(org, ours, profile, subtests):
    client = signed_in(UserFactory(org=org, profile=profile))
    rows = Unchanged()
    for name in CLOSED:
        with subtests.test(name=name):
            assert client.get(ours.address(name)).status_code == 403
            assert client.post(ours.address(name), ours.form).status_code == 403
            rows.check()


def test_a_viewer_opens_every_page(viewer_client, ours, subtests):
    for name in sorted(set(CLOSED) - CHANGING):
        with subtests.test(name=name), rolled_back():
            status = 404 if name in OWN_ONLY else 200
            assert viewer_client.get(ours.address(name)).status_code == status


def test_a_viewer_changes_nothing(viewer_client, ours, subtests):
    rows = Unchanged()
    for name in sorted(CHANGING):
        with subtests.test(name=name):
            assert viewer_client.get(ours.address(name)).status_code == 403
            assert viewer_client.post(ours.address(name), ours.form).status_code == 403
            rows.check()


def test_an_administrator_opens_everything(admin_client, ours, subtests):
    for name in CLOSED:
        with subtests.test(name=name), rolled_back():
            assert admin_client.get(ours.address(name)).status_code == 200


UNKNOWN = {
    "handler_name": ["None_Such", "ours", "x" * 10_000, "a\0b", '’"><b>', "%", "🙂"],
    "pk": [0, 10**18, 10**30],
    "kind": ["other", "CONNECTED", "a\0b"],
    "api_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "class_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "certificate_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "field_name": ["None_Such__c", "Ours_Field", "x" * 10_000, "a\0b", "🙂"],
    "stored_type": ["Layout", "namedcredential", "x" * 10_000, "a\0b", "🙂"],
    "component_name": ["None_Such", "x" * 10_000, "a\0b", "🙂", "%"],
    "site_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "set_name": ["None_Such", "x" * 10_000, "a\0b", "🙂"],
    "profile_id": [0, 10**18, 10**30],
    "user_id": [0, 10**18, 10**30],
    "access_token_id": [0, 10**18, 10**30],
    "deployment_id": [0, 10**18, 10**30],
    "source_id": [0, 10**18, 10**30],
    "classroom_id": [0, 10**18, 10**30],
    "participant_id": [0, 10**18, 10**30],
    "snapshot_id": [0, 10**18, 10**30],
    "example_id": [0, 10**18, 10**30],
    "step": ["none-such", "x" * 10_000, "a\0b"],
    "slug": ["NoSuchPage", "x" * 10_000, "a\0b"],
    "exercise": ["no-such-exercise", "x" * 10_000, "a\0b"],
}


def test_an_unknown_key_is_not_found(admin_client, ours, subtests):
    unknown = [
        (name, key, value)
        for name in CLOSED
        for key in KEYS[name]
        for value in UNKNOWN.get(key, [])
    ]
    rows = Unchanged()
    for name, key, value in unknown:
        with subtests.test(name=name, key=key, value=value):
            # reverse() refuses a NUL, but a client can send one.
            named = ours._replace(**{key: str(value).replace("\0", "(NUL)")})
            address = named.address(name).replace("(NUL)", "%00")

            assert admin_client.get(address).status_code == 404
            if name in TAKES_POST:
                assert admin_client.post(address, ours.form).status_code == 404
            rows.check()


def test_other_methods_are_not_allowed(admin_client, ours, subtests):
    rows = Unchanged()
    for name in CLOSED:
        with subtests.test(name=name):
            address = ours.address(name)

            assert admin_client.put(address).status_code == 405
            assert admin_client.patch(address).status_code == 405
            assert admin_client.delete(address).status_code == 405
            if name not in TAKES_POST:
                assert admin_client.post(address).status_code == 405
            rows.check()


def test_sign_in_and_sign_out_allow_no_other_methods(client, ours):
    assert client.post(ours.address("org:sign-in-by-link")).status_code == 405
    assert client.get(ours.address("org:sign-out")).status_code == 405
    assert client.delete(ours.address("org:sign-in")).status_code == 405


def test_another_site_cannot_send_a_form(admin, ours, subtests):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    rows = Unchanged()
    for name in sorted(TAKES_POST):
        with subtests.test(name=name):
            response = client.post(ours.address(name), ours.form)

            assert response.status_code == 403
            assert b"This page was open too long" in response.content
            rows.check()


@pytest.mark.parametrize("status", [403, 404])
def test_an_error_reaches_htmx_as_one_toast(htmx_client, standard, ours, status):
    if status == 403:
        response = standard.get("/handlers/", headers={"HX-Request": "true"})
    else:
        response = htmx_client.get("/handlers/None_Such/")

    assert response.status_code == status
    assert response.content.count(b'data-toast="error"') == 1
    assert b"<html" not in response.content
