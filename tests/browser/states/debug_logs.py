"""Debug Logs and debug levels: the pages, a log, and the dialogs."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog, save, textbox
from tests.factories import (
    ApexLogFactory,
    DebugLevelFactory,
    TraceFlagFactory,
    UserFactory,
)
from tokenx.org.models import ApexLog, Org, TraceFlag, User

from .state import INVALID, State, at

LOGS, LEVELS = "/debug-logs/", "/debug-levels/"
LONG_NAME = "Wholesale_" * 7 + "Wholesale1"
TEXT = "\n".join(
    [
        "67.0 APEX_CODE,FINEST;APEX_PROFILING,INFO",
        *(f"09:06:58.1 (1000000)|STATEMENT_EXECUTE|[{number}]" for number in range(1_200)),
        "09:06:58.2 (2000000)|EXCEPTION_THROWN|[7]|System.MathException: Divide by 0",
        "09:06:58.2 (2000000)|FATAL_ERROR|System.MathException: Divide by 0",
        "",
        "Class.OktaTokenHandler.validateIncomingToken: line 7, column 1",
        f"09:06:58.2 (2000000)|USER_DEBUG|[8]|DEBUG|{'wide ' * 900}",
        "09:06:58.2 (2000000)|EXECUTION_FINISHED",
    ]
)


def create(*, many: int = 0) -> None:
    """Create debug levels, trace flags, and logs, one of each with the longest texts."""
    org = Org.objects.get()
    person = UserFactory(org=org, first_name="Grace", last_name="Hopper")
    fine = DebugLevelFactory(org=org, name="Fine")
    DebugLevelFactory(org=org, name=LONG_NAME, label="Wholesale " * 8)
    past = timezone.now() - timedelta(days=2)
    TraceFlagFactory(org=org, traced_user=person, debug_level=fine)
    TraceFlagFactory(org=org, traced_user=person, debug_level=fine, starts_at=past)
    ApexLogFactory(
        org=org, user=person, status="Divide by 0", text=f"{TEXT}\n", started_at=past
    )
    ApexLogFactory(
        org=org,
        user=person,
        operation="/services/data/v67.0/tooling/executeAnonymous/" * 2,
        application="Wholesale " * 6,
        status="Attempt to de-reference a null object " * 6,
    )
    ApexLogFactory.create_batch(many, org=org, user=person)
    viewer = User.objects.filter(org=org, profile__kind="setup_viewer").first()
    if viewer:
        ApexLogFactory(org=org, user=viewer)


def after_creating(url: str, *, many: int = 0) -> object:
    def reach(page: Page) -> None:
        create(many=many)
        page.goto(url)

    return reach


def a_log(page: Page) -> None:
    create()
    page.goto(ApexLog.objects.get(status="Divide by 0").get_absolute_url())


def fatal_line(page: Page) -> None:
    a_log(page)
    page.get_by_role("link", name="line 1,203").click()
    expect(page.locator(".line-number_marked")).to_have_count(1)


def delete_log(page: Page) -> None:
    a_log(page)
    open_dialog(page, page.url, "Delete")


def delete_all(page: Page) -> None:
    create()
    open_dialog(page, LOGS, "Delete All")


def new_flag(page: Page) -> None:
    create()
    open_dialog(page, LOGS, "New Trace Flag")


def new_flag_invalid(page: Page) -> None:
    new_flag(page)
    save(page).click()
    expect(dialog(page).get_by_text("Select a user.").first).to_be_visible()


def flag_as_a_page(verb: str) -> object:
    def reach(page: Page) -> None:
        create()
        flag = TraceFlag.objects.order_by("pk")[0]
        page.goto(f"/trace-flags/{flag.pk}/{verb}/")

    return reach


def new_level(page: Page) -> None:
    open_dialog(page, LEVELS, "New Debug Level")


def new_level_invalid(page: Page) -> None:
    new_level(page)
    textbox(page, "Label").fill("Second")
    textbox(page, "Name").fill("2nd")
    save(page).click()
    expect(dialog(page).get_by_text("Start an API name with a letter.")).to_be_visible()


def level_in_dialog(name: str) -> object:
    def reach(page: Page) -> None:
        create()
        open_dialog(page, f"{LEVELS}{LONG_NAME}/", name)

    return reach


STATES = [
    State("no debug logs", at(LOGS)),
    State("debug logs", after_creating(LOGS, many=60)),
    State("debug logs, none found", after_creating(f"{LOGS}?search=zzz")),
    State("debug logs for a viewer", after_creating(LOGS), who="viewer"),
    State("debug log", a_log),
    State("debug log at the fatal line", fatal_line),
    State("delete debug log", delete_log),
    State("delete all debug logs", delete_all),
    State("new trace flag", new_flag),
    State("new trace flag without debug levels", at("/new-trace-flag/")),
    State("new trace flag, invalid", new_flag_invalid, expects=INVALID),
    State("edit trace flag as a page", flag_as_a_page("edit")),
    State("delete trace flag as a page", flag_as_a_page("delete")),
    State("no debug levels", at(LEVELS)),
    State("debug levels", after_creating(LEVELS)),
    State("debug levels for a viewer", after_creating(LEVELS), who="viewer"),
    State("debug level", after_creating(f"{LEVELS}{LONG_NAME}/")),
    State("new debug level", new_level),
    State("new debug level, invalid", new_level_invalid, expects=INVALID),
    State("edit debug level", level_in_dialog("Edit")),
    State("delete debug level", level_in_dialog("Delete")),
]
