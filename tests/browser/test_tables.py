"""Tables with the longest names, in all windows, with and without the exercise panel."""

from playwright.sync_api import Page, expect

from tests.training.exercises.exercising import Learner

from .long_names import fill_with_long_names, name
from .steps import menu_item, row_menu

WIDTHS = [1440, 1366, 1280, 1024, 768, 390, 320]
# A wide window beside the panel, and the narrow ones with a folded panel above the page.
PANEL_WIDTHS = [1440, 1366, 1280, 1024, 768, 320]

FAULTS = """() => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > width) faults.push(`The page is ${scrollWidth} px wide.`);
  const left = (element) => element.getBoundingClientRect().left;

  // At least 40 px of the element are in the window and in the boxes that scroll or cut it.
  const isInView = (element) => {
    let { left, right } = element.getBoundingClientRect();
    const enough = Math.min(right - left, 40);
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === "visible") continue;
      const edge = box.getBoundingClientRect();
      left = Math.max(left, edge.left);
      right = Math.min(right, edge.right);
    }
    return enough > 0 && Math.min(right, width) - Math.max(left, 0) >= enough - 1;
  };
  for (const table of document.querySelectorAll("main table")) {
    const label = table.getAttribute("aria-labelledby");
    const add = (fault) => faults.push(`${label}: ${fault}`);
    const heads = [...table.querySelectorAll("thead th")];
    const heights = new Set();
    for (const row of table.querySelectorAll("tbody:not(.load-more-rows) tr")) {
      heights.add(Math.round(row.getBoundingClientRect().height));
      const name = row.querySelector("th a") ?? row.querySelector("th div, th");
      if (!isInView(name)) add("A name is out of view.");
      const menu = row.querySelector(".table__menu > :is(details, a)");
      if (menu && !isInView(menu)) add("A menu is out of view.");
      for (const [index, cell] of [...row.children].entries()) {
        const text = cell.querySelector(":scope > .slds-truncate");
        const head = heads[index].querySelector(".slds-truncate");
        if (!cell.getClientRects().length || !text || !head) continue;
        const offset = left(text) - left(head);
        if (Math.abs(offset) > .5) add(`Head ${index + 1} is ${offset} px off.`);
      }
    }
    const isWrapped = table.matches(".table_wrap");
    if (heights.size > 1 && !isWrapped) add(`Rows are ${[...heights]} px high.`);
  }
  return faults;
}"""


def test_names_and_menus_are_in_view(admin_page: Page, admin, subtests):
    urls = fill_with_long_names(admin)
    Learner("enable-a-connected-app", admin)

    for url in urls:
        admin_page.goto(url)
        for width in PANEL_WIDTHS:
            admin_page.set_viewport_size({"width": width, "height": 720})
            with subtests.test(url=url, width=width, panel=True):
                assert admin_page.evaluate(FAULTS) == []
        admin_page.evaluate("document.getElementById('exercise-slot').remove()")
        for width in WIDTHS:
            admin_page.set_viewport_size({"width": width, "height": 720})
            with subtests.test(url=url, width=width):
                assert admin_page.evaluate(FAULTS) == []


def test_a_menu_opens_without_scripts_in_a_narrow_table(plain_page: Page, admin):
    fill_with_long_names(admin)
    plain_page.set_viewport_size({"width": 320, "height": 720})
    plain_page.goto(f"/handlers/{name(1)}/")

    row_menu(plain_page, name(3)).click()
    menu_item(plain_page, "Remove").click()

    expect(plain_page.get_by_role("heading", level=1)).to_contain_text("Remove")


def test_a_row_shows_its_whole_text_by_keyboard(admin_page: Page, admin):
    fill_with_long_names(admin)
    admin_page.set_viewport_size({"width": 1024, "height": 720})
    admin_page.goto("/handlers/")
    link = admin_page.get_by_role("link", name=name(1))
    row = admin_page.get_by_role("row").filter(has=link)
    cut_off = "row => [...row.querySelectorAll('.slds-truncate')]"
    cut_off += ".filter(text => text.scrollWidth > text.clientWidth).length"
    assert row.evaluate(cut_off)
    expect(row.locator("th .slds-truncate")).to_have_attribute("title", name(1))

    link.focus()

    assert not row.evaluate(cut_off)


def test_the_panel_starts_folded_in_a_narrow_window(admin_page: Page, admin, subtests):
    Learner("enable-a-connected-app", admin)
    goal = admin_page.locator("#exercise-slot").get_by_text("Goal")
    next_step = admin_page.locator(".exercise__next")
    for width, is_folded in [(1440, False), (1024, True), (320, True)]:
        admin_page.set_viewport_size({"width": width, "height": 720})
        admin_page.goto("/handlers/")
        with subtests.test(width=width):
            expect(next_step).to_be_in_viewport(ratio=1)
            expect(goal).to_be_visible(visible=not is_folded)

    admin_page.get_by_role("button", name="Expand the exercise").click()

    expect(goal).to_be_visible()
    expect(admin_page.get_by_role("button", name="Collapse the exercise")).to_be_focused()


def test_the_panel_never_covers_what_it_points_at(admin_page: Page, admin):
    Learner("enable-a-connected-app", admin)
    admin_page.set_viewport_size({"width": 1280, "height": 500})
    admin_page.goto("/handlers/")
    admin_page.get_by_role("button", name="Move to the bottom").click()
    expect(admin_page.locator(".exercise_bottom")).to_be_visible()
    admin_page.goto("/handlers/")

    ring = admin_page.locator("main .exercise-next")
    expect(ring).to_be_in_viewport(ratio=1)
    ring.click(trial=True)
