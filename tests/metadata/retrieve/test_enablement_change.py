"""Show as metadata: the lines that a click changed, and the command that deploys them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from pytest_django.asserts import assertContains

from tests.conftest import signed_in
from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.form import form_of
from tests.read import links, read
from tokenx.handlers.enablement_change import Settings, change_of
from tokenx.handlers.models import Enablement
from tokenx.org.models import BuiltInProfile

PAGE = "/handlers/My_Handler/metadata/change/"


@pytest.fixture
def bot(handler):
    return IntegrationUserFactory(org=handler.org, username="bot@mycompany.example")


@pytest.fixture
def enablement(handler, bot):
    return EnablementFactory(handler=handler, app__label="Billing", run_as=bot)


def shown(client, response):
    """The page behind Show as metadata: each file's marked lines, and the command."""
    page = client.get(links(response)["Show as metadata"], headers={"HX-Request": ""})
    files = {}
    for pre in read(page).all("pre"):
        if "change" in pre.attributes["class"].split():
            name = pre.attributes["aria-label"].removeprefix("Lines of ")
            files[name.partition(".")[0]] = [
                {"ins": "+", "del": "-", "span": " "}[line.tag] + line.text
                for line in pre.one("code").children
                if not isinstance(line, str)
            ]
    return files, read(page).one("code", id="deploy-command").text


def test_done_shows_the_added_block(htmx_client, handler, bot, subtests):
    for kind, element in [("connected", "connectedApp"), ("external", "externalClientApp")]:
        with subtests.test(kind=kind):
            app = ClientAppFactory(org=handler.org, kind=kind, api_name=f"The_{kind}")
            url = f"/handlers/My_Handler/enable-app/?kind={kind}"
            data = {"app": app.pk, "run_as": bot.pk, "make_default": "on"}

            files, command = shown(htmx_client, htmx_client.post(url, data))

            assert files == {
                "My_Handler": [
                    "+<enablements>",
                    "+<apexExecutionUser>bot@mycompany.example</apexExecutionUser>",
                    f"+<{element}>The_{kind}</{element}>",
                    "+<isDefault>true</isDefault>",
                    "+</enablements>",
                ]
            }
            assert command == (
                "sf project deploy start --metadata OauthTokenExchangeHandler:My_Handler"
            )


def test_edit_shows_the_changed_lines_of_both_files(htmx_client, enablement, bot):
    other = TokenExchangeHandlerFactory(org=enablement.org, developer_name="Old_Handler")
    EnablementFactory(handler=other, app=enablement.app, run_as=bot, is_default=True)
    url = f"/handlers/My_Handler/enabled-apps/{enablement.pk}/edit/"
    new = IntegrationUserFactory(org=enablement.org, username="new@mycompany.example")
    form = form_of(htmx_client.get(url)) | {"run_as": new.pk, "make_default": "on"}

    files, command = shown(htmx_client, htmx_client.post(url, form))

    assert files == {
        "My_Handler": [
            " <enablements>",
            "-<apexExecutionUser>bot@mycompany.example</apexExecutionUser>",
            "+<apexExecutionUser>new@mycompany.example</apexExecutionUser>",
            " <connectedApp>Billing</connectedApp>",
            "-<isDefault>false</isDefault>",
            "+<isDefault>true</isDefault>",
            " </enablements>",
        ],
        "Old_Handler": [
            " <enablements>",
            " <apexExecutionUser>bot@mycompany.example</apexExecutionUser>",
            " <connectedApp>Billing</connectedApp>",
            "-<isDefault>true</isDefault>",
            "+<isDefault>false</isDefault>",
            " </enablements>",
        ],
    }
    assert command == (
        "sf project deploy start --metadata OauthTokenExchangeHandler:My_Handler "
        "--metadata OauthTokenExchangeHandler:Old_Handler"
    )


def test_an_edit_that_changes_nothing_offers_nothing(htmx_client, enablement):
    url = f"/handlers/My_Handler/enabled-apps/{enablement.pk}/edit/"

    response = htmx_client.post(url, form_of(htmx_client.get(url)))

    assert "Show as metadata" not in links(response)


def test_remove_shows_the_deleted_block_also_without_javascript(admin_client, enablement):
    url = f"/handlers/My_Handler/enabled-apps/{enablement.pk}/remove/"

    files, _ = shown(admin_client, admin_client.post(url, follow=True))

    assert [line[0] for line in files["My_Handler"]] == ["-"] * 5


def test_both_options_are_side_by_side(admin_client, viewer_client, enablement):
    url = change_of(
        enablement, before=None, after=Settings("bot@mycompany.example", True)
    ).url(enablement.handler)

    for client in [admin_client, viewer_client]:
        response = client.get(url)

        titles = [title.text for title in read(response).one("main").all("h2")]
        assert titles == ["Option 1: Setup", "Option 2: Metadata API"]
        steps = [step.text for step in read(response).one("main").all("li")]
        assert "For Select App, select Billing." in steps
        assert "Click Done." in steps


def test_only_this_servers_links_work(admin_client, handler, enablement, subtests):
    url = change_of(enablement, before=None, after=Settings("x", False)).url(handler)
    [signed] = parse_qs(urlsplit(url).query)["change"]
    values = [handler.org_id, handler.pk, "connected", "A", "A", None, ["x", False], "", ""]
    other = TokenExchangeHandlerFactory(org=handler.org, developer_name="Other")
    others = change_of(enablement, before=None, after=Settings("x", False)).url(other)
    for change in [
        None,
        "",
        "a\0b",
        "<b>🙂\u202eשלום",
        signed[:-1],
        f"{signed}x",
        signing.dumps(values),
        signing.dumps(values, salt="another purpose"),
        parse_qs(urlsplit(others).query)["change"][0],
    ]:
        with subtests.test(change=change):
            data = {} if change is None else {"change": change}
            response = admin_client.get(PAGE, data)

            sentence = "Open View Metadata to see the file."
            assertContains(response, sentence, status_code=404)
    assert admin_client.get(PAGE, {"change": signed}).status_code == 200


def test_another_orgs_link_shows_nothing(handler, enablement):
    url = change_of(enablement, before=None, after=Settings("x", False)).url(handler)
    stranger = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    TokenExchangeHandlerFactory(org=stranger.org, developer_name="My_Handler")

    assert signed_in(stranger).get(url).status_code == 404


def test_hostile_names_are_escaped(admin_client, handler, enablement):
    app = enablement.app
    app.label = "<script>alert(1)</script>"
    url = change_of(enablement, before=None, after=Settings("a&<b>@x.y", True)).url(handler)

    response = admin_client.get(url)

    assertContains(response, "&amp;amp;&amp;lt;b&amp;gt;@x.y")
    assert b"<script>alert" not in response.content


def test_a_long_toast_without_javascript_isnt_lost(admin_client, handler, bot):
    handler.label = "🙂" * 80
    handler.save()
    previous = TokenExchangeHandlerFactory(org=handler.org, label="😀" * 80)
    app = ClientAppFactory(org=handler.org, label="😁" * 80, api_name="A" * 80)
    EnablementFactory(handler=previous, app=app, run_as=bot, is_default=True)
    data = {"app": app.pk, "run_as": bot.pk, "make_default": "on"}

    url = "/handlers/My_Handler/enable-app/?kind=connected"
    response = admin_client.post(url, data, follow=True)

    assert {"Show as metadata", app.label, handler.label, previous.label} <= links(
        response
    ).keys()
    assert Enablement.objects.default_for(app).get().handler == handler
