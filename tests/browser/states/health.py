"""Health on Setup Home and on its own page; Strict Mode."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.steps import action, dialog, open_dialog
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, Org, User

from .define_handler import break_rows, strict
from .state import State, at


def break_everything() -> None:
    """Break something for each check to find."""
    break_rows()
    TokenExchangeHandler.objects.filter(label="Okta Workforce").update(is_enabled=False)
    bare = {"body": "public class Other {}", "is_handler_class": False}
    ApexClass.objects.filter(name="EntraTokenHandler").update(**bare)
    org = Org.objects.get()
    ApexClass.objects.create(
        org=org, name="NotCompiled", body="public class NotCompiled {}"
    )
    problem = {"line": 12, "column": 8, "message": "Missing ';' at 'total'"}
    ApexClass.objects.create(
        org=org,
        name="Broken",
        compile_status="invalid",
        compiled_hash="-",
        compile_problems=[problem | {"severity": "error"}],
    )
    Enablement.objects.filter(app__label="Sales Insights").update(is_default=False)
    User.objects.filter(username="token.exchange@mycompany.com").update(
        is_integration_user=False
    )


def findings_on_home(page: Page) -> None:
    break_everything()
    page.goto("/")
    expect(page.get_by_role("link", name="Edit the class").first).to_be_visible()


def no_findings(url: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        for enablement in Enablement.objects.all():
            of_app = Enablement.objects.filter(app=enablement.app)
            if not of_app.filter(is_default=True).exists():
                of_app.filter(pk=enablement.pk).update(is_default=True)
        page.goto(url)
        expect(page.get_by_text("No issues found")).to_be_visible()

    return reach


def findings(page: Page) -> None:
    break_everything()
    page.goto("/health/")


def turn_strict_on(page: Page) -> None:
    open_dialog(page, "/strict-mode/", "Turn On")


def turn_strict_off(page: Page) -> None:
    strict("/strict-mode/")(page)
    action(page, "Turn Off").click()
    expect(dialog(page)).to_contain_text("Turn off strict mode?")


STATES = [
    State("home, no issues", no_findings("/")),
    State("home, issues", findings_on_home),
    State("home for a viewer", at("/"), who="viewer"),
    State("health", findings),
    State("health, no issues", no_findings("/health/")),
    State("health for a viewer", findings, who="viewer"),
    State("strict mode", at("/strict-mode/")),
    State("strict mode for a viewer", at("/strict-mode/"), who="viewer"),
    State("strict mode to turn on", turn_strict_on),
    State("strict mode to turn on as a page", at("/strict-mode/switch/")),
    State("strict mode to turn off", turn_strict_off),
]
