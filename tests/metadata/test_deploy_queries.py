"""How much a deployment asks of the database does not depend on how much a file says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ClientAppFactory
from tests.metadata.deploying import deploy, enabled, handler, ready_for_handlers


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
