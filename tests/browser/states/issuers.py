"""Simulated issuers, and Run on the page of an Apex class."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog, save, textbox
from tokenx.org.models import Issuer

from .state import INVALID, State, at

ISSUERS = "/issuers/"
OKTA = f"{ISSUERS}Okta/"
RUN = "/apex-classes/OktaTokenHandler/run/"


def without_issuers(page: Page) -> None:
    Issuer.objects.all().delete()
    page.goto(ISSUERS)


def restored(page: Page) -> None:
    Issuer.objects.filter(name="Okta").update(has_new_key=True)
    page.goto(OKTA)


def in_dialog(url: str, name: str) -> object:
    return lambda page: open_dialog(page, url, name)


def new_invalid(page: Page) -> None:
    open_dialog(page, ISSUERS, "New Simulated Issuer")
    textbox(page, "Keys URL").fill("http://idp.example")
    textbox(page, "Claims").fill("aud")
    save(page).click()
    expect(dialog(page).get_by_text("Line 1 isn't a claim.")).to_be_visible()


def new_for_a_provider(page: Page) -> None:
    open_dialog(page, ISSUERS, "New Simulated Issuer")
    dialog(page).get_by_label("Provider").select_option("ping")
    keys = textbox(page, "Keys URL")
    expect(keys).to_have_value(re.compile("auth.pingone.com"))


def shared_secret(page: Page) -> None:
    open_dialog(page, OKTA, "Shared Secret")
    dialog(page).get_by_role("button", name="Show Secret").click()
    expect(textbox(page, "Shared Secret")).to_be_visible()


def run(page: Page) -> None:
    page.goto(RUN)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Result")).to_be_visible()


def run_on_forged(page: Page) -> None:
    page.goto(RUN)
    page.get_by_label("Validity").select_option("forged_signature")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Result")).to_be_visible()


def run_invalid(page: Page) -> None:
    page.goto(RUN)
    page.get_by_text("Use your own token").click()
    page.get_by_role("combobox", name="App", exact=True).select_option("")
    textbox(page, "Run As Username").fill("nobody@mycompany.com")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Enter a token.")).to_be_visible()


def another_issuer(page: Page) -> None:
    page.goto(RUN)
    page.get_by_role("combobox", name="Simulated Issuer").select_option("Google")
    claims = textbox(page, "Claims")
    expect(claims).to_have_value(re.compile("email_verified=true"))


STATES = [
    State("no simulated issuers", without_issuers),
    State("simulated issuers", at(ISSUERS)),
    State("simulated issuers, none found", at(f"{ISSUERS}?search=zzz")),
    State("simulated issuers for a viewer", at(ISSUERS), who="viewer"),
    State("simulated issuer", at(OKTA)),
    State("simulated issuer, restored", restored),
    State("simulated issuer with a certificate", at(f"{ISSUERS}Store_Fleet/")),
    State("simulated issuer for a viewer", at(OKTA), who="viewer"),
    State("new simulated issuer", in_dialog(ISSUERS, "New Simulated Issuer")),
    State("new simulated issuer as a page", at("/new-issuer/")),
    State("new simulated issuer, invalid", new_invalid, expects=INVALID),
    State("edit simulated issuer", in_dialog(OKTA, "Edit")),
    State("rotate a simulated issuer's key", in_dialog(OKTA, "Rotate Key")),
    State("new simulated issuer for a provider", new_for_a_provider),
    State("a simulated issuer's shared secret", shared_secret),
    State("delete simulated issuer", in_dialog(OKTA, "Delete")),
    State("run a class", at(RUN)),
    State("run a class for a viewer", at(RUN), who="viewer"),
    State("run a class, with another issuer", another_issuer),
    State("run a class, with a result", run),
    State("run a class on a forged token", run_on_forged),
    State("run a class, invalid", run_invalid, expects=INVALID),
]
