"""The address of a dialog on the page beneath it."""

import re
from html import unescape
from urllib.parse import parse_qs, quote

import pytest
from django.test import Client
from django.urls import reverse

from tests.addresses import KEYS, Rows, rows_of
from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.read import Element, read, toasts
from tokenx.org.models import Org, User
from tokenx.training.exercises import exercises
from tokenx.web.dialogs import HEADER, dialogs

# The page beneath each dialog.
BENEATH = {
    "edit-example": "oauth:example-list",
    "delete-example": "oauth:example-list",
    "create-handler": "handlers:list",
    "edit-handler": "handlers:detail",
    "switch-handler": "handlers:detail",
    "delete-handler": "handlers:detail",
    "enable-app": "handlers:detail",
    "edit-enablement": "handlers:detail",
    "remove-app": "handlers:detail",
    "change-time-zone": "setup:home",
    "switch-strict-mode": "setup:strict-mode",
    "new-app": "setup:app-list",
    "edit-app": "setup:app",
    "edit-app-policies": "setup:app",
    "rotate-secret": "setup:app",
    "delete-app": "setup:app",
    "new-apex-class": "setup:apex-class-list",
    "edit-apex-class": "setup:apex-class",
    "delete-apex-class": "setup:apex-class",
    "delete-profile": "setup:profile",
    "new-permission-set": "setup:permission-set-list",
    "edit-permission-set": "setup:permission-set",
    "delete-permission-set": "setup:permission-set",
    "assign-permission-set": "setup:permission-set-assignments",
    "unassign-permission-set": "setup:permission-set-assignments",
    "edit-user-permission-sets": "setup:user",
    "new-user-field": "setup:user-field-list",
    "edit-user-field": "setup:user-field",
    "delete-user-field": "setup:user-field",
    "edit-custom-values": "setup:user",
    "new-certificate": "setup:certificate-list",
    "edit-certificate": "setup:certificate",
    "delete-certificate": "setup:certificate",
    "new-remote-site": "setup:remote-site-list",
    "edit-remote-site": "setup:remote-site",
    "delete-remote-site": "setup:remote-site",
    "new-issuer": "setup:issuer-list",
    "edit-issuer": "setup:issuer",
    "rotate-issuer-key": "setup:issuer",
    "issuer-secret": "setup:issuer",
    "delete-issuer": "setup:issuer",
    "delete-debug-logs": "setup:debug-log-list",
    "new-trace-flag": "setup:debug-log-list",
    "new-debug-level": "setup:debug-level-list",
    "edit-debug-level": "setup:debug-level",
    "delete-debug-level": "setup:debug-level",
    "new-user": "setup:user-list",
    "edit-user": "setup:user",
    "deactivate-user": "setup:user",
    "activate-user": "setup:user",
    "new-access-token": "setup:api-access",
    "revoke-access-token": "setup:api-access",
    "cancel-deployment": "metadata:deployment",
    "create-placeholders": "metadata:review",
    "retrieve": "handlers:list",
    "start-exercise": "training:exercise",
    "leave-exercise": "setup:home",
    "open-classroom": "training:classroom-list",
    "end-classroom": "training:classroom",
    "delete-classroom": "training:classroom",
    "send-statements": "training:classroom",
    "send-note": "training:participant",
    "reset-participant": "training:participant",
    "remove-participant": "training:participant",
    "look-into": "training:participant",
    "present": "training:home",
    "save-snapshot": "training:snapshots",
    "restore-snapshot": "training:snapshots",
    "delete-snapshot": "training:snapshots",
    "snapshot-link": "training:snapshots",
    "revoke-snapshot-link": "training:snapshots",
    "reset-org": "training:home",
}


@pytest.fixture
def ours(org: Org) -> Rows:
    return rows_of(org, "Ours")


@pytest.fixture
def page(handler) -> str:
    return reverse("handlers:detail", args=[handler.developer_name])


def url_of(name: str, rows: Rows) -> str:
    return reverse(name, kwargs={key: getattr(rows, key) for key in KEYS[name]})


def dialog_in(response) -> Element:
    return read(response).one("dialog", id="modal")


def field(dialog: Element, name: str) -> str:
    """Return the value of an input. Without JavaScript, radio buttons follow it."""
    return dialog.all("input", name=name)[0].attributes.get("value", "")


def opened(client: Client, url: str, beneath: str) -> str:
    """Return the page's address after it opens the dialog."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{beneath}"}
    response = client.get(url, headers=headers)
    return f"{beneath}?{response[HEADER]}"


def test_every_dialog_opens_from_its_address(admin_client, ours, subtests):
    assert set(BENEATH) == set(dialogs())
    for name, found in dialogs().items():
        with subtests.test(dialog=name):
            url, beneath = url_of(found.url_name, ours), url_of(BENEATH[name], ours)

            address = opened(admin_client, url, beneath)
            dialog = dialog_in(admin_client.get(address))

            assert address.startswith(f"{beneath}?open={name}")
            assert "open" in dialog.attributes
            fragment = read(admin_client.get(url, headers={"HX-Request": "true"}))
            [container] = fragment.all(class_="slds-modal__container")
            assert dialog.all(id=container.attributes["id"])


def test_every_dialog_opens_again_after_sign_in(admin_client, admin, ours, subtests):
    admin.set_password("correct horse")
    admin.save()
    for name, found in dialogs().items():
        with subtests.test(dialog=name):
            url, beneath = url_of(found.url_name, ours), url_of(BENEATH[name], ours)
            admin_client.force_login(admin)
            address = opened(admin_client, url, beneath)
            admin_client.logout()

            headers = {
                "HX-Request": "true",
                "HX-Current-URL": f"http://testserver{address}",
            }
            sign_in = admin_client.post(url, headers=headers)["HX-Redirect"]
            said = admin_client.get(sign_in)
            entered = {"username": admin.username, "password": "correct horse"}
            back = admin_client.post(
                sign_in, {**entered, "next": said.context["next"]}, follow=True
            )

            assert "You were logged out" in said.content.decode()
            assert "open" in dialog_in(back).attributes


def test_fields_go_by_api_name_and_username(admin_client, handler, page):
    app = ClientAppFactory(org=handler.org, kind="external", label="Partner Portal")
    user = IntegrationUserFactory(org=handler.org)
    query = {
        "open": "enable-app",
        "open-kind": "external",
        "open-app": app.api_name,
        "open-run-as": user.username.upper(),
        "open-make-default": "on",
    }

    dialog = dialog_in(admin_client.get(page, query))

    assert field(dialog, "app") == app.api_name
    assert field(dialog, "app_text") == "Partner Portal"
    assert field(dialog, "run_as") == user.username
    assert "checked" in dialog.one("input", name="make_default").attributes


def test_rows_go_by_api_name_in_links_too(admin_client, handler, page):
    enablement = EnablementFactory(handler=handler)
    app = enablement.app
    url = reverse("handlers:remove-app", args=[handler.developer_name, enablement.pk])

    address = opened(admin_client, url, page)

    assert address == f"{page}?open=remove-app&open-app={app.api_name}&open-kind={app.kind}"


def test_a_dialog_of_another_page_names_its_row(admin_client, handler):
    url = reverse("handlers:enable-app", args=[handler.developer_name])

    address = opened(admin_client, url, "/handlers/")

    assert address == "/handlers/?open=enable-app&open-handler=My_Handler"
    assert "open" in dialog_in(admin_client.get(address)).attributes


def test_invalid_fields_are_refused_by_the_form(admin_client, handler, page, subtests):
    theirs = ClientAppFactory(org=OrgFactory(), label="Theirs")
    stranger = IntegrationUserFactory(org=theirs.org)
    step_2 = {"open": "enable-app", "open-kind": "connected"}
    cases = {
        "unknown kind": ({**step_2, "open-kind": "other"}, "Select one of the two types"),
        "another org's app": (
            {**step_2, "open-app": theirs.api_name},
            "Your choice was deleted. Select the app to enable.",
        ),
        "another org's app by number": (
            {**step_2, "open-app": str(theirs.pk)},
            "Your choice was deleted. Select the app to enable.",
        ),
        "another org's user": (
            {**step_2, "open-run-as": stranger.username},
            "Your choice was deleted. Select the user",
        ),
    }
    for case, (query, message) in cases.items():
        with subtests.test(case=case):
            response = admin_client.get(page, query)

            dialog = dialog_in(response)
            assert response.status_code == 200
            assert message in response.content.decode()
            assert not dialog.all("input", value=theirs.api_name)


def test_a_dialog_that_cannot_open_says_why(admin_client, handler, page, subtests):
    other = TokenExchangeHandlerFactory(org=OrgFactory(), label="Theirs")
    cases = {
        "no dialog": ({"open": "sign-out"}, "We couldn't find that dialog."),
        "a page": ({"open": "detail"}, "We couldn't find that dialog."),
        "no row": ({"open": "remove-app"}, "We couldn't find that dialog."),
        "another org's handler": (
            {"open": "enable-app", "open-handler": other.developer_name},
            "We couldn't find that handler.",
        ),
        "an app that isn't enabled": (
            {"open": "remove-app", "open-app": "Nothing", "open-kind": "connected"},
            "This app isn't enabled for My Handler.",
        ),
    }
    for case, (query, message) in cases.items():
        with subtests.test(case=case):
            response = admin_client.get(page, query)

            assert response.status_code == 200
            assert "open" not in dialog_in(response).attributes
            assert message in " ".join(toasts(response))


def test_permissions_are_those_of_the_dialog(viewer_client, page):
    response = viewer_client.get(page, {"open": "enable-app"})

    assert "open" not in dialog_in(response).attributes
    assert "view-only access" in " ".join(toasts(response))


def test_the_pages_own_filter_is_apart_from_the_dialogs_fields(admin_client, handler, page):
    EnablementFactory(handler=handler, app__kind="connected", app__label="Shown")
    EnablementFactory(handler=handler, app__kind="external", app__label="Hidden")
    query = {"kind": "connected", "open": "enable-app", "open-kind": "external"}

    response = admin_client.get(page, query)

    html = response.content.decode()
    assert "Shown" in html
    assert "Hidden" not in html
    assert "kind=external" in dialog_in(response).one("form").attributes["action"]
    # The page's own links don't open the dialog.
    assert html.count("open=") == 0


def test_long_and_odd_text_comes_back(admin_client, subtests):
    for text in ["a & b=c #d?e", "日本語 <b>", "x" * 400]:
        with subtests.test(text=text):
            query = {"open": "new-user", "open-last-name": text, "open-profile": "standard"}

            dialog = dialog_in(admin_client.get("/users/", query))

            assert field(dialog, "last_name") == text


def test_passwords_never_come_from_an_address(admin_client, ours):
    url = url_of("training:classroom", ours)
    query = {"open": "send-statements", "open-url": "a", "open-password": "secret"}

    dialog = dialog_in(admin_client.get(url, query))

    assert field(dialog, "url") == "a"
    assert field(dialog, "password") == ""


def test_what_answers_a_post_has_no_address(htmx_client, ours):
    url = url_of("setup:rotate-secret", ours)

    assert HEADER in htmx_client.get(url)
    assert HEADER not in htmx_client.post(url)


def test_a_dialog_of_get_fields_does_not_submit_itself(admin_client, handler):
    response = admin_client.get("/handlers/", {"open": "retrieve", "open-what": "org"})

    dialog = dialog_in(response)
    contents = [item.attributes for item in dialog.all("input", name="what")]
    assert [item["value"] for item in contents if "checked" in item] == ["org"]


def test_without_javascript_the_fields_go_through_sign_in(client, handler, admin: User):
    admin.set_password("correct horse")
    admin.save()
    entered = {"last_name": "Bot & Co", "password": "no", "csrfmiddlewaretoken": "x"}

    to_sign_in = client.post("/new-user/", entered)["Location"]
    page = client.get(to_sign_in)

    assert to_sign_in == f"/sign-in/?next={quote('/new-user/?last_name=Bot+%26+Co')}"
    assert "You were logged out" in page.content.decode()
    back = client.post(
        to_sign_in,
        {
            "username": admin.username,
            "password": "correct horse",
            "next": page.context["next"],
        },
        follow=True,
    )
    assert field(read(back), "last_name") == "Bot & Co"


def test_links_in_hints_of_exercises_open_dialogs():
    hints = " ".join(hint for each in exercises().values() for hint in each.hints)
    queries = re.findall(r'href="/[^"]*\?(open=[^"]*)"', hints)
    names = {parse_qs(unescape(query))["open"][0] for query in queries}

    assert {"enable-app", "edit-enablement", "create-handler"} <= names <= set(dialogs())


def test_text_that_is_too_long_for_a_url_is_left_out(client, handler):
    location = client.post("/new-apex-class/", {"body": "x" * 10_000})["Location"]

    assert location == f"/sign-in/?next={quote('/new-apex-class/')}"
