"""The focus is visible at every stop."""

import pytest
from playwright.sync_api import Page

from .states import STATES

NAMES = [
    "sign-in",
    "home",
    "list",
    "detail",
    "step 1",
    "step 2 chosen, with notices",
    "create handler",
    "external client app, policies",
    "secret, shown once",
    "deployments, many",
    "deployment, failed",
    "deploy metadata",
    "create placeholders",
    "retrieve",
]
BY_NAME = {state.name: state for state in STATES}
PLACES = [BY_NAME[name] for name in NAMES]

# The styles of an element and of its visible substitute, such as a radio button's label.
LOOKS = """
  const LOOKS = (element) => JSON.stringify(
    [element, element.parentElement, element.nextElementSibling,
     ...element.querySelectorAll(":scope > *"),
     ...(element.nextElementSibling?.querySelectorAll("*") ?? [])].filter(Boolean)
    .map((each) => { const style = getComputedStyle(each); return [style.outline,
      style.boxShadow, style.backgroundColor, style.borderColor, style.textDecorationLine,
      style.color, style.clipPath, style.position] }));
"""
REMEMBER = """() => {
%s
  const places = "a, button, input, select, summary, [tabindex]";
  document.activeElement.blur();
  window.without = new Map([...document.querySelectorAll(places)].map(
    (element) => [element, LOOKS(element)]));
}"""
FOCUSED = """() => {
%s
  const element = document.activeElement;
  const isSeen = !without.has(element) || without.get(element) !== LOOKS(element);
  return [element.outerHTML.slice(0, 160), isSeen];
}"""


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_focus_is_visible_at_every_stop(visit, subtests, color_scheme):
    for state in PLACES:
        with subtests.test(state=state.name), visit(state) as page:
            page.emulate_media(color_scheme=color_scheme, reduced_motion="reduce")
            stops, unseen = tab_through(page)
            assert len(stops) > 2
            assert not unseen, "\n".join(unseen)


def tab_through(page: Page, most: int = 60) -> tuple[set[str], set[str]]:
    """Press Tab until a stop repeats; return all stops, and those without visible focus."""
    page.evaluate(REMEMBER % LOOKS)
    stops, unseen = set(), set()
    for _ in range(most):
        page.keyboard.press("Tab")
        stop, is_seen = page.evaluate(FOCUSED % LOOKS)
        if stop in stops:
            break
        stops.add(stop)
        if not is_seen:
            unseen.add(stop)
    return stops, unseen
