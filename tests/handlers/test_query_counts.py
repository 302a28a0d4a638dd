"""Query counts: every response takes few queries at any size of the org."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.conftest import signed_in
from tests.factories import ClientAppFactory, TokenExchangeHandlerFactory
from tests.many import add_grams, enable, make_apps, make_users
from tests.read import more, options, rows
from tokenx.org.models import BuiltInProfile

PAGE, FRAGMENT, LOOKUP, LOOKUP_WITH_REASONS = 5, 4, 4, 5


@pytest.fixture(scope="module")
def handlers(module_db):
    """Create handlers with 10, 100, and 1,000 enabled apps, each in its own org."""
    handlers = []
    for number in [10, 100, 1_000]:
        handler = TokenExchangeHandlerFactory(
            modified_by__profile=BuiltInProfile.SYSTEM_ADMINISTRATOR
        )
        apps = make_apps(handler.org, number)
        users = make_users(handler.org, [f"Ann {index}" for index in range(20)])
        enable(handler, apps, users)
        handlers.append(handler)
    return handlers


@pytest.fixture
def assert_few(django_assert_max_num_queries):
    """Count queries with empty caches, as for the first user."""

    def assert_few(number, client, *args):
        cache.clear()
        with django_assert_max_num_queries(number, info=args):
            return client.get(*args)

    return assert_few


def browsers(handler):
    """Return the browser of the handler's administrator, without and with JavaScript."""
    admin = handler.modified_by
    return signed_in(admin), signed_in(admin, **{"HX-Request": "true"})


def url_of(handler, name="detail", *args):
    return reverse(f"handlers:{name}", args=[handler.developer_name, *args])


def test_a_handlers_page_and_its_list_of_enabled_apps(handlers, assert_few, subtests):
    for handler in handlers:
        page, fragment = browsers(handler)
        for query in ["", "?kind=connected", "?sort=-run_as", "?shown=1"]:
            url = url_of(handler) + query
            with subtests.test(number=handler.app_count, query=query):
                assert rows(assert_few(PAGE, page, url))
                if "shown" not in query:
                    assert rows(assert_few(FRAGMENT, fragment, url))


def test_more_enabled_apps(handlers, assert_few, subtests):
    for handler in handlers:
        with subtests.test(number=handler.app_count):
            _, fragment = browsers(handler)
            url = url_of(handler)
            address = more(fragment.get(url)) or f"{url}?after=name~a~1"
            assert rows(assert_few(FRAGMENT, fragment, address))


def test_both_steps_of_the_wizard(handlers, assert_few, subtests):
    for handler in handlers:
        with subtests.test(number=handler.app_count):
            page, fragment = browsers(handler)
            url = url_of(handler, "enable-app")
            assert_few(FRAGMENT, fragment, url)
            assert_few(FRAGMENT, fragment, f"{url}?kind=connected")
            assert_few(PAGE, page, f"{url}?kind=connected")


def test_the_list_of_handlers(admin_client, org, assert_few, subtests):
    for start, end in [(0, 10), (10, 100)]:
        for number in range(start, end):
            TokenExchangeHandlerFactory(org=org, label=f"Alpha {number}")
        for query in ["", "?search=a&status=enabled&sort=modified_by"]:
            with subtests.test(number=end, query=query):
                assert rows(assert_few(PAGE, admin_client, f"/handlers/{query}"))


@pytest.mark.parametrize("number", [10, 300, pytest.param(2_500, marks=pytest.mark.slow)])
def test_the_user_lookup(htmx_client, admin, number, assert_few, subtests):
    make_users(admin.org, [f"Ann{n % 7} Marion{n}" for n in range(number)])

    for has_grams in [False, True]:
        if has_grams:
            add_grams(admin.org)
        for text in ["", "a", "ann1", "*i", "*ion", "*marion", "zzzz", "*zzzz"]:
            with subtests.test(has_grams=has_grams, text=text):
                response = assert_few(LOOKUP, htmx_client, "/lookup/users/", {"q": text})
                assert bool(options(response)) is ("z" not in text)


def test_the_app_lookup(handlers, assert_few, subtests):
    for handler in handlers:
        _, fragment = browsers(handler)
        url = url_of(handler, "app-lookup", "connected")
        for number in range(3):
            ClientAppFactory(org=handler.org, label=f"Free connected {number}")
        for has_grams in [False, True]:
            with subtests.test(number=handler.app_count, has_grams=has_grams):
                if has_grams:
                    add_grams(handler.org)
                for text in ["", "f", "fre", "free", "connected"]:
                    response = assert_few(LOOKUP, fragment, url, {"q": text})
                    assert len(options(response)) == 3
                for text in ["app", "app 0", "zzzz"]:
                    response = assert_few(LOOKUP_WITH_REASONS, fragment, url, {"q": text})
                    assert not options(response)
