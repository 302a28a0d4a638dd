"""Signing in with a password or once by link, and signing out."""

import time
from datetime import timedelta

import pytest
from django.core import signing
from django.core.signing import TimestampSigner, b62_encode
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import OrgFactory, UserFactory, profile_of
from tests.read import read
from tests.rollback import rolled_back
from tokenx.org import sign_in
from tokenx.org.models import BuiltInProfile, Org

PASSWORD = "correct horse battery"
REFUSED = "Please enter a correct username and password."


@pytest.fixture
def person(org):
    person = UserFactory(
        org=org,
        username="ada@mycompany.example",
        profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
    )
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def link(person):
    return reverse("org:sign-in-by-link", args=[sign_in.link_token(person)])


def enter(client, username="ada@mycompany.example", password=PASSWORD, **more):
    data = {"username": username, "password": password, **more}
    return client.post("/sign-in/", data)


def is_signed_in(client):
    return client.get("/").status_code == 200


def test_the_page_says_that_it_is_a_replica(client):
    response = client.get("/sign-in/")

    assertContains(response, "independent training replica")
    assertContains(response, "Never enter a real Salesforce password here.")


def test_signs_in(client, person):
    assertRedirects(enter(client), "/")
    assert is_signed_in(client)


@pytest.mark.parametrize("username", ["ADA@mycompany.example", " Ada@MyCompany.example "])
def test_usernames_are_case_insensitive(client, person, username):
    enter(client, username)

    assert is_signed_in(client)


def test_returns_to_the_requested_page(client, person):
    redirect = client.get("/handlers/?status=enabled")
    form = read(client.get(redirect["Location"])).one("form")
    next_url = form.one("input", name="next").attributes["value"]

    assertRedirects(enter(client, next=next_url), "/handlers/?status=enabled")


def test_never_redirects_to_another_site(client, person, subtests):
    for next_url in ["https://evil.example/", "//evil.example", "javascript:x"]:
        with subtests.test(next_url=next_url), rolled_back():
            assertRedirects(enter(client, next=next_url), "/")


def refusal(response):
    """Return the response's status and error, without typed text and the form's token."""
    page = read(response)
    return response.status_code, page.one("div", id="sign-in-error").text


def test_a_wrong_password_and_an_unknown_user_get_the_same_error(client, person, org):
    inactive = UserFactory(org=org, username="gone@mycompany.example", is_active=False)
    inactive.set_password(PASSWORD)
    inactive.save()
    UserFactory(org=org, username="nopassword@mycompany.example")

    expected = refusal(enter(client, password="wrong"))

    assert REFUSED in expected[1]
    for username in ["unknown", "gone@mycompany.example", "nopassword@mycompany.example"]:
        assert refusal(enter(client, username)) == expected
    assert refusal(enter(client, "nopassword@mycompany.example", "!")) == expected
    assert not is_signed_in(client)


def test_keeps_the_username_but_not_the_password(client, person):
    fields = read(enter(client, password="wrong"))

    assert fields.one("input", id="id_username").attributes["value"] == person.username
    assert "value" not in fields.one("input", id="id_password").attributes


def test_accepts_any_text(client, person, subtests):
    for typed in ["", "\0", "x" * 10_000, "'\"><script>", "🙂"]:
        with subtests.test(typed=typed):
            assert enter(client, typed, typed).status_code == 200
            assert not is_signed_in(client)


def test_the_same_username_in_another_org_is_another_user(client, person):
    UserFactory(org=OrgFactory(name="Elsewhere"), username=person.username)

    enter(client)

    assertContains(client.get("/"), person.org.name)


def test_a_deactivated_user_is_signed_out_immediately(client, person):
    enter(client)
    person.is_active = False
    person.save()

    assert client.get("/").status_code == 302


def test_a_user_without_access_to_setup_can_sign_in_as_someone_else(client, person):
    type(person).objects.update(
        profile=profile_of(person.org, BuiltInProfile.STANDARD_USER)
    )
    enter(client)

    response = client.get("/")

    assertContains(response, "have access to Setup.", status_code=403)
    assertContains(response, "Log in as a different user", status_code=403)
    assertRedirects(client.post("/sign-out/"), "/sign-in/")


def test_a_link_signs_in_once(client, link):
    assertRedirects(client.get(link), "/")
    assert is_signed_in(client)
    client.post("/sign-out/")

    again = client.get(link, follow=True)

    assertContains(again, "This login link was already used or has expired.")
    assert not is_signed_in(client)


def test_signing_in_with_the_password_invalidates_the_link(client, person, link):
    enter(client)
    client.post("/sign-out/")

    client.get(link)

    assert not is_signed_in(client)


def test_an_invalid_link_signs_no_one_in(client, person, subtests):
    for token in ["x", "x" * 10_000, "a:b:c", "\0", "🙂"]:
        with subtests.test(token=token):
            url = reverse("org:sign-in-by-link", args=[token])
            assertRedirects(client.get(url), "/sign-in/")
            assert not is_signed_in(client)


def test_an_inactive_user_cannot_sign_in_by_link(client, person, link):
    type(person).objects.update(is_active=False)

    client.get(link)

    assert not is_signed_in(client)


class OldSigner(TimestampSigner):
    """A signer with the server's time of some hours ago."""

    hours = 0

    def timestamp(self):
        return b62_encode(int(time.time()) - self.hours * 3600)


@pytest.mark.parametrize(("hours", "works"), [(11, True), (13, False)])
def test_a_link_lasts_twelve_hours(client, person, hours, works):
    signer = OldSigner(salt=sign_in._SALT)
    signer.hours = hours
    token = signer.sign_object([person.org_id, person.pk, ""])

    client.get(reverse("org:sign-in-by-link", args=[token]))

    assert is_signed_in(client) is works


def test_a_link_from_an_earlier_version_signs_no_one_in(client, person):
    token = signing.dumps([person.pk, ""], salt=sign_in._SALT)

    client.get(reverse("org:sign-in-by-link", args=[token]))

    assert not is_signed_in(client)


def test_signing_out_requires_a_form(client, person):
    enter(client)

    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)
    assertRedirects(client.post("/sign-out/"), "/sign-in/")
    assert not is_signed_in(client)


def test_the_sign_in_page_redirects_signed_in_users(client, person):
    enter(client)

    assertRedirects(client.get("/sign-in/"), "/")


def test_a_requests_org_has_all_fields(admin_client, org, subtests):
    Org.objects.update(
        expires_at=timezone.now() + timedelta(days=30),
        exercise="first",
        is_presented=True,
        is_strict=True,
    )

    request = admin_client.get("/help/").wsgi_request

    for field in [field.attname for field in Org._meta.concrete_fields]:
        with subtests.test(field=field):
            assert getattr(request.org, field) == getattr(Org.objects.get(), field)
