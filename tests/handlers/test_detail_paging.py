"""Enabled apps in pages of fifty: every app appears once."""

from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import EnablementFactory, IntegrationUserFactory
from tests.many import enable, make_apps, make_users
from tests.read import links, more, names, read, rows
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement
from tokenx.org.models import ClientApp

from .conftest import assert_counters_equal_the_rows

CONNECTED, EXTERNAL = ClientApp.Kind


@pytest.fixture
def url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def walk(client, url, between=lambda: None):
    """Follow Show more to the end, and return the names on each page."""
    pages = []
    link = url
    while link:
        response = client.get(urljoin(url, link))
        assert response.status_code == 200
        pages.append(names(response))
        link = more(response)
        assert len(pages) < 20, "Show more leads in a circle"
        between()
    return pages


def flat(pages):
    return [name for page in pages for name in page]


def test_walks_to_the_end(url, handler, clients, subtests):
    apps = make_apps(handler.org, 170)

    for number in [1, 49, 50, 51, 100, 101, 170]:
        with subtests.test(number=number), rolled_back():
            enable(handler, apps[:number])

            for client in clients.values():
                pages = walk(client, url)
                assert [len(page) for page in pages[:-1]] == [50] * ((number - 1) // 50)
                assert flat(pages) == [f"App {index:04}" for index in range(number)]


def test_walks_one_type_to_the_end(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 60, "One {:04}", kind=EXTERNAL))
    enable(handler, make_apps(handler.org, 110, "Two {:04}"))

    pages = walk(htmx_client, f"{url}?kind=external")

    assert flat(pages) == [f"One {index:04}" for index in range(60)]


def test_counts_all_apps_and_not_only_the_page(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 1_050))

    assertContains(htmx_client.get(url), "Enabled Apps (1,050)")


def test_further_rows_come_without_the_rest_of_the_page(
    htmx_client, admin_client, url, handler
):
    enable(handler, make_apps(handler.org, 60))
    address = more(htmx_client.get(url))

    rest = htmx_client.get(address)

    assert {child.tag for child in read(rest).children if not isinstance(child, str)} == {
        "tbody"
    }
    assert rows(rest) == rows(admin_client.get(address))


def test_without_javascript_a_later_page_links_to_the_top(admin_client, url, handler):
    enable(handler, make_apps(handler.org, 60))
    address = more(admin_client.get(f"{url}?kind=connected"))

    response = admin_client.get(address)

    assertContains(response, "Enabled Apps (60)")
    back = links(response)["Back to the top of the list"]
    assert names(admin_client.get(back))[0] == "App 0000"
    assert "kind=connected" in back


SORTS = ["name", "-name", "run_as", "-run_as", "enabled", "-enabled"]


def test_walks_every_order_with_duplicates(htmx_client, url, handler, subtests):
    users = make_users(handler.org, ["Ann A", "Bob B", "ann a", "Ánn A"])
    enable(handler, make_apps(handler.org, 95), users)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for index, row in enumerate(Enablement.objects.all()):
        Enablement.objects.filter(pk=row.pk).update(
            enabled_at=day + timedelta(seconds=index % 3, microseconds=index % 2)
        )

    for kind, sort in product(["", "connected"], SORTS):
        with subtests.test(kind=kind, sort=sort):
            pages = walk(htmx_client, f"{url}?sort={sort}&kind={kind}")

            assert [len(page) for page in pages] == [50, 45]
            key = {
                "name": lambda e: e.app_key,
                "run_as": lambda e: e.run_as.name_key,
                "enabled": lambda e: e.enabled_at,
            }[sort.removeprefix("-")]
            expected = sorted(
                Enablement.objects.select_related("app", "run_as"),
                key=lambda e: (key(e), e.pk),
                reverse=sort.startswith("-"),
            )
            assert flat(pages) == [enablement.app.label for enablement in expected]


def test_walks_apps_with_equal_sort_keys(htmx_client, url, handler, subtests):
    """Check apps of different types, which can have the same names."""
    for kind in [CONNECTED, EXTERNAL]:
        enable(handler, make_apps(handler.org, 49, "Same {:04}", kind=kind))

    for sort in ["name", "-name"]:
        with subtests.test(sort=sort):
            labels = flat(walk(htmx_client, f"{url}?sort={sort}"))

            assert sorted(labels) == sorted(2 * [f"Same {index:04}" for index in range(49)])
            assert labels == sorted(labels, reverse=sort == "-name")


def test_walks_apps_with_keys_that_are_equal_when_truncated(htmx_client, url, handler):
    """Check keys that differ only after truncation: folding can lengthen a character."""
    enable(handler, make_apps(handler.org, 120, "ﷺ" * 70 + " {:04}"))

    labels = flat(walk(htmx_client, url))

    assert len(labels) == len(set(labels)) == 120


def test_walks_past_rows_that_are_removed_concurrently(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 160))
    removed = []

    def remove():
        first = Enablement.objects.of(handler).by_app().first()
        removed.append(first.app.label)
        address = reverse("handlers:remove-app", args=["My_Handler", first.pk])
        htmx_client.post(address)

    pages = walk(htmx_client, url, between=remove)

    assert flat(pages) == [f"App {index:04}" for index in range(160)]
    assert len(removed) == 4


def test_continues_if_the_last_row_was_removed(htmx_client, url, handler, subtests):
    enable(handler, make_apps(handler.org, 90))

    for sort in ["name", "-name", "run_as"]:
        with subtests.test(sort=sort), rolled_back():
            first = htmx_client.get(f"{url}?sort={sort}")
            label = names(first)[-1]
            last = Enablement.objects.get(app__label=label)
            htmx_client.post(reverse("handlers:remove-app", args=["My_Handler", last.pk]))

            rest = walk(htmx_client, more(first))

            everything = {f"App {index:04}" for index in range(90)}
            assert sorted(names(first) + flat(rest)) == sorted(everything)
            assert_counters_equal_the_rows()


def grow(htmx_client, handler):
    EnablementFactory(handler=handler, app__label="One more")


def shrink(htmx_client, handler):
    first = Enablement.objects.of(handler).by_app().first()
    htmx_client.post(reverse("handlers:remove-app", args=["My_Handler", first.pk]))


def test_a_list_that_becomes_sortable_or_unsortable_restarts(
    admin_client, htmx_client, url, handler, subtests
):
    """Check both directions: another sort order would skip or repeat rows."""
    apps = make_apps(handler.org, 101)

    changes = [(100, grow), (101, shrink)]
    for (number, change), sort in product(changes, ["-name", "run_as", "-enabled"]):
        with subtests.test(number=number, sort=sort), rolled_back():
            enable(handler, apps[:number])
            address = urljoin(url, more(htmx_client.get(f"{url}?sort={sort}")))
            change(htmx_client, handler)

            rest = htmx_client.get(address)

            message = "The list changed and was reloaded."
            assertContains(rest, message, status_code=409)
            assert "enablements-changed" in rest["HX-Trigger"]
            assertRedirects(admin_client.get(address), url)
            assert_counters_equal_the_rows()


def test_a_list_that_changes_in_other_ways_continues(htmx_client, url, handler, subtests):
    apps = make_apps(handler.org, 102)

    for number in [99, 102]:
        with subtests.test(number=number), rolled_back():
            enable(handler, apps[:number])
            first = htmx_client.get(url)
            grow(htmx_client, handler)

            rest = walk(htmx_client, urljoin(url, more(first)))

            labels = set(names(first) + flat(rest))
            assert labels == {f"App {index:04}" for index in range(number)} | {"One more"}
            assert_counters_equal_the_rows()


def test_a_row_on_top_is_not_repeated(htmx_client, url, handler):
    """Check that IDs are unique. Otherwise, the menu would open at the other row."""
    enablements = enable(handler, make_apps(handler.org, 60))

    first = htmx_client.get(f"{url}?shown={enablements[55].pk}")
    rest = htmx_client.get(more(first))

    ids = [row.attributes["id"] for part in (first, rest) for row in read(part).all("tr")
           if row.attributes.get("id")]  # fmt: skip
    assert sorted(ids) == sorted(f"enabled-app-{e.pk}" for e in enablements)


def test_refuses_an_invalid_cursor(htmx_client, url, handler, subtests):
    enable(handler, make_apps(handler.org, 2))

    broken = ["", "app", "~", "app~", "app~x", "app~-1", "app~1.0", "~" + "9" * 30]
    for sort, cursor in product(["name", "-enabled"], [*broken, "{sort}~a\0b~1"]):
        with subtests.test(sort=sort, cursor=cursor):
            after = cursor.replace("{sort}", sort)
            response = htmx_client.get(url, {"after": after, "sort": sort})

            assertContains(response, "find that part of the list.", status_code=404)


def test_any_valid_cursor_returns_the_rows_after_it(htmx_client, url, handler, subtests):
    enable(handler, make_apps(handler.org, 2))

    for cursor in ["x" * 10_000, "🙂", "'", "~", "\t", ""]:
        with subtests.test(cursor=cursor):
            response = htmx_client.get(url, {"after": f"name~{cursor}~1"})

            follows = cursor < "app"
            assert names(response) == (["App 0000", "App 0001"] if follows else [])


def test_the_rest_is_empty_after_all_apps_were_removed(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 60))
    address = more(htmx_client.get(url))
    Enablement.objects.all().delete()
    handler.count_apps()

    assert names(htmx_client.get(address)) == []


def test_lists_no_apps_of_another_handler(htmx_client, url, handler):
    apps = make_apps(handler.org, 60)
    enable(handler, apps[::2])
    other = EnablementFactory(
        handler__org=handler.org,
        app=apps[1],
        run_as=IntegrationUserFactory(org=handler.org),
    ).handler
    enable(other, apps[3::2])

    assert flat(walk(htmx_client, url)) == [f"App {index:04}" for index in range(0, 60, 2)]
