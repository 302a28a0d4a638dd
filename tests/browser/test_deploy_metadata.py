"""Metadata files: upload, repair, check, deployment, and retrieval."""

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
    deployed,
    package,
    page_of,
    repaired,
    send,
    stuck,
    unchanged,
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
    """Return the sample in Salesforce's documentation."""
    return SEED.decode()


def mended() -> str:
    """Return the repaired sample with an unknown user, and without another's default."""
    text = repaired().decode().replace("integrationuser@mycompany.com", ROBOT)
    first, _, second = text.rpartition("<isDefault>true")
    return f"{first}<isDefault>false{second}"


def xml(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Or a handler's XML")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def state(page: Page) -> Locator:
    return page.locator("#deployment-heading")


def placeholder(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def paste(page: Page, field: Locator, text: str) -> None:
    """Paste text, which arrives as a whole and not character by character."""
    field.focus()
    page.keyboard.insert_text(text)


# --- The whole workflow ----------------------------------------------------------------


def test_repair_check_deploy_and_retrieve_a_file_by_mouse(admin_page: Page, tmp_path: Path):
    admin_page.goto("/")
    admin_page.get_by_label("Quick Find").last.fill("Deployment")
    admin_page.locator("#setup-tree").get_by_role("link", name="Deployment Status").click()
    action(admin_page, "Deploy Metadata").click()

    paste(admin_page, xml(admin_page), sample())
    button(admin_page, "Next").click()
    expect(admin_page.get_by_text("Can't be read")).to_be_visible()
    button(admin_page, "Check Only").click()
    expect(state(admin_page)).to_have_text("Failed")
    expect(admin_page.locator(".failure mark")).to_have_text("c")
    expect(admin_page.locator(".failure code").first).to_contain_text(":1:806")

    admin_page.get_by_role("link", name="Deployment Status").first.click()
    action(admin_page, "Deploy Metadata").click()
    paste(admin_page, xml(admin_page), mended())
    button(admin_page, "Next").click()
    expect(admin_page.locator(".difference")).to_contain_text("TokenExchangeApp1")
    action(admin_page, "Create Placeholders").click()
    placeholder(admin_page, ROBOT).locator("xpath=following-sibling::label").click()
    dialog(admin_page).get_by_role("button", name="Create").click()
    expect(toast(admin_page, f"Placeholders created: user {ROBOT}.")).to_be_visible()
    expect(action(admin_page, "Create Placeholders")).to_have_count(0)

    button(admin_page, "Check Only").click()
    expect(state(admin_page)).to_have_text("Succeeded")
    expect(admin_page.get_by_text("This was only a check.")).to_be_visible()
    button(admin_page, "Deploy").click()
    expect(state(admin_page)).to_have_text("Succeeded")
    expect(heading(admin_page)).to_contain_text("Deployment")

    admin_page.goto(HANDLER)
    expect(enabled_app(admin_page, "TokenExchangeApp1")).to_contain_text("new-robot")
    expect(enabled_app(admin_page, "TokenExchangeApp2")).to_be_visible()
    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)
    action(admin_page, "View Metadata").click()
    expect(admin_page.locator("#handler-xml")).to_contain_text(ROBOT)
    button(admin_page, "Copy").click()
    expect(button(admin_page, "Copied")).to_be_focused()
    xml_text = admin_page.locator("#handler-xml").text_content()
    assert admin_page.evaluate("getSelection().toString()").strip() == xml_text.strip()

    admin_page.goto("/handlers/")
    action(admin_page, "Retrieve").click()
    placeholder(admin_page, "MyTokenExchangeHandler").locator(
        "xpath=following-sibling::label"
    ).click()
    with admin_page.expect_download() as fetched:
        dialog(admin_page).get_by_role("button", name="Retrieve").click()
    fetched.value.save_as(tmp_path / "retrieved.zip")
    admin_page.keyboard.press("Escape")
    expect(dialog(admin_page)).to_have_count(0)
    with zipfile.ZipFile(tmp_path / "retrieved.zip") as opened:
        name = f"oauthtokenexchangehandlers/MyTokenExchangeHandler{SUFFIX}"
        assert opened.namelist() == [name, "package.xml"]
        assert opened.read(name).decode().strip() == xml_text.strip()

    admin_page.goto(DEPLOY)
    admin_page.get_by_label("Zip file").set_input_files(tmp_path / "retrieved.zip")
    button(admin_page, "Next").click()
    expect(admin_page.locator(".difference")).to_contain_text("Unchanged")


def test_repair_check_deploy_and_retrieve_a_file_by_keyboard_alone(admin_page: Page, watch):
    watch.expects("status of 422")
    keyboard = admin_page.keyboard
    admin_page.goto(DEPLOYMENTS)
    tab_to(admin_page, action(admin_page, "Deploy Metadata"))
    keyboard.press("Enter")
    expect(heading(admin_page)).to_contain_text("Deploy Metadata")
    tab_to(admin_page, xml(admin_page))
    keyboard.insert_text(mended())
    tab_to(admin_page, button(admin_page, "Next"))
    keyboard.press("Enter")

    expect(action(admin_page, "Create Placeholders")).to_be_visible()
    tab_to(admin_page, action(admin_page, "Create Placeholders"))
    keyboard.press("Enter")
    expect(dialog(admin_page)).to_be_visible()
    tab_to(admin_page, button(admin_page, "Create"))
    keyboard.press("Enter")
    expect(errors(admin_page)).to_contain_text("Select at least one placeholder.")
    expect(dialog(admin_page).locator(":focus")).to_have_count(1)
    tab_to(admin_page, placeholder(admin_page, ROBOT))
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(toast(admin_page, "Placeholders created")).to_be_visible()

    tab_to(admin_page, button(admin_page, "Check Only"))
    keyboard.press("Enter")
    expect(state(admin_page)).to_have_text("Succeeded")
    tab_to(admin_page, button(admin_page, "Deploy"))
    keyboard.press("Enter")
    expect(heading(admin_page)).to_contain_text("Deployment")
    expect(state(admin_page)).to_have_text("Succeeded")

    admin_page.goto(METADATA)
    expect(admin_page.locator("#handler-xml")).to_contain_text(ROBOT)
    tab_to(admin_page, button(admin_page, "Copy"))
    keyboard.press("Enter")
    expect(button(admin_page, "Copied")).to_be_focused()

    admin_page.goto(DEPLOYMENTS)
    tab_to(admin_page, action(admin_page, "Retrieve"))
    keyboard.press("Enter")
    expect(dialog(admin_page)).to_be_visible()
    whole_org = admin_page.get_by_role("radio", name=re.compile("Whole org"))
    tab_to(admin_page, admin_page.get_by_role("radio", name="Selected handlers"))
    keyboard.press("ArrowDown")
    expect(whole_org).to_be_checked()
    with admin_page.expect_download() as fetched:
        keyboard.press("Enter")
    assert fetched.value.suggested_filename.startswith("retrieved-")


def drop(page: Page, field: Locator, files: list[Path]) -> None:
    """Drop files on a field, as if the mouse had dragged them from another window."""
    box = field.bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    center = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **center, "data": data})


def test_files_can_be_dropped_on_the_field(admin_page: Page, tmp_path: Path):
    files = [tmp_path / f"MyTokenExchangeHandler{SUFFIX}", tmp_path / "notes.txt"]
    for file in files:
        file.write_bytes(repaired())
    admin_page.goto(DEPLOY)
    drop(admin_page, admin_page.get_by_label("Zip file"), files)
    button(admin_page, "Next").click()

    expect(heading(admin_page)).to_contain_text("2 files.zip")
    expect(admin_page.locator(".difference")).to_contain_text("MyTokenExchangeHandler")


def test_the_whole_workflow_without_scripts(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    page.goto(DEPLOYMENTS)
    action(page, "Deploy Metadata").click()
    button(page, "Next").click()
    expect(errors(page)).to_contain_text("Choose a file")
    xml(page).fill(mended())
    button(page, "Next").click()

    action(page, "Create Placeholders").click()
    button(page, "Create").click()
    expect(errors(page)).to_contain_text("Select at least one placeholder.")
    placeholder(page, ROBOT).locator("xpath=following-sibling::label").click()
    button(page, "Create").click()
    expect(toast(page, "Placeholders created")).to_have_count(1)
    button(page, "Check Only").click()
    expect(state(page)).to_have_text("Succeeded")
    page.get_by_role("link", name="Failures (0)").click()
    expect(page.get_by_text("No components failed.")).to_be_visible()
    button(page, "Deploy").click()
    expect(state(page)).to_have_text("Succeeded")

    page.goto(DEPLOYMENTS)
    page.get_by_role("combobox", name="Type").select_option("Check")
    button(page, "Apply").click()
    expect(page.locator("#deployments tbody tr")).to_have_count(1)
    action(page, "Retrieve").click()
    button(page, "Retrieve").click()
    expect(errors(page)).to_contain_text("Select at least one handler.")
    page.get_by_text("Whole org").click()
    with page.expect_download() as fetched:
        button(page, "Retrieve").click()
    assert fetched.value.suggested_filename.endswith(".zip")


# --- During a deployment ---------------------------------------------------------------


@pytest.fixture
def running(admin: User) -> Deployment:
    """Return a deployment that another process seems to run."""
    return stuck(send(repaired()), Status.IN_PROGRESS)


def end(deployment: Deployment) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(
        status=Status.SUCCEEDED, completed_at=deployment.created_at, lease_until=None
    )


def count_of_requests(page: Page, url: str) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda r: seen.append(r.url) if r.url.endswith(url) else None)
    return seen


def test_the_page_follows_a_background_deployment_to_its_end(
    admin_page: Page, in_background, tmp_path: Path
):
    admin_page.goto(DEPLOY)
    (tmp_path / "package.zip").write_bytes(package())
    admin_page.get_by_label("Zip file").set_input_files(tmp_path / "package.zip")
    button(admin_page, "Next").click()
    button(admin_page, "Deploy").click()

    expect(state(admin_page)).to_have_text("Failed")
    expect(admin_page.get_by_role("link", name="Failures (4)")).to_be_visible()
    requests = count_of_requests(admin_page, "/")
    admin_page.wait_for_timeout(2_500)
    assert not requests


def test_the_page_polls_until_the_deployment_is_done(admin_page: Page, running):
    admin_page.goto(page_of(running))
    expect(state(admin_page)).to_have_text("In Progress")
    Deployment.objects.filter(pk=running.pk).update(state_detail="Deploying the rest")
    expect(admin_page.get_by_text("Deploying the rest")).to_be_visible()

    end(running)

    expect(state(admin_page)).to_have_text("Succeeded")
    requests = count_of_requests(admin_page, page_of(running))
    admin_page.wait_for_timeout(2_500)
    assert not requests


def test_polling_keeps_the_focus_and_the_scroll_position(admin_page: Page, running):
    admin_page.set_viewport_size({"width": 640, "height": 300})
    admin_page.goto(page_of(running))
    admin_page.mouse.wheel(0, 4_000)
    admin_page.wait_for_timeout(300)
    scroll_position = admin_page.evaluate("scrollY")
    assert scroll_position > 0
    with admin_page.expect_response(f"**{page_of(running)}"):
        pass
    with admin_page.expect_response(f"**{page_of(running)}"):
        pass
    assert admin_page.evaluate("scrollY") == scroll_position

    tab_to(admin_page, action(admin_page, "Cancel"))
    with admin_page.expect_response(f"**{page_of(running)}"):
        pass
    admin_page.wait_for_timeout(100)
    expect(action(admin_page, "Cancel")).to_be_focused()
    end(running)
    expect(state(admin_page)).to_be_focused()


def test_polling_the_list_keeps_the_focus_on_its_row(admin_page: Page, admin):
    done = deployed(send(repaired()), check_only=True)
    stuck(done.source, Status.IN_PROGRESS)
    admin_page.goto(DEPLOYMENTS)
    expect(admin_page.locator("#deployments progress")).to_have_count(1)
    link = admin_page.get_by_role("link", name=done.record_id)
    tab_to(admin_page, link)
    with admin_page.expect_response(f"**{DEPLOYMENTS}"):
        pass
    admin_page.wait_for_timeout(100)

    expect(link).to_be_focused()


def test_cancel_and_back_to_the_button(admin_page: Page, running):
    admin_page.goto(page_of(running))
    action(admin_page, "Cancel").click()
    expect(dialog(admin_page)).to_contain_text("Cancel this deployment?")
    admin_page.wait_for_timeout(1_500)
    admin_page.keyboard.press("Escape")
    expect(action(admin_page, "Cancel")).to_be_focused()

    action(admin_page, "Cancel").click()
    button(admin_page, "Cancel Deployment").click()
    expect(toast(admin_page, "was canceled.")).to_be_visible()
    expect(dialog(admin_page)).to_have_count(0)
    expect(state(admin_page)).to_have_text("Canceling")
    running.refresh_from_db()
    assert running.canceled_by.username == "admin@tokenx.example"


def test_an_unreachable_server_is_reported_once(admin_page: Page, running, watch):
    watch.expects("ERR_CONNECTION_REFUSED", "htmx:sendError")
    admin_page.goto(page_of(running))
    admin_page.route(
        f"**{page_of(running)}", lambda route: route.abort("connectionrefused")
    )
    expect(toast(admin_page, "We couldn't reach the server")).to_be_visible()
    admin_page.wait_for_timeout(2_500)
    expect(toast(admin_page, "We couldn't reach the server")).to_have_count(1)

    admin_page.unroute(f"**{page_of(running)}")
    end(running)
    expect(state(admin_page)).to_have_text("Succeeded")


# --- Lists and dialogs -----------------------------------------------------------------


def test_the_lists_filter_is_in_its_url(admin_page: Page, admin):
    deployed(send(repaired()), check_only=True)
    deployed(send(b"no zip", "package.zip"))
    admin_page.goto(DEPLOYMENTS)
    rows = admin_page.locator("#deployments tbody tr")
    expect(rows).to_have_count(2)

    admin_page.get_by_role("combobox", name="Type").select_option("Check")
    expect(rows).to_have_count(1)
    expect(admin_page).to_have_url(re.compile(r"kind=check"))
    admin_page.reload()
    expect(rows).to_have_count(1)
    admin_page.go_back()
    expect(rows).to_have_count(2)


def test_retrieve_asks_again_in_its_dialog(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, DEPLOYMENTS, "Retrieve")
    dialog(admin_page).get_by_role("button", name="Retrieve").click()

    expect(dialog(admin_page).get_by_role("alert")).to_have_text(
        "Select at least one handler."
    )
    expect(placeholder(admin_page, "Customer Sign-up (Customer_Sign_up)")).to_be_focused()
    expect(admin_page).to_have_url(f"{DEPLOYMENTS}?open=retrieve")


def test_handlers_can_be_retrieved_again(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, DEPLOYMENTS, "Retrieve")
    dialog(admin_page).get_by_role("button", name="Retrieve").click()
    expect(dialog(admin_page).get_by_role("alert")).to_be_visible()

    for name in ("Pilot", "Okta Workforce (Okta_Workforce)"):
        dialog(admin_page).get_by_text(name, exact=True).click()
        with admin_page.expect_download():
            dialog(admin_page).get_by_role("button", name="Retrieve").click()
        expect(dialog(admin_page)).to_have_count(0)
        expect(action(admin_page, "Retrieve")).to_be_focused()
        admin_page.keyboard.press("Enter")
    expect(admin_page).to_have_url(f"{DEPLOYMENTS}?open=retrieve")


def test_pressing_deploy_twice_deploys_once(admin_page: Page, admin):
    source = send(mended().replace(ROBOT, "integrationuser@mycompany.com").encode())
    admin_page.goto(f"/deploy/{source.pk}/")
    button(admin_page, "Deploy").dblclick()
    expect(state(admin_page)).to_have_text("Succeeded")

    handler = TokenExchangeHandler.objects.get(developer_name="MyTokenExchangeHandler")
    assert handler.app_count == 2
    assert not Deployment.objects.exclude(status=Status.SUCCEEDED).exists()


def test_a_long_file_name_does_not_widen_pages(admin_page: Page, admin):
    deployed(send(repaired(), f"{'Long' * 50}{SUFFIX}"), check_only=True)
    admin_page.set_viewport_size({"width": 1280, "height": 720})
    admin_page.goto(DEPLOYMENTS)

    assert admin_page.evaluate("document.documentElement.scrollWidth") == 1280
    admin_page.set_viewport_size({"width": 320, "height": 720})
    record_id = admin_page.locator("#deployments tbody a").bounding_box()
    assert record_id
    assert record_id["height"] < 30  # one line, despite the long name beside it


def test_names_are_readable_in_a_narrow_window(admin_page: Page, admin):
    deployment = deployed(send(unchanged(), f"Okta_Workforce{SUFFIX}"), check_only=True)
    admin_page.set_viewport_size({"width": 320, "height": 720})
    admin_page.goto(page_of(deployment))

    name = admin_page.locator("#successes th[scope=row]").last.bounding_box()
    assert name
    assert name["height"] < 100
