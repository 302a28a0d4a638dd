"""Snapshots, the presenter bar, and the tour."""

from playwright.sync_api import Page, expect

from tests.browser.steps import action, choose_in_menu, dialog, open_dialog
from tokenx.org.models import Org, User
from tokenx.training.models import Snapshot
from tokenx.training.scenarios.demo_org import sign_in_name
from tokenx.training.snapshots.actions import make_link, save_snapshot

from .state import INVALID, State, at

LIST = "/training/snapshots/"


def saved() -> Snapshot:
    admin = User.objects.get(username=sign_in_name("admin"))
    make_link(snapshot=save_snapshot(org=admin.org, name="Linked", by=admin), by=admin)
    return save_snapshot(org=admin.org, name="Before the demo", by=admin)


def snapshots(page: Page) -> None:
    saved()
    page.goto(LIST)


def confirm_dialog(name: str):
    def reach(page: Page) -> None:
        snapshots(page)
        page.get_by_role("link", name=name).first.click()
        expect(dialog(page)).to_be_visible()

    return reach


def choose(name: str):
    """Choose an item in the menu of the newest snapshot."""

    def reach(page: Page) -> None:
        snapshots(page)
        choose_in_menu(page, "Before the demo", name)
        expect(dialog(page)).to_be_visible()

    return reach


def link(page: Page) -> None:
    confirm_dialog("Create a link")(page)
    page.get_by_role("button", name="Create Link").click()
    expect(page.get_by_text("You'll see this link only once")).to_be_visible()


def upload_invalid(page: Page) -> None:
    page.goto(f"{LIST}upload/")
    page.get_by_role("button", name="Upload").click()


def linked(page: Page) -> None:
    admin = User.objects.get(username=sign_in_name("admin"))
    token = make_link(snapshot=saved(), by=admin)
    page.goto(f"/demo/{token}/")


def presented(page: Page) -> None:
    Org.objects.update(is_presented=True)
    page.goto("/handlers/")


def steps(page: Page) -> None:
    presented(page)
    page.get_by_text("Go to a step").click()


def turn_on(page: Page) -> None:
    open_dialog(page, "/training/", "Turn On Presenter Bar")


def turn_off(page: Page) -> None:
    Org.objects.update(is_presented=True)
    page.goto("/training/")
    action(page, "Turn Off Presenter Bar").click()
    expect(dialog(page)).to_be_visible()


def touring(label: str):
    def reach(page: Page) -> None:
        Org.objects.update(is_presented=True)
        page.goto("/training/tour/")
        page.get_by_role("link", name=label, exact=True).click()
        page.get_by_role("button", name="Go to Step").click()
        mark = "&" if "?" in page.url else "?"
        page.goto(f"{page.url}{mark}tour=choose-app")

    return reach


STATES = [
    State("snapshots", snapshots),
    State("no snapshots", at(LIST)),
    State("save a snapshot", lambda page: open_dialog(page, LIST, "Save")),
    State("restore a snapshot", choose("Restore")),
    State("delete a snapshot", choose("Delete")),
    State("create a link", confirm_dialog("Create a link")),
    State("revoke a link", confirm_dialog("Revoke")),
    State("a link", link),
    State("upload a snapshot", at(f"{LIST}upload/")),
    State("upload a snapshot, invalid", upload_invalid, expects=INVALID),
    State("presenter bar", presented),
    State("presenter bar, steps", steps),
    State(
        "turn the presenter bar on",
        lambda p: open_dialog(p, "/training/", "Turn On Presenter Bar"),
    ),
    State("turn the presenter bar off", turn_off),
    State("tour", at("/training/tour/")),
    State("a step", at("/training/steps/choose-app/")),
    State("on tour, wizard", touring("Wizard, step 2")),
    State("on tour, failed", touring("A failed deployment")),
]
