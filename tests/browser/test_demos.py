"""The presenter bar and the tour, by mouse and keyboard, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tokenx.org.models import Org
from tokenx.training.demos.steps import SLUGS, neighbors

from .steps import choose_in_menu, dialog, heading, row_menu, tab_to, toast

CAPTION = "#tour-caption"


@pytest.fixture
def presented(admin_page: Page, admin) -> Page:
    Org.objects.update(is_presented=True)
    admin_page.goto("/handlers/")
    return admin_page


def play(page: Page):
    return page.locator("#tour-play")


def start(page: Page) -> None:
    page.goto("/training/tour/")
    page.get_by_role("button", name="Start Tour").click()
    expect(page.locator(CAPTION)).to_contain_text(f"1 of {len(SLUGS)}: Quick Find.")


# --- The bar ----------------------------------------------------------------------------


def test_a_step_by_keyboard(presented: Page):
    steps = presented.get_by_text("Go to a step")
    tab_to(presented, steps)
    presented.keyboard.press("Enter")
    tab_to(presented, presented.get_by_role("button", name="Wizard, step 2"))
    presented.keyboard.press("Enter")

    expect(presented).to_have_url(re.compile(r"\?open=enable-app&open-kind=connected"))
    expect(dialog(presented)).to_be_visible()
    expect(presented.get_by_role("combobox", name="Select App")).to_have_value(
        "TokenExchangeApp1"
    )


def test_the_tour_goes_through_the_dialogs(admin_page: Page):
    admin_page.goto("/handlers/?tour=detail")
    for title in ["Enable New App", "Enable New App"]:
        admin_page.get_by_role("button", name="Next Step").click()
        expect(dialog(admin_page).locator("#modal-title")).to_have_text(title)
    run_as = admin_page.get_by_role("combobox", name="Run as")
    expect(run_as).to_have_value("Integration User")
    admin_page.get_by_role("button", name="Next Step").click()
    expect(dialog(admin_page)).to_have_count(0)
    expect(admin_page.locator(CAPTION)).to_contain_text("App enabled.")


def test_the_bar_is_collapsed_by_keyboard_and_stays_collapsed(presented: Page):
    summary = presented.locator("[data-presenter] > summary")
    snapshots = presented.get_by_role("link", name="Snapshots", exact=True)
    expect(snapshots).to_be_visible()

    tab_to(presented, summary)
    presented.keyboard.press("Enter")
    expect(snapshots).to_be_hidden()
    presented.goto("/training/")
    expect(presented.locator("[data-presenter] a").first).to_be_hidden()

    tab_to(presented, summary)
    presented.keyboard.press("Enter")
    presented.reload()
    expect(presented.locator("[data-presenter] a").first).to_be_visible()


def test_reset_and_save_open_their_dialogs(presented: Page):
    for name, title in [("Reset", "Reset"), ("Save Snapshot", "Save a Snapshot")]:
        presented.locator("[data-presenter]").get_by_role("link", name=name).click()
        expect(dialog(presented)).to_contain_text(title)
        presented.keyboard.press("Escape")
        expect(dialog(presented)).to_have_count(0)


# Controls that the bar covers even if they're scrolled to the middle of the window.
COVERED = """() => [...document.querySelectorAll("main :is(a, button, summary, input)")]
  .filter((control) => control.checkVisibility() && control.getClientRects().length)
  .filter((control) => {
    control.scrollIntoView({ block: "center" });
    const { x, y, width, height } = control.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return top?.closest("#presenter-slot, #tour-bar");
  }).map((control) => control.outerHTML.slice(0, 80))"""


def test_the_bar_covers_nothing_on_a_narrow_screen(admin_page: Page, admin, subtests):
    for bar in ["presenter", "tour"]:
        with subtests.test(bar=bar):
            Org.objects.update(is_presented=bar == "presenter")
            admin_page.set_viewport_size({"width": 320, "height": 720})
            admin_page.emulate_media(reduced_motion="reduce")
            admin_page.goto("/handlers/" if bar == "presenter" else "/handlers/?tour=list")

            covered = admin_page.evaluate(COVERED)
            assert not covered


def test_opening_the_steps_does_not_move_them(presented: Page):
    steps = presented.get_by_text("Go to a step")
    before = steps.bounding_box()

    # The second click closes the list, because the summary didn't move.
    steps.click()
    assert steps.bounding_box() == before
    steps.click()
    expect(presented.get_by_role("button", name="Quick Find")).to_be_hidden()
    expect(dialog(presented)).to_have_count(0)


def test_the_quick_find_step_searches_for_token(presented: Page):
    presented.get_by_text("Go to a step").click()
    presented.get_by_role("button", name="Quick Find").click()

    expect(presented.get_by_role("searchbox", name="Quick Find")).to_have_value("Token")
    tree = presented.locator("#setup-tree [role=treeitem]:visible")
    expect(tree.last).to_contain_text("Token Exchange Handlers")
    expect(tree).to_have_count(2)


@pytest.mark.parametrize("slug", ["enabled", "taken-over"])
def test_the_tour_bar_does_not_cover_new_content(admin_page: Page, slug):
    before, _ = neighbors(slug)
    admin_page.goto(f"/handlers/?tour={before.slug}")
    admin_page.get_by_role("button", name="Next Step").click()

    new = admin_page.locator("tr", has_text="New").locator("th")
    expect(new).to_be_in_viewport(ratio=1)
    assert new.bounding_box()["y"] < admin_page.locator("#tour-bar").bounding_box()["y"]


def test_the_bar_works_without_scripts(plain_page: Page, admin):
    Org.objects.update(is_presented=True)
    plain_page.goto("/handlers/")
    plain_page.get_by_text("Go to a step").click()
    plain_page.get_by_role("button", name="App enabled").click()

    expect(heading(plain_page)).to_contain_text("MyTokenExchangeHandler")


# --- Snapshots --------------------------------------------------------------------------


def test_save_change_restore(admin_page: Page, tmp_path):
    admin_page.goto("/training/snapshots/")
    admin_page.locator("main").get_by_role("link", name="Save", exact=True).click()
    admin_page.get_by_role("textbox", name="Name").fill("Before the demo")
    admin_page.keyboard.press("Enter")
    expect(toast(admin_page, 'Snapshot "Before the demo" was saved.')).to_be_visible()
    row = admin_page.get_by_role("row", name="Before the demo")
    expect(row).to_be_visible()

    admin_page.goto("/training/steps/enabled/")
    admin_page.get_by_role("button", name="Go to Step").click()
    expect(
        admin_page.get_by_role("link", name="TokenExchangeApp1", exact=True)
    ).to_be_visible()

    admin_page.goto("/training/snapshots/")
    choose_in_menu(admin_page, "Before the demo", "Restore")
    dialog(admin_page).get_by_role("button", name="Restore").click()
    expect(toast(admin_page, 'The org was restored to "Before the demo".')).to_be_visible()
    admin_page.goto("/handlers/MyTokenExchangeHandler/")
    expect(
        admin_page.get_by_role("link", name="Warehouse Scanner", exact=True)
    ).to_be_visible()
    expect(
        admin_page.get_by_role("link", name="TokenExchangeApp1", exact=True)
    ).to_have_count(0)


def file_input(page: Page):
    return page.locator("input[type=file]")


def test_download_and_upload_without_scripts(plain_page: Page, tmp_path):
    plain_page.goto("/training/snapshots/save/")
    plain_page.get_by_role("textbox", name="Name").fill("First")
    plain_page.get_by_role("button", name="Save", exact=True).click()
    with plain_page.expect_download() as download:
        choose_in_menu(plain_page, "First", "Download")
    file = tmp_path / "brought.zip"
    download.value.save_as(file)

    plain_page.get_by_role("link", name="Upload", exact=True).click()
    file_input(plain_page).set_input_files(file)
    plain_page.get_by_role("button", name="Upload").click()

    expect(plain_page.get_by_role("row", name="brought")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(admin_page: Page, watch, tmp_path):
    watch.expects("422")
    large, small = tmp_path / "large.zip", tmp_path / "small.zip"
    with large.open("wb") as file:
        file.truncate(21 * 1024**2)
    small.write_bytes(b"x")
    admin_page.goto("/training/snapshots/upload/")
    field = file_input(admin_page)

    field.set_input_files(large)
    message = field.evaluate("field => field.validationMessage")
    assert message == "Choose files of at most 20 MB in total."
    admin_page.get_by_role("button", name="Upload").click()
    expect(field).to_be_focused()

    field.set_input_files(small)
    admin_page.get_by_role("button", name="Upload").click()
    expect(admin_page.get_by_text("The file is not a zip file.")).to_be_visible()


def test_a_link_opens_an_org_for_someone_who_is_not_signed_in(
    admin_page: Page, stranger_page: Page, settings
):
    settings.SIGNUP = "open"
    admin_page.goto("/training/snapshots/save/")
    admin_page.get_by_role("textbox", name="Name").fill("First")
    admin_page.get_by_role("button", name="Save", exact=True).click()
    admin_page.get_by_role("link", name="Create a link to First").click()
    admin_page.get_by_role("button", name="Create Link").click()
    link = admin_page.get_by_role("textbox", name="Link")
    expect(link).to_be_focused()
    url = link.input_value()
    admin_page.keyboard.press("Escape")
    revoke = admin_page.get_by_role("link", name="Revoke the link to First")
    expect(revoke).to_be_focused()

    stranger_page.goto(url)
    stranger_page.get_by_role("button", name="Open Demo").click()

    expect(toast(stranger_page, 'Your copy of "First" is ready.')).to_be_visible()
    stranger_page.goto("/handlers/MyTokenExchangeHandler/")
    expect(heading(stranger_page)).to_contain_text("MyTokenExchangeHandler")


def test_a_long_snapshot_name_does_not_widen_pages(admin_page: Page):
    admin_page.set_viewport_size({"width": 1280, "height": 900})
    admin_page.goto("/training/snapshots/save/")
    admin_page.get_by_role("textbox", name="Name").fill("W" * 80)
    admin_page.get_by_role("button", name="Save", exact=True).click()

    expect(row_menu(admin_page, "W" * 80)).to_be_in_viewport(ratio=1)
    assert admin_page.evaluate("document.documentElement.scrollWidth") == 1280


# --- The tour ---------------------------------------------------------------------------


@pytest.fixture
def timed_page(browse, admin) -> Page:
    """Return the administrator's browser, with a clock that the test controls."""
    page = browse(admin, alone=True)
    page.clock.install()
    return page


def test_the_tour_advances_by_itself_and_pauses_on_interaction(timed_page: Page):
    start(timed_page)
    expect(play(timed_page)).to_have_text("Pause")

    timed_page.clock.fast_forward(15_000)
    expect(timed_page.locator(CAPTION)).to_contain_text(f"2 of {len(SLUGS)}")
    timed_page.locator("main").click()
    expect(play(timed_page)).to_have_text("Play")
    timed_page.clock.fast_forward(60_000)
    expect(timed_page.locator(CAPTION)).to_contain_text(f"2 of {len(SLUGS)}")

    play(timed_page).click()
    timed_page.clock.fast_forward(15_000)
    expect(timed_page.locator(CAPTION)).to_contain_text(f"3 of {len(SLUGS)}")


def test_the_last_page_is_followed_by_the_first(admin_page: Page):
    admin_page.goto("/handlers/?tour=failed")
    admin_page.get_by_role("button", name="Next Step").click()

    expect(admin_page.locator(CAPTION)).to_contain_text(f"1 of {len(SLUGS)}")


def test_the_tour_works_by_keyboard(admin_page: Page):
    start(admin_page)
    play(admin_page).focus()
    admin_page.keyboard.press("Enter")
    expect(play(admin_page)).to_have_text("Play")
    tab_to(admin_page, admin_page.locator("#tour-next"))
    admin_page.keyboard.press("Enter")

    expect(admin_page.locator(CAPTION)).to_contain_text(f"2 of {len(SLUGS)}")
    expect(admin_page.locator("#tour-next")).to_be_focused()
    expect(play(admin_page)).to_have_text("Play")
    admin_page.locator("#tour-before").focus()
    admin_page.keyboard.press("Enter")
    expect(admin_page.locator(CAPTION)).to_contain_text(f"1 of {len(SLUGS)}")


def test_the_tour_button_keeps_the_focus_on_pages_with_their_own_focus(
    admin_page: Page,
):
    admin_page.goto("/handlers/?tour=failed")
    admin_page.locator("#tour-next").focus()
    admin_page.keyboard.press("Enter")

    expect(admin_page.locator(CAPTION)).to_contain_text(f"1 of {len(SLUGS)}")
    expect(admin_page.locator("#tour-next")).to_be_focused()


def test_the_tour_remembers_its_speed(timed_page: Page):
    start(timed_page)
    timed_page.get_by_label("Speed").select_option("Fast")
    timed_page.clock.fast_forward(6_000)

    expect(timed_page.locator(CAPTION)).to_contain_text(f"2 of {len(SLUGS)}")
    expect(timed_page.get_by_label("Speed")).to_have_value("2")


def test_the_tour_does_not_start_with_reduced_motion(timed_page: Page):
    timed_page.emulate_media(reduced_motion="reduce")
    start(timed_page)

    expect(play(timed_page)).to_have_text("Play")
    timed_page.clock.fast_forward(60_000)
    expect(timed_page.locator(CAPTION)).to_contain_text(f"1 of {len(SLUGS)}")


def test_a_caption_is_read_out_politely(admin_page: Page):
    admin_page.goto("/handlers/?tour=list")

    expect(
        admin_page.get_by_role("status").filter(has_text="The handler list.")
    ).to_be_visible()


def test_the_tour_works_without_scripts(plain_page: Page):
    start(plain_page)
    expect(play(plain_page)).to_be_hidden()
    for number in range(2, len(SLUGS) + 1):
        plain_page.get_by_role("button", name="Next Step").click()
        expect(plain_page.locator(CAPTION)).to_contain_text(f"{number} of {len(SLUGS)}")
