"""axe: the rules that it runs by default, and those that are new in WCAG 2.2."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

OPTIONS = {
    "light": {
        "resultTypes": ["violations"],
        # axe runs this WCAG 2.2 rule (`wcag22aa`) only on request.
        "rules": {"target-size": {"enabled": True}},
    },
    # The dark theme changes only colors, as test_page_states.py makes sure. All other
    # rules have the same results as in the light theme.
    "dark": {
        "resultTypes": ["violations"],
        "runOnly": ["color-contrast", "link-in-text-block"],
    },
}


# axe reports a link that's scrolled halfway under Quick Find as too small.
SCROLL_TREE_UP = "document.querySelector('.setup__nav')?.scrollTo(0, 0)"


def barriers(page: Page) -> list[str]:
    """Return axe's findings on the page, in the light and dark themes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Runtime.evaluate", {"expression": AXE_SCRIPT})
    devtools.detach()
    page.evaluate(SCROLL_TREE_UP)
    reports = []
    for scheme, options in OPTIONS.items():
        page.emulate_media(color_scheme=scheme)
        results = AxeResults(page.evaluate("(options) => axe.run(options)", options))
        if results.violations_count:
            reports.append(f"In {scheme}: {results.generate_report()}")
    return reports
