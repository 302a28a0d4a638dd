"""The exercise panel in a browser: automatic checks, ring, position, messages."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.training.exercises.exercising import INTEGRATION, MY_HANDLER, TOKEN, Learner

from .axe import barriers
from .steps import (
    app_input,
    choose,
    dialog,
    done,
    heading,
    run_as_input,
    step_1,
    tab_to,
)

PAGE = f"/handlers/{MY_HANDLER}/"


@pytest.fixture
def learner(admin) -> Learner:
    """Create a learner in a practice org, with an app to enable."""
    return Learner("enable-a-connected-app")


@pytest.fixture
def learner_page(browse, learner) -> Page:
    return browse(learner.user)


def count(page: Page) -> Locator:
    return page.locator(".exercise__count")


def pointed(page: Page) -> Locator:
    """Return the control inside the ring."""
    return page.locator(".exercise-next")


def test_checks_steps_off_without_a_reload_while_the_learner_works(learner_page, learner):
    learner_page.goto(PAGE)
    expect(count(learner_page)).to_contain_text("1 of 2")
    learner_page.evaluate("window.stayed = true")

    learner_page.get_by_role("link", name="Enable New App").click()
    step_1(learner_page)
    choose(learner_page, app_input(learner_page), "TokenExchangeApp1", "TokenExchangeApp1")
    choose(learner_page, run_as_input(learner_page), "tok", "Token Exchange")
    done(learner_page).click()

    expect(count(learner_page)).to_contain_text("2 of 2")
    expect(learner_page.locator("#exercise-said")).to_contain_text("Well done!")
    expect(learner_page.get_by_role("link", name="Next Exercise")).to_be_visible()
    assert learner_page.evaluate("window.stayed")


def test_checks_off_steps_done_in_another_browser(learner_page, learner):
    learner_page.goto(PAGE)
    expect(count(learner_page)).to_contain_text("1 of 2")

    learner.enable("TokenExchangeApp1", TOKEN)

    expect(count(learner_page)).to_contain_text("2 of 2")


def test_updates_keep_the_focus_and_typed_text(learner_page, learner):
    learner_page.goto(PAGE)
    quick_find = learner_page.get_by_role("searchbox", name="Quick Find")
    quick_find.fill("Tok")

    learner.enable("TokenExchangeApp1", TOKEN)
    expect(count(learner_page)).to_contain_text("2 of 2")

    expect(quick_find).to_be_focused()
    expect(quick_find).to_have_value("Tok")


def test_an_answer_is_checked_immediately_by_keyboard(browse, admin):
    learner = Learner("find-the-page")
    page = browse(learner.user)
    page.goto("/handlers/")
    field = page.get_by_role("textbox", name="How many handlers")

    tab_to(page, field, most=200)
    page.keyboard.type("1")
    page.keyboard.press("Enter")

    expect(count(page)).to_contain_text("1 of 2")
    expect(field).to_have_value("1")


# --- Guided mode ---------------------------------------------------------------------


def test_points_at_each_next_control(learner_page, learner):
    learner_page.goto("/users/")
    expect(pointed(learner_page)).to_have_id("quick-find")
    learner_page.get_by_role("searchbox", name="Quick Find").fill("Token")
    expect(pointed(learner_page)).to_have_text("Token Exchange Handlers")
    pointed(learner_page).click()
    expect(heading(learner_page)).to_contain_text("Token Exchange Handlers")
    expect(pointed(learner_page)).to_have_text(MY_HANDLER)
    pointed(learner_page).click()
    expect(pointed(learner_page)).to_have_text("Enable New App")
    pointed(learner_page).click()
    expect(dialog(learner_page)).to_be_visible()
    if pointed(learner_page).inner_text() != "Next":
        pointed(learner_page).click()
    expect(pointed(learner_page)).to_have_text("Next")
    pointed(learner_page).click()
    expect(pointed(learner_page)).to_have_id("app-input")
    choose(learner_page, app_input(learner_page), "TokenExchangeApp1", "TokenExchangeApp1")
    expect(pointed(learner_page)).to_have_id("run_as-input")
    choose(learner_page, run_as_input(learner_page), "tok", "Token Exchange")
    expect(pointed(learner_page)).to_have_text("Done")
    pointed(learner_page).click()
    expect(count(learner_page)).to_contain_text("2 of 2")
    expect(pointed(learner_page)).to_have_count(0)


def test_follows_a_learner_who_does_something_else(learner_page, learner):
    learner_page.goto(PAGE)
    expect(pointed(learner_page)).to_have_text("Enable New App")

    # Another page, another dialog, and another app than the exercise asks for.
    learner_page.goto("/users/")
    expect(pointed(learner_page)).to_have_id("quick-find")
    learner_page.goto(PAGE)
    learner_page.locator("main").get_by_role("link", name="Edit", exact=True).first.click()
    expect(dialog(learner_page)).to_be_visible()
    expect(pointed(learner_page)).to_have_count(0)
    learner_page.keyboard.press("Escape")
    learner_page.get_by_role("link", name="Enable New App").click()
    step_1(learner_page)
    choose(learner_page, app_input(learner_page), "TokenExchangeApp2", "TokenExchangeApp2")
    expect(pointed(learner_page)).to_have_id("app-input")


def test_returns_to_a_step_that_was_undone(learner_page, learner):
    learner.enable("TokenExchangeApp1", INTEGRATION)
    learner_page.goto(PAGE)
    expect(learner_page.locator(".exercise__next")).to_contain_text("with other values")
    expect(pointed(learner_page)).to_contain_text("Actions for TokenExchangeApp1")

    learner.remove("TokenExchangeApp1")

    expect(pointed(learner_page)).to_have_text("Enable New App")


def test_points_at_nothing_when_guided_mode_is_off(learner_page, learner):
    learner_page.goto(PAGE)
    expect(pointed(learner_page)).to_have_count(1)

    learner_page.get_by_role("button", name="Guide Me", pressed=True).click()

    expect(
        learner_page.get_by_role("button", name="Guide Me", pressed=False)
    ).to_be_visible()
    expect(pointed(learner_page)).to_have_count(0)
    learner_page.reload()
    expect(count(learner_page)).to_be_visible()
    expect(pointed(learner_page)).to_have_count(0)


def test_points_at_quick_find_in_the_exercise_about_it(browse, admin):
    learner = Learner("find-the-page")
    page = browse(learner.user)
    page.goto("/")
    expect(
        page.locator("main").get_by_role("link", name="Token Exchange H")
    ).to_be_visible()
    expect(pointed(page)).to_have_id("quick-find")

    page.get_by_role("searchbox", name="Quick Find").fill("Token")
    expect(pointed(page)).to_have_text("Token Exchange Handlers")
    pointed(page).click()
    expect(pointed(page)).to_have_text("1 item • Sorted by Name")


def test_the_row_menu_that_it_points_at_is_visible(browse, admin):
    learner = Learner("view-details")
    page = browse(learner.user)
    page.goto("/handlers/")
    expect(pointed(page)).to_contain_text(f"Actions for {MY_HANDLER}")
    expect(pointed(page)).to_be_in_viewport(ratio=1)

    pointed(page).click()
    expect(pointed(page)).to_have_text("View Details")
    pointed(page).click()
    expect(pointed(page)).to_have_text("MyOauthTokenExchangeHandler")


def test_the_ring_is_not_clipped(learner_page, learner):
    learner_page.goto("/")
    expect(pointed(learner_page)).to_have_text(MY_HANDLER)

    around = learner_page.locator(".slds-truncate:has(> .exercise-next)")
    expect(around).to_have_css("outline", re.compile("solid 3px"))


def test_points_back_after_choosing_the_other_type(learner_page, learner):
    learner_page.goto(f"{PAGE}enable-app/?kind=external")
    expect(pointed(learner_page)).to_have_text("Back")


def test_points_at_a_cleared_checkbox(browse, admin):
    learner = Learner("edit-an-enabled-app")
    page = browse(learner.user)
    page.goto(PAGE)
    pointed(page).click()
    pointed(page).click()
    dialog(page).locator("[data-clear-lookup]").click()
    choose(page, run_as_input(page), "tok", "Token Exchange")
    expect(pointed(page)).to_have_text("Save")

    dialog(page).get_by_text("the default handler for this app").click()

    expect(pointed(page)).to_contain_text("the default handler for this app")


def test_points_through_uploading_and_deploying_a_file(browse, admin):
    learner = Learner("deploy-an-edit")
    page = browse(learner.user)
    page.goto(PAGE)
    for name in ["View Metadata", "Copy"]:
        expect(pointed(page)).to_have_text(name)
        pointed(page).click()
    page.goto("/deployments/")
    expect(pointed(page)).to_have_text("Deploy Metadata")
    pointed(page).click()
    expect(pointed(page)).to_have_id("id_xml")
    pointed(page).fill(learner.file_of())
    for name in ["Next", "Deploy"]:
        expect(pointed(page)).to_have_text(name)
        pointed(page).click()
    expect(count(page)).to_contain_text("3 of 5")


def test_points_from_a_failed_deployment_to_its_cause(browse, admin):
    learner = Learner("repair-a-deployment")
    page = browse(learner.user)
    page.goto("/deployments/")
    expect(pointed(page)).to_contain_text("0Af")
    pointed(page).click()
    expect(pointed(page)).to_have_id("quick-find")
    pointed(page).fill("External")
    for name in ["External Client App Manager", "Partner Portal", "Edit policies"]:
        expect(pointed(page)).to_have_text(name)
        pointed(page).click()
    expect(pointed(page)).to_have_text("Enable Token Exchange Flow")


# --- Position ------------------------------------------------------------------------


def test_can_be_moved_collapsed_and_left_by_keyboard(learner_page, learner):
    learner_page.goto(PAGE)
    slot = learner_page.locator("#exercise-slot")
    for place in ["left", "bottom", "right"]:
        button = learner_page.get_by_role("button", name=f"Move to the {place}")
        button.focus()
        learner_page.keyboard.press("Enter")
        expect(slot).to_have_class(re.compile(rf"\bexercise_{place}\b"))
        expect(learner_page.locator(f"#exercise-{place}")).to_be_focused()
    fold = learner_page.get_by_role("button", name="Collapse the exercise")
    fold.focus()
    learner_page.keyboard.press("Space")
    expect(learner_page.get_by_role("button", name="Expand the exercise")).to_be_focused()
    expect(learner_page.get_by_text("Show hint")).to_have_count(0)

    learner_page.reload()
    learner_page.get_by_role("button", name="Expand the exercise").click()
    learner_page.get_by_role("link", name="Leave").click()
    dialog(learner_page).get_by_role("button", name="Leave").click()

    expect(heading(learner_page)).to_contain_text("Exercises")
    expect(learner_page.locator("#exercise-slot")).to_have_count(0)


def test_hints_appear_one_at_a_time(learner_page, learner):
    learner_page.goto(PAGE)
    hints = learner_page.locator("#exercise-hints li")
    expect(hints).to_have_count(0)

    for number in [1, 2, 3]:
        learner_page.get_by_role("button", name="Show hint").click()
        expect(hints).to_have_count(number)

    expect(learner_page.get_by_role("button", name="Show hint")).to_have_count(0)


COVERED = """() => [...document.querySelectorAll("main a, main button, main select")]
  .filter((it) => it.checkVisibility())
  .filter((it) => !it.closest("details:not([open]) > :not(summary)"))
  .filter((it) => {
    it.scrollIntoView({ block: "center" });
    const { x, y, width, height } = it.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return top?.closest("#exercise-slot");
  }).map((it) => it.textContent)"""


def test_covers_no_control(learner_page, subtests):
    for width in [320, 900, 1280]:
        learner_page.set_viewport_size({"width": width, "height": 720})
        for side in ["right", "left", "bottom"]:
            learner_page.goto(PAGE)
            # A narrow window starts with a folded panel.
            expand = learner_page.get_by_role("button", name="Expand the exercise")
            if expand.is_visible():
                expand.click()
            learner_page.get_by_role("button", name=f"Move to the {side}").click()
            expect(learner_page.locator(f".exercise_{side}")).to_be_visible()

            with subtests.test(width=width, side=side):
                scroll_width = "document.documentElement.scrollWidth"
                assert learner_page.evaluate(scroll_width) <= width
                assert learner_page.evaluate(COVERED) == []


def test_has_no_accessibility_issues_in_light_and_dark(learner_page, subtests):
    for url in [
        PAGE,
        "/training/exercises/enable-a-connected-app/check/",
        "/training/exercises/",
        "/training/progress/",
        "/training/certificate/",
        "/training/preview-exercise/",
        "/training/",
    ]:
        learner_page.goto(url)
        expect(heading(learner_page)).to_be_visible()
        for width in [320, 1280]:
            learner_page.set_viewport_size({"width": width, "height": 720})
            with subtests.test(url=url, width=width):
                problems = barriers(learner_page)
                assert not problems, "\n".join(problems)


# --- Without JavaScript ----------------------------------------------------------------


def test_read_do_and_check_an_exercise_without_javascript(browse, admin):
    learner = Learner("find-the-page")
    plain = browse(learner.user, java_script_enabled=False)
    plain.goto("/handlers/")
    plain.locator("#exercise-heading a").click()
    main = plain.locator("main")
    expect(main).to_contain_text("How many handlers")

    main.get_by_role("button", name="Show hint").click()
    expect(main.locator("#exercise-hints li")).to_have_count(1)
    for question, answer in zip(learner.exercise.questions, ["1", "Identity"], strict=True):
        main.get_by_role("textbox", name=question[:20]).fill(answer)
        form = main.locator("form").filter(has_text=question[:20])
        form.get_by_role("button", name="Answer").click()

    expect(main.get_by_role("status")).to_contain_text("Well done!")
    main.get_by_role("link", name="Next Exercise").click()
    main.get_by_role("link", name="Start", exact=True).click()
    main.get_by_role("button", name="Start", exact=True).click()
    expect(plain.locator("#exercise-heading")).to_contain_text("View a handler's details")
