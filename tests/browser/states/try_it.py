"""Try It, and the list of token exchange examples."""

from playwright.sync_api import Page, expect

from tests.browser.steps import choose_in_menu, heading, textbox
from tests.factories import ExchangeExampleFactory
from tokenx.org import audit
from tokenx.org.models import ExchangeExample, Org, User

from .state import INVALID, State, at

TRY_IT = "/try-it/"
EXAMPLES = "/exchange-examples/"
# Claims that have expired, and text that isn't markup.
TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiI8Yj4iLCJleHAiOjF9.c2ln"


def exchange(page: Page, url: str = TRY_IT) -> None:
    page.goto(url)
    press(page, "Exchange Token")


def press(page: Page, name: str) -> None:
    page.locator("#exchange" if name == "Exchange Token" else "#check-only").click()
    expect(page.get_by_role("heading", name="Result")).to_be_visible()


def check(page: Page) -> None:
    page.goto(TRY_IT)
    press(page, "Check Only")


def refused(page: Page) -> None:
    page.goto(TRY_IT)
    page.get_by_label("Validity").select_option("expired")
    press(page, "Exchange Token")


def pasted(page: Page) -> None:
    page.goto(TRY_IT)
    page.get_by_text("Use your own token").click()
    textbox(page, "Incoming Token").fill(TOKEN)
    expect(page.get_by_text("Validity").last).to_be_visible()
    expect(page.locator("#decoded-token")).to_contain_text("Expired")


def all_options(page: Page) -> None:
    page.goto(TRY_IT)
    page.get_by_label("Consumer Secret").select_option("send")
    page.get_by_text("More options").click()
    page.get_by_text("Signature and format").click()
    expect(textbox(page, "Changed Parameters")).to_be_visible()


def invalid(page: Page) -> None:
    page.goto(TRY_IT)
    page.get_by_text("Use your own token").click()
    page.get_by_label("Consumer Secret").select_option("send")
    page.locator("#exchange").click()
    expect(page.get_by_text("Enter a token.")).to_be_visible()


def examples(page: Page) -> None:
    """Show examples that haven't run, and some with each result."""
    add_examples()
    page.goto(EXAMPLES)
    expect(heading(page)).to_be_visible()


def add_examples() -> None:
    user = User.objects.filter(username__startswith="admin@").first()
    org = Org.objects.get(pk=user.org_id)
    make = lambda name, **values: ExchangeExampleFactory(
        org=org, name=name, created_by=user, **values
    )
    make("Not run yet")
    ran_at = org.created_at
    make("Failed: no user", ran_at=ran_at, actual_error="invalid_grant")
    make("A long name of an example " * 3, ran_at=ran_at, token_handler="Okta_Workforce")
    audit.record(by=user, action="a", section="s", display="d")


def dialog_of_example(name: str) -> object:
    def show(page: Page) -> None:
        examples(page)
        choose_in_menu(page, "Not run yet", name)
        expect(page.get_by_role("dialog")).to_be_visible()

    return show


def running(page: Page) -> None:
    """Show the list while Run All waits for a place."""
    add_examples()
    ExchangeExample.objects.update(ran_at=None)
    page.goto(EXAMPLES)
    page.get_by_role("button", name="Run All").click()
    expect(page.get_by_role("button", name="Run All")).to_be_visible()
    expect(page.get_by_text("Failed").first).to_be_visible()


STATES = [
    State("try it", at(TRY_IT)),
    State("try it for a viewer", at(TRY_IT), who="viewer"),
    State("try it, all options", all_options),
    State("try it, with a result", exchange),
    State("try it, check only", check),
    State("try it, refused", refused),
    State("try it, a pasted token", pasted),
    State("try it, invalid", invalid, expects=INVALID),
    State("no examples", at(EXAMPLES)),
    State("examples", examples),
    State("examples, after run all", running),
    State("examples for a viewer", at(EXAMPLES), who="viewer"),
    State("save an example without a result", at("/new-exchange-example/")),
    State("edit an example", dialog_of_example("Edit")),
    State("delete an example", dialog_of_example("Delete")),
]
