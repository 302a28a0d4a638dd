"""Starting and resetting a practice org."""

from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog

from .state import INVALID, State, at


def start_invalid(page: Page) -> None:
    page.goto("/practice/")
    page.locator("#id_name").evaluate("it => it.removeAttribute('maxlength')")
    page.get_by_label("Your name").fill("x" * 81)
    page.get_by_role("button", name="Start Practice Org").click()
    expect(page.get_by_role("alert")).to_be_visible()


def ask_to_reset(page: Page) -> None:
    open_dialog(page, "/training/", "Reset")
    expect(dialog(page)).to_contain_text("Reset this org?")


STATES = [
    State("start a practice org", at("/practice/"), who="stranger"),
    State("start a practice org, invalid", start_invalid, who="stranger", expects=INVALID),
    State("training", at("/training/")),
    State("training for a viewer", at("/training/"), who="viewer"),
    State("reset", ask_to_reset),
    State("reset as a page", at("/training/reset/")),
]
