"""The handler list."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import TokenExchangeHandlerFactory, UserFactory
from tests.read import headings, links, names, read, rows

URL = "/handlers/"
DAY = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)


@pytest.fixture
def make(admin):
    """Create a handler in the administrator's org."""

    def make(label, **fields):
        fields = {"modified_by": admin, "modified_at": DAY} | fields
        return TokenExchangeHandlerFactory(org=admin.org, label=label, **fields)

    return make


def test_shows_a_handlers_fields(admin_client, make):
    make("Okta", developer_name="Okta_1", supports_saml2=True, supports_id_token=True)
    make("Zebra", developer_name="Zeb", is_enabled=False, supports_jwt=False)

    response = admin_client.get(URL)

    assert headings(response)[:6] == [
        "Name",
        "API Name",
        "Supported Token Types",
        "Status",
        "Last Modified",
        "Last Modified By",
    ]
    assert [row[:6] for row in rows(response)] == [
        [
            "Okta",
            "Okta_1",
            "ID Token, JWT, SAML 2",
            "Enabled",
            "3/4/2026, 3:05 PM UTC",
            "Ada Admin",
        ],
        ["Zebra", "Zeb", "", "Disabled", "3/4/2026, 3:05 PM UTC", "Ada Admin"],
    ]
    assertContains(response, "2 items • Sorted by Name")


@pytest.fixture
def three(make, admin):
    """Create three handlers whose order differs by column."""
    bea = UserFactory(org=admin.org, first_name="Bea", last_name="Z")
    carl = UserFactory(org=admin.org, first_name="Çarl", last_name="A")
    hour = timedelta(hours=1)
    make("ärger", developer_name="B", is_enabled=False, supports_saml2=True,
         supports_jwt=False, modified_at=DAY + hour, modified_by=carl)  # fmt: skip
    make("Bär", developer_name="C", supports_access_token=True,
         modified_at=DAY - hour, modified_by=bea)  # fmt: skip
    make("ZOO", developer_name="A", modified_at=DAY)


def test_sorts_by_each_column_in_both_directions(admin_client, three, subtests):
    for sort, order in [
        ("", ["ärger", "Bär", "ZOO"]),
        ("name", ["ärger", "Bär", "ZOO"]),
        ("api_name", ["ZOO", "ärger", "Bär"]),
        ("token_types", ["Bär", "ZOO", "ärger"]),
        ("status", ["Bär", "ZOO", "ärger"]),
        ("modified", ["Bär", "ZOO", "ärger"]),
        ("modified_by", ["ZOO", "Bär", "ärger"]),
    ]:
        with subtests.test(sort=sort):
            assert names(admin_client.get(URL, {"sort": sort})) == order
            if sort:
                assert names(admin_client.get(URL, {"sort": f"-{sort}"})) == order[::-1]


def sortable_heads(response):
    return [h for h in read(response).all("th") if "aria-sort" in h.attributes]


def test_a_heading_sorts_by_its_column_and_then_reverses(admin_client, three, subtests):
    heads = sortable_heads(admin_client.get(URL))
    assert len(heads) == 6

    for column, head in enumerate(heads):
        with subtests.test(column=head.text):
            [link] = head.all("a")

            once = admin_client.get(URL + link.attributes["href"])
            head = sortable_heads(once)[column]
            twice = admin_client.get(URL + head.one("a").attributes["href"])

            assert head.attributes["aria-sort"] in {"ascending", "descending"}
            assert names(once) == names(twice)[::-1]


def test_one_heading_shows_the_sort_order(admin_client, three):
    heads = read(admin_client.get(URL, {"sort": "-status"})).all("th")

    sorts = [h.attributes["aria-sort"] for h in heads if "aria-sort" in h.attributes]
    assert sorts == ["none", "none", "none", "descending", "none", "none"]


def test_ignores_an_invalid_sort_order(admin_client, three, subtests):
    for sort in ["password", "--name", "modified_by__password", "\0", "-"]:
        with subtests.test(sort=sort):
            assert names(admin_client.get(URL, {"sort": sort})) == ["ärger", "Bär", "ZOO"]


def test_searches_name_and_api_name(admin_client, make, subtests):
    make("Café", developer_name="Name_1")
    make("Other", developer_name="Name_2")

    for text, labels in [
        ("cafe", ["Café"]),
        ("CAFÉ", ["Café"]),
        ("af", ["Café"]),
        ("name_2", ["Other"]),
        ("  other ", ["Other"]),
        ("", ["Café", "Other"]),
        ("café name", []),
        ("%", []),
        ("a\0b", ["Café", "Other"]),
        ("x" * 10_000, []),
    ]:
        with subtests.test(text=text):
            response = admin_client.get(URL, {"search": text})

            assert names(response) == labels
            if "\0" not in text:
                box = read(response).one("input", id="id_search").attributes["value"]
                assert box.strip() == text.strip()


def test_filters_by_status(admin_client, make):
    make("On")
    make("Off", is_enabled=False)

    assert names(admin_client.get(URL, {"status": "enabled"})) == ["On"]
    assert names(admin_client.get(URL, {"status": "disabled"})) == ["Off"]
    assert names(admin_client.get(URL, {"status": ""})) == ["Off", "On"]
    assert names(admin_client.get(URL, {"status": "asleep"})) == ["Off", "On"]


def test_filters_by_token_type(admin_client, make, subtests):
    token_types = ["access_token", "id_token", "jwt", "refresh_token", "saml2"]
    make("None", supports_jwt=False)
    for token_type in token_types:
        make(token_type, **{"supports_jwt": False, f"supports_{token_type}": True})

    for token_type in token_types:
        with subtests.test(token_type=token_type):
            assert names(admin_client.get(URL, {"token_type": token_type})) == [token_type]


def test_all_filters_apply_together_and_are_in_the_url(admin_client, make):
    make("Okta one")
    make("Okta two", is_enabled=False)
    make("Okta three", supports_jwt=False)
    state = {
        "search": "okta",
        "status": "enabled",
        "token_type": "jwt",
        "sort": "-modified",
    }

    response = admin_client.get(URL, state)

    assert names(response) == ["Okta one"]
    page = read(response)
    assert page.one("input", id="id_search").attributes["value"] == "okta"
    chosen = [o.text for o in page.all("option") if "selected" in o.attributes]
    assert chosen == ["Enabled", "JWT"]
    sort = page.one("input", type="hidden", name="sort").attributes
    assert (sort["value"], sort["form"]) == ("-modified", "filters")
    for head in page.all("a"):
        if head.attributes.get("id", "").startswith("sort-"):
            assert "search=okta&status=enabled&token_type=jwt" in head.attributes["href"]


def test_filtering_and_sorting_update_the_url(admin_client, make):
    make("Okta")

    page = read(admin_client.get(URL))

    assert page.one("form", class_="filters").attributes["hx-push-url"] == "true"
    heads = [a for a in page.all("a") if a.attributes.get("id", "").startswith("sort-")]
    assert len(heads) == 6
    assert {head.attributes["hx-push-url"] for head in heads} == {"true"}


def test_htmx_gets_only_the_list(admin_client, htmx_client, make):
    make("Okta")
    state = {"search": "okt"}

    whole, part = admin_client.get(URL, state), htmx_client.get(URL, state)

    assertContains(whole, "<h1")
    assertNotContains(part, "<h1")
    assert rows(part) == rows(whole)
    assert read(part).children[0].attributes["id"] == "handlers"


def test_going_back_in_history_gets_the_whole_page(htmx_client, make):
    response = htmx_client.get(URL, headers={"HX-History-Restore-Request": "true"})

    assertContains(response, "<h1")


def test_caches_keep_page_and_fragment_apart(admin_client, htmx_client):
    for client in [admin_client, htmx_client]:
        assert "HX-Request" in client.get(URL)["Vary"]


def test_an_administrators_row_menu(admin_client, make):
    url = reverse("handlers:detail", args=[make("Okta").developer_name])

    menu = read(admin_client.get(URL)).one("ul", aria_label="Actions for Okta")

    items = {a.text: a.attributes["href"] for a in menu.all("a")}
    assert items == {"View Details": url, "Enable New App": f"{url}enable-app/"}


def test_a_viewers_row_menu_only_views(viewer_client, make):
    make("Okta")

    menu = read(viewer_client.get(URL)).one("ul", aria_label="Actions for Okta")

    assert [a.text for a in menu.all("a")] == ["View Details"]


def test_an_empty_list_says_what_to_do(admin_client):
    assertContains(admin_client.get(URL), "No token exchange handlers yet")
    assertContains(admin_client.get(URL), "Create a handler, and then enable apps for it.")


def test_an_empty_filtered_list_links_to_all_handlers(admin_client, make):
    make("Okta")

    response = admin_client.get(URL, {"search": "zzz"})

    assertContains(response, "No matching handlers")
    assert links(response)["Show all handlers"] == "?"
    assert names(admin_client.get(URL + "?")) == ["Okta"]


def test_lists_fifty_on_a_page(admin_client, make, admin):
    for index in range(51):
        make(f"Handler {index:02}")

    first = admin_client.get(URL, {"status": "enabled"})
    second = admin_client.get(URL + links(first)["Next"])

    assert names(first) == [f"Handler {index:02}" for index in range(50)]
    assert names(second) == ["Handler 50"]
    assert "status=enabled" in links(second)["Previous"]
    assertContains(second, "Page 2 of 2")
    for wrong in ["0", "99", "x", "\0", "9" * 5_000]:
        assert names(admin_client.get(URL, {"page": wrong})) in (
            names(first),
            names(second),
        )
