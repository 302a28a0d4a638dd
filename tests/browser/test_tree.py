"""The Setup tree and Quick Find."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tokenx.web import navigation


@pytest.fixture
def setup(admin_page: Page) -> Page:
    admin_page.goto("/handlers/")
    return admin_page


def item(page: Page, label: str) -> Locator:
    return page.locator(f"#setup-tree [role=treeitem][aria-label='{label}']")


def links(page: Page) -> Locator:
    return page.locator("#setup-tree [role=treeitem] a:visible")


def quick_find(page: Page) -> Locator:
    return page.locator("#quick-find")


def test_the_tree_is_one_tab_stop(setup: Page):
    stops = "[...document.querySelectorAll('#setup-tree [role=tree] *')]"
    can_stop = "(element) => element.tabIndex >= 0 && element.getClientRects().length > 0"

    assert setup.evaluate(f"{stops}.filter({can_stop}).length") == 1
    expect(item(setup, "Token Exchange Handlers")).to_have_attribute("tabindex", "0")


def test_the_current_page_is_shown_in_its_open_branch(setup: Page):
    expect(item(setup, "Identity")).to_have_attribute("aria-expanded", "true")
    current = setup.locator("#setup-tree [aria-current=page]")
    expect(current).to_have_text("Token Exchange Handlers")
    expect(current).to_be_in_viewport()
    expect(item(setup, "Data")).to_have_attribute("aria-expanded", "false")


def test_arrows_move_open_and_close(setup: Page):
    press = setup.keyboard.press
    item(setup, "Token Exchange Handlers").focus()
    press("Home")
    expect(item(setup, "Users").first).to_be_focused()
    press("ArrowRight")
    expect(item(setup, "Users").first).to_have_attribute("aria-expanded", "true")
    expect(item(setup, "Users").first).to_be_focused()
    press("ArrowRight")
    expect(item(setup, "Permission Set Groups")).to_be_focused()
    press("ArrowDown")
    expect(item(setup, "Permission Sets")).to_be_focused()
    press("ArrowLeft")
    expect(item(setup, "Users").first).to_be_focused()
    press("ArrowLeft")
    expect(item(setup, "Users").first).to_have_attribute("aria-expanded", "false")
    press("ArrowDown")
    expect(item(setup, "Data")).to_be_focused()
    press("ArrowUp")
    expect(item(setup, "Users").first).to_be_focused()
    press("End")
    expect(item(setup, "Tools and Settings")).to_be_focused()


def test_enter_opens_the_page_or_the_branch(setup: Page):
    item(setup, "Token Exchange Handlers").focus()
    setup.keyboard.press("ArrowUp")
    setup.keyboard.press("Enter")
    expect(setup.get_by_role("heading", level=1)).to_contain_text("Single Sign-On Settings")
    setup.wait_for_load_state()

    item(setup, "Single Sign-On Settings").focus()
    setup.keyboard.press("Home")
    setup.keyboard.press("Enter")
    expect(item(setup, "Permission Sets")).to_be_visible()


def test_a_click_on_a_branch_opens_and_closes_it(setup: Page):
    setup.get_by_text("Data", exact=True).click()
    expect(item(setup, "Duplicate Rules")).to_be_visible()
    setup.get_by_text("Data", exact=True).click()
    expect(item(setup, "Duplicate Rules")).to_be_hidden()


def test_the_focus_is_visible_on_branches_and_pages(setup: Page):
    item(setup, "Token Exchange Handlers").focus()
    for key in ["ArrowUp", "ArrowLeft"]:
        setup.keyboard.press(key)
        drawn = setup.evaluate(
            "[document.activeElement, ...document.activeElement.querySelectorAll("
            "':scope > .slds-tree__item, :scope > .slds-tree__item *')].some((element) => {"
            "const style = getComputedStyle(element);"
            "return style.outlineStyle !== 'none' || style.boxShadow !== 'none' })"
        )
        assert drawn


def test_quick_find_filters_immediately_opens_branches_and_marks_matches(setup: Page):
    quick_find(setup).press_sequentially("tok")

    expect(links(setup)).to_have_text(["Token Exchange Handlers"])
    expect(item(setup, "Token Exchange Handlers").locator("mark")).to_have_text("Tok")
    expect(item(setup, "Identity")).to_have_attribute("aria-expanded", "true")
    expect(item(setup, "Users").first).to_be_hidden()
    expect(setup.get_by_text("1 page found")).to_be_attached()


def test_quick_find_opens_closed_branches(setup: Page):
    quick_find(setup).fill("debug")

    expect(links(setup)).to_have_text(["Debug Logs"])
    expect(item(setup, "Logs")).to_have_attribute("aria-expanded", "true")
    expect(item(setup, "Environments")).to_have_attribute("aria-expanded", "true")


def test_quick_find_hides_groups_without_a_match(setup: Page):
    quick_find(setup).fill("tok")

    expect(setup.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    expect(setup.get_by_role("heading", name="Platform Tools")).to_be_hidden()


def test_quick_find_says_when_nothing_is_found(setup: Page):
    quick_find(setup).fill("xyzzy")

    expect(links(setup)).to_have_count(0)
    status = setup.locator("#quick-find-result")
    expect(status).to_have_text('No pages match "xyzzy".')
    expect(status).to_be_in_viewport()
    setup.get_by_role("link", name="Search handlers, apps, and more").click()
    expect(setup).to_have_url("/search/?q=xyzzy")


def test_quick_find_finds_synonyms_like_search_setup(setup: Page, subtests):
    texts = ["training", "exercises", "health", "connected app", "ECA", "audit", "logs"]
    texts += ["SAML", "permissions", "API", "password", "apps connected", "tokens", "dep"]
    for text in texts:
        with subtests.test(text=text):
            quick_find(setup).fill(text)

            expected = {node.label for node in navigation.find_nodes(text)}
            assert expected
            assert expected <= set(links(setup).all_inner_texts())


def test_quick_find_keeps_its_text_from_page_to_page(setup: Page):
    quick_find(setup).fill("debug")
    setup.keyboard.press("Enter")
    expect(setup).to_have_url("/debug-logs/")

    expect(quick_find(setup)).to_have_value("debug")
    expect(links(setup)).to_have_text(["Debug Logs"])

    setup.keyboard.press("/")
    setup.keyboard.press("Escape")
    setup.reload()
    expect(quick_find(setup)).to_have_value("")


def test_a_node_that_tokenx_lacks_is_marked_before_the_click(setup: Page):
    lacking, included = item(setup, "Login Flows"), item(setup, "Login History")

    expect(lacking).to_have_accessible_description("Not in tokenx")
    expect(lacking.get_by_role("link")).to_have_css("font-style", "italic")
    expect(included).not_to_have_accessible_description("Not in tokenx")
    expect(included.get_by_role("link")).to_have_css("font-style", "normal")


def test_esc_clears_quick_find_and_restores_the_tree(setup: Page):
    before = links(setup).all_inner_texts()
    quick_find(setup).fill("debug")
    expect(links(setup)).to_have_count(1)
    setup.keyboard.press("Escape")

    expect(quick_find(setup)).to_have_value("")
    expect(quick_find(setup)).to_be_focused()
    expect(setup.locator("#setup-tree mark")).to_have_count(0)
    assert links(setup).all_inner_texts() == before
    expect(item(setup, "Environments")).to_have_attribute("aria-expanded", "false")


def test_enter_in_quick_find_opens_the_first_page_found(setup: Page):
    quick_find(setup).fill("audit")
    setup.keyboard.press("Enter")

    expect(setup).to_have_url("/audit-trail/")


def test_arrow_down_goes_from_quick_find_to_the_first_page_found(setup: Page):
    quick_find(setup).fill("audit")
    setup.keyboard.press("ArrowDown")

    expect(item(setup, "View Setup Audit Trail")).to_be_focused()


def test_a_page_that_the_replica_lacks_says_so_and_links_back(setup: Page):
    quick_find(setup).fill("session settings")
    links(setup).first.click()

    expect(setup.get_by_text("This page isn't included in tokenx")).to_be_visible()
    setup.locator("main").get_by_role("link", name="Token Exchange Handlers").click()
    expect(setup).to_have_url("/handlers/")


def test_salesforces_path_leads_to_the_list(setup: Page):
    setup.goto("/lightning/setup/OauthTokenExchangeHandlers/home")

    expect(setup).to_have_url("/handlers/")


SKIP_LINKS = {"Skip to Navigation": "setup-nav", "Skip to Main Content": "main"}


def test_a_skip_link_moves_the_focus(setup: Page, subtests):
    for link, target in SKIP_LINKS.items():
        with subtests.test(link=link):
            setup.get_by_role("link", name=link).focus()
            expect(setup.get_by_role("link", name=link)).to_be_in_viewport()
            setup.keyboard.press("Enter")

            expect(setup.locator(f"#{target}")).to_be_focused()
