"""Profiles: the list, a profile's page, and its deletion."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog
from tests.factories import AppProfileFactory
from tokenx.org.models import ClientApp, Org, Profile, User

from .state import INVALID, State, at

PROFILES = "/profiles/"
NAME = "Partner Manager with a rather long name for a profile"


def built_in(page: Page) -> None:
    profile = Profile.objects.get(kind="admin")
    page.goto(f"{PROFILES}{profile.pk}/")


def custom(page: Page) -> None:
    profile = Profile.objects.create(org=Org.objects.get(), name=NAME)
    page.goto(f"{PROFILES}{profile.pk}/")


def with_apps(page: Page) -> None:
    org = Org.objects.get()
    profile = Profile.objects.create(org=org, name=NAME)
    for app in ClientApp.objects.filter(org=org)[:60]:
        AppProfileFactory(org=org, app=app, profile=profile)
    page.goto(f"{PROFILES}{profile.pk}/")


def many_users(page: Page) -> None:
    profile = Profile.objects.get(kind="standard")
    page.goto(f"{PROFILES}{profile.pk}/")


def delete(page: Page) -> None:
    custom(page)
    action(page, "Delete").click()
    expect(dialog(page)).to_be_visible()


def delete_as_a_page(page: Page) -> None:
    custom(page)
    page.goto(f"{page.url}delete/")


def delete_refused(page: Page) -> None:
    custom(page)
    profile = Profile.objects.get(name=NAME)
    User.objects.filter(username="integrationuser@mycompany.com").update(profile=profile)
    action(page, "Delete").click()
    dialog(page).get_by_role("button", name="Delete").click()
    expect(dialog(page).get_by_text("1 user has the profile")).to_be_visible()


STATES = [
    State("profiles", at(PROFILES)),
    State("profiles, none found", at(f"{PROFILES}?search=nothing+is+called+so")),
    State("profiles for a viewer", at(PROFILES), who="viewer"),
    State("built-in profile", built_in),
    State("custom profile without users", custom),
    State("profile with many users", many_users),
    State("profile with many apps", with_apps),
    State("profile for a viewer", built_in, who="viewer"),
    State("delete profile", delete),
    State("delete profile as a page", delete_as_a_page),
    State("delete profile, refused", delete_refused, expects=INVALID),
]
