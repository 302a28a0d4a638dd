"""The two lists: infinite scroll, and sort order and filters in the URL."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tokenx.handlers.views.handler import COLUMNS

from .steps import (
    EMPTY,
    HANDLER,
    STORES,
    app_input,
    choose,
    done,
    enabled_app,
    menu_item,
    open_wizard,
    row_menu,
    run_as_input,
)


def names(page: Page) -> list[str]:
    return page.locator("main tbody th[scope=row] a").all_inner_texts()


def rows(page: Page) -> Locator:
    return page.locator("main tbody th[scope=row] a")


def go(page: Page, steps: int) -> None:
    """Go back or forward. htmx changes the URL first, and loads the page afterward."""
    page.wait_for_load_state()
    page.evaluate(f"history.go({steps})")


def scroll_down_until(page: Page, count: int) -> None:
    for _ in range(40):
        if rows(page).count() >= count:
            return
        page.mouse.wheel(0, 4_000)
        page.wait_for_timeout(50)
    raise AssertionError(f"Only {rows(page).count()} of {count} rows came.")


@pytest.fixture
def stores(admin_page: Page) -> Page:
    admin_page.goto(STORES)
    admin_page.locator("main").hover()
    return admin_page


def test_scrolling_loads_every_row_once(stores: Page):
    assert rows(stores).count() == 50
    expect(stores.get_by_role("heading", name="Enabled Apps (130)")).to_be_visible()
    scroll_down_until(stores, 130)

    expect(stores.get_by_role("link", name="Show more")).to_have_count(0)
    assert names(stores) == [f"Store {number:03}" for number in range(1, 131)]


def test_scrolling_keeps_the_filter(stores: Page):
    stores.get_by_label("App Type").select_option("Connected App")
    expect(enabled_app(stores, "Store 004")).to_have_count(0)
    stores.locator("main").hover()
    scroll_down_until(stores, 98)

    expect(stores.get_by_role("link", name="Show more")).to_have_count(0)
    assert names(stores) == [f"Store {n:03}" for n in range(1, 131) if n % 4]


def test_rows_loaded_later_have_working_menus(stores: Page):
    scroll_down_until(stores, 130)
    row_menu(stores, "Store 130").click()
    menu_item(stores, "Edit").click()

    expect(stores.get_by_role("dialog", name="Edit Store 130")).to_be_visible()


def test_show_more_keeps_the_focus_on_the_list(stores: Page):
    more = stores.get_by_role("link", name="Show more")
    more.press("Enter")
    expect(enabled_app(stores, "Store 051")).to_be_visible()
    expect(stores.locator("#enabled-apps :focus")).to_have_count(1)

    # The link also loads more rows when it becomes visible.
    scroll_down_until(stores, 130)
    expect(more).to_have_count(0)
    expect(stores.locator("#enabled-apps :focus")).to_have_count(1)


def test_above_100_apps_columns_cannot_be_sorted_and_a_notice_says_why(stores: Page):
    expect(
        stores.get_by_text("Sorting isn't available for handlers with more than 100")
    ).to_be_visible()
    for column in ["Name", "Run As User", "Enabled Date"]:
        head = stores.get_by_role("columnheader", name=column, exact=True)
        expect(head).to_be_visible()
    expect(stores.get_by_role("link", name="Sort by")).to_have_count(0)
    expect(stores.locator("#enabled-apps thead :is(a, button)")).to_have_count(0)


def test_a_new_app_far_down_the_list_is_shown(admin_page: Page):
    open_wizard(admin_page, STORES)
    choose(admin_page, app_input(admin_page), "warehouse", "Warehouse Scanner")
    choose(admin_page, run_as_input(admin_page), "*ion", "Integration User")
    done(admin_page).click()

    expect(enabled_app(admin_page, "Warehouse Scanner")).to_be_visible()
    expect(admin_page.get_by_role("heading", name="Enabled Apps (131)")).to_be_visible()
    scroll_down_until(admin_page, 131)
    assert sorted(set(names(admin_page))) == sorted(names(admin_page))


def test_filter_and_sort_order_of_enabled_apps_are_in_the_url(admin_page: Page):
    admin_page.goto(HANDLER)
    admin_page.get_by_label("App Type").select_option("Connected App")
    expect(admin_page).to_have_url(re.compile(r"\?kind=connected"))
    expect(enabled_app(admin_page, "Partner Portal")).to_have_count(0)
    admin_page.get_by_role("link", name="Sort by: Enabled Date").click()
    expect(admin_page).to_have_url(re.compile("sort=enabled"))
    admin_page.get_by_role("link", name="Sort by: Enabled Date").click()
    expect(admin_page).to_have_url(re.compile("sort=-enabled"))
    newest_first = ["Sales Insights", "Warehouse Scanner"]
    expect(rows(admin_page)).to_have_text(newest_first)

    admin_page.reload()
    expect(rows(admin_page)).to_have_text(newest_first)
    expect(admin_page.get_by_label("App Type")).to_have_value("connected")

    go(admin_page, -1)
    expect(rows(admin_page)).to_have_text(newest_first[::-1])
    go(admin_page, -2)
    expect(enabled_app(admin_page, "Partner Portal")).to_be_visible()
    expect(admin_page.get_by_label("App Type")).to_have_value("")
    go(admin_page, +1)
    expect(enabled_app(admin_page, "Partner Portal")).to_have_count(0)
    expect(admin_page.get_by_role("heading", level=1)).to_have_count(1)


def test_of_two_quick_clicks_the_last_one_wins(admin_page: Page):
    admin_page.goto(HANDLER)
    slow: list[Route] = []
    admin_page.route(re.compile("sort=-name"), lambda route: slow.append(route))
    admin_page.get_by_role("link", name="Sort by: Name").click()
    admin_page.get_by_role("link", name="Sort by: Enabled Date").click()
    head = admin_page.get_by_role("columnheader", name="Enabled Date")
    expect(head).to_have_attribute("aria-sort", "ascending")
    for route in slow:
        route.continue_()
    admin_page.wait_for_timeout(500)

    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(admin_page).to_have_url(re.compile("sort=enabled"))


def test_the_list_keeps_its_filter_after_a_change(admin_page: Page):
    admin_page.goto(f"{HANDLER}?kind=connected&sort=-name")
    row_menu(admin_page, "Sales Insights").click()
    menu_item(admin_page, "Remove").click()
    admin_page.get_by_role("button", name="Remove").click()

    expect(rows(admin_page)).to_have_text(["Warehouse Scanner"])
    expect(admin_page.get_by_label("App Type")).to_have_value("connected")


def test_search_status_and_type_of_handlers_are_in_the_url(admin_page: Page):
    admin_page.goto("/handlers/")
    all_names = names(admin_page)
    assert all_names == sorted(all_names)
    admin_page.get_by_label("Search", exact=True).press_sequentially("sa", delay=30)
    expect(rows(admin_page)).to_have_text(["Legacy SAML"])
    expect(admin_page).to_have_url(re.compile("search=sa"))
    admin_page.reload()
    expect(admin_page.get_by_label("Search", exact=True)).to_have_value("sa")
    expect(rows(admin_page)).to_have_text(["Legacy SAML"])

    admin_page.goto("/handlers/")
    admin_page.get_by_label("Status", exact=True).select_option("Disabled")
    expect(rows(admin_page)).to_have_text(["Legacy SAML"])
    admin_page.get_by_label("Status", exact=True).select_option("All")
    expect(rows(admin_page)).to_have_count(len(all_names))
    admin_page.get_by_label("Token Type").select_option("ID Token")
    expect(rows(admin_page)).to_have_text(
        ["Customer Sign-up", "Entra ID", "Okta Workforce"]
    )
    go(admin_page, -2)
    expect(admin_page.get_by_label("Status", exact=True)).to_have_value("disabled")
    expect(rows(admin_page)).to_have_text(["Legacy SAML"])


def test_typing_into_the_search_keeps_the_focus_and_every_character(admin_page: Page):
    admin_page.goto("/handlers/")
    search = admin_page.get_by_label("Search", exact=True)
    search.press_sequentially("customer sign", delay=90)

    expect(rows(admin_page)).to_have_text(["Customer Sign-up"])
    expect(search).to_be_focused()
    expect(search).to_have_value("customer sign")


def test_handlers_sort_by_each_column_in_both_directions(admin_page: Page, subtests):
    for column in COLUMNS.values():
        with subtests.test(column=column):
            admin_page.goto("/handlers/?sort=-modified")
            name = f"Sort by: {column}"
            head = admin_page.get_by_role("columnheader", name=name, exact=True)
            link = head.get_by_role("link")
            if column != "Last Modified":
                link.click()
            else:
                admin_page.goto("/handlers/?sort=modified")
            expect(head).to_have_attribute("aria-sort", "ascending")
            upwards = names(admin_page)
            link.click()
            expect(head).to_have_attribute("aria-sort", "descending")

            assert sorted(upwards) == sorted(names(admin_page))
            if column in {"Name", "API Name", "Last Modified"}:
                assert names(admin_page) == upwards[::-1]


def test_an_empty_list_says_what_to_do(admin_page: Page):
    admin_page.goto("/handlers/?search=nothing")
    expect(admin_page.get_by_text("No matching handlers")).to_be_visible()
    admin_page.get_by_role("link", name="Show all handlers").click()
    expect(rows(admin_page)).to_have_count(7)

    admin_page.goto(EMPTY)
    expect(admin_page.get_by_text("No apps enabled yet")).to_be_visible()


def test_a_viewer_sees_why_changes_are_not_allowed(browse, viewer, watch):
    watch.expects("status of 403")
    page = browse(viewer)
    page.goto(HANDLER)

    expect(page.get_by_role("button", name="Enable New App")).to_be_disabled()
    expect(page.get_by_text("You have view-only access to Setup.").first).to_be_visible()
    expect(page.locator("#enabled-apps summary")).to_have_count(0)
    page.goto(f"{HANDLER}enable-app/")
    expect(page.get_by_text("You have view-only access to Setup.")).to_be_visible()
    expect(page.get_by_role("link", name="Setup Home")).to_be_visible()


def test_the_audit_trail_downloads_as_csv(admin_page: Page):
    admin_page.goto("/audit-trail/")
    with admin_page.expect_download() as download:
        admin_page.get_by_role("link", name="Download").click()

    assert re.fullmatch(r"setup-audit-trail-.*\.csv", download.value.suggested_filename)
