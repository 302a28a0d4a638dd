"""The address of an open dialog, and what a dialog does before it discards anything."""

import re

from playwright.sync_api import Page, Route, expect

from .steps import (
    HANDLER,
    app_input,
    default_box,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    open_dialog,
    open_wizard,
    run_as_input,
    save,
    textbox,
    tick_default,
)

APP, USER = "TokenExchangeApp1", "Integration User"
FILLED = (
    f"{HANDLER}?open=enable-app&open-kind=connected&open-app={APP}"
    "&open-run-as=integrationuser@mycompany.com&open-make-default=on"
)


def question(page: Page):
    return page.get_by_role("alertdialog", name="Discard unsaved changes?")


def test_the_address_follows_the_wizard_and_opens_it_again(admin_page: Page):
    page = admin_page
    open_wizard(page)
    expect(page).to_have_url(f"{HANDLER}?open=enable-app&open-kind=connected")
    fill_wizard(page)
    tick_default(page)
    expect(page).to_have_url(FILLED)

    def is_filled() -> None:
        expect(page).to_have_url(FILLED)
        expect(app_input(page)).to_have_value(APP)
        expect(run_as_input(page)).to_have_value(USER)
        expect(default_box(page)).to_be_checked()
        assert page.locator("#modal").evaluate("modal => modal.matches(':modal')")

    page.reload()
    is_filled()
    page.go_back()
    expect(dialog(page)).to_have_count(0)
    expect(page).to_have_url(HANDLER)
    page.go_forward()
    is_filled()
    page.goto("/handlers/")
    page.go_back()
    is_filled()
    done(page).click()
    expect(enabled_app(page, APP)).to_contain_text("Default")
    expect(page).to_have_url(HANDLER)


def test_closing_leaves_no_trace_in_the_history(admin_page: Page):
    admin_page.goto("/handlers/")
    open_dialog(admin_page, f"{HANDLER}?sort=run_as", "Enable New App")
    admin_page.keyboard.press("Escape")
    expect(admin_page).to_have_url(f"{HANDLER}?sort=run_as")

    admin_page.go_back()
    expect(admin_page).to_have_url("/handlers/")

    # After a saved form, Back doesn't open the form again.
    open_dialog(admin_page, "/users/", "New User")
    textbox(admin_page, "Last Name").fill("Newcomer")
    for field in ["Email", "Username"]:
        textbox(admin_page, field).fill("newcomer@mycompany.example")
    save(admin_page).click()
    expect(admin_page).to_have_url(re.compile(r"/users/\d+/$"))
    admin_page.go_back()
    expect(admin_page).to_have_url("/users/")
    expect(dialog(admin_page)).to_have_count(0)


def test_the_dialog_opens_over_the_pages_own_filter(admin_page: Page):
    admin_page.goto(f"{HANDLER}?kind=connected&open=enable-app&open-kind=external")
    expect(dialog(admin_page)).to_contain_text("External Client App")
    expect(admin_page.locator("#enabled-apps")).not_to_contain_text("Partner Portal")

    admin_page.keyboard.press("Escape")
    expect(admin_page).to_have_url(f"{HANDLER}?kind=connected")
    expect(dialog(admin_page)).to_have_count(0)


def test_a_secret_has_no_address_and_no_click_beside_closes_it(admin_page: Page):
    open_dialog(admin_page, "/apps/connected/Sales_Insights/", "Generate Secret")
    dialog(admin_page).get_by_role("button", name="Generate Secret").click()
    expect(textbox(admin_page, "Consumer Secret")).to_be_visible()
    expect(admin_page).to_have_url("/apps/connected/Sales_Insights/")

    admin_page.mouse.click(5, 300)
    expect(textbox(admin_page, "Consumer Secret")).to_be_visible()


def test_a_dialog_asks_before_it_discards_anything(admin_page: Page, subtests):
    page = admin_page
    ways = {
        "Esc": lambda: page.keyboard.press("Escape"),
        "the Close button": lambda: page.get_by_title("Cancel and close").click(),
        "a click beside": lambda: page.mouse.click(5, 300),
    }
    for way, leave in ways.items():
        with subtests.test(way=way):
            open_dialog(page, "/users/", "New User")
            leave()
            expect(dialog(page)).to_have_count(0)

            open_dialog(page, "/users/", "New User")
            textbox(page, "Last Name").fill("Typed")
            leave()
            expect(question(page)).to_be_visible()
            expect(page.get_by_role("button", name="Continue Editing")).to_be_focused()
            # Esc answers the question. It never discards.
            page.keyboard.press("Escape")
            expect(question(page)).to_have_count(0)
            expect(textbox(page, "Last Name")).to_have_value("Typed")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Discard Changes").click()
            expect(dialog(page)).to_have_count(0)
            expect(page).to_have_url("/users/")

    with subtests.test(way="Esc after Reload"):
        page.goto("/users/")
        open_dialog(page, "/users/", "New User")
        textbox(page, "Last Name").fill("Typed")
        expect(page).to_have_url("/users/?open=new-user&open-last-name=Typed")
        page.reload()
        page.keyboard.press("Escape")
        expect(question(page)).to_be_visible()

    with subtests.test(way="Cancel"):
        open_dialog(page, "/users/", "New User")
        textbox(page, "Last Name").fill("Typed")
        dialog(page).get_by_role("link", name="Cancel", exact=True).click()
        expect(dialog(page)).to_have_count(0)


def test_a_corrected_field_loses_its_error_and_nothing_moves(admin_page: Page, watch):
    watch.expects("status of 422")
    page = admin_page
    open_dialog(page, "/users/", "New User")
    save(page).click()
    footer = dialog(page).locator(".slds-modal__footer")
    expect(footer).to_contain_text("We hit a snag. Review the following fields:")
    expect(footer.get_by_role("link")).to_have_text(
        ["Last Name", "Email", "Username", "Cancel"]
    )
    before = save(page).bounding_box()

    footer.get_by_role("link", name="Email").click()
    expect(textbox(page, "Email")).to_be_focused()
    page.keyboard.type("newcomer@mycompany.example")

    expect(footer.get_by_role("link")).to_have_text(["Last Name", "Username", "Cancel"])
    expect(dialog(page).get_by_role("alert")).to_have_count(2)
    expect(textbox(page, "Email")).to_have_attribute("aria-invalid", "false")
    textbox(page, "Last Name").fill("Newcomer")
    textbox(page, "Username").fill("newcomer@mycompany.example")
    expect(footer).not_to_contain_text("snag", use_inner_text=True)
    assert save(page).bounding_box() == before
    # The refused value brings the error back.
    textbox(page, "Username").fill("")
    expect(footer.get_by_role("link", name="Username")).to_be_visible()


def test_a_dialog_does_not_move_during_a_click(admin_page: Page):
    page = admin_page
    open_dialog(page, "/handlers/", "Create Token Exchange Handler")
    save_button = dialog(page).get_by_role("button", name="Save", exact=True)
    textbox(page, "Name").fill("Partner")
    box = save_button.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)

    # Leaving the field asks for an API name. The answer waits for the end of the click.
    with page.expect_response("**/propose-api-name/**"):
        page.mouse.down()
    page.wait_for_timeout(100)
    expect(textbox(page, "API Name")).to_have_value("")
    assert save_button.bounding_box() == box
    page.mouse.move(5, 5)
    page.mouse.up()
    expect(textbox(page, "API Name")).to_have_value("Partner")


def test_a_busy_button_and_a_busy_lookup_show_it(admin_page: Page):
    page = admin_page
    page.goto(HANDLER)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile("/(enable-app|lookup)/"), hold)
    opener = page.get_by_role("link", name="Enable New App")

    def answer() -> None:
        page.wait_for_timeout(200)
        for route in waiting:
            route.continue_()
        waiting.clear()

    opener.click()
    expect(opener).to_have_attribute("aria-busy", "true")
    answer()
    expect(dialog(page)).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.unroute_all()

    page.get_by_role("button", name="Next").click()
    expect(app_input(page)).to_be_visible()
    page.route(re.compile("/lookup/"), hold)
    app_input(page).click()
    expect(dialog(page).locator(".slds-combobox__form-element[aria-busy]")).to_have_count(1)
    answer()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator("[role=option]:visible").first).to_be_visible()


def test_the_address_works_without_javascript(plain_page: Page):
    page = plain_page
    page.goto(FILLED)
    expect(app_input(page)).to_have_value(APP)
    expect(run_as_input(page)).to_have_value(USER)
    done(page).click()

    expect(page).to_have_url(re.compile(f"{HANDLER}([?]|$)"))
    expect(enabled_app(page, APP)).to_contain_text("Default")
    # A link leads to the dialog's plain page.
    page.get_by_role("link", name="Enable New App").click()
    expect(page).to_have_url(f"{HANDLER}enable-app/")
