"""The browser's time zone on pages, in swapped rows, and without JavaScript."""

from playwright.sync_api import Page, expect

from tokenx.web.local_formats import COOKIE

from .conftest import TIME_ZONE
from .steps import HANDLER


def times(page: Page) -> list[str]:
    return sorted(page.locator("time").all_inner_texts())


def test_times_follow_a_browser_to_another_time_zone(admin_page, plain_page, base_url):
    """The first page gets the times of the new zone without a reload."""
    old = {"name": COOKIE, "value": "Asia/Tokyo", "url": base_url}
    admin_page.context.add_cookies([old])
    visits = []
    admin_page.on("framenavigated", lambda frame: visits.append(frame.url))

    admin_page.goto(HANDLER)

    local = admin_page.get_by_title("1/12/2026, 9:00:00 AM (GMT+00:00) UTC")
    expect(local.first).to_have_text("1/12/2026, 9:00 AM")
    shown = times(admin_page)
    assert len(visits) == 1
    [cookie] = [each for each in admin_page.context.cookies() if each["name"] == COOKIE]
    assert (cookie["value"], cookie["sameSite"]) == (TIME_ZONE, "Lax")

    admin_page.get_by_role("link", name="Sort by: Name").click()
    expect(admin_page.locator("[aria-sort=descending]")).to_be_visible()
    assert times(admin_page) == shown
    plain_page.goto(HANDLER)
    assert times(plain_page) == shown
