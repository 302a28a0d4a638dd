"""Cosmos: every component takes its values from the look's tokens, and stays accessible."""

import re

import pytest

from tokenx.settings import CONTENT_DIR

from .axe import barriers
from .checked_parts import TREE, CheckedParts
from .states import STATES

LOOKS = CONTENT_DIR / "static" / "css" / "looks"
TOKEN = re.compile(r"(--[\w-]+): ([^;]+);")
COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(")

# One state per component, and which property of which element has the value of a token.
COMPONENTS = {
    "list": """
        html background-color --page
        body color --text
        body font-family --font
        .slds-context-bar border-bottom-width --bar
        .slds-context-bar__secondary .slds-is-active border-radius --radius-tab
        .slds-context-bar__secondary .slds-is-active background-color --selected
        [aria-selected=true]>.slds-tree__item background-color --selected
        .slds-page-header background-color --page-header
        .slds-page-header border-radius --radius-page-header
        .slds-page-header box-shadow --shadow-page-header
        .slds-page-header__title font --page-title
        .slds-icon_container border-radius --radius-tile
        .slds-card border --border-card
        .slds-card border-radius --radius-card
        .slds-card box-shadow --shadow
        .slds-card color --body-text
        .slds-card__header-title font --card-title
        .slds-card__header-title color --text
        tbody td height --row
        .slds-form-element__label font --label
        .slds-form-element__label color --label-text
        .slds-button_brand background-color --fill
        .slds-button_brand border-radius --radius-button
        .slds-button_neutral font-weight --button-weight
        main .slds-button_neutral color --action
        main .slds-input border-radius --radius-field
        main .slds-input border --outline
        main .slds-input color --field-text
        main .slds-input padding-left --field-start
        .slds-select border-radius --radius-field
        tbody th a color --link
    """,
    "user menu": """
        .slds-dropdown border --border-menu
        .slds-dropdown border-radius --radius-field
        .slds-dropdown box-shadow --shadow-menu
        [aria-pressed=true] background-color --selected
    """,
    "row menu": "[open] .slds-dropdown__item>*:hover background-color --option-hover",
    "detail": """
        .slds-badge border-radius --radius-badge
        .slds-badge font-weight --badge-weight
        .slds-form-element__static color --body-text
    """,
    "step 1": """
        .slds-modal__header border-top-left-radius --radius-card
        .slds-modal__footer background-color --modal-footer
        .slds-visual-picker__figure border-radius --radius-field
        :checked+label>.slds-visual-picker__figure background-color --mark
    """,
    "step 2 with errors": """
        .slds-has-error .slds-input background-color --field-error
        .slds-has-error .slds-input border-top-color --error
        .slds-form-element__help color --error
        .slds-checkbox_faux border-radius --radius-check
    """,
    "toast of success": """
        .slds-notify_toast background-color --success-fill
        .slds-notify_toast color --on-success
    """,
    "toast of an error": """
        .slds-notify_toast background-color --error-fill
        .slds-notify_toast color --on-error
    """,
}

# Compares an element with another one that has the token's value in the same property.
DIFFERENCES = """(rows) => rows.flatMap(([selector, property, name, value]) => {
  const element = document.querySelector(selector);
  if (!element) return [`${selector} isn't on the page`];
  const probe = document.createElement("div");
  probe.style.cssText = "transition: none; border: 0; box-sizing: border-box";
  probe.style.setProperty(property, value);
  document.body.append(probe);
  const [has, wants] = [element, probe].map((each) => getComputedStyle(each)[property]);
  probe.remove();
  return has === wants ? [] : [`${selector}: ${property} is ${has}; ${name} is ${wants}`];
})"""


def tokens_of(look: str) -> dict[str, str]:
    """Return the values of a look's file, in wide windows."""
    text = (LOOKS / f"{look}.css").read_text(encoding="utf-8")
    return dict(TOKEN.findall(text.partition("@media")[0]))


# Colors have their values only at the end of a transition.
SWITCH = """() => {
  document.documentElement.dataset.look = "cosmos";
  document.getAnimations().forEach((each) => each.finish());
}"""


def test_components_use_the_tokens_and_are_accessible_in_light_and_dark(visit, subtests):
    values = tokens_of("lightning") | tokens_of("cosmos")
    parts = CheckedParts()
    states = {state.name: state for state in STATES}
    for name, text in COMPONENTS.items():
        lines = [line.strip().rsplit(maxsplit=2) for line in text.strip().splitlines()]
        rows = [[*line, values[line[-1]]] for line in lines]
        with subtests.test(state=name), visit(states[name]) as page:
            page.mouse.move(0, 0)
            page.evaluate(SWITCH)
            for selector, *_ in rows:
                if selector.endswith(":hover"):
                    page.locator(selector.removesuffix(":hover")).first.hover()
            differences = page.evaluate(DIFFERENCES, rows)
            parts.empty(page, *([] if name == "list" else [TREE]))
            problems = [*differences, *barriers(page)]
            assert not problems, "\n".join(problems)


def test_every_token_of_cosmos_is_one_of_lightnings():
    cosmos, lightning = tokens_of("cosmos"), tokens_of("lightning")

    assert set(cosmos) <= set(lightning)
    assert {name for name, value in cosmos.items() if lightning[name] == value} == set()


@pytest.mark.parametrize("path", sorted((CONTENT_DIR / "static/css").glob("*.css")))
def test_components_have_no_colors_of_their_own(path):
    assert COLOR.findall(path.read_text(encoding="utf-8")) == []
