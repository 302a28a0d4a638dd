"""Custom fields on User: the list, a field, and the values of a user."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog, open_dialog, open_user, save, textbox
from tests.factories import UserFieldFactory
from tokenx.org.models import Org, User

from .state import INVALID, State, at

FIELDS = "/object-manager/"
AZURE = "/user-fields/Azure_Id__c/"
RUNNING = "Integration User"
LONGEST = "Wholesale_" * 3 + "Wholesale1"


def create() -> None:
    """Create a short and a long field that a user has values of."""
    org = Org.objects.get()
    UserFieldFactory(
        org=org,
        name="User.Azure_Id__c",
        label="Azure ID",
        length=40,
        description="The user's object ID in Azure",
    )
    UserFieldFactory(org=org, name=f"User.{LONGEST}__c", label=LONGEST)
    values = {"Azure_Id__c": "3f0a6d2e-01", f"{LONGEST}__c": LONGEST * 6}
    user = User.objects.filter(username="integrationuser@mycompany.com")
    user.update(custom_values=values)


def after_creating(url: str) -> object:
    def reach(page: Page) -> None:
        create()
        page.goto(url)

    return reach


def in_dialog(name: str) -> object:
    def reach(page: Page) -> None:
        create()
        open_dialog(page, AZURE, name)

    return reach


def new(page: Page) -> None:
    open_dialog(page, FIELDS, "New")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "Field Name").fill("2nd")
    textbox(page, "Length").fill("256")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a field label.")).to_be_visible()


def user_with_values(page: Page) -> None:
    create()
    open_user(page, RUNNING)


def values_of_a_user(page: Page) -> None:
    user_with_values(page)
    action(page, "Edit Additional Information").click()
    expect(dialog(page)).to_be_visible()


def too_long_value(page: Page) -> None:
    values_of_a_user(page)
    page.evaluate("document.querySelector('[name=Azure_Id__c]').maxLength = 99")
    textbox(page, "Azure ID").fill("3f0a6d2e-" * 6)
    save(page).click()
    expect(dialog(page).get_by_role("alert").first).to_be_visible()


STATES = [
    State("no custom fields", at(FIELDS)),
    State("custom fields", after_creating(FIELDS)),
    State("custom fields, none found", after_creating(f"{FIELDS}?search=zzz")),
    State("custom fields for a viewer", after_creating(FIELDS), who="viewer"),
    State("custom field", after_creating(AZURE)),
    State("custom field for a viewer", after_creating(AZURE), who="viewer"),
    State("new custom field", new),
    State("new custom field as a page", at("/new-user-field/")),
    State("new custom field, invalid", new_invalid, expects=INVALID),
    State("edit custom field", in_dialog("Edit")),
    State("delete custom field", in_dialog("Delete")),
    State("delete custom field as a page", after_creating(f"{AZURE}delete/")),
    State("user with custom values", user_with_values),
    State("edit a user's custom values", values_of_a_user),
    State("edit a user's custom values, invalid", too_long_value, expects=INVALID),
]
