"""A real browser on the demo org. What goes wrong in it unannounced fails the test."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tokenx.org.models import User
from tokenx.training.scenarios.demo_org import build_demo_org, sign_in_name

from .steps import PASSWORD

# Playwright's sync API runs an event loop in the thread of the tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=15_000)

# Requests run at once, as they do in the product; one database in memory, shared by all
# threads, would let them run into each other's transactions.
if django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    folder = Path(tempfile.mkdtemp(prefix="tokenx-browser-"))
    django_settings.DATABASES["default"]["TEST"]["NAME"] = str(folder / "tests.sqlite3")

# No hand is as quick as Playwright's: before the scripts of a page run, a click on a link
# would open as a page of its own what they open in the dialog.
WAIT_FOR_SCRIPTS = """
  const wait = new CSSStyleSheet();
  wait.replaceSync("* { pointer-events: none !important }");
  document.adoptedStyleSheets = [wait];
  addEventListener("load", () => { document.adoptedStyleSheets = [] });
"""
HERE = Path(__file__).parent
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]
# Nothing of the browser's own may call out.
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


def chromium_path() -> str | None:
    named = os.environ.get("CHROMIUM_PATH")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    path = chromium_path()
    if not path:
        pytest.skip(
            f"There is no Chromium: CHROMIUM_PATH is not set, and none of "
            f"{', '.join(CHROMIUM_NAMES)} is on the PATH."
        )
    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": QUIET + as_root}


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    return live_server.url


@pytest.fixture
def admin(transactional_db: None, settings) -> User:
    """The administrator of a fresh demo org."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    settings.SIGNUP = "open"  # as `demo` has it
    return build_demo_org(password=PASSWORD)


@pytest.fixture
def viewer(admin: User) -> User:
    """Somebody who may look at Setup, and change nothing."""
    return User.objects.get(username=sign_in_name("viewer"))


class Watch:
    """Writes down what goes wrong in a browser, except what a test says it expects."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: list[str] = []
        self.expected: list[str] = []

    def expects(self, *parts: str) -> None:
        """Trouble that has one of these in its text is what the test is about."""
        self.expected += parts

    def context(self, context: BrowserContext) -> None:
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error("
            "`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"
        )
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    @property
    def trouble(self) -> list[str]:
        def is_expected(seen: str) -> bool:
            return any(part in seen for part in self.expected)

        return [seen for seen in self.seen if not is_expected(seen)]

    def _console(self, message) -> None:
        # htmx calls it an error that a newer request took the place of an older one.
        is_replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in {"error", "warning"} and not is_replaced:
            url = message.location.get("url", "")
            self.seen.append(f"console {message.type}: {message.text} ({url})")

    def _request(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.seen.append(f"request to elsewhere: {request.url}")

    def _failed(self, request) -> None:
        # So may a newer page.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"request failed: {request.failure} {request.url}")


@pytest.fixture
def watch(live_server):
    watch = Watch(live_server.url)
    yield watch
    assert not watch.trouble, "\n".join(watch.trouble)


@pytest.fixture
def browse(new_context, live_server, watch, admin):
    """Opens a browser for somebody: `browse(user)`, or for nobody: `browse(None)`."""

    def open_browser(user: User | None, **options) -> Page:
        context = new_context(**options)
        context.set_default_timeout(20_000)
        watch.context(context)
        if options.get("java_script_enabled", True):
            context.add_init_script(WAIT_FOR_SCRIPTS)
        if user:
            sign_in(context, user, live_server.url)
        return context.new_page()

    return open_browser


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


@pytest.fixture
def admin_page(browse, admin) -> Page:
    """The administrator's browser."""
    return browse(admin)


@pytest.fixture
def plain_page(browse, admin) -> Page:
    """The administrator's browser, which runs no scripts."""
    return browse(admin, java_script_enabled=False)


@pytest.fixture
def stranger_page(browse) -> Page:
    """The browser of somebody who is not signed in."""
    return browse(None)


@pytest.fixture
def open_state(browse, admin, viewer, watch):
    """A browser that has come to one of states.py: `open_state(state)`."""
    people = {"admin": admin, "viewer": viewer, "stranger": None}

    def come_to(state, **options) -> Page:
        watch.expects(*state.expects)
        page = browse(people[state.who], **options)
        state.reach(page)
        return page

    return come_to
