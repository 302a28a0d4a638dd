"""A user's API Access: the list, creating a token, showing it once, and revoking it."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog, open_user, textbox
from tests.factories import AccessTokenFactory
from tokenx.org.models import User

from .state import INVALID, State

NAME = "Inga’s laptop, for the pipeline of the pilot project"


def person() -> User:
    found: User = User.objects.get(username="integrationuser@mycompany.com")
    return found


def no_tokens(page: Page) -> None:
    open_user(page, "Integration User")
    action(page, "Access Tokens").click()
    expect(page.get_by_text("No access tokens yet")).to_be_visible()


def listed(page: Page) -> None:
    AccessTokenFactory(user=person(), name=NAME)
    AccessTokenFactory(user=person(), name="Old one", expires_at="2026-01-01T00:00Z")
    page.goto(f"/users/{person().pk}/api-access/")


def inactive(page: Page) -> None:
    AccessTokenFactory(user=person(), name="CI")
    User.objects.filter(pk=person().pk).update(is_active=False)
    page.goto(f"/users/{person().pk}/api-access/")


def new(page: Page) -> None:
    listed(page)
    action(page, "New Access Token").click()
    expect(dialog(page)).to_be_visible()


def new_as_a_page(page: Page) -> None:
    page.goto(f"/users/{person().pk}/new-access-token/")


def new_invalid(page: Page) -> None:
    new(page)
    create(page)
    expect(dialog(page).get_by_text("Enter a name.")).to_be_visible()


def shown(page: Page) -> None:
    new(page)
    textbox(page, "Name").fill(NAME)
    create(page)
    expect(textbox(page, "Access Token")).to_be_visible()


def shown_as_a_page(page: Page) -> None:
    new_as_a_page(page)
    textbox(page, "Name").fill(NAME)
    create(page)
    expect(textbox(page, "Access Token")).to_be_visible()


def revoke(page: Page) -> None:
    listed(page)
    action(page, f"Revoke {NAME}").click()
    expect(dialog(page)).to_be_visible()


def revoke_as_a_page(page: Page) -> None:
    listed(page)
    page.goto(action(page, f"Revoke {NAME}").get_attribute("href"))


def create(page: Page) -> None:
    page.get_by_role("button", name="Create", exact=True).click()


STATES = [
    State("API access, none yet", no_tokens),
    State("API access", listed),
    State("API access for a viewer", listed, who="viewer"),
    State("API access, inactive user", inactive),
    State("new access token", new),
    State("new access token as a page", new_as_a_page),
    State("new access token, invalid", new_invalid, expects=INVALID),
    State("access token, shown once", shown),
    State("access token, shown once, as a page", shown_as_a_page),
    State("revoke access token", revoke),
    State("revoke access token as a page", revoke_as_a_page),
]
