"""API Access of a user: tokens are created, shown once, listed, and revoked."""

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.addresses import everything
from tests.factories import AccessTokenFactory, UserFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import headings, links, read, rows, toasts
from tokenx.org.models import AccessToken, AuditEntry, BuiltInProfile, MadeBy, User
from tokenx.org.sessions import session_of

FORM = {"name": "CLI on my laptop", "days": "30"}


@pytest.fixture
def inga(admin):
    return UserFactory(
        org=admin.org, first_name="Inga", last_name="Bot", username="inga@x.example"
    )


def url_of(user, name="api-access", *keys):
    return reverse(f"setup:{name}", args=[user.pk, *keys])


def new(user):
    return url_of(user, "new-access-token")


def shown(response):
    field = read(response).one("input", id="access-token-text")
    assert "readonly" in field.attributes
    return field.attributes["value"]


def commands(response):
    return {
        area.attributes["id"].removeprefix("command-"): area.text
        for area in read(response).all("textarea")
    }


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_token_and_shows_it_once(request, admin, inga, client_name):
    client = request.getfixturevalue(client_name)
    assert form_of(client.get(new(inga)))["days"] == "7"

    response = client.post(new(inga), FORM)

    created = AccessToken.objects.get()
    secret = shown(response)
    assert session_of(secret).user == inga
    assert (created.name, created.context) == (FORM["name"], "setup")
    assert created.created_by == admin
    assert created.expires_at - created.created_at == timedelta(days=30)
    assertContains(response, "Copy the access token now.")
    assert "no-store" in response["Cache-Control"]
    assert links(response)["Done"] == url_of(inga)
    for url in [url_of(inga), url_of(inga, "user"), "/audit-trail/"]:
        assertNotContains(client.get(url), secret.partition("!")[2])


def test_refreshes_the_list_behind_the_dialog(htmx_client, inga):
    response = htmx_client.post(new(inga), FORM)

    assert "access-tokens-changed" in response["HX-Trigger"]
    assert (
        'hx-trigger="access-tokens-changed from:body, subject-not-found from:body"'
        in htmx_client.get(url_of(inga)).content.decode()
    )


def test_the_token_is_stored_nowhere(admin_client, inga, caplog):
    caplog.set_level(logging.DEBUG)

    response = admin_client.post(new(inga), FORM)

    secret = shown(response).partition("!")[2]
    for location in [
        everything(),
        caplog.text,
        dict(admin_client.session),
        list(Session.objects.values()),
        response.cookies,
        response.headers,
    ]:
        assert secret not in str(location)


def test_shows_commands_to_copy(admin_client, inga):
    response = admin_client.post(new(inga), FORM, headers={"Host": "localhost:8123"})

    secret, ready = shown(response), commands(response)
    assert ready["sf"] == (
        f"SF_ACCESS_TOKEN='{secret}' sf org login access-token "
        f"--instance-url http://localhost:8123 --alias tokenx --no-prompt"
    )
    assert f"'Authorization: Bearer {secret}' http://localhost:8123/" in ready["curl"]
    assert "instanceUrl: 'http://localhost:8123'," in ready["jsforce"]
    assert f"accessToken: '{secret}'" in ready["jsforce"]


def test_the_commands_use_the_scheme_of_the_page(admin_client, inga):
    response = admin_client.post(new(inga), FORM, secure=True)

    assert "--instance-url https://testserver --alias" in commands(response)["sf"]


def test_shows_copy_buttons_only_with_javascript(admin_client, htmx_client, inga):
    assert b"data-copy" not in admin_client.post(new(inga), FORM).content
    response = htmx_client.post(new(inga), FORM)

    copied = re.findall(r'data-copy="([\w-]+)"', response.text)
    assert len(copied) == 4
    for name in copied:
        assert read(response).one(id=name)


def test_refuses_an_invalid_value_at_its_field(admin_client, inga, subtests):
    for field, value, message in [
        ("name", "", "Enter a name."),
        ("name", "x" * 81, "at most 80 characters"),
        ("name", "a\0b", "Null characters"),
        ("days", "", "Select when the token expires."),
        ("days", "365", "Select one of the listed durations."),
        ("days", "never", "Select one of the listed durations."),
    ]:
        with subtests.test(field=field, value=value):
            response = admin_client.post(new(inga), FORM | {field: value})

            assert response.status_code == 422
            [error] = field_errors(response, field)
            assert message in error
            assert not AccessToken.objects.exists()


def test_hostile_names_are_shown_as_text(htmx_client, inga):
    name = "'\"><b>{{ x }}</b>"

    response = htmx_client.post(new(inga), FORM | {"name": name})

    token = AccessToken.objects.get()
    assert token.name == name
    revoke = htmx_client.get(url_of(inga, "revoke-access-token", token.pk))
    for answer in [response, htmx_client.get(url_of(inga)), revoke]:
        assertContains(answer, escape(name))
        assertNotContains(answer, "<b>")


def test_an_inactive_user_cannot_get_a_token(admin_client, inga):
    User.objects.filter(pk=inga.pk).update(is_active=False)

    assert "New Access Token" not in links(admin_client.get(url_of(inga)))
    assertContains(admin_client.get(url_of(inga)), "Inga Bot is inactive")
    response = admin_client.post(new(inga), FORM)

    assert response.status_code == 422
    assert form_errors(response) == ["Inga Bot is inactive. Activate this user first."]


# --- The list -----------------------------------------------------------------------


def test_lists_the_newest_tokens_first_with_their_status(admin_client, admin, inga):
    now = timezone.now()

    def token(name, days_ago, **fields):
        created_at = now - timedelta(days=days_ago)
        return AccessTokenFactory(user=inga, name=name, created_at=created_at, **fields)

    token("Old", 9, expires_at=now - timedelta(days=2))
    token("Ended", 8, revoked_at=now)
    token("Used", 7, last_used_at=now, created_by=admin, context=MadeBy.LOGIN)
    AccessTokenFactory(user=admin, name="Another user's")

    response = admin_client.get(url_of(inga))

    heads = ["Name", "Ends With", "Status", "Created", "Created By", "Expires"]
    assert headings(response) == [*heads, "Last Used", "Actions"]
    token_rows = rows(response)
    assert [row[:3] for row in token_rows] == [
        ["Used", "…a.b_", "Active"],
        ["Ended", "…a.b_", "Revoked"],
        ["Old", "…a.b_", "Expired"],
    ]
    assert [row[4] for row in token_rows] == ["Ada Admin", "Inga Bot", "Inga Bot"]
    assert [row[6] == "Never" for row in token_rows] == [False, True, True]
    assert [bool(row[7]) for row in token_rows] == [True, False, False]


def test_an_empty_list_says_what_tokens_are_for(admin_client, inga):
    assertContains(admin_client.get(url_of(inga)), "No access tokens yet")


def test_shows_a_hundred_and_says_so_with_few_queries(
    admin_client, inga, django_assert_max_num_queries
):
    AccessTokenFactory.create_batch(101, user=inga)

    with django_assert_max_num_queries(4):
        response = admin_client.get(url_of(inga))

    assert len(rows(response)) == 100
    assertContains(response, "Showing the newest 100 access tokens.")


def test_the_users_page_links_to_the_list(admin_client, inga):
    assert links(admin_client.get(url_of(inga, "user")))["Access Tokens"] == url_of(inga)


def test_a_viewer_sees_the_list_and_no_buttons(viewer_client, admin, inga):
    AccessTokenFactory(user=inga, name="CI")

    response = viewer_client.get(url_of(inga))

    assertContains(response, "CI")
    assertContains(response, "You have view-only access to Setup.")
    urls = links(response)
    assert "New Access Token" not in urls
    assert not [name for name in urls if "Revoke" in name]


# --- Revoke -------------------------------------------------------------------------


def revoke_url(token):
    return url_of(token.user, "revoke-access-token", token.pk)


def test_asks_before_it_revokes(admin_client, inga):
    token = AccessTokenFactory(user=inga, name="CI")
    before = everything()

    response = admin_client.get(revoke_url(token))

    assertContains(response, "Revoke CI?")
    assertContains(response, "stops working immediately. You can't undo this.")
    assert everything() == before


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_revoking_takes_effect_immediately(request, admin, inga, client_name):
    client = request.getfixturevalue(client_name)
    secret = shown(client.post(new(inga), FORM))
    token = AccessToken.objects.get()

    response = client.post(revoke_url(token))

    assert session_of(secret) is None
    if client_name == "htmx_client":
        assert "access-tokens-changed" in response["HX-Trigger"]
    else:
        assertRedirects(response, url_of(inga), fetch_redirect_response=False)
        assert toasts(client.get(url_of(inga))) == ["CLI on my laptop was revoked."]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user) == ("revokedAccessToken", admin)


def test_revoking_twice_leaves_one_entry(admin_client, inga):
    token = AccessTokenFactory(user=inga)

    admin_client.post(revoke_url(token))
    admin_client.post(revoke_url(token))

    assert AuditEntry.objects.count() == 1


def test_a_token_is_found_only_under_its_user(admin_client, admin, inga):
    token = AccessTokenFactory(user=inga)
    url = url_of(admin, "revoke-access-token", token.pk)

    assert admin_client.get(url).status_code == admin_client.post(url).status_code == 404
    token.refresh_from_db()
    assert token.is_usable


def test_a_token_for_another_administrator_is_audited(admin_client, admin):
    other = UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    admin_client.post(new(other), FORM)

    entry = AuditEntry.objects.get()
    assert entry.user == admin
    assert f"for {other.name} ({other.username})" in entry.display
    assert entry.context == ""
