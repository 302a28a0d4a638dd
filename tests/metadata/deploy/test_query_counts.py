"""Query counts of deployments, which don't grow with a handler's number of apps."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.many import make_apps

from .deploying import deploy, enabled, handler, ready_for_handlers


def ready_apps(org, number):
    ready_for_handlers(org)
    return [app.api_name for app in make_apps(org, number)]


def query_count(admin, *handlers):
    with CaptureQueriesContext(connection) as queries:
        deploy(admin, list(handlers))
    return len(queries)


def test_takes_the_same_queries_for_a_thousand_apps_as_for_ten(admin):
    apps = ready_apps(admin.org, 1_000)
    few = [enabled(app, is_default=True) for app in apps[:10]]
    many = [enabled(app, is_default=True) for app in apps[10:]]

    created = (
        query_count(admin, handler("Few", *few)),
        query_count(admin, handler("Many", *many)),
    )
    again = (
        query_count(admin, handler("Few", *few)),
        query_count(admin, handler("Many", *many)),
    )
    removed = query_count(admin, handler("Few")), query_count(admin, handler("Many"))

    assert created[0] == created[1] < 100
    assert again[0] == again[1] < created[0]
    assert removed[0] == removed[1] < 100


def test_takes_the_same_queries_for_each_of_many_handlers(admin):
    apps = ready_apps(admin.org, 5)
    numbers = [
        query_count(admin, *(handler(f"{prefix}{n}", *apps) for n in range(size)))
        for prefix, size in (("A", 1), ("B", 11), ("C", 21))
    ]

    assert numbers[2] - numbers[1] == numbers[1] - numbers[0] <= 250
