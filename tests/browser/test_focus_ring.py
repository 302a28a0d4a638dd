"""Who comes by keyboard sees where the focus is, at every stop."""

import pytest

from .states import STATES

PLACES = [
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
    "deployment that failed",
    "deploy metadata",
    "create placeholders",
    "retrieve",
]

# How an element and what is drawn for it look; the label of a hidden radio button is.
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
IS_SEEN = """() => {
%s
  const element = document.activeElement;
  return !without.has(element) || without.get(element) !== LOOKS(element);
}"""


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PLACES)
def test_the_focus_is_seen_at_every_stop(open_state, name, color_scheme):
    state = next(each for each in STATES if each.name == name)
    page = open_state(state, color_scheme=color_scheme, reduced_motion="reduce")
    page.evaluate(REMEMBER % LOOKS)

    unseen, stops = set(), set()
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.outerHTML.slice(0, 160)")
        if here in stops:
            break
        stops.add(here)
        if not page.evaluate(IS_SEEN % LOOKS):
            unseen.add(here)

    assert len(stops) > 2
    assert not unseen, "\n".join(unseen)
