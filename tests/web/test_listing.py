"""A list's count, order, and end."""

import pytest
from django.urls import reverse

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.read import read
from tokenx.org.models import ClientApp
from tokenx.web.listing import summarize

END = "You've reached the end of the list."


def test_summarizes_a_count_and_an_order():
    for count, total, summary in [
        (7, None, "7 items • Sorted by Name"),
        (1, None, "1 item • Sorted by Name"),
        (1_200, None, "1,200 items • Sorted by Name"),
        (1, 4, "1 of 4 items • Sorted by Name"),
        (0, 4, "0 of 4 items • Sorted by Name"),
        (0, None, ""),
        (0, 0, ""),
    ]:
        assert summarize(count, sorted_by="Name", total=total) == summary


@pytest.fixture
def handler(org, admin):
    """Fill each list with three rows or more, of which one is named Alpha."""
    for name in ["Alpha", "Beta", "Gamma"]:
        UserFactory(org=org, first_name=name, last_name="Tester")
        ApexClassFactory(org=org, name=name)
        for kind in ClientApp.Kind:
            ClientAppFactory(org=org, kind=kind, label=name)
    handler, *_ = (
        TokenExchangeHandlerFactory(
            org=org, label=name, modified_by=admin, apex_class=ApexClassFactory(org=org)
        )
        for name in ["Alpha", "Beta", "Gamma"]
    )
    for app in ClientApp.objects.filter(org=org):
        EnablementFactory(handler=handler, app=app, run_as=admin)
    return handler


def test_all_lists_have_a_count_an_order_and_an_end(admin_client, handler, subtests):
    handler_url = reverse("handlers:detail", args=[handler.developer_name])
    for url, filters, count, total in [
        (reverse("handlers:list"), "search=alpha", 1, 3),
        (reverse("setup:app-list", args=["connected"]), "search=alpha", 1, 3),
        (reverse("setup:app-list", args=["external"]), "search=alpha", 1, 3),
        (reverse("setup:app-manager"), "type=connected", 3, 6),
        (reverse("setup:apex-class-list"), "search=alpha", 1, 6),
        (reverse("setup:user-list"), "search=alpha", 1, 4),
        (handler_url, "kind=external", 3, 6),
    ]:
        with subtests.test(url=url):
            page = admin_client.get(url)
            text = read(page).text
            assert f"{total} items • Sorted by Name" in text
            assert text.count(END) == 1

            filtered = read(admin_client.get(f"{url}?{filters}")).text
            assert f"{count} of {total} items • Sorted by Name" in filtered

            last = read(admin_client.get(f"{url}?sort=-name")).text
            assert f"{total} items • Sorted by Name" in last


def test_a_filter_costs_one_more_query(
    htmx_client, handler, django_assert_max_num_queries, subtests
):
    """Counting the rows without the filter takes one query, also in a long list."""
    for name, args, most in [
        ("handlers:list", [], 5),
        ("setup:app-list", ["connected"], 6),
        ("setup:app-manager", [], 6),
        ("setup:apex-class-list", [], 5),
        ("setup:user-list", [], 6),
        ("setup:profile-list", [], 5),
        ("setup:remote-site-list", [], 5),
        ("setup:permission-set-list", [], 5),
        ("setup:certificate-list", [], 5),
        ("setup:user-field-list", [], 5),
        ("setup:stored-component-list", ["NamedCredential"], 5),
    ]:
        url = reverse(name, args=args)
        with subtests.test(name=name):
            htmx_client.get(url)
            with django_assert_max_num_queries(most - 1):
                htmx_client.get(url)
            with django_assert_max_num_queries(most):
                htmx_client.get(f"{url}?search=alpha")


def test_only_the_last_page_has_an_end(admin_client, org):
    for number in range(51):
        ApexClassFactory(org=org, name=f"Class{number:02}")
    url = reverse("setup:apex-class-list")

    assert END not in read(admin_client.get(url)).text
    assert END in read(admin_client.get(f"{url}?page=2")).text
