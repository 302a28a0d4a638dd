"""Toasts: out of the way of search fields, with links, and with what they changed."""

from playwright.sync_api import Page, expect

from .steps import HANDLER, choose_in_menu, save, tick_default, toast, value_of

# The IDs of the visible search fields that a toast covers.
COVERED = """() => {
  const boxOf = (element) => element.getBoundingClientRect();
  const fields = [...document.querySelectorAll("input[type=search]")];
  const toasts = [...document.querySelectorAll("[data-toast]")].map(boxOf);
  return fields.filter((field) => {
    const { left, right, top, bottom } = boxOf(field);
    return field.checkVisibility() && toasts.some((toast) => (
      toast.left < right && left < toast.right && toast.top < bottom && top < toast.bottom
    ));
  }).map(({ id }) => id);
}"""
LONG = "Warehouse Scanner has no default handler. Token requests will fail. " * 2


def test_edit_refreshes_details_and_offers_the_metadata(admin_page: Page):
    admin_page.goto(HANDLER)
    before = value_of(admin_page, "Last Modified By").inner_text()
    choose_in_menu(admin_page, "Warehouse Scanner", "Edit")
    notice = admin_page.get_by_text("will have no default handler.")
    expect(notice).to_be_hidden()
    tick_default(admin_page, on=False)
    expect(notice).to_be_visible()
    save(admin_page).click()

    told = toast(admin_page, "Warehouse Scanner has no default handler.")
    expect(told).to_be_visible()
    expect(value_of(admin_page, "Last Modified By")).not_to_have_text(before)
    assert admin_page.evaluate(COVERED) == []
    told.get_by_role("link", name="Show as metadata").click()
    expect(admin_page.locator(".change ins")).to_have_text("<isDefault>false</isDefault>")
    expect(admin_page.get_by_role("heading", name="Option 1: Setup")).to_be_visible()


def test_toasts_cover_no_search_field(admin_page: Page, subtests):
    for url in ["/handlers/", "/users/"]:
        admin_page.goto(url)
        admin_page.evaluate(
            """(text) => {
              const { innerHTML } = document.getElementById("no-answer");
              const toasts = document.getElementById("toasts");
              toasts.innerHTML = innerHTML;
              toasts.querySelector("p").textContent = text;
            }""",
            LONG,
        )
        for width in [1440, 1024, 768, 390, 320]:
            with subtests.test(url=url, width=width):
                admin_page.set_viewport_size({"width": width, "height": 720})
                expect(toast(admin_page, "no default handler")).to_be_visible()
                assert admin_page.evaluate(COVERED) == []
