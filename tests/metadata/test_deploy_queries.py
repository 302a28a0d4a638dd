"""How much a deployment asks of the database does not depend on how much a file says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ClientAppFactory
from tests.metadata.deploying import deploy, enabled, handler, ready_for_handlers
from tokenx.handlers import enablement_sets as sets
from tokenx.handlers.enablement_sets import run


@pytest.fixture
def apps(org):
    ready_for_handlers(org)
    apps = ClientAppFactory.create_batch(1_000, org=org)
    return [app.api_name for app in apps]


def asked(admin, *handlers):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        deploy(admin, list(handlers))
    return len(queries)


def test_asks_no_more_for_a_thousand_apps_than_for_ten(admin, apps):
    few = [enabled(app, is_default=True) for app in apps[:10]]
    many = [enabled(app, is_default=True) for app in apps[10:]]

    created = asked(admin, handler("Few", *few)), asked(admin, handler("Many", *many))
    again = asked(admin, handler("Few", *few)), asked(admin, handler("Many", *many))
    removed = asked(admin, handler("Few")), asked(admin, handler("Many"))

    assert created[0] == created[1] < 100
    assert again[0] == again[1] < created[0]
    assert removed[0] == removed[1] < 100


def test_asks_as_much_for_each_of_many_handlers(admin, apps):
    numbers = [
        asked(admin, *(handler(f"{prefix}{n}", *apps[:5]) for n in range(size)))
        for prefix, size in (("A", 1), ("B", 11), ("C", 21))
    ]

    assert numbers[2] - numbers[1] == numbers[1] - numbers[0] <= 250


@pytest.mark.sqlite
def test_finds_apps_and_users_by_their_indexes(admin, apps):
    run("ANALYZE")
    with sets.wanted_rows(admin.org_id, {}), connection.cursor() as cursor:
        query = sets._FOUND.partition(" AS\n")[2]
        cursor.execute(f"EXPLAIN QUERY PLAN {query}", {"org": admin.org_id})
        plan = [row[3] for row in cursor.fetchall()]

    assert [step for step in plan if step.startswith("SCAN")] == ["SCAN w"]
    assert any("app_api_name_per_kind" in step and "<expr>=?" in step for step in plan)
