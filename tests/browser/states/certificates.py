"""Certificate and Key Management: the list, certificates, and the dialogs."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog, save, textbox
from tests.certificates import EXPIRED, FUTURE
from tests.factories import CertificateFactory
from tokenx.org.models import Certificate, Org, User
from tokenx.setup.actions.certificates import create_certificate
from tokenx.training.scenarios.demo_org import sign_in_name

from .state import INVALID, State, at

CERTIFICATES, UPLOAD = "/certificates/", "/upload-certificate/"
KEYS = f"{CERTIFICATES}Token_Signing/"
OLD = f"{CERTIFICATES}Old/"
FUTURE_ONE = f"{CERTIFICATES}Next_Year/"


def create() -> None:
    """Create a certificate with a key, and expired, future, and long ones."""
    org = Org.objects.get()
    administrator = User.objects.get(username=sign_in_name("admin"))
    create_certificate(name="Token_Signing", label="Token Signing", by=administrator)
    CertificateFactory(org=org, name="Old", pem=EXPIRED)
    CertificateFactory(org=org, name="Next_Year", pem=FUTURE)
    CertificateFactory(org=org, name="Wholesale_" * 7 + "Wholesale1", label="Key_" * 16)


def after_creating(url: str) -> object:
    def reach(page: Page) -> None:
        create()
        page.goto(url)

    return reach


def in_dialog(name: str) -> object:
    def reach(page: Page) -> None:
        create()
        open_dialog(page, KEYS, name)

    return reach


def with_new_key(page: Page) -> None:
    create()
    Certificate.objects.filter(name="Token_Signing").update(has_new_key=True)
    page.goto(KEYS)


def new(page: Page) -> None:
    open_dialog(page, CERTIFICATES, "Create Self-Signed Certificate")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "Unique Name").fill("2nd")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a label.")).to_be_visible()


def edit_invalid(page: Page) -> None:
    in_dialog("Edit")(page)
    textbox(page, "Unique Name").fill("old")
    save(page).click()
    text = "Another certificate already has this name."
    expect(dialog(page).get_by_text(text)).to_be_visible()


def upload_invalid(page: Page) -> None:
    """Upload this file, which isn't a certificate."""
    page.goto(UPLOAD)
    page.get_by_label("Certificate File").set_input_files(Path(__file__))
    textbox(page, "Label").fill("Not a certificate")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").first).to_be_visible()


STATES = [
    State("no certificates", at(CERTIFICATES)),
    State("certificates", after_creating(CERTIFICATES)),
    State("certificates, none found", after_creating(f"{CERTIFICATES}?search=zzz")),
    State("certificates for a viewer", after_creating(CERTIFICATES), who="viewer"),
    State("certificate", after_creating(KEYS)),
    State("certificate with a new key", with_new_key),
    State("expired certificate", after_creating(OLD)),
    State("certificate that is not valid yet", after_creating(FUTURE_ONE)),
    State("certificate for a viewer", after_creating(KEYS), who="viewer"),
    State("create certificate", new),
    State("create certificate as a page", at("/new-certificate/")),
    State("create certificate, invalid", new_invalid, expects=INVALID),
    State("upload certificate", at(UPLOAD)),
    State("upload certificate, invalid", upload_invalid, expects=INVALID),
    State("edit certificate", in_dialog("Edit")),
    State("edit certificate, invalid", edit_invalid, expects=INVALID),
    State("delete certificate", in_dialog("Delete")),
    State("delete certificate as a page", after_creating(f"{KEYS}delete/")),
]
