"""A real browser on the demo org. Unexpected browser errors fail the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tokenx.org.models import User
from tokenx.training.scenarios.demo_org import sign_in_name
from tokenx.web.local_formats import COOKIE

from .database import Database
from .states.state import State
from .watch import REPORT_VIOLATIONS, Watch
from .window import Window

# Playwright's sync API runs an event loop in the thread of the tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=15_000)

# Playwright clicks faster than a person: before a page's scripts run, a click on a link
# would open a page instead of the dialog.
WAIT_FOR_SCRIPTS = """
  const wait = new CSSStyleSheet();
  wait.replaceSync("* { pointer-events: none !important }");
  document.adoptedStyleSheets = [wait];
  addEventListener("load", () => { document.adoptedStyleSheets = [] });
"""
TIME_ZONE = "UTC"
HERE = Path(__file__).parent
# The headless shell needs less processor time: docs/decisions/browser-tests.md
CHROMIUM_NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
]
# Chromium itself must not call out.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))  # docs/decisions/browser-tests.md
    # The longest tests first. Otherwise, one worker runs them at the end while others wait.
    items.sort(key=lambda item: item.path.name != "test_page_states.py")


def chromium_path() -> str | None:
    named = os.environ.get("CHROMIUM_PATH")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    path = chromium_path()
    if not path:
        # `.ci/run` refuses skipped tests; elsewhere, Chromium is optional.
        pytest.skip(
            f"There is no Chromium: CHROMIUM_PATH is not set, and none of "
            f"{', '.join(CHROMIUM_NAMES)} is on the PATH."
        )
    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": QUIET + as_root}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """Use the time zone that sign_in() sends, so that pages needn't replace their times."""
    return {**browser_context_args, "timezone_id": TIME_ZONE}


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """Serve the product, and return its URL.

    pytest-django's `live_server` would empty the database after each test, which
    Database does faster.
    """
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def base_url(server: str) -> str:
    return server


# --- The org and its users -----------------------------------------------------------


@pytest.fixture(scope="session")
def saved_database() -> Database:
    return Database()


@pytest.fixture
def database(
    django_db_setup: None, django_db_blocker, saved_database: Database
) -> Iterator[Database]:
    """Let a test use the database, and leave it empty for the next."""
    with django_db_blocker.unblock():
        yield saved_database
        saved_database.clear()


@pytest.fixture
def admin(database: Database, settings) -> User:
    """Return the administrator of a fresh demo org."""
    settings.SIGNUP = "open"  # as `demo` has it
    database.build_demo_org()
    return User.objects.get(username=sign_in_name("admin"))


@pytest.fixture
def viewer(admin: User) -> User:
    """Create a user who can view Setup but not change it."""
    return User.objects.get(username=sign_in_name("viewer"))


# --- Their browsers ------------------------------------------------------------------


@pytest.fixture
def watch(server: str) -> Iterator[Watch]:
    watch = Watch(server)
    yield watch
    watch.stop()
    assert not watch.trouble, "\n".join(watch.trouble)


@pytest.fixture(scope="session")
def windows(browser, browser_context_args: dict, server: str) -> Iterator[dict]:
    """Return the windows that all tests share, with JavaScript and without."""

    def new_context(*, java_script_enabled: bool) -> BrowserContext:
        options = {**browser_context_args, "java_script_enabled": java_script_enabled}
        return prepared(browser.new_context(**options), java_script_enabled)

    windows = {
        runs_scripts: Window(
            partial(new_context, java_script_enabled=runs_scripts), f"{server}/sign-in/"
        )
        for runs_scripts in [True, False]
    }
    yield windows
    for window in windows.values():
        window.close()


def prepared(context: BrowserContext, runs_scripts: bool) -> BrowserContext:
    context.set_default_timeout(20_000)
    context.add_init_script(REPORT_VIOLATIONS)
    if runs_scripts:
        context.add_init_script(WAIT_FOR_SCRIPTS)
    return context


@pytest.fixture
def browse(request, windows: dict, new_context, server: str, watch: Watch, admin: User):
    """Open a browser for a user, `browse(user)`, or for no one, `browse(None)`.

    The first browser in a test is a tab in a shared window. All others, and browsers that
    are `alone`, have their own contexts. Playwright's clock, for example, needs that.
    """
    in_use: list[Window] = []

    def open_browser(
        user: User | None, *, java_script_enabled: bool = True, alone: bool = False
    ) -> Page:
        window = windows[java_script_enabled]
        if alone or window in in_use:
            context = new_context(java_script_enabled=java_script_enabled)
            page = prepared(context, java_script_enabled).new_page()
        else:
            in_use.append(window)
            page = window.open_tab()
        watch.start(page.context)
        if user:
            sign_in(page.context, user, server)
        return page

    yield open_browser
    watch.stop()
    has_passed = getattr(request.node, "rep_call", None) and request.node.rep_call.passed
    for window in in_use:
        window.close_tabs() if has_passed else window.close()


@pytest.fixture
def visit(windows: dict, database: Database, server: str, admin: User):
    """Bring a tab to a state of a fresh org: `with visit(state) as page:`."""
    window = windows[True]
    usernames = {"admin": sign_in_name("admin"), "viewer": sign_in_name("viewer")}

    @contextmanager
    def visit(state: State) -> Iterator[Page]:
        window.close_tabs()
        database.build_demo_org()
        page = window.open_tab()
        watch = Watch(server)
        watch.expects(*state.expects)
        watch.start(page.context)
        if state.who in usernames:
            user = User.objects.get(username=usernames[state.who])
            sign_in(page.context, user, server)
        try:
            state.reach(page)
            yield page
        except BaseException:
            window.close()
            raise
        finally:
            watch.stop()
        assert not watch.trouble, "\n".join(watch.trouble)

    yield visit
    window.close_tabs()


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    cookies = {cookie.key: cookie.value, COOKIE: TIME_ZONE}
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )


@pytest.fixture
def admin_page(browse, admin: User) -> Page:
    """Return the administrator's browser."""
    return browse(admin)


@pytest.fixture
def plain_page(browse, admin: User) -> Page:
    """Return the administrator's browser, without JavaScript."""
    return browse(admin, java_script_enabled=False)


@pytest.fixture
def stranger_page(browse) -> Page:
    """Return the browser of someone who isn't signed in."""
    return browse(None)
