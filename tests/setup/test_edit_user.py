"""New User and Edit: valid values, refusals, and the audit trail."""

from itertools import product

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.conftest import signed_in
from tests.factories import IntegrationUserFactory, OrgFactory, UserFactory
from tests.form import form_of
from tests.many import add_grams, make_users
from tests.read import links, options, read, toasts
from tests.rollback import rolled_back
from tokenx.org.models import AuditEntry, BuiltInProfile, Org, User, UserGram
from tokenx.org.search import grams

NEW = "/new-user/"
DETAILS = {
    "first_name": "Inga",
    "last_name": "Bot",
    "email": "bots@x.example",
    "username": "inga@x.example",
    "profile": BuiltInProfile.API_ONLY,
    "is_integration_user": "on",
    "time_zone": "Europe/Berlin",
    "locale": "de_DE",
    "language": "en_US",
    "email_encoding": "UTF-8",
}


@pytest.fixture
def inga(admin):
    return IntegrationUserFactory(
        org=admin.org,
        first_name="Inga",
        last_name="Bot",
        username="inga@x.example",
        email="bots@x.example",
        time_zone="Europe/Berlin",
        locale="de_DE",
    )


@pytest.fixture
def url(inga):
    return reverse("setup:edit-user", args=[inga.pk])


def errors(response):
    """Return the form's errors by field."""
    page = read(response)
    return {
        note.attributes["id"].removeprefix("id_").removesuffix("-help"): " ".join(
            error.text for error in note.all("div", role="alert")
        )
        for note in page.all("div")
        if note.attributes.get("id", "").endswith("-help") and note.all(role="alert")
    }


def display():
    return AuditEntry.objects.get().display


# --- New -----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_opens_empty_with_the_default_profile(request, admin, client_name):
    form = form_of(request.getfixturevalue(client_name).get(NEW))

    assert form["profile"] == BuiltInProfile.STANDARD_USER
    assert form["first_name"] == form["username"] == ""
    assert "is_integration_user" not in form


def test_adds_a_user_who_can_be_selected_immediately(htmx_client, admin):
    response = htmx_client.post(NEW, DETAILS)

    created = User.objects.get(username="inga@x.example")
    assert response["HX-Redirect"] == reverse("setup:user", args=[created.pk])
    saved = {name: getattr(created, name) for name in DETAILS}
    assert saved | {"profile": created.profile.kind} == DETAILS | {
        "is_integration_user": True
    }
    assert (created.org, created.is_active, created.can_sign_in) == (admin.org, True, False)
    assert options(htmx_client.get("/lookup/users/?q=ing")) == ["Inga Bot"]


def test_leads_to_the_new_user_without_javascript(admin_client):
    response = admin_client.post(NEW, DETAILS, follow=True)

    assertRedirects(response, reverse("setup:user", args=[User.objects.last().pk]))
    assert toasts(response) == ["Inga Bot was saved."]


def test_a_new_user_leaves_one_entry(admin_client, admin):
    admin_client.post(NEW, DETAILS)

    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert (entry.section, entry.action) == ("Manage Users", "createduser")
    assert entry.display == "Created new User Inga Bot (inga@x.example)"


def test_a_username_is_stored_in_lowercase(admin_client):
    admin_client.post(NEW, DETAILS | {"username": "  INGA@X.Example "})

    assert User.objects.filter(username="inga@x.example").exists()


def test_another_orgs_username_is_available(admin_client, admin):
    UserFactory(org=OrgFactory(), username="inga@x.example")

    assert admin_client.post(NEW, DETAILS).status_code == 302


# Each of these values is refused at its field.
MAIL = "Enter an email address"
SHAPE = "Enter a username in the form of an email address"
TAKEN = "The username already exists in this or another Salesforce organization."
BAD = [
    ("last_name", "", "Enter a last name."),
    ("last_name", "   ", "Enter a last name."),
    ("last_name", "x" * 81, "at most 80"),
    ("last_name", "a\0b", "Null characters are not allowed."),
    ("last_name", "a\nb", "line breaks or control characters"),
    ("last_name", "\u0301", "Enter a name with visible characters."),
    ("first_name", "x" * 81, "at most 80"),
    ("first_name", "a\tb", "line breaks or control characters"),
    ("email", "", MAIL),
    ("email", "nobody", MAIL),
    ("email", "a b@x.example", MAIL),
    ("email", "<b>@x.example", MAIL),
    ("email", "🙂@x.example", MAIL),
    ("email", "שלום@x.example", MAIL),
    ("email", f"{'x' * 250}@x.example", "at most 254"),
    ("username", "", SHAPE),
    ("username", "admin", SHAPE),
    ("username", "<script>alert(1)</script>", SHAPE),
    ("username", "🙂@x.example", SHAPE),
    ("username", "\u202eevil@x.example", SHAPE),
    ("username", "a\0b@x.example", "Null characters are not allowed."),
    ("username", f"{'x' * 80}@x.example", "at most 80"),
    ("username", "admin@mycompany.example", TAKEN),
    ("username", " ADMIN@MyCompany.Example", TAKEN),
    ("time_zone", "Mars/Olympus", "Select one of the listed time zones."),
    ("locale", "xx_XX", "Select one of the listed locales."),
    ("alias", "x" * 9, "at most 8 characters"),
    ("alias", "a\tb", "Aliases can't contain line breaks or control characters."),
    ("nickname", "x" * 41, "at most 40 characters"),
    ("nickname", "ADMIN", "Duplicate Nickname."),
    ("language", "tlh", "Select one of the listed languages."),
    ("email_encoding", "EBCDIC", "Select one of the listed encodings."),
    ("federation_id", "x" * 513, "at most 512 characters"),
    ("federation_id", "E-1", "This Federation ID is already in use."),
    ("profile", "", "Select a profile."),
    ("profile", "root", "Select one of the listed profiles."),
    ("profile", "שלום<b>🙂", "Select one of the listed profiles."),
]


def test_refuses_an_invalid_value_at_its_field(htmx_client, url, inga, subtests):
    User.objects.filter(username="admin@mycompany.example").update(federation_id="E-1")
    version = form_of(htmx_client.get(url))["version"]
    before = list(User.objects.order_by("pk").values())
    forms = [
        (NEW, DETAILS | {"username": "otto@x.example", "version": version}),
        (url, DETAILS | {"version": version}),
    ]

    for (address, form), (field, value, message) in product(forms, BAD):
        with subtests.test(address=address, field=field, value=value):
            response = htmx_client.post(address, form | {field: value})

            assert response.status_code == 422
            assert errors(response).keys() == {field}
            assert message in errors(response)[field]
            assert list(User.objects.order_by("pk").values()) == before
            assert not AuditEntry.objects.exists()


def test_generates_the_alias_and_the_nickname_if_they_are_blank(htmx_client, admin):
    htmx_client.post(NEW, DETAILS | {"alias": "", "nickname": ""})

    created = User.objects.get(username="inga@x.example")
    assert (created.alias, created.nickname) == ("ibot", "inga")
    assert (created.language, created.email_encoding) == ("en_US", "UTF-8")


def test_names_all_missing_fields_together(htmx_client, admin):
    response = htmx_client.post(NEW, {})

    assert response.status_code == 422
    assert errors(response).keys() == {"last_name", "email", "username", "profile"}


def test_keeps_the_other_values_if_one_is_invalid(admin_client, admin):
    response = admin_client.post(NEW, DETAILS | {"email": "nobody"})

    assertContains(response, "<h1", status_code=422)
    form = form_of(response)
    assert {name: form[name] for name in DETAILS} == DETAILS | {"email": "nobody"}


def test_accepts_any_readable_text_as_a_name(admin_client, subtests):
    texts = ["<b>Bot</b>", "🙂 👩‍👩‍👧", "שלום עולם", "O’Brien & Söhne", "{{ 7 }}", "x" * 80]
    for name in texts:
        with subtests.test(name=name), rolled_back():
            response = admin_client.post(
                NEW, DETAILS | {"first_name": "", "last_name": name}, follow=True
            )

            assert name in read(response).one("h1").text
            assert User.objects.get(username="inga@x.example").last_name == name


# --- Edit ----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_opens_with_the_current_values(request, url, client_name):
    form = form_of(request.getfixturevalue(client_name).get(url))

    assert form.items() >= DETAILS.items()


def test_changes_everything_that_can_be_edited(htmx_client, url, inga):
    form = form_of(htmx_client.get(url)) | {
        "first_name": "",
        "last_name": "Engine",
        "email": "engine@x.example",
        "username": "Engine@x.example",
        "profile": BuiltInProfile.SETUP_VIEWER,
        "time_zone": "Asia/Tokyo",
        "locale": "",
        "alias": "eng",
        "nickname": "Motor",
        "language": "de",
        "email_encoding": "ISO-8859-1",
        "federation_id": "E-9981",
    }
    del form["is_integration_user"]

    response = htmx_client.post(url, form)

    assert response["HX-Redirect"] == reverse("setup:user", args=[inga.pk])
    inga.refresh_from_db()
    assert (inga.name, inga.name_key, inga.last_key) == ("Engine", "engine", "engine")
    assert (inga.email, inga.username) == ("engine@x.example", "engine@x.example")
    assert (inga.profile.kind, inga.is_integration_user) == (
        BuiltInProfile.SETUP_VIEWER,
        False,
    )
    assert (inga.time_zone, inga.locale) == ("Asia/Tokyo", "")
    assert display() == (
        "For user inga@x.example, changed first name from Inga to (blank), "
        "last name from Bot to Engine, email from bots@x.example to engine@x.example, "
        "username from inga@x.example to engine@x.example, "
        "profile from Minimum Access - API Only Integrations to Setup Viewer, "
        "integration user from true to false, "
        "time zone from Europe/Berlin to Asia/Tokyo, locale from de_DE to (blank), "
        "alias from ibot to eng, nickname from inga to Motor, language from en_US to de, "
        "email encoding from UTF-8 to ISO-8859-1, Federation ID from (blank) to E-9981"
    )


def test_a_refused_change_leaves_no_entry_and_an_accepted_one_leaves_one(htmx_client, url):
    form = form_of(htmx_client.get(url))

    htmx_client.post(url, form | {"email": "nobody"})
    htmx_client.post(url, form)
    assert not AuditEntry.objects.exists()

    htmx_client.post(url, form | {"email": "new@x.example"})
    assert display() == (
        "For user inga@x.example, changed email from bots@x.example to new@x.example"
    )


def test_an_inactive_user_can_be_edited_and_stays_inactive(htmx_client, url, inga):
    User.objects.filter(pk=inga.pk).update(is_active=False)

    htmx_client.post(url, form_of(htmx_client.get(url)) | {"first_name": "Ilse"})

    inga.refresh_from_db()
    assert (inga.first_name, inga.is_active) == ("Ilse", False)


def test_the_password_and_the_sign_in_do_not_change(admin_client, admin):
    admin.set_password("correct horse")
    admin.save()
    client = signed_in(admin)
    url = reverse("setup:edit-user", args=[admin.pk])

    client.post(url, form_of(client.get(url)) | {"username": "ada@x.example"})

    assert client.login(username="ada@x.example", password="correct horse")


def test_users_who_sign_in_have_unique_usernames_in_all_orgs(htmx_client, url, inga):
    other = UserFactory(org=OrgFactory(), username="otto@x.example")
    for user in [inga, other]:
        user.set_password("correct horse")
        user.save()

    response = htmx_client.post(
        url, form_of(htmx_client.get(url)) | {"username": "OTTO@x.example"}
    )

    assert response.status_code == 422
    assert TAKEN in errors(response)["username"]


def test_a_stale_form_asks_again_and_loses_nothing(htmx_client, url, inga):
    opened = form_of(htmx_client.get(url))
    User.objects.filter(pk=inga.pk).update(email="concurrent@x.example")

    response = htmx_client.post(url, opened | {"first_name": "Ilse"})

    assert response.status_code == 422
    assertContains(
        response, "Someone else changed this user while you were editing", status_code=422
    )
    assertContains(response, "email concurrent@x.example", status_code=422)
    inga.refresh_from_db()
    assert (inga.first_name, inga.email) == ("Inga", "concurrent@x.example")

    again = htmx_client.post(url, form_of(response))

    assert "HX-Redirect" in again
    inga.refresh_from_db()
    assert (inga.first_name, inga.email) == ("Ilse", "bots@x.example")


def test_a_form_without_a_valid_version_asks_again(htmx_client, url, subtests):
    for version in ["", "x" * 10_000, "<b>🙂שלום", "a\0b"]:
        with subtests.test(version=version):
            form = DETAILS | {"version": version, "first_name": "Ilse"}
            response = htmx_client.post(url, form)

            assert response.status_code == 422
            assert not AuditEntry.objects.exists()


def test_the_last_administrator_cannot_change_profile(htmx_client, admin):
    url = reverse("setup:edit-user", args=[admin.pk])
    UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR, is_active=False)
    form = form_of(htmx_client.get(url)) | {"profile": BuiltInProfile.STANDARD_USER}

    response = htmx_client.post(url, form)

    assert response.status_code == 422
    assert "last active administrator" in errors(response)["profile"]
    admin.refresh_from_db()
    assert admin.profile.kind == BuiltInProfile.SYSTEM_ADMINISTRATOR


def test_one_of_two_administrators_can_change_profile(htmx_client, admin):
    UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    url = reverse("setup:edit-user", args=[admin.pk])

    htmx_client.post(
        url, form_of(htmx_client.get(url)) | {"profile": BuiltInProfile.SETUP_VIEWER}
    )

    admin.refresh_from_db()
    assert admin.profile.kind == BuiltInProfile.SETUP_VIEWER


def test_an_administrator_who_cannot_sign_in_is_no_substitute(admin):
    UserFactory(org=admin.org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    admin.set_password("correct horse")
    admin.save()
    client = signed_in(admin)
    url = reverse("setup:edit-user", args=[admin.pk])

    response = client.post(url, form_of(client.get(url)) | {"profile": "setup_viewer"})

    assert "last active administrator" in errors(response)["profile"]


def test_the_page_behind_a_modal_is_the_list_or_the_user(admin_client, url, inga):
    assert links(admin_client.get(NEW))["Cancel"] == "/users/"
    assert links(admin_client.get(url))["Cancel"] == f"/users/{inga.pk}/"


# --- The search index of large orgs ---------------------------------------------------


def kept_grams(org):
    return set(UserGram.objects.filter(org=org).values_list("user", "gram", "key"))


def right_grams(org):
    return {
        (user.pk, gram, user.name_key)
        for user in User.objects.filter(org=org, is_active=True)
        for gram in grams.grams_of_user(user)
    }


def test_names_and_status_update_the_search_index(htmx_client, admin):
    org = admin.org
    add_grams(org)

    htmx_client.post(NEW, DETAILS)
    created = User.objects.get(username="inga@x.example")
    assert options(htmx_client.get("/lookup/users/?q=*nga")) == ["Inga Bot"]

    url = reverse("setup:edit-user", args=[created.pk])
    htmx_client.post(url, form_of(htmx_client.get(url)) | {"last_name": "Maschine"})
    assert options(htmx_client.get("/lookup/users/?q=masch")) == ["Inga Maschine"]
    assert options(htmx_client.get("/lookup/users/?q=bot")) == []
    assert kept_grams(org) == right_grams(org)

    htmx_client.post(f"/users/{created.pk}/deactivate/")
    assert options(htmx_client.get("/lookup/users/?q=masch")) == []
    htmx_client.post(url, form_of(htmx_client.get(url)) | {"last_name": "Engine"})
    assert kept_grams(org) == right_grams(org)

    htmx_client.post(f"/users/{created.pk}/activate/")
    assert options(htmx_client.get("/lookup/users/?q=engine")) == ["Inga Engine"]
    assert kept_grams(org) == right_grams(org)


def test_a_growing_org_gets_its_search_index(htmx_client, admin, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", 5)
    make_users(admin.org, [f"Ann Li{index}" for index in range(3)])

    htmx_client.post(NEW, DETAILS)
    assert not Org.objects.get(pk=admin.org_id).has_user_grams

    htmx_client.post(NEW, DETAILS | {"username": "otto@x.example", "first_name": "Otto"})
    assert Org.objects.get(pk=admin.org_id).has_user_grams
    assert kept_grams(admin.org) == right_grams(admin.org)
    assert options(htmx_client.get("/lookup/users/?q=ott")) == ["Otto Bot"]
