"""How SQLite answers: from an index, in its order, and never by walking a big table."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import OrgFactory, TokenExchangeHandlerFactory
from tests.handlers.many import add_grams, enable, make_apps, make_users
from tests.handlers.read import more, options, rows

pytestmark = pytest.mark.sqlite

BIG = ["org_user", "org_clientapp", "handlers_enablement", "org_usergram", "org_appgram"]
# As SQLite says it: SCAN org_user; SCAN U0; a name of a table may be an alias's.
SCAN = re.compile(rf"^SCAN (TABLE )?({'|'.join(BIG)}|[A-Z]\d)\b")

# Sorting the last part alone is sorting those whose keys are equal, as they come.
SORT = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture(autouse=True)
def skewed(admin, handler):
    """An org whose one handler has nearly all apps, and statistics that say so."""
    cache.clear()
    names = [f"Marion{place % 40} Anderson{place % 50}" for place in range(700)]
    users = make_users(admin.org, names)
    make_users(OrgFactory(), names[:300])
    apps = make_apps(admin.org, 900)
    enable(handler, apps[:600], users[:20])
    for place in range(20):
        small = TokenExchangeHandlerFactory(org=admin.org, modified_by=admin)
        enable(small, apps[place : place + 1], users[:1])
    add_grams(admin.org)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plans(ask):
    """What SQLite does for each query, as `EXPLAIN QUERY PLAN` says it."""
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    found = {}
    for query in captured:
        if query["sql"].startswith(("SELECT", "WITH")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                found[query["sql"]] = [step[-1] for step in cursor.fetchall()]
    return response, found


def assert_good(found, *, sorts_none=True):
    assert any(f'"{table}"' in sql for sql in found for table in BIG)
    for sql, steps in found.items():
        assert not [step for step in steps if SCAN.match(step)], (sql, steps)
        if sorts_none and any(f'FROM "{table}"' in sql for table in BIG):
            assert not [step for step in steps if step.startswith(SORT)], (sql, steps)


@pytest.fixture
def url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def test_a_handlers_page_reads_an_index(admin_client, htmx_client, url):
    for query in ["", "?kind=connected", "?shown=7", "?sort=-run_as"]:
        for client in [admin_client, htmx_client]:
            response, found = plans(
                lambda client=client, query=query: client.get(url + query)
            )
            assert rows(response)
            assert_good(found)


def test_more_enabled_apps_are_a_range_of_the_index(htmx_client, url):
    for query in ["", "?kind=connected"]:
        address = more(htmx_client.get(url + query))
        response, found = plans(lambda address=address: htmx_client.get(address))
        assert len(rows(response)) == 50
        assert_good(found)
        ranges = [step for steps in found.values() for step in steps if "app_key>" in step]
        assert ranges


def test_the_look_up_of_users_reads_an_index(htmx_client):
    for typed in [
        "",
        "m",
        "marion1",
        "and",
        "marion1 and",
        "*i",
        "*ion",
        "*marion1",
        "*zz",
    ]:
        response, found = plans(
            lambda typed=typed: htmx_client.get("/lookup/users/", {"q": typed})
        )
        assert bool(options(response)) is (typed != "*zz")
        assert_good(found)


def test_the_look_up_of_apps_reads_an_index(htmx_client, handler):
    url = reverse("handlers:app-lookup", args=[handler.developer_name, "connected"])
    for typed in ["", "a", "app", "app 08", "p_08"]:
        response, found = plans(lambda typed=typed: htmx_client.get(url, {"q": typed}))
        assert options(response)
        assert_good(found)


def test_why_an_app_is_not_listed_scans_nothing(htmx_client, handler):
    url = reverse("handlers:app-lookup", args=[handler.developer_name, "connected"])
    for typed in ["app 0001", "zz", "zzzz"]:
        response, found = plans(lambda typed=typed: htmx_client.get(url, {"q": typed}))
        assert not options(response)
        assert_good(found, sorts_none=False)


def test_search_setup_scans_no_big_table(admin_client):
    for typed in ["app", "app 0001", "zz"]:
        _, found = plans(lambda typed=typed: admin_client.get("/search/", {"q": typed}))
        assert_good(found, sorts_none=False)
