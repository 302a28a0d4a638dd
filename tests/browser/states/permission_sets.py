"""Permission sets: the list, a permission set, its users, and the dialogs."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog, open_dialog, open_user, save, textbox
from tokenx.org.models import (
    AppPermissionSet,
    ClientApp,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    User,
)

from .state import INVALID, State, at

SETS = "/permission-sets/"
TOKENS = f"{SETS}Tokens/"
ASSIGNMENTS = f"{TOKENS}assignments/"
LABEL = "Users who exchange tokens with a rather long name for a permission set"
RUNNING = "Integration User"


def create(*, users: int = 0) -> None:
    """Create a permission set that an app and the first users have."""
    org = Org.objects.get()
    row = PermissionSet.objects.create(
        org=org, name="Tokens", label=LABEL, description="For token exchange"
    )
    PermissionSet.objects.create(org=org, name="Other", label="Other")
    app = ClientApp.objects.filter(org=org).first()
    if users:
        AppPermissionSet.objects.create(org=org, app=app, permission_set=row)
    for user in User.objects.filter(org=org).by_name()[:users]:
        PermissionSetAssignment.objects.create(org=org, user=user, permission_set=row)


def after_creating(url: str, *, users: int = 0) -> object:
    def reach(page: Page) -> None:
        create(users=users)
        page.goto(url)

    return reach


def in_dialog(url: str, name: str, *, users: int = 0) -> object:
    def reach(page: Page) -> None:
        create(users=users)
        open_dialog(page, url, name)

    return reach


def new(page: Page) -> None:
    open_dialog(page, SETS, "New Permission Set")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "API Name").fill("2nd")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a label.")).to_be_visible()


def remove(page: Page) -> None:
    create(users=1)
    page.goto(ASSIGNMENTS)
    page.get_by_role("link", name="Remove").first.click()
    expect(dialog(page)).to_be_visible()


def delete_refused(page: Page) -> None:
    in_dialog(TOKENS, "Delete", users=1)(page)
    dialog(page).get_by_role("button", name="Delete").click()
    expect(dialog(page).get_by_text("1 user has the permission set")).to_be_visible()


def assign_invalid(page: Page) -> None:
    in_dialog(ASSIGNMENTS, "Add Assignment")(page)
    dialog(page).get_by_role("button", name="Assign").click()
    expect(dialog(page).get_by_text("Select a user.")).to_be_visible()


def of_a_user(page: Page) -> None:
    create(users=3)
    open_user(page, RUNNING)
    action(page, "Edit Assignments").click()
    expect(dialog(page)).to_be_visible()


STATES = [
    State("no permission sets", at(SETS)),
    State("permission sets", after_creating(SETS)),
    State("permission sets, none found", after_creating(f"{SETS}?search=zzz")),
    State("permission sets for a viewer", after_creating(SETS), who="viewer"),
    State("permission set", after_creating(TOKENS)),
    State("permission set with many users", after_creating(TOKENS, users=60)),
    State("permission set for a viewer", after_creating(TOKENS, users=3), who="viewer"),
    State("new permission set", new),
    State("new permission set as a page", at("/new-permission-set/")),
    State("new permission set, invalid", new_invalid, expects=INVALID),
    State("edit permission set", in_dialog(TOKENS, "Edit")),
    State("edit permission set as a page", after_creating(f"{TOKENS}edit/")),
    State("delete permission set", in_dialog(TOKENS, "Delete")),
    State("delete permission set, refused", delete_refused, expects=INVALID),
    State("no assignments", after_creating(ASSIGNMENTS)),
    State("assignments", after_creating(ASSIGNMENTS, users=60)),
    State("assignments for a viewer", after_creating(ASSIGNMENTS, users=3), who="viewer"),
    State("add assignment", in_dialog(ASSIGNMENTS, "Add Assignment")),
    State("add assignment as a page", after_creating(f"{TOKENS}assign/")),
    State("add assignment, invalid", assign_invalid, expects=INVALID),
    State("remove assignment", remove),
    State("edit a user's assignments", of_a_user),
]
