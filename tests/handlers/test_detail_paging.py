"""Fifty enabled apps at a time: to the end, none lost, none doubled."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import EnablementFactory, IntegrationUserFactory
from tests.handlers.many import enable, make_apps, make_users
from tests.handlers.read import links, more, names, read, rows
from tokenx.handlers.models import Enablement
from tokenx.org.models import ClientApp

CONNECTED, EXTERNAL = ClientApp.Kind


@pytest.fixture
def url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def walk(client, url, between=lambda: None):
    """The names on each page, following Show more to the end."""
    pages = []
    link = url
    while link:
        response = client.get(urljoin(url, link))
        assert response.status_code == 200
        pages.append(names(response))
        link = more(response)
        assert len(pages) < 20, "it goes round in a circle"
        between()
    return pages


def flat(pages):
    return [name for page in pages for name in page]


@pytest.mark.parametrize("number", [1, 49, 50, 51, 100, 101, 170])
@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_walks_to_the_end(request, url, handler, number, client_name):
    enable(handler, make_apps(handler.org, number))

    pages = walk(request.getfixturevalue(client_name), url)

    assert [len(page) for page in pages[:-1]] == [50] * ((number - 1) // 50)
    assert flat(pages) == [f"App {place:04}" for place in range(number)]


def test_walks_one_type_to_the_end(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 60, "One {:04}", kind=EXTERNAL))
    enable(handler, make_apps(handler.org, 110, "Two {:04}"))

    pages = walk(htmx_client, f"{url}?kind=external")

    assert flat(pages) == [f"One {place:04}" for place in range(60)]


def test_the_count_is_of_all(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 1_050))

    assertContains(htmx_client.get(url), "Enabled Apps (1,050)")


def test_the_further_rows_are_rows_alone(htmx_client, admin_client, url, handler):
    enable(handler, make_apps(handler.org, 60))
    address = more(htmx_client.get(url))

    rest = htmx_client.get(address)

    assert {child.tag for child in read(rest).children if not isinstance(child, str)} == {
        "tbody"
    }
    assert rows(rest) == rows(admin_client.get(address))


def test_without_javascript_a_further_page_leads_back(admin_client, url, handler):
    enable(handler, make_apps(handler.org, 60))
    address = more(admin_client.get(f"{url}?kind=connected"))

    response = admin_client.get(address)

    assertContains(response, "Enabled Apps (60)")
    back = links(response)["Back to the first apps"]
    assert names(admin_client.get(back))[0] == "App 0000"
    assert "kind=connected" in back


SORTS = ["name", "-name", "run_as", "-run_as", "enabled", "-enabled"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("kind", ["", "connected"])
def test_walks_every_order_with_duplicates(htmx_client, url, handler, sort, kind):
    users = make_users(handler.org, ["Ann A", "Bob B", "ann a", "Ánn A"])
    enable(handler, make_apps(handler.org, 95), users)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for place, row in enumerate(Enablement.objects.all()):
        Enablement.objects.filter(pk=row.pk).update(
            enabled_at=day + timedelta(seconds=place % 3, microseconds=place % 2)
        )

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


@pytest.mark.parametrize("sort", ["name", "-name"])
def test_walks_apps_that_sort_alike(htmx_client, url, handler, sort):
    """A connected and an external client app may have the same names."""
    for kind in [CONNECTED, EXTERNAL]:
        enable(handler, make_apps(handler.org, 49, "Same {:04}", kind=kind))

    found = flat(walk(htmx_client, f"{url}?sort={sort}"))

    assert sorted(found) == sorted(2 * [f"Same {place:04}" for place in range(49)])
    assert found == sorted(found, reverse=sort == "-name")


def test_walks_apps_whose_keys_are_cut_to_the_same(htmx_client, url, handler):
    """A letter may become many: the keys of these are alike in all that is kept."""
    enable(handler, make_apps(handler.org, 120, "ﷺ" * 70 + " {:04}"))

    found = flat(walk(htmx_client, url))

    assert len(found) == len(set(found)) == 120


def test_walks_past_rows_that_are_removed_between(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 160))
    gone = []

    def remove():
        first = Enablement.objects.of(handler).by_app().first()
        gone.append(first.app.label)
        address = reverse("handlers:remove-app", args=["My_Handler", first.pk])
        htmx_client.post(address)

    pages = walk(htmx_client, url, between=remove)

    assert flat(pages) == [f"App {place:04}" for place in range(160)]
    assert len(gone) == 4


@pytest.mark.parametrize("sort", ["name", "-name", "run_as"])
def test_goes_on_where_the_last_row_was_removed(htmx_client, url, handler, sort):
    enable(handler, make_apps(handler.org, 90))
    first = htmx_client.get(f"{url}?sort={sort}")
    label = names(first)[-1]
    last = Enablement.objects.get(app__label=label)
    htmx_client.post(reverse("handlers:remove-app", args=["My_Handler", last.pk]))

    rest = walk(htmx_client, more(first))

    everything = {f"App {place:04}" for place in range(90)}
    assert sorted(names(first) + flat(rest)) == sorted(everything)


def grow(htmx_client, handler):
    EnablementFactory(handler=handler, app__label="One more")


def shrink(htmx_client, handler):
    first = Enablement.objects.of(handler).by_app().first()
    htmx_client.post(reverse("handlers:remove-app", args=["My_Handler", first.pk]))


@pytest.mark.parametrize("sort", ["-name", "run_as", "-enabled"])
@pytest.mark.parametrize(("number", "change"), [(100, grow), (101, shrink)])
def test_a_list_that_begins_or_ceases_to_sort_starts_anew(
    admin_client, htmx_client, url, handler, sort, number, change
):
    """Its next rows would be those of another order, with some lost or doubled."""
    enable(handler, make_apps(handler.org, number))
    address = urljoin(url, more(htmx_client.get(f"{url}?sort={sort}")))
    change(htmx_client, handler)

    rest = htmx_client.get(address)

    assertContains(rest, "The list changed meanwhile, and starts anew.", status_code=409)
    assert "enablements-changed" in rest["HX-Trigger"]
    assertRedirects(admin_client.get(address), url)


@pytest.mark.parametrize("number", [99, 102])
def test_a_list_that_changes_otherwise_goes_on(htmx_client, url, handler, number):
    enable(handler, make_apps(handler.org, number))
    first = htmx_client.get(url)
    grow(htmx_client, handler)

    rest = walk(htmx_client, urljoin(url, more(first)))

    seen = set(names(first) + flat(rest))
    assert seen == {f"App {place:04}" for place in range(number)} | {"One more"}


def test_what_is_on_top_does_not_come_again(htmx_client, url, handler):
    """Two rows of one app have one id, and its menu opens in the wrong place."""
    enablements = enable(handler, make_apps(handler.org, 60))

    first = htmx_client.get(f"{url}?shown={enablements[55].pk}")
    rest = htmx_client.get(more(first))

    ids = [row.attributes["id"] for part in (first, rest) for row in read(part).all("tr")
           if row.attributes.get("id")]  # fmt: skip
    assert sorted(ids) == sorted(f"enabled-app-{e.pk}" for e in enablements)


@pytest.mark.parametrize(
    "cursor",
    ["", "app", "~", "app~", "app~x", "app~-1", "app~1.0", "{sort}~a\0b~1", "~" + "9" * 30],
)
@pytest.mark.parametrize("sort", ["name", "-enabled"])
def test_a_place_that_the_list_never_gave_out_is_none(
    htmx_client, url, handler, cursor, sort
):
    enable(handler, make_apps(handler.org, 2))

    after = cursor.replace("{sort}", sort)
    response = htmx_client.get(url, {"after": after, "sort": sort})

    assertContains(response, "The list has no such place.", status_code=404)


@pytest.mark.parametrize("cursor", ["x" * 10_000, "🙂", "'", "~", "\t", ""])
def test_any_other_place_answers_what_follows(htmx_client, url, handler, cursor):
    enable(handler, make_apps(handler.org, 2))

    response = htmx_client.get(url, {"after": f"name~{cursor}~1"})

    follows = cursor < "app"
    assert names(response) == (["App 0000", "App 0001"] if follows else [])


def test_the_rest_of_a_handler_that_was_emptied_is_empty(htmx_client, url, handler):
    enable(handler, make_apps(handler.org, 60))
    address = more(htmx_client.get(url))
    Enablement.objects.all().delete()
    handler.count_apps()

    assert names(htmx_client.get(address)) == []


def test_another_handlers_apps_are_not_among_them(htmx_client, url, handler):
    apps = make_apps(handler.org, 60)
    enable(handler, apps[::2])
    other = EnablementFactory(
        handler__org=handler.org,
        app=apps[1],
        run_as=IntegrationUserFactory(org=handler.org),
    ).handler
    enable(other, apps[3::2])

    assert flat(walk(htmx_client, url)) == [f"App {place:04}" for place in range(0, 60, 2)]
