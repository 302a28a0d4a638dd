"""Handlers as files: sent, seen to be wrong, repaired, checked, deployed, retrieved."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import User

from .states.deployments import (
    DEPLOY,
    DEPLOYMENTS,
    METADATA,
    SEED,
    SUFFIX,
    as_it_is,
    deployed,
    left,
    package,
    page_of,
    repaired,
    send,
)
from .steps import (
    HANDLER,
    action,
    dialog,
    enabled_app,
    errors,
    heading,
    open_dialog,
    tab_to,
    toast,
)

ROBOT = "new-robot@mycompany.com"


def sample() -> str:
    """The sample as it is printed."""
    return SEED.decode()


def mended() -> str:
    """Repaired, but of a user whom the org does not have, and no default of another's."""
    text = repaired().decode().replace("integrationuser@mycompany.com", ROBOT)
    first, _, second = text.rpartition("<isDefault>true")
    return f"{first}<isDefault>false{second}"


def xml(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Or the XML of a handler")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def state(page: Page) -> Locator:
    return page.locator("#deployment-heading")


def placeholder(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def paste(page: Page, field: Locator, text: str) -> None:
    """What the clipboard has comes at once, and not letter by letter."""
    field.focus()
    page.keyboard.insert_text(text)


# --- The whole way ---------------------------------------------------------------------


def test_a_file_is_repaired_checked_deployed_and_retrieved_by_mouse(
    page: Page, tmp_path: Path
):
    page.goto("/")
    page.get_by_label("Quick Find").last.fill("Deployment")
    page.locator("#setup-tree").get_by_role("link", name="Deployment Status").click()
    action(page, "Deploy Metadata").click()

    paste(page, xml(page), sample())
    button(page, "Next").click()
    expect(page.get_by_text("Cannot be read")).to_be_visible()
    button(page, "Check Only").click()
    expect(state(page)).to_have_text("Failed")
    expect(page.locator(".failure mark")).to_have_text("c")
    expect(page.locator(".failure code").first).to_contain_text(":1:806")

    page.get_by_role("link", name="Deployment Status").first.click()
    action(page, "Deploy Metadata").click()
    paste(page, xml(page), mended())
    button(page, "Next").click()
    expect(page.locator(".difference")).to_contain_text("TokenExchangeApp1")
    action(page, "Create Placeholders").click()
    placeholder(page, ROBOT).locator("xpath=following-sibling::label").click()
    dialog(page).get_by_role("button", name="Create").click()
    expect(toast(page, f"Created as placeholders: user {ROBOT}.")).to_be_visible()
    expect(action(page, "Create Placeholders")).to_have_count(0)

    button(page, "Check Only").click()
    expect(state(page)).to_have_text("Succeeded")
    expect(page.get_by_text("This was a check: nothing was changed.")).to_be_visible()
    button(page, "Deploy").click()
    expect(state(page)).to_have_text("Succeeded")
    expect(heading(page)).to_contain_text("Deployment")

    page.goto(HANDLER)
    expect(enabled_app(page, "TokenExchangeApp1")).to_contain_text("new-robot")
    expect(enabled_app(page, "TokenExchangeApp2")).to_be_visible()
    expect(enabled_app(page, "Sales Insights")).to_have_count(0)
    action(page, "View Metadata").click()
    expect(page.locator("#handler-xml")).to_contain_text(ROBOT)
    button(page, "Copy").click()
    expect(button(page, "Copied")).to_be_focused()
    shown = page.locator("#handler-xml").text_content()
    assert page.evaluate("getSelection().toString()").strip() == shown.strip()

    page.goto("/handlers/")
    action(page, "Retrieve").click()
    placeholder(page, "MyTokenExchangeHandler").locator(
        "xpath=following-sibling::label"
    ).click()
    with page.expect_download() as fetched:
        dialog(page).get_by_role("button", name="Retrieve").click()
    fetched.value.save_as(tmp_path / "retrieved.zip")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    with zipfile.ZipFile(tmp_path / "retrieved.zip") as opened:
        name = f"oauthtokenexchangehandlers/MyTokenExchangeHandler{SUFFIX}"
        assert opened.namelist() == [name, "package.xml"]
        assert opened.read(name).decode().strip() == shown.strip()

    page.goto(DEPLOY)
    page.get_by_label("A zip, one file").set_input_files(tmp_path / "retrieved.zip")
    button(page, "Next").click()
    expect(page.locator(".difference")).to_contain_text("Unchanged")


def test_the_same_by_keyboard_alone(page: Page, watch):
    watch.expects("status of 422")
    keyboard = page.keyboard
    page.goto(DEPLOYMENTS)
    tab_to(page, action(page, "Deploy Metadata"))
    keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Deploy Metadata")
    tab_to(page, xml(page))
    keyboard.insert_text(mended())
    tab_to(page, button(page, "Next"))
    keyboard.press("Enter")

    expect(action(page, "Create Placeholders")).to_be_visible()
    tab_to(page, action(page, "Create Placeholders"))
    keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    tab_to(page, button(page, "Create"))
    keyboard.press("Enter")
    expect(errors(page)).to_contain_text("Tick what is to be made.")
    expect(dialog(page).locator(":focus")).to_have_count(1)
    tab_to(page, placeholder(page, ROBOT))
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(toast(page, "Created as placeholders")).to_be_visible()

    tab_to(page, button(page, "Check Only"))
    keyboard.press("Enter")
    expect(state(page)).to_have_text("Succeeded")
    tab_to(page, button(page, "Deploy"))
    keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Deployment")
    expect(state(page)).to_have_text("Succeeded")

    page.goto(METADATA)
    expect(page.locator("#handler-xml")).to_contain_text(ROBOT)
    tab_to(page, button(page, "Copy"))
    keyboard.press("Enter")
    expect(button(page, "Copied")).to_be_focused()

    page.goto(DEPLOYMENTS)
    tab_to(page, action(page, "Retrieve"))
    keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    whole_org = page.get_by_role("radio", name=re.compile("The whole org"))
    tab_to(page, page.get_by_role("radio", name="The handlers selected below"))
    keyboard.press("ArrowDown")
    expect(whole_org).to_be_checked()
    with page.expect_download() as fetched:
        keyboard.press("Enter")
    assert fetched.value.suggested_filename.startswith("retrieved-")


def drop(page: Page, field: Locator, files: list[Path]) -> None:
    """As the mouse does it that brings files from another window."""
    box = field.bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def test_files_are_dropped_on_the_field(page: Page, tmp_path: Path):
    files = [tmp_path / f"MyTokenExchangeHandler{SUFFIX}", tmp_path / "notes.txt"]
    for file in files:
        file.write_bytes(repaired())
    page.goto(DEPLOY)
    drop(page, page.get_by_label("A zip, one file"), files)
    button(page, "Next").click()

    expect(heading(page)).to_contain_text("2 files.zip")
    expect(page.locator(".difference")).to_contain_text("MyTokenExchangeHandler")


def test_without_scripts(plain: Page, watch):
    watch.expects("status of 422")
    page = plain
    page.goto(DEPLOYMENTS)
    action(page, "Deploy Metadata").click()
    button(page, "Next").click()
    expect(errors(page)).to_contain_text("Choose a file")
    xml(page).fill(mended())
    button(page, "Next").click()

    action(page, "Create Placeholders").click()
    button(page, "Create").click()
    expect(errors(page)).to_contain_text("Tick what is to be made.")
    placeholder(page, ROBOT).locator("xpath=following-sibling::label").click()
    button(page, "Create").click()
    expect(toast(page, "Created as placeholders")).to_have_count(1)
    button(page, "Check Only").click()
    expect(state(page)).to_have_text("Succeeded")
    page.get_by_role("link", name="Failures (0)").click()
    expect(page.get_by_text("No component failed.")).to_be_visible()
    button(page, "Deploy").click()
    expect(state(page)).to_have_text("Succeeded")

    page.goto(DEPLOYMENTS)
    page.get_by_role("combobox", name="Type").select_option("Check")
    button(page, "Apply").click()
    expect(page.locator("#deployments tbody tr")).to_have_count(1)
    action(page, "Retrieve").click()
    button(page, "Retrieve").click()
    expect(errors(page)).to_contain_text("Select at least one handler.")
    page.get_by_text("The whole org").click()
    with page.expect_download() as fetched:
        button(page, "Retrieve").click()
    assert fetched.value.suggested_filename.endswith(".zip")


# --- While it runs ---------------------------------------------------------------------


@pytest.fixture
def running(admin: User) -> Deployment:
    """As if another process ran it."""
    return left(send(repaired()), Status.IN_PROGRESS)


def end(deployment: Deployment) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(
        status=Status.SUCCEEDED, completed_at=deployment.created_at, lease_until=None
    )


def count_of_requests(page: Page, url: str) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda r: seen.append(r.url) if r.url.endswith(url) else None)
    return seen


def test_a_deployment_in_the_background_is_followed_to_its_end(
    page: Page, in_background, tmp_path: Path
):
    page.goto(DEPLOY)
    (tmp_path / "package.zip").write_bytes(package())
    page.get_by_label("A zip, one file").set_input_files(tmp_path / "package.zip")
    button(page, "Next").click()
    button(page, "Deploy").click()

    expect(state(page)).to_have_text("Failed")
    expect(page.get_by_role("link", name="Failures (4)")).to_be_visible()
    seen = count_of_requests(page, "/")
    page.wait_for_timeout(2_500)
    assert not seen


def test_a_page_looks_again_until_it_is_done_and_no_longer(page: Page, running):
    page.goto(page_of(running))
    expect(state(page)).to_have_text("In Progress")
    Deployment.objects.filter(pk=running.pk).update(state_detail="Deploying the rest")
    expect(page.get_by_text("Deploying the rest")).to_be_visible()

    end(running)

    expect(state(page)).to_have_text("Succeeded")
    seen = count_of_requests(page, page_of(running))
    page.wait_for_timeout(2_500)
    assert not seen


def test_looking_again_takes_neither_focus_nor_place(page: Page, running):
    page.set_viewport_size({"width": 640, "height": 300})
    page.goto(page_of(running))
    page.mouse.wheel(0, 4_000)
    page.wait_for_timeout(300)
    place = page.evaluate("scrollY")
    assert place > 0
    with page.expect_response(f"**{page_of(running)}"):
        pass
    with page.expect_response(f"**{page_of(running)}"):
        pass
    assert page.evaluate("scrollY") == place

    tab_to(page, action(page, "Cancel"))
    with page.expect_response(f"**{page_of(running)}"):
        pass
    page.wait_for_timeout(100)
    expect(action(page, "Cancel")).to_be_focused()
    end(running)
    expect(state(page)).to_be_focused()


def test_in_the_list_the_focus_stays_on_its_row(page: Page, admin):
    done = deployed(send(repaired()), check_only=True)
    left(done.source, Status.IN_PROGRESS)
    page.goto(DEPLOYMENTS)
    expect(page.locator("#deployments progress")).to_have_count(1)
    link = page.get_by_role("link", name=done.record_id)
    tab_to(page, link)
    with page.expect_response(f"**{DEPLOYMENTS}"):
        pass
    page.wait_for_timeout(100)

    expect(link).to_be_focused()


def test_cancel_and_back_to_the_button(page: Page, running):
    page.goto(page_of(running))
    action(page, "Cancel").click()
    expect(dialog(page)).to_contain_text("Cancel this deployment?")
    page.wait_for_timeout(1_500)
    page.keyboard.press("Escape")
    expect(action(page, "Cancel")).to_be_focused()

    action(page, "Cancel").click()
    button(page, "Cancel Deployment").click()
    expect(toast(page, "is canceled.")).to_be_visible()
    expect(dialog(page)).to_have_count(0)
    expect(state(page)).to_have_text("Canceling")
    running.refresh_from_db()
    assert running.canceled_by.username == "admin@tokenx.example"


def test_a_server_that_does_not_answer_is_said_once(page: Page, running, watch):
    watch.expects("ERR_CONNECTION_REFUSED", "htmx:sendError")
    page.goto(page_of(running))
    page.route(f"**{page_of(running)}", lambda route: route.abort("connectionrefused"))
    expect(toast(page, "The server did not answer")).to_be_visible()
    page.wait_for_timeout(2_500)
    expect(toast(page, "The server did not answer")).to_have_count(1)

    page.unroute(f"**{page_of(running)}")
    end(running)
    expect(state(page)).to_have_text("Succeeded")


# --- Lists and dialogs -----------------------------------------------------------------


def test_the_list_is_filtered_in_its_address(page: Page, admin):
    deployed(send(repaired()), check_only=True)
    deployed(send(b"no zip", "package.zip"))
    page.goto(DEPLOYMENTS)
    rows = page.locator("#deployments tbody tr")
    expect(rows).to_have_count(2)

    page.get_by_role("combobox", name="Type").select_option("Check")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"kind=check"))
    page.reload()
    expect(rows).to_have_count(1)
    page.go_back()
    expect(rows).to_have_count(2)


def test_retrieve_asks_again_in_its_dialog(page: Page, watch):
    watch.expects("status of 422")
    open_dialog(page, DEPLOYMENTS, "Retrieve")
    dialog(page).get_by_role("button", name="Retrieve").click()

    expect(dialog(page).get_by_role("alert")).to_have_text("Select at least one handler.")
    expect(placeholder(page, "Customer Sign-up (Customer_Sign_up)")).to_be_focused()
    expect(page).to_have_url(DEPLOYMENTS)


def test_after_a_retrieve_there_can_be_another(page: Page, watch):
    watch.expects("status of 422")
    open_dialog(page, DEPLOYMENTS, "Retrieve")
    dialog(page).get_by_role("button", name="Retrieve").click()
    expect(dialog(page).get_by_role("alert")).to_be_visible()

    for name in ("Pilot", "Okta Workforce (Okta_Workforce)"):
        dialog(page).get_by_text(name, exact=True).click()
        with page.expect_download():
            dialog(page).get_by_role("button", name="Retrieve").click()
        expect(dialog(page)).to_have_count(0)
        expect(action(page, "Retrieve")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page).to_have_url(DEPLOYMENTS)


def test_pressing_deploy_twice_changes_nothing_twice(page: Page, admin):
    source = send(mended().replace(ROBOT, "integrationuser@mycompany.com").encode())
    page.goto(f"/deploy/{source.pk}/")
    button(page, "Deploy").dblclick()
    expect(state(page)).to_have_text("Succeeded")

    handler = TokenExchangeHandler.objects.get(developer_name="MyTokenExchangeHandler")
    assert handler.app_count == 2
    assert not Deployment.objects.exclude(status=Status.SUCCEEDED).exists()


def test_a_long_name_of_what_was_sent_widens_no_page(page: Page, admin):
    deployed(send(repaired(), f"{'Long' * 50}{SUFFIX}"), check_only=True)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(DEPLOYMENTS)

    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    page.set_viewport_size({"width": 320, "height": 720})
    record_id = page.locator("#deployments tbody a").bounding_box()
    assert record_id
    assert record_id["height"] < 30  # in one line, whatever the name beside it does


def test_the_names_of_files_can_be_read_in_a_narrow_window(page: Page, admin):
    made = deployed(send(as_it_is(), f"Okta_Workforce{SUFFIX}"), check_only=True)
    page.set_viewport_size({"width": 320, "height": 720})
    page.goto(page_of(made))

    file_name = page.locator("#successes td").last.bounding_box()
    assert file_name
    assert file_name["height"] < 100
