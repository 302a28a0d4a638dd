"""How many queries an answer takes: the same few, whatever the size of the org."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import ClientAppFactory, TokenExchangeHandlerFactory
from tests.handlers.many import add_grams, enable, make_apps, make_users
from tests.handlers.read import more, options, rows
from tokenx.org.models import User

PAGE, FRAGMENT, LOOKUP, LOOKUP_WITH_REASONS = 5, 4, 4, 5


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What the first to ask waits for."""
    cache.clear()


@pytest.fixture(params=[10, 100, 1_000])
def enabled(request, handler):
    apps = make_apps(handler.org, request.param)
    users = make_users(handler.org, [f"Ann {place}" for place in range(20)])
    enable(handler, apps, users)
    return handler


@pytest.fixture
def url(enabled):
    return reverse("handlers:detail", args=[enabled.developer_name])


@pytest.mark.parametrize("query", ["", "?kind=connected", "?sort=-run_as", "?shown=1"])
def test_a_handlers_page(admin_client, url, query, django_assert_max_num_queries):
    with django_assert_max_num_queries(PAGE):
        assert rows(admin_client.get(url + query))


@pytest.mark.parametrize("query", ["", "?kind=connected", "?sort=-run_as"])
def test_the_list_of_enabled_apps(htmx_client, url, query, django_assert_max_num_queries):
    with django_assert_max_num_queries(FRAGMENT):
        assert rows(htmx_client.get(url + query))


def test_more_enabled_apps(htmx_client, url, enabled, django_assert_max_num_queries):
    first = htmx_client.get(url)
    address = more(first) or f"{url}?after=name~a~1"
    with django_assert_max_num_queries(FRAGMENT):
        assert rows(htmx_client.get(address))


@pytest.mark.parametrize("number", [10, 100])
@pytest.mark.parametrize("query", ["", "?search=a&status=enabled&sort=modified_by"])
def test_the_list_of_handlers(
    admin_client, org, number, query, django_assert_max_num_queries
):
    for place in range(number):
        TokenExchangeHandlerFactory(org=org, label=f"Alpha {place}")
    with django_assert_max_num_queries(PAGE):
        assert rows(admin_client.get(f"/handlers/{query}"))


def test_both_steps_of_the_wizard(
    htmx_client, admin_client, url, enabled, django_assert_max_num_queries
):
    with django_assert_max_num_queries(FRAGMENT):
        htmx_client.get(f"{url}enable-app/")
    with django_assert_max_num_queries(FRAGMENT):
        htmx_client.get(f"{url}enable-app/?kind=connected")
    with django_assert_max_num_queries(PAGE):
        admin_client.get(f"{url}enable-app/?kind=connected")


@pytest.fixture(params=[(10, True), (300, False), (300, True), (2_500, True)], ids=str)
def many_users(request, admin):
    number, with_grams = request.param
    names = [f"Ann{place % 7} Marion{place}" for place in range(number)]
    make_users(admin.org, names)
    if with_grams:
        add_grams(admin.org)
    return User.objects.filter(org=admin.org)


def test_the_look_up_of_users(htmx_client, many_users, django_assert_max_num_queries):
    for typed in ["", "a", "ann1", "*i", "*ion", "*marion", "zzzz", "*zzzz"]:
        with django_assert_max_num_queries(LOOKUP, info=typed):
            response = htmx_client.get("/lookup/users/", {"q": typed})
        assert bool(options(response)) is ("z" not in typed)


@pytest.fixture(params=[False, True], ids=["walking", "grams"])
def lookup(request, htmx_client, enabled):
    """Select App, where all connected apps but three are enabled."""
    for place in range(3):
        ClientAppFactory(org=enabled.org, label=f"Free connected {place}")
    if request.param:
        add_grams(enabled.org)
    address = reverse("handlers:app-lookup", args=[enabled.developer_name, "connected"])
    return lambda typed: htmx_client.get(address, {"q": typed})


def test_the_look_up_of_apps(lookup, django_assert_max_num_queries):
    for typed in ["", "f", "fre", "free", "connected"]:
        with django_assert_max_num_queries(LOOKUP, info=f"for {typed}"):
            response = lookup(typed)
        assert len(options(response)) == 3


def test_the_look_up_of_apps_where_it_says_why(lookup, django_assert_max_num_queries):
    for typed in ["app", "app 0", "zzzz"]:
        with django_assert_max_num_queries(LOOKUP_WITH_REASONS, info=f"for {typed}"):
            response = lookup(typed)
        assert not options(response)
