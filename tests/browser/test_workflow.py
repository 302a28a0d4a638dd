"""The help page's "Option 1: Enable Apps in Setup", sentence by sentence."""

import re

from playwright.sync_api import Page, expect

from tokenx.training.scenarios.demo_org import sign_in_name

from .steps import (
    HANDLER,
    PASSWORD,
    app_input,
    choose_in_menu,
    default_box,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    menu_item,
    option,
    row_menu,
    run_as_input,
    step_1,
    tab_to,
    toast,
    type_and_choose,
)

NEW = "TokenExchangeApp1"
DEFAULT_LABEL = "Make MyTokenExchangeHandler the default handler for this app"


def test_option_1_by_mouse(stranger_page: Page):
    page = stranger_page
    page.goto("/")
    page.get_by_label("Username").fill(sign_in_name("admin"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()

    # From Setup, in the Quick Find box, enter Token, and select Token Exchange Handlers.
    page.get_by_label("Quick Find").last.fill("Token")
    page.locator("#setup-tree").get_by_role("link", name="Token Exchange Handlers").click()
    expect(page).to_have_url("/handlers/")

    # Find the handler you want to edit, and then select View Details.
    choose_in_menu(page, "MyTokenExchangeHandler", "View Details")
    expect(page.get_by_role("heading", level=1)).to_contain_text("MyTokenExchangeHandler")

    # Under Enabled Apps, click Enable New App. Select the type of app and click Next.
    page.get_by_role("link", name="Enable New App").click()
    expect(dialog(page)).to_be_visible()
    step_1(page, "Connected App")

    # For Select App, search for and select the app. For Run as, the execution user.
    fill_wizard(page, NEW, "Integration User")

    # Select Make <your handler name> the default handler for this app. Click Done.
    page.get_by_text(DEFAULT_LABEL).click()
    expect(default_box(page)).to_be_checked()
    done(page).click()

    # Your newly enabled app is displayed under Enabled Apps.
    expect(dialog(page)).to_have_count(0)
    expect(toast(page, f"{NEW} was enabled")).to_be_visible()
    row = enabled_app(page, NEW)
    expect(row).to_contain_text("Integration User")
    expect(row).to_contain_text("Default")
    expect(page.get_by_role("heading", name="Enabled Apps (4)")).to_be_visible()

    # Filter your view by app type, or sort by Name, Run As User, or Enabled Date.
    page.get_by_label("App Type").select_option("External Client App")
    expect(row).to_have_count(0)
    expect(enabled_app(page, "Partner Portal")).to_be_visible()
    page.get_by_label("App Type").select_option("All")
    for column in ["Name", "Run As User", "Enabled Date"]:
        page.get_by_role("link", name=f"Sort by: {column}").click()
        head = page.get_by_role("columnheader", name=column).first
        expect(head).to_have_attribute("aria-sort", re.compile("(a|de)scending"))

    # To edit an enabled app, next to the app, select Edit, and change its settings.
    choose_in_menu(page, NEW, "Edit")
    page.get_by_role("button", name="Clear Run as").click()
    run_as_input(page).fill("*exchange")
    option(page, "Token Exchange").click()
    page.get_by_text(DEFAULT_LABEL).click()
    page.get_by_role("button", name="Save").click()
    expect(dialog(page)).to_have_count(0)
    expect(row).to_contain_text("Token Exchange")
    expect(row.get_by_text("Default", exact=True)).to_have_count(0)

    # To remove an app, select Remove. Confirm that you want to remove the app.
    choose_in_menu(page, NEW, "Remove")
    expect(dialog(page)).to_contain_text("again at any time")
    page.get_by_role("button", name="Remove").click()
    expect(toast(page, f"{NEW} was removed")).to_be_visible()
    expect(row).to_have_count(0)

    # You can re-enable the app for the handler anytime.
    page.get_by_role("link", name="Enable New App").click()
    step_1(page)
    fill_wizard(page, NEW, "Integration User")
    done(page).click()
    expect(row).to_be_visible()


def test_option_1_with_the_keyboard_alone(stranger_page: Page):
    page = stranger_page
    key = page.keyboard.press
    page.goto("/")
    expect(page.get_by_role("textbox", name="Username")).to_be_focused()
    page.keyboard.type(sign_in_name("admin"))
    key("Tab")
    page.keyboard.type(PASSWORD)
    key("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Home")

    tab_to(page, page.locator("#quick-find"))
    page.keyboard.type("Token")
    key("ArrowDown")
    key("Enter")
    expect(page).to_have_url("/handlers/")

    tab_to(page, row_menu(page, "MyTokenExchangeHandler"))
    key("ArrowDown")
    expect(menu_item(page, "View Details")).to_be_focused()
    key("Enter")
    expect(page).to_have_url(HANDLER)

    tab_to(page, page.get_by_role("link", name="Enable New App"))
    key("Enter")
    expect(dialog(page)).to_be_visible()
    external = page.get_by_role("radio", name="External Client App")
    tab_to(page, page.get_by_role("radio", name="Connected App"), most=6)
    key("ArrowRight")
    expect(external).to_be_checked()
    key("ArrowLeft")
    expect(external).not_to_be_checked()
    tab_to(page, page.get_by_role("button", name="Next"), most=6)
    key("Space")

    expect(app_input(page)).to_be_focused()
    type_and_choose(page, "tokenexchangeapp", NEW)
    expect(app_input(page)).to_have_value(NEW)
    tab_to(page, run_as_input(page), most=3)
    type_and_choose(page, "*ion", "Integration User")
    expect(run_as_input(page)).to_have_value("Integration User")
    tab_to(page, default_box(page), most=3)
    key("Space")
    expect(default_box(page)).to_be_checked()
    tab_to(page, done(page), most=4)
    key("Enter")
    row = enabled_app(page, NEW)
    expect(row).to_contain_text("Default")

    tab_to(page, row_menu(page, NEW))
    key("Enter")
    expect(menu_item(page, "Edit")).to_be_focused()
    key("Enter")
    expect(dialog(page)).to_contain_text(f"Edit {NEW}")
    tab_to(page, run_as_input(page), most=3)
    key("Delete")
    type_and_choose(page, "token", "Token Exchange")
    tab_to(page, page.get_by_role("button", name="Save"), most=6)
    key("Enter")
    expect(row).to_contain_text("Token Exchange")

    tab_to(page, row_menu(page, NEW))
    key("ArrowUp")
    expect(menu_item(page, "Remove")).to_be_focused()
    key("Space")
    expect(dialog(page)).to_contain_text(f"Remove {NEW}?")
    tab_to(page, page.get_by_role("button", name="Remove"), most=4)
    key("Enter")
    expect(toast(page, f"{NEW} was removed")).to_be_visible()
    expect(row).to_have_count(0)


def test_option_1_without_javascript(browse):
    page = browse(None, java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Username").fill(sign_in_name("admin"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()

    page.locator("#quick-find").fill("Token")
    page.locator("#quick-find").press("Enter")
    page.locator("main").get_by_role("link", name="Token Exchange Handlers").click()
    choose_in_menu(page, "MyTokenExchangeHandler", "View Details")

    page.get_by_role("link", name="Enable New App").click()
    page.get_by_text("Connected App", exact=True).click()
    page.get_by_role("button", name="Next").click()

    app_input(page).fill("TokenExchangeApp")
    page.get_by_role("button", name="Search Select App").click()
    page.get_by_role("radio", name=NEW).check()
    run_as_input(page).fill("*ion")
    page.get_by_role("button", name="Search Run as").click()
    expect(page.get_by_role("radio", name=NEW)).to_be_checked()
    page.get_by_role("radio", name="integrationuser@mycompany.com").check()
    page.get_by_text(DEFAULT_LABEL).click()
    done(page).click()
    row = enabled_app(page, NEW)
    expect(row).to_contain_text("Integration User")
    expect(row).to_contain_text("Default")
    expect(toast(page, f"{NEW} was enabled")).to_be_visible()

    page.get_by_label("App Type").select_option("External Client App")
    page.get_by_role("button", name="Apply").click()
    expect(row).to_have_count(0)
    page.goto("/handlers/MyTokenExchangeHandler/?sort=run_as")
    expect(row).to_be_visible()

    choose_in_menu(page, NEW, "Remove")
    page.get_by_role("button", name="Remove").click()
    expect(page).to_have_url(HANDLER)
    expect(toast(page, f"{NEW} was removed")).to_be_visible()
    expect(row).to_have_count(0)


def test_edit_without_javascript(browse, admin):
    page = browse(admin, java_script_enabled=False)
    page.goto(HANDLER)
    row = enabled_app(page, "Sales Insights")

    choose_in_menu(page, "Sales Insights", "Edit")
    expect(run_as_input(page)).to_have_value("Token Exchange")
    run_as_input(page).fill("*integration")
    page.get_by_role("button", name="Search Run as").click()
    page.get_by_role("radio", name="api.integration@mycompany.com").check()
    page.get_by_text(DEFAULT_LABEL).click()
    page.get_by_role("button", name="Save").click()

    expect(page).to_have_url(HANDLER)
    expect(row).to_contain_text("API Integration")
    expect(row).to_contain_text("Default")
