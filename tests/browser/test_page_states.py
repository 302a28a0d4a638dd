"""Every page state is accessible, fits its window, and respects reduced motion."""

import re

import pytest
from playwright.sync_api import Page

from tokenx.settings import CONTENT_DIR

from .axe import barriers
from .checked_parts import TREE, CheckedParts
from .states import GROUPS, STATES

# The smallest supported screen, 1280 px at a zoom of 200%, and a small laptop.
WIDTHS = [320, 640, 1024]

# Elements outside the window, except in boxes that scroll or clip their content.
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

# The duration of the page's longest animation or transition, in milliseconds.
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


# The Setup tree has more elements than most pages, and is the same on all of them. States
# other than these are checked without it.
WITH_TREE = {
    "home",
    "list",
    "list for a viewer",
    "detail",
    "Quick Find",
    "node of the tree",
    "health",
    "connected apps",
    "users",
    "deployments, many",
    "training",
    "list of classes",
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_state_is_accessible_fits_and_respects_reduced_motion(visit, subtests, group):
    parts = CheckedParts()
    for state in GROUPS[group]:
        with subtests.test(state=state.name), visit(state) as page:
            ids = repeated_ids(page)
            parts.empty(page, *([] if state.name in WITH_TREE else [TREE]))
            problems = [*ids, *barriers(page), *misfits(page), *movements(page)]
            assert not problems, "\n".join(problems)


def test_state_names_are_unique_and_known():
    names = [state.name for state in STATES]

    assert len(names) == len(set(names))
    assert set(names) >= WITH_TREE


REPEATED_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}"""


def repeated_ids(page: Page) -> list[str]:
    """Return IDs that several elements have, also in parts that are checked only once."""
    return [
        f"Several elements have the ID {each!r}." for each in page.evaluate(REPEATED_IDS)
    ]


def misfits(page: Page) -> list[str]:
    """Return the elements that overflow the window, at each width."""
    reports = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        reports += [f"{width} px wide: {each}" for each in page.evaluate(STICKING_OUT)]
    return reports


def movements(page: Page) -> list[str]:
    """Return a message if an animation runs although the user prefers reduced motion."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    longest = page.evaluate(LONGEST)
    return [f"Something moves for {longest} ms."] if longest > 1 else []


COLOR = r"#[0-9a-f]{3,8}"
PAIR = rf"--[\w-]+: light-dark\({COLOR}, {COLOR}\);"


def test_the_dark_theme_changes_only_colors():
    """Check that axe needs only its color rules in the dark theme."""
    files = [CONTENT_DIR.glob("static/**/*.css"), CONTENT_DIR.glob("static/**/*.js")]
    texts = [path.read_text() for paths in files for path in paths]
    pairs = [pair for text in texts for pair in re.findall(PAIR, text)]

    assert pairs
    assert sum(text.count("light-dark") for text in texts) == len(pairs)
    assert not any("prefers-color-scheme" in text for text in texts)
