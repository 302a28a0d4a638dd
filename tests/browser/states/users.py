"""Users and Apex classes: lists, pages, and actions."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog, open_dialog, open_user, save, textbox
from tokenx.org.models import ApexClass, Org, User
from tokenx.setup.actions.users import deactivate_user
from tokenx.training.scenarios.demo_org import sign_in_name

from .state import INVALID, State, at

USERS, CLASSES = "/users/", "/apex-classes/"
RUNNING = "Integration User"
CLASS = f"{CLASSES}OktaTokenHandler/"


def user(page: Page) -> None:
    open_user(page, RUNNING)


def inactive_user(page: Page) -> None:
    administrator = User.objects.get(username=sign_in_name("admin"))
    person = User.objects.get(username="integrationuser@mycompany.com")
    deactivate_user(user=person, by=administrator)
    page.goto(f"{USERS}{person.pk}/")


def own_page(page: Page) -> None:
    open_user(page, "Ada Admin")


def new(page: Page) -> None:
    open_dialog(page, USERS, "New User")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "Username").fill("nobody")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a last name.")).to_be_visible()


def new_invalid_as_a_page(page: Page) -> None:
    page.goto("/new-user/")
    save(page).click()
    expect(page.get_by_text("Enter a last name.")).to_be_visible()


def in_dialog(name: str) -> object:
    def reach(page: Page) -> None:
        open_user(page, RUNNING)
        action(page, name).click()
        expect(dialog(page)).to_be_visible()

    return reach


def as_a_page(name: str) -> object:
    def reach(page: Page) -> None:
        open_user(page, RUNNING)
        page.goto(action(page, name).get_attribute("href"))

    return reach


def edit_invalid(page: Page) -> None:
    in_dialog("Edit")(page)
    textbox(page, "Username").fill("token.exchange@mycompany.com")
    save(page).click()
    expect(dialog(page).get_by_text("The username already exists")).to_be_visible()


def deactivate_refused(page: Page) -> None:
    """Open the dialog for oneself, which no button links to."""
    open_user(page, "Ada Admin")
    page.goto(f"{page.url}deactivate/")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("You can't deactivate yourself.")).to_be_visible()


def activate(page: Page) -> None:
    inactive_user(page)
    action(page, "Activate").click()
    expect(dialog(page)).to_be_visible()


def unready_class(page: Page) -> None:
    ApexClass.objects.create(
        org=Org.objects.get(), name="Empty", body="public class Other {\n}\n"
    )
    page.goto(f"{CLASSES}Empty/")


BROKEN = """public class Broken {
    public Integer one() {
        Integer total = 1
        total = 2;
    }
}
"""


def class_with_errors(page: Page) -> None:
    ApexClass.objects.create(org=Org.objects.get(), name="Broken", body=BROKEN)
    page.goto(f"{CLASSES}Broken/")
    expect(page.get_by_text("Error: Compile Error: Missing ';'")).to_be_visible()


def partly_runnable_class(page: Page) -> None:
    body = "public class Unknown {\n    public Shipment__c shipment;\n}\n"
    ApexClass.objects.create(org=Org.objects.get(), name="Unknown", body=body)
    page.goto(f"{CLASSES}Unknown/")
    expect(page.get_by_text("Warning from tokenx:")).to_be_visible()


def new_class(page: Page) -> None:
    open_dialog(page, CLASSES, "New")


def new_class_invalid(page: Page) -> None:
    new_class(page)
    textbox(page, "Apex Class").fill(BROKEN)
    save(page).click()
    expect(dialog(page).get_by_text("Error: Compile Error: Missing")).to_be_visible()


def new_class_invalid_as_a_page(page: Page) -> None:
    page.goto("/new-apex-class/")
    textbox(page, "Apex Class").fill(BROKEN)
    save(page).click()
    expect(page.get_by_text("Error: Compile Error: Missing")).to_be_visible()


def edit_class(page: Page) -> None:
    open_dialog(page, CLASS, "Edit")


def delete_class(page: Page) -> None:
    unready_class(page)
    action(page, "Delete").click()
    expect(dialog(page)).to_be_visible()


def delete_used_class(page: Page) -> None:
    open_dialog(page, CLASS, "Delete")


STATES = [
    State("users", at(USERS)),
    State("users, none found", at(f"{USERS}?search=nothing+is+called+so")),
    State("users for a viewer", at(USERS), who="viewer"),
    State("user", user),
    State("user who is not active", inactive_user),
    State("user, oneself", own_page),
    State("user for a viewer", user, who="viewer"),
    State("new user", new),
    State("new user as a page", at("/new-user/")),
    State("new user, invalid", new_invalid, expects=INVALID),
    State("new user as a page, invalid", new_invalid_as_a_page, expects=INVALID),
    State("edit user", in_dialog("Edit")),
    State("edit user as a page", as_a_page("Edit")),
    State("edit user, invalid", edit_invalid, expects=INVALID),
    State("deactivate user", in_dialog("Deactivate")),
    State("deactivate user as a page", as_a_page("Deactivate")),
    State("deactivate user, refused", deactivate_refused, expects=INVALID),
    State("activate user", activate),
    State("Apex classes", at(CLASSES)),
    State("Apex classes, none found", at(f"{CLASSES}?search=nothing+is+called+so")),
    State("Apex classes for a viewer", at(CLASSES), who="viewer"),
    State("Apex class", at(CLASS)),
    State("Apex class that is not ready", unready_class),
    State("Apex class with errors", class_with_errors),
    State("Apex class, partly runnable", partly_runnable_class),
    State("Apex class for a viewer", at(CLASS), who="viewer"),
    State("new Apex class", new_class),
    State("new Apex class as a page", at("/new-apex-class/")),
    State("new Apex class, invalid", new_class_invalid, expects=INVALID),
    State(
        "new Apex class as a page, invalid", new_class_invalid_as_a_page, expects=INVALID
    ),
    State("edit Apex class", edit_class),
    State("edit Apex class as a page", at(f"{CLASS}edit/")),
    State("delete Apex class", delete_class),
    State("delete Apex class, refused", delete_used_class),
    State("delete Apex class as a page, refused", at(f"{CLASS}delete/")),
]
