"""Menus above other content in narrow windows, and stable layout during loading."""

import time

from tests.training.exercises.exercising import Learner

from .steps import HANDLER, is_on_top, menu_item, row_menu

# The cumulative layout shift since loading began; up to 0.1 is good.
SHIFTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
  )).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(0), 1000);
})"""


def test_the_menu_of_the_last_row_is_on_top(admin_page, subtests):
    """Check narrow windows, where the list scrolls separately and could clip its menus."""
    for width in [320, 1024]:
        admin_page.set_viewport_size({"width": width, "height": 720})
        admin_page.goto(HANDLER)
        button = row_menu(admin_page, "Warehouse Scanner")
        button.evaluate("button => button.scrollIntoView({ block: 'center' })")
        button.click()

        with subtests.test(width=width):
            assert is_on_top(menu_item(admin_page, "Remove"))


def test_late_scripts_do_not_shift_the_layout(browse, admin, subtests):
    page = browse(Learner("enable-a-connected-app").user)
    page.route("**/*.js", come_late)

    for width in [320, 1440]:
        page.set_viewport_size({"width": width, "height": 720})
        for url in ["/", "/handlers/", HANDLER, "/training/"]:
            page.goto(url)
            with subtests.test(width=width, url=url):
                assert page.evaluate(SHIFTED) < 0.1


def come_late(route) -> None:
    time.sleep(0.3)
    route.continue_()
