"""Fixtures: an org, its users, and their browsers."""

import gc
import secrets
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import update_last_login
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings

from tokenx.org.models import BuiltInProfile, Org, User

from .checked_logs import every_log_can_be_read
from .factories import OrgFactory, TokenExchangeHandlerFactory, UserFactory
from .failed_subtests import subtests
from .ready_keys import issuers_reuse_keys
from .reruns import Reruns
from .rollback import rolled_back
from .sql_guard import every_query_names_the_org
from .template_database import django_db_setup

__all__ = [
    "django_db_setup",
    "every_log_can_be_read",
    "every_query_names_the_org",
    "issuers_reuse_keys",
    "subtests",
]

# The time of an example depends more on the machine than on the code.
hypothesis_settings.register_profile("tokenx", deadline=None)
hypothesis_settings.load_profile("tokenx")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Reruns())
    # By default, looking for garbage takes a seventh of the time.
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_finish() -> None:
    """Never search modules and tests for garbage: they stay until the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start slow tests first, so that no process ends with one while others have nothing.

    On PostgreSQL, run only the tests that use a database; the others are the same.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if connection.vendor == "sqlite":
        return
    skip = pytest.mark.skip(reason="This test covers SQLite only.")
    for item in items:
        if item.get_closest_marker("sqlite"):
            item.add_marker(skip)
    config.hook.pytest_deselected(items=[i for i in items if not _uses_database(i)])
    items[:] = filter(_uses_database, items)


def _uses_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "module_db", "live_server"}
    return bool(item.get_closest_marker("django_db")) or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Let a module's fixtures add rows that all of its tests read."""
    with django_db_blocker.unblock(), rolled_back():
        yield


@pytest.fixture
def org(db: None) -> Org:
    return OrgFactory()


@pytest.fixture
def admin(org: Org) -> User:
    """Create a system administrator of the org."""
    return UserFactory(
        org=org,
        first_name="Ada",
        last_name="Admin",
        username="admin@mycompany.example",
        profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
    )


@pytest.fixture
def viewer(org: Org) -> User:
    """Create a user with view-only access to Setup."""
    return UserFactory(org=org, profile=BuiltInProfile.SETUP_VIEWER)


@pytest.fixture
def handler(admin: User):
    return TokenExchangeHandlerFactory(
        org=admin.org,
        label="My Handler",
        developer_name="My_Handler",
        modified_by=admin,
    )


@pytest.fixture
def in_background(settings):
    """Run deployments in the background, and wait for them at the end of the test."""
    settings.DEPLOY_INLINE = False
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("deployments-"):
            thread.join(timeout=60)


def signed_in(user: User, **headers: str) -> Client:
    """Return the browser of a user who has signed in.

    Client.force_login() takes 15 statements, and longer than most requests.
    """
    client, session = Client(headers=headers), SessionStore()
    values = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    key = secrets.token_hex(16)
    Session(
        session_key=key,
        session_data=session.encode(values),
        expire_date=session.get_expiry_date(),
    ).save(force_insert=True)
    update_last_login(None, user)
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


@pytest.fixture
def admin_client(admin: User) -> Client:
    """Return the administrator's browser, which requests whole pages."""
    return signed_in(admin)


@pytest.fixture
def htmx_client(admin: User) -> Client:
    """Return the administrator's browser, which sends htmx requests."""
    return signed_in(admin, **{"HX-Request": "true"})


@pytest.fixture
def clients(admin_client: Client, htmx_client: Client) -> dict[str, Client]:
    """Return the administrator's browser, without and with JavaScript."""
    return {"admin_client": admin_client, "htmx_client": htmx_client}


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    return signed_in(viewer)
