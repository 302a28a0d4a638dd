"""Keys that people expect, announcements of counts, sizes of targets, and forced colors."""

from playwright.sync_api import Page, expect

from .steps import (
    HANDLER,
    WIZARD,
    app_input,
    cancel,
    choose_in_menu,
    dialog,
    options,
    step_1,
)


def test_space_presses_what_looks_like_a_button(admin_page: Page):
    admin_page.goto(HANDLER)
    admin_page.get_by_role("link", name="Enable New App").focus()
    admin_page.keyboard.press("Space")
    expect(dialog(admin_page)).to_be_visible()

    cancel(admin_page).focus()
    admin_page.keyboard.press("Space")
    expect(dialog(admin_page)).to_have_count(0)


def test_quick_find_has_shortcuts(admin_page: Page):
    admin_page.goto("/handlers/")
    quick_find = admin_page.locator("#quick-find")
    for key in ["/", "Control+k"]:
        admin_page.locator("h1").click()
        admin_page.keyboard.press(key)
        expect(quick_find).to_be_focused()
        expect(quick_find).to_have_value("")

    search = admin_page.get_by_role("searchbox", name="Search", exact=True)
    search.press("/")
    expect(search).to_have_value("/")


def test_a_dangerous_dialog_starts_at_cancel(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Remove")

    expect(cancel(admin_page)).to_be_focused()


def test_counts_of_filters_and_lookups_are_announced(admin_page: Page):
    announcer = admin_page.locator("#announcer")
    admin_page.goto("/handlers/")
    admin_page.get_by_role("searchbox", name="Search", exact=True).fill("MyToken")
    expect(announcer).to_have_text("1 of 7 items • Sorted by Name")

    admin_page.goto(HANDLER)
    admin_page.get_by_role("link", name="Enable New App").click()
    step_1(admin_page, "Connected App")
    app_input(admin_page).click()
    count = options(admin_page)
    expect(count.first).to_be_visible()
    expect(announcer).to_have_text(f"{count.count()} options")


def test_fills_are_visible_in_forced_colors(admin_page: Page):
    admin_page.emulate_media(forced_colors="active")
    admin_page.goto(WIZARD)
    look = "(element) => getComputedStyle(element).backgroundColor"
    page_color = admin_page.locator("body").evaluate(look)
    for selector in [".slds-icon-waffle > span", ".slds-avatar", ".slds-progress__marker"]:
        color = admin_page.locator(selector).first.evaluate(look)
        assert color not in {page_color, "rgba(0, 0, 0, 0)"}, selector


# Controls that can't be hit 11 px from their center, in any of four directions.
TOO_SMALL = """() => {
  // Quick Find covers what's scrolled under it.
  document.querySelector(".setup__nav").scrollTo(0, 0);
  const controls = "button, summary, select, input:not([type=hidden]), a.slds-button";
  return [...document.querySelectorAll(controls)].filter((control) => {
    // A label is part of its control.
    const label = control.labels?.[0];
    const isHit = (x, y) => {
      const hit = document.elementFromPoint(x, y);
      return control.contains(hit) || label?.contains(hit);
    };
    const { left, top, width, height } = control.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (!isHit(x, y) || (width >= 24 && height >= 24)) return false;
    if (label && label.getBoundingClientRect().height >= 24) return false;
    const around = [[11, 0], [-11, 0], [0, 11], [0, -11]];
    return !around.every(([dx, dy]) => isHit(x + dx, y + dy));
  }).map((control) => control.outerHTML.split(">")[0]);
}"""


def test_targets_are_at_least_24_pixels(admin_page: Page, subtests):
    for url in ["/", "/handlers/", HANDLER, WIZARD, "/users/"]:
        with subtests.test(url=url):
            admin_page.goto(url)
            assert admin_page.evaluate(TOO_SMALL) == []
