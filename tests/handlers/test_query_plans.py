"""SQLite's query plans: index order, and no scans of large tables."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import OrgFactory, TokenExchangeHandlerFactory
from tests.many import add_grams, enable, make_apps, make_users
from tests.read import more, options, rows
from tokenx.org.models import BuiltInProfile

pytestmark = pytest.mark.sqlite

BIG = ["org_user", "org_clientapp", "handlers_enablement", "org_usergram", "org_appgram"]
# SQLite writes, for example, SCAN org_user or SCAN U0. The name can be an alias.
SCAN = re.compile(rf"^SCAN (TABLE )?({'|'.join(BIG)}|[A-Z]\d)\b")

# Sorting by only the last part is fine: it sorts rows with equal keys.
SORT = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture(scope="module")
def big_handler(module_db):
    """Enable nearly all apps of an org, and update the statistics that plans use."""
    handler = TokenExchangeHandlerFactory(
        modified_by__profile=BuiltInProfile.SYSTEM_ADMINISTRATOR
    )
    org = handler.org
    names = [f"Marion{number % 40} Anderson{number % 50}" for number in range(700)]
    users = make_users(org, names)
    make_users(OrgFactory(), names[:300])
    apps = make_apps(org, 900)
    enable(handler, apps[:600], users[:20])
    for app in apps[:20]:
        small = TokenExchangeHandlerFactory(org=org, modified_by=handler.modified_by)
        enable(small, [app], users[:1])
    add_grams(org)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return handler


@pytest.fixture
def handler(db, big_handler):
    cache.clear()
    return big_handler


@pytest.fixture
def admin(handler):
    return handler.modified_by


@pytest.fixture
def url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def plans(client, *args):
    """Return the response, and SQLite's plan for each query by its SQL."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(*args)
    steps = {}
    for query in captured:
        if query["sql"].startswith(("SELECT", "WITH")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                steps[query["sql"]] = [step[-1] for step in cursor.fetchall()]
    return response, steps


def assert_good(plans, *, sorts_none=True):
    assert any(f'"{table}"' in sql for sql in plans for table in BIG)
    for sql, steps in plans.items():
        assert not [step for step in steps if SCAN.match(step)], (sql, steps)
        if sorts_none and any(f'FROM "{table}"' in sql for table in BIG):
            assert not [step for step in steps if step.startswith(SORT)], (sql, steps)


def test_a_handlers_page_reads_an_index(clients, url):
    for query in ["", "?kind=connected", "?shown=7", "?sort=-run_as"]:
        for client in clients.values():
            response, steps = plans(client, url + query)
            assert rows(response)
            assert_good(steps)


def test_more_enabled_apps_are_a_range_of_the_index(htmx_client, url):
    for query in ["", "?kind=connected"]:
        response, steps = plans(htmx_client, more(htmx_client.get(url + query)))
        assert len(rows(response)) == 50
        assert_good(steps)
        assert [step for plan in steps.values() for step in plan if "app_key>" in step]


def test_the_user_lookup_reads_an_index(htmx_client):
    texts = ["", "m", "marion1", "and", "marion1 and", "*i", "*ion", "*marion1", "*zz"]
    for text in texts:
        response, steps = plans(htmx_client, "/lookup/users/", {"q": text})
        assert bool(options(response)) is (text != "*zz")
        assert_good(steps)


def test_the_app_lookup_reads_an_index(htmx_client, handler):
    url = reverse("handlers:app-lookup", args=[handler.developer_name, "connected"])
    for text in ["", "a", "app", "app 08", "p_08"]:
        response, steps = plans(htmx_client, url, {"q": text})
        assert options(response)
        assert_good(steps)


def test_explaining_why_an_app_is_not_listed_scans_nothing(htmx_client, handler):
    url = reverse("handlers:app-lookup", args=[handler.developer_name, "connected"])
    for text in ["app 0001", "zz", "zzzz"]:
        response, steps = plans(htmx_client, url, {"q": text})
        assert not options(response)
        assert_good(steps, sorts_none=False)


def test_search_setup_scans_no_big_table(admin_client):
    for text in ["app", "app 0001", "zz"]:
        _, steps = plans(admin_client, "/search/", {"q": text})
        assert_good(steps, sorts_none=False)
