"""The profile list, a profile's page, and its deletion."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    AppProfileFactory,
    OrgFactory,
    ProfileFactory,
    UserFactory,
    profile_of,
)
from tests.many import make_apps, make_users
from tests.read import headings, links, names, read, record, rows, toasts
from tokenx.org.models import AppProfile, BuiltInProfile, Profile

URL = "/profiles/"
BUILT_IN = [
    ["Minimum Access - API Only Integrations", "No"],
    ["Setup Viewer", "No"],
    ["Standard User", "No"],
    ["System Administrator", "No"],
]
PAGE = 6


def address(profile, name="profile"):
    return reverse(f"setup:{name}", args=[profile.pk])


@pytest.fixture
def partners(org):
    return ProfileFactory(org=org, name="Partner Çrew")


def test_lists_the_orgs_profiles(admin_client, partners):
    ProfileFactory(org=OrgFactory(), name="Elsewhere")

    response = admin_client.get(URL)

    assert headings(response) == ["Profile Name", "Custom"]
    assert rows(response) == [BUILT_IN[0], ["Partner Çrew", "Yes"], *BUILT_IN[1:]]
    assertContains(response, "5 items • Sorted by Profile Name")
    assertNotContains(response, "view-only")


def test_a_viewer_sees_profiles_but_no_buttons(viewer_client, partners):
    for url in [URL, address(partners)]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        assertNotContains(response, "Delete")


def test_searches_filters_and_sorts(admin_client, partners, subtests):
    for query, found in [
        ("search=crew", ["Partner Çrew"]),
        ("search=USER", ["Standard User"]),
        ("search=nothing", []),
        ("custom=yes", ["Partner Çrew"]),
        ("custom=no", [name for name, _ in BUILT_IN]),
        ("custom=no&sort=-name", [name for name, _ in BUILT_IN[::-1]]),
    ]:
        with subtests.test(query=query):
            response = admin_client.get(f"{URL}?{query}")
            assert names(response) == found
    assertContains(admin_client.get(f"{URL}?search=nothing"), "No matching profiles")


def test_setup_has_a_node_for_profiles(admin_client):
    assert links(admin_client.get("/"))["Profiles"] == URL


def test_shows_a_profile_and_its_users(admin_client, admin, partners):
    UserFactory(org=admin.org, first_name="Åsa", last_name="Lind", profile=partners)
    UserFactory(
        org=admin.org,
        first_name="Ben",
        last_name="Koh",
        username="ben@x.example",
        profile=partners,
        is_active=False,
    )

    response = admin_client.get(address(partners))

    assert record(response) | {"Created By": "", "Last Modified By": ""} == {
        "Created By": "",
        "Last Modified By": "",
        "Name": "Partner Çrew",
        "Custom Profile": "Yes",
        "Metadata Name": "Partner Çrew",
        "Setup Access": "None",
    }
    assert names(response) == ["Åsa Lind", "Ben Koh"]
    assert rows(response)[1] == ["Ben Koh", "ben@x.example", "No"]
    assertContains(response, "Assigned Users (2)")
    assertContains(response, "No apps have this profile.")


def test_shows_the_apps_that_have_the_profile(admin_client, partners):
    app = AppProfileFactory(
        org=partners.org, profile=partners, app__label="Billing", app__kind="external"
    ).app
    AppProfileFactory(org=partners.org, app__label="Other")

    response = admin_client.get(address(partners))

    assert rows(response) == [["Billing", app.api_name, "External Client App"]]
    assert links(response)["Billing"] == app.get_absolute_url()


def test_shows_the_first_apps(admin_client, partners):
    apps = make_apps(partners.org, 51)
    AppProfile.objects.bulk_create(
        AppProfile(org=partners.org, profile=partners, app=app) for app in apps
    )

    response = admin_client.get(address(partners))

    assert len(rows(response)) == 50
    assertContains(response, "Showing the first 50 apps.")


def test_shows_the_metadata_name_and_rights_of_a_built_in_profile(admin_client, org):
    for kind, name, access in [
        (BuiltInProfile.SYSTEM_ADMINISTRATOR, "Admin", "View and change"),
        (BuiltInProfile.SETUP_VIEWER, "Setup Viewer", "View"),
        (BuiltInProfile.STANDARD_USER, "Standard", "None"),
    ]:
        response = admin_client.get(address(profile_of(org, kind)))
        shown = record(response)
        assert (shown["Metadata Name"], shown["Setup Access"]) == (name, access)
        assertContains(response, "You can't delete built-in profiles.")
        assertNotContains(response, "/delete/")


def test_a_profile_without_users_says_so(admin_client, partners):
    assertContains(admin_client.get(address(partners)), "No users have this profile.")


def test_leads_to_all_users_with_the_profile(admin_client, admin, partners):
    make_users(admin.org, [f"Ann Li{index:02}" for index in range(51)], profile=partners)

    response = admin_client.get(address(partners))

    assert len(rows(response)) == 50
    assertContains(response, "Showing the first 50 of 51.")
    link = links(response)["Show all users with this profile"]
    assertContains(admin_client.get(link), "51 of 52 items")


def test_a_page_takes_few_queries(admin_client, admin, partners, django_assert_num_queries):
    make_users(admin.org, [f"Ann Li{index:02}" for index in range(60)], profile=partners)

    with django_assert_num_queries(PAGE):
        admin_client.get(address(partners))
    with django_assert_num_queries(PAGE - 2):
        admin_client.get(URL)


def test_a_user_leads_to_the_profile(admin_client, admin, partners):
    user = UserFactory(org=admin.org, profile=partners)

    response = admin_client.get(reverse("setup:user", args=[user.pk]))

    assert links(response)["Partner Çrew"] == address(partners)


# --- Delete --------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_after_a_confirmation(request, partners, client_name):
    client = request.getfixturevalue(client_name)
    url = address(partners, "delete-profile")

    assertContains(client.get(url), "Delete Partner Çrew?")
    client.post(url)

    assert not Profile.objects.filter(pk=partners.pk).exists()
    assert toasts(client.get(URL)) == ["Partner Çrew was deleted."]


def test_refuses_to_delete_a_profile_that_users_have(htmx_client, admin, partners):
    UserFactory.create_batch(2, org=admin.org, profile=partners)

    response = htmx_client.post(address(partners, "delete-profile"))

    assert response.status_code == 422
    assert "2 users have the profile Partner Çrew." in read(response).text
    assert Profile.objects.filter(pk=partners.pk).exists()


def test_refuses_to_delete_a_built_in_profile(htmx_client, org):
    profile = profile_of(org, BuiltInProfile.STANDARD_USER)

    response = htmx_client.post(address(profile, "delete-profile"))

    assert response.status_code == 422
    assert "Standard User is a built-in profile." in read(response).text


def test_the_dialogs_address_names_the_profile(admin_client, partners):
    page = admin_client.get(f"{address(partners)}?open=delete-profile")
    assertContains(page, "Delete Partner Çrew?")

    by_name = f"{URL}?open=delete-profile&open-profile=partner Çrew"
    assertContains(admin_client.get(by_name), "Delete Partner Çrew?")
    gone = admin_client.get(f"{URL}?open=delete-profile&open-profile=Gone")
    sentence = "We couldn't find that profile. It might have been renamed or deleted."
    assert toasts(gone) == [sentence]
