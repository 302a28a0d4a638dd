"""Remote Site Settings: the list, a remote site, and the dialogs."""

from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog, save, textbox
from tests.factories import RemoteSiteFactory
from tokenx.org.models import Org

from .state import INVALID, State, at

SITES = "/remote-sites/"
KEYS = f"{SITES}Okta_Keys/"
LONG = f"{SITES}{'Wholesale_' * 7}Wholesale1/"


def create(*, many: int = 0) -> None:
    """Create sites, one of which has the longest name, URL, and description."""
    org = Org.objects.get()
    RemoteSiteFactory(org=org, name="Okta_Keys", url="https://mycompany.okta.com")
    RemoteSiteFactory(
        org=org,
        name="Wholesale_" * 7 + "Wholesale1",
        url=f"http://idp.example.com:8080/{'keys' * 60}",
        description="The keys of our wholesale identity provider. " * 5,
        is_active=False,
        disables_protocol_security=True,
    )
    RemoteSiteFactory.create_batch(many, org=org)


def after_creating(url: str, *, many: int = 0) -> object:
    def reach(page: Page) -> None:
        create(many=many)
        page.goto(url)

    return reach


def in_dialog(name: str) -> object:
    def reach(page: Page) -> None:
        create()
        open_dialog(page, LONG, name)

    return reach


def new(page: Page) -> None:
    open_dialog(page, SITES, "New Remote Site")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "Remote Site Name").fill("2nd")
    textbox(page, "Remote Site URL").fill("idp.example.com")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a URL with https://")).to_be_visible()


STATES = [
    State("no remote sites", at(SITES)),
    State("remote sites", after_creating(SITES, many=60)),
    State("remote sites, none found", after_creating(f"{SITES}?search=zzz")),
    State("remote sites for a viewer", after_creating(SITES), who="viewer"),
    State("remote site", after_creating(KEYS)),
    State("remote site with the longest texts", after_creating(LONG)),
    State("remote site for a viewer", after_creating(KEYS), who="viewer"),
    State("new remote site", new),
    State("new remote site as a page", at("/new-remote-site/")),
    State("new remote site, invalid", new_invalid, expects=INVALID),
    State("edit remote site", in_dialog("Edit")),
    State("delete remote site", in_dialog("Delete")),
    State("delete remote site as a page", after_creating(f"{KEYS}delete/")),
]
