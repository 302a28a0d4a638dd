"""Following the ring alone leads to the end of an exercise."""

import json
import re
from html import unescape

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

from tests.training.exercises.exercising import TOKEN, Learner
from tokenx.apex.parser.declared import declared_name
from tokenx.training.scenarios.apex_classes import body_of

from .steps import enabled_app

# Exercises that need only the pages' controls, without an answer or code.
GUIDED = [
    "enable-a-connected-app",
    "enable-an-external-client-app",
    "run-as-an-integration-user",
    "make-it-the-default",
    "edit-an-enabled-app",
    "remove-and-enable-again",
    "another-token-type",
    "app-not-found",
    "user-not-approved",
    "default-taken-over",
    "personal-account",
]
FEW = 60


@pytest.mark.parametrize("slug", GUIDED)
def test_the_ring_leads_to_the_end(browse, admin, slug):
    learner = Learner(slug)
    page = browse(learner.user)
    page.goto("/users/")

    for _ in range(FEW):
        follow(page)
        if page.locator(".exercise__done").count():
            break

    expect(page.locator(".exercise__done")).to_be_visible()
    assert learner.is_done


def test_the_ring_leads_through_creating_a_handler(browse, admin):
    learner = Learner("create-a-handler")
    page = browse(learner.user)
    page.goto("/users/")

    for _ in range(FEW):
        if "/apex-classes/" in page.url:
            break
        follow(page)
    expect(page.locator(".exercise-next")).to_have_text("Edit")
    follow(page)
    # People write the code themselves.
    body = page.locator("dialog textarea")
    body.fill(body_of(declared_name(body.input_value())))
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".exercise__count")).to_contain_text("4 of 5")
    for _ in range(FEW):
        follow(page)
        if page.locator(".exercise__done").count():
            break

    assert learner.is_done


def test_the_ring_leads_to_unrequested_changes(browse, admin):
    learner = Learner("enable-a-connected-app")
    learner.enable("TokenExchangeApp2")
    learner.enable("TokenExchangeApp1", TOKEN)
    page = browse(learner.user)
    page.goto("/users/")

    follow(page)
    expect(page.locator(".exercise-next")).to_have_text("Token Exchange Handlers")
    follow(page)
    expect(page.locator("main .exercise-next")).to_have_text("MyTokenExchangeHandler")
    page.locator("main .exercise-next").click()
    expect(enabled_app(page, "TokenExchangeApp2")).to_be_visible()
    expect(page.locator(".exercise-next")).to_have_count(0)
    expect(page.locator(".exercise__next")).to_contain_text("Fix the conditions that aren")


CLASS = body_of("KioskTokenHandler")


@pytest.mark.parametrize("slug", ["class-of-a-tutorial", "no-app-enabled"])
def test_the_ring_leads_to_a_text_field_and_continues_from_there(browse, admin, slug):
    learner = Learner(slug)
    page = browse(learner.user)
    page.goto("/users/")
    text = CLASS if slug == "class-of-a-tutorial" else story_code(learner)

    for _ in range(FEW):
        if page.locator("textarea.exercise-next").count():
            page.locator("textarea.exercise-next").fill(text)
        follow(page)
        if page.locator(".exercise__done").count():
            break

    expect(page.locator(".exercise__done")).to_be_visible()
    assert learner.is_done


def story_code(learner: Learner) -> str:
    html = learner.exercise.story_html
    return unescape(html[html.index("&lt;?xml") : html.index("</code>")])


def is_done(page: Page) -> bool:
    """Wait until the panel has checked the last step and moved or removed the ring."""
    page.wait_for_timeout(250)
    expect(page.locator(".exercise-next, .exercise__done")).not_to_have_count(0)
    return bool(page.locator(".exercise__done").count())


def follow(page: Page) -> None:
    """Follow the ring: press the control, or fill it in."""
    if is_done(page):
        return  # The panel has received the last step only now.
    try:
        do_what_it_says(page)
    except TimedOut:
        return  # The panel received the step in the meantime and moved or removed the ring.


def do_what_it_says(page: Page) -> None:
    page.set_default_timeout(3_000)
    ring, done = page.locator(".exercise-next"), page.locator(".exercise__done")
    expect(ring.or_(done).first).to_be_attached()
    if done.count():
        return  # The last step was checked after the caller looked.
    if ring.evaluate("it => it.id") == "quick-find":
        link = page.locator("#exercise-state").get_attribute("data-pointer")
        pointer = json.loads(link or "{}")
        nodes = re.findall(r"#setup-tree a\[href='([^']+)'\]", str(pointer["at"]))
        node = find_node(page, nodes or [pointer["open"], *pointer["via"]])
        ring.fill(node)
    elif ring.evaluate("it => it.matches('input[type=text], input:not([type]), select')"):
        fill(page, ring)
    else:
        ring.click()


def find_node(page: Page, addresses: list[str]) -> str:
    """Return the Setup tree's name for the page that the ring points to."""
    for address in addresses:
        links = page.locator(f'#setup-tree a[href="{address}"]')
        if links.count():
            return links.last.inner_text() or links.last.text_content() or ""
    raise AssertionError(f"The tree has none of {addresses}")


def fill(page: Page, field: Locator) -> None:
    pointer = json.loads(page.locator("#exercise-state").get_attribute("data-pointer"))
    holds = next(
        target["holds"]
        for target in pointer["at"]
        if field.evaluate("(field, at) => field.matches(at)", target["at"])
    )
    if field.evaluate("it => it.matches('select')"):
        field.select_option(holds)
        return
    if field.get_attribute("role") != "combobox":
        field.fill(holds)
        field.press("Tab")
        return
    clear = field.locator("xpath=..").locator("[data-clear-lookup]")
    if clear.is_visible():
        clear.click()
    field.fill(holds)
    page.locator(f'[role=option][data-label="{holds}"]:visible').first.click()
