"""Narrow, zoomed and calm: no page scrolls sideways, nothing moves for who asked so."""

import time

import pytest

from tests.training.exercises.exercising import Learner

from .states import STATES
from .steps import HANDLER, is_on_top, menu_item, row_menu

# The smallest screen that has to do, 1280 px at a zoom of 200 %, and a small laptop.
WIDTHS = [320, 640, 1024]

# What lies beside the window, and not in a box that scrolls by itself or cuts its text.
STICKING_OUT = """() => {
  const page = document.scrollingElement, found = [];
  const isWider = (box) => box.scrollWidth > box.clientWidth + 1;
  if (isWider(page)) found.push(`the page is ${page.scrollWidth} wide`);
  const all = ["main", "header", "nav", "dialog[open]", "#toasts"].map((at) => `${at} *`);
  for (const element of document.querySelectorAll(all)) {
    const { left, right, width, height } = element.getBoundingClientRect();
    const isInside = left >= -1 && right <= page.clientWidth + 1;
    if (isInside || width < 2 || height < 2 || !element.checkVisibility()) continue;
    const scrolling = ".table-scroll, .code, .slds-dropdown";
    const cut = ".slds-truncate, .slds-assistive-text";
    if (element.parentElement.closest(`${scrolling}, ${cut}`)) continue;
    found.push(`${element.outerHTML.split(">")[0]}> from ${left} to ${right}`);
  }
  for (const box of document.querySelectorAll("dialog[open], dialog .modal__form > *"))
    if (isWider(box)) found.push(`${box.className} scrolls sideways`);
  return found.slice(0, 5);
}"""

# How long the longest animation or transition of the page lasts, in milliseconds.
LONGEST = """() => {
  const ms = (times) => Math.max(...times.split(",").map(
    (time) => parseFloat(time) * (time.trim().endsWith("ms") ? 1 : 1000)));
  const lengths = [0];
  for (const element of document.querySelectorAll("*"))
    for (const part of [null, "::before", "::after", "::backdrop"]) {
      const style = getComputedStyle(element, part);
      lengths.push(ms(style.transitionDuration));
      if (style.animationName !== "none") lengths.push(ms(style.animationDuration));
    }
  return Math.max(...lengths);
}"""

# How much of the page has jumped since it began to load; up to 0.1 is thought good.
SHIFTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
  )).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(0), 1000);
})"""


@pytest.mark.parametrize("state", STATES, ids=str)
def test_fits_narrow_windows_and_keeps_still(open_state, state):
    page = open_state(state, reduced_motion="reduce")

    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        if sticking_out := page.evaluate(STICKING_OUT):
            found[width] = sticking_out
    assert not found

    assert page.evaluate(LONGEST) <= 1


@pytest.mark.parametrize("width", [320, 1024])
def test_the_menu_of_the_last_row_is_on_top(admin_page, width):
    """In a narrow window the list scrolls by itself, which would cut its menus."""
    admin_page.set_viewport_size({"width": width, "height": 720})
    admin_page.goto(HANDLER)
    button = row_menu(admin_page, "Warehouse Scanner")
    button.evaluate("button => button.scrollIntoView({ block: 'center' })")
    button.click()

    assert is_on_top(menu_item(admin_page, "Remove"))


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("url", ["/", "/handlers/", HANDLER, "/training/"])
def test_nothing_jumps_when_the_scripts_come_late(browse, admin, url, width):
    page = browse(Learner("enable-a-connected-app").user)
    page.set_viewport_size({"width": width, "height": 720})
    page.route("**/*.js", come_late)

    page.goto(url)

    assert page.evaluate(SHIFTED) < 0.1


def come_late(route) -> None:
    time.sleep(0.3)
    route.continue_()
