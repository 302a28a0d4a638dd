"""Steps in Setup, by mouse and by keyboard, named as on the help page."""

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct horse battery staple"
APP, USER = "TokenExchangeApp1", "Integration User"
HANDLER = "/handlers/MyTokenExchangeHandler/"
WIZARD = f"{HANDLER}enable-app/"
STORES = "/handlers/Store_Fleet/"
EMPTY = "/handlers/Pilot/"


# --- Places on the page ---------------------------------------------------------------


def dialog(page: Page) -> Locator:
    return page.locator("dialog#modal[open]")


def cancel(page: Page) -> Locator:
    """Return the dialog's Cancel button, not its Close button."""
    return dialog(page).get_by_role("link", name="Cancel", exact=True)


def app_input(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Select App")


def run_as_input(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Run as")


def option(page: Page, name: str) -> Locator:
    """Return the option with this exact name, or the first of several."""
    return page.locator(f'[role=option][data-label="{name}"]:visible').first


def options(page: Page) -> Locator:
    return page.locator("[role=option]:visible")


def highlighted(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]:visible")


def default_box(page: Page) -> Locator:
    return page.get_by_role("checkbox", name="the default handler for this app")


def toast(page: Page, text: str) -> Locator:
    return page.locator("[data-toast]").filter(has_text=text)


def enabled_app(page: Page, label: str) -> Locator:
    """Return an app's row under Enabled Apps."""
    link = page.get_by_role("link", name=label, exact=True)
    return page.locator("#enabled-apps tbody tr").filter(has=link)


def row_menu(page: Page, label: str) -> Locator:
    """Return the button that opens a row's menu."""
    return page.locator("summary").filter(has_text=f"Actions for {label}")


def menu_item(page: Page, name: str) -> Locator:
    return page.locator("[role=menuitem]:visible").filter(has_text=name)


def done(page: Page) -> Locator:
    return page.get_by_role("button", name="Done")


def save(page: Page) -> Locator:
    return page.get_by_role("button", name="Save", exact=True)


def action(page: Page, name: str) -> Locator:
    """Return a Setup page's button: a link that opens a dialog or a page."""
    return page.locator("main").get_by_role("link", name=name, exact=True)


def textbox(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def apex_class_input(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Apex Class")


def heading(page: Page) -> Locator:
    """Return the page's heading."""
    return page.locator("main").get_by_role("heading", level=1)


def checkbox(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def value_of(page: Page, label: str) -> Locator:
    """Return the value that a page shows for a label."""
    item = page.get_by_role("listitem").filter(has=page.get_by_text(label, exact=True))
    return item.locator(".slds-form-element__static")


def errors(page: Page) -> Locator:
    return page.get_by_role("alert")


# --- By mouse ------------------------------------------------------------------------


def choose_in_menu(page: Page, label: str, item: str) -> None:
    row_menu(page, label).click()
    menu_item(page, item).click()


def open_wizard(page: Page, handler: str = HANDLER, kind: str = "Connected App") -> None:
    """Open step 2 of Enable New App in the dialog."""
    page.goto(handler)
    page.get_by_role("link", name="Enable New App").click()
    step_1(page, kind)


def step_1(page: Page, kind: str = "Connected App") -> None:
    page.locator("label.slds-visual-picker__label, .slds-visual-picker label").filter(
        has_text=kind
    ).click()
    page.get_by_role("button", name="Next").click()
    expect(app_input(page)).to_be_visible()


def choose(page: Page, field: Locator, typed: str, name: str) -> None:
    """Type into a lookup, and click one of the listed options."""
    field.click()
    field.fill(typed)
    option(page, name).click()
    expect(field).to_have_value(name)


def fill_wizard(page: Page, app: str = APP, user: str = USER) -> None:
    choose(page, app_input(page), app, app)
    choose(page, run_as_input(page), "*ion", user)


def tick_default(page: Page, on: bool = True) -> None:
    tick(default_box(page), on)


def tick(box: Locator, on: bool = True) -> None:
    """Click the checkbox, which is under its drawn replacement."""
    box.locator("xpath=following-sibling::label").click()
    expect(box).to_be_checked(checked=on)


def open_dialog(page: Page, url: str, name: str) -> None:
    """Open a dialog with one of a page's buttons."""
    page.goto(url)
    action(page, name).click()
    expect(dialog(page)).to_be_visible()


def said_once(page: Page, text: str) -> None:
    """Expect a toast with this text, and no such toast on the next page."""
    expect(toast(page, text)).to_have_count(1)
    page.reload()
    expect(heading(page)).to_be_visible()
    expect(toast(page, text)).to_have_count(0)


def open_user(page: Page, name: str) -> None:
    """Open a user's page from the list of users."""
    page.goto(f"/users/?search={name}")
    page.get_by_role("link", name=name, exact=True).click()
    expect(heading(page)).to_contain_text(name)


def is_on_top(target: Locator) -> bool:
    """Return whether the target is visible, and the mouse can reach it."""
    return target.evaluate(
        """(target) => {
          const { x, y, width, height } = target.getBoundingClientRect();
          return target.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )


# --- By keyboard ---------------------------------------------------------------------


def tab_to(page: Page, target: Locator, most: int = 80) -> None:
    """Press Tab until the target has the focus, as keyboard users do."""
    expect(target).to_have_count(1)
    page.wait_for_load_state()  # Keys, like clicks, have to wait for a page's scripts.
    for _ in range(most):
        if has_focus(target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {target}; it is at {focused(page)}")


def has_focus(target: Locator) -> bool:
    return target.evaluate("element => element === document.activeElement")


def focused(page: Page) -> str:
    """Return the start tag of the focused element, for the messages of failed tests."""
    return page.evaluate("document.activeElement.outerHTML.split('>')[0]")


def type_and_choose(page: Page, typed: str, name: str) -> None:
    """Type into the focused lookup, arrow down to the option, and press Enter."""
    page.keyboard.type(typed)
    expect(option(page, name)).to_be_visible()
    # The arrows wrap around, and a newer list can replace the current one.
    for _ in range(3 * options(page).count() + 3):
        page.keyboard.press("ArrowDown")
        marked = highlighted(page)
        if name in marked.evaluate_all("all => all.map((one) => one.dataset.label)"):
            break
    page.keyboard.press("Enter")
