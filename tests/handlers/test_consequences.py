"""Consequences of a change: dialog, toast, and Health say the same."""

from typing import NamedTuple

import pytest
from django.urls import reverse

from tests.factories import (
    ApexClassFactory,
    AppProfileFactory,
    EnablementFactory,
    RemoteSiteFactory,
    TokenExchangeHandlerFactory,
)
from tests.form import form_of
from tests.read import links, read, toasts
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.apex import TEMPLATE

LOSES = "Billing will have no default handler."
LOST = "Billing has no default handler."
TEMPLATE_WORDS = "Untouched is an unedited template, which rejects every token."
DETAIL = "/handlers/My_Handler/"


@pytest.fixture(autouse=True)
def remote_site(org):
    """Allow the address that the classes of factories call."""
    return RemoteSiteFactory(org=org, url="https://login.mycompany.example")


@pytest.fixture
def billing(handler):
    """An app that is enabled for the handler, and for another one that is no default."""
    enablement = EnablementFactory(handler=handler, app__label="Billing", is_default=True)
    profile = enablement.run_as.profile
    AppProfileFactory(org=handler.org, app=enablement.app, profile=profile)
    other = TokenExchangeHandlerFactory(org=handler.org, label="Other")
    EnablementFactory(handler=other, app=enablement.app, run_as=enablement.run_as)
    return enablement


@pytest.fixture
def template(org):
    return ApexClassFactory(
        org=org, name="Untouched", body=TEMPLATE.format(name="Untouched")
    )


class Said(NamedTuple):
    """The texts of the three places after one change."""

    dialog: str
    toast: str
    health: str


def text_of(response):
    """The answer's text, with single spaces."""
    return " ".join(read(response).text.split())


def health(client):
    response = client.get("/health/", headers={"HX-Request": ""})
    panel = read(response).one("article", id="health")
    return " ".join(panel.text.split())


def change(client, url, form=None, *, changes=None, opened=None):
    """Open the dialog, change something in its form, submit it, and look at Health."""
    dialog = client.get(opened or url, headers={"HX-Request": ""})
    data = form if form is not None else form_of(dialog) | (changes or {})
    data = {name: value for name, value in data.items() if value is not None}
    after = client.post(url, data, headers={"HX-Request": ""}, follow=True)
    [toast] = toasts(after)
    return Said(text_of(dialog), toast, health(client))


def row_url(name, enablement):
    return reverse(f"handlers:{name}", args=["My_Handler", enablement.pk])


def test_remove_takes_the_default_away(admin_client, billing):
    texts = change(admin_client, row_url("remove-app", billing))

    assert LOSES in texts.dialog
    assert f"Billing was removed from My Handler. {LOST}" in texts.toast
    assert LOST in texts.health


def test_remove_takes_no_default_away(admin_client, billing, subtests):
    others = Enablement.objects.exclude(pk=billing.pk)
    for case in ["it isn't the default", "no handler is left"]:
        with subtests.test(case), rolled_back():
            if case == "no handler is left":
                others.delete()
                TokenExchangeHandler.objects.filter(label="Other").delete()
            else:
                Enablement.objects.filter(pk=billing.pk).update(is_default=False)
                others.update(is_default=True)

            texts = change(admin_client, row_url("remove-app", billing))

            assert LOSES not in texts.dialog
            is_last = case == "no handler is left"
            assert ("All of its token requests will fail." in texts.dialog) is is_last
            assert texts.toast == "Billing was removed from My Handler."
            assert "No issues found." in texts.health


def test_edit_takes_the_default_away_and_back(admin_client, billing):
    url = row_url("edit-enablement", billing)
    texts = change(admin_client, url, changes={"make_default": None})

    assert LOSES in texts.dialog
    assert LOST in texts.toast
    assert LOST in texts.health

    texts = change(admin_client, url, changes={"make_default": "on"})

    assert "no default handler" not in texts.toast
    assert "No issues found." in texts.health


def test_done_leaves_an_app_without_default(admin_client, handler, billing, subtests):
    Enablement.objects.all().delete()
    TokenExchangeHandler.objects.filter(label="Other").delete()
    handler.count_apps()
    form = {"app": billing.app_id, "run_as": billing.run_as_id}
    notices = f"{DETAIL}enable-app/notices/?kind=connected&app={billing.app_id}"
    for is_default in [True, False]:
        with subtests.test(is_default=is_default), rolled_back():
            ticked = form | ({"make_default": "on"} if is_default else {})

            texts = change(
                admin_client, f"{DETAIL}enable-app/?kind=connected", ticked, opened=notices
            )

            # The notice is hidden while the box is checked.
            assert LOSES in texts.dialog
            assert (LOST in texts.toast) is not is_default
            assert (LOST in texts.health) is not is_default


def test_a_disabled_handler_becomes_the_default(admin_client, handler, billing, subtests):
    Enablement.objects.update(is_default=False)
    handler.is_enabled = False
    handler.save()
    words = "My Handler is disabled. Until it's enabled, it won't validate tokens."

    texts = change(
        admin_client, row_url("edit-enablement", billing), changes={"make_default": "on"}
    )

    assert words in texts.dialog
    assert words in texts.toast
    assert "My Handler is disabled but is still the default handler" in texts.health


def test_disable_leaves_defaults_that_fail(admin_client, billing):
    texts = change(admin_client, f"{DETAIL}switch/")

    assert "It's the default handler for 1 app. Its token requests will fail" in (
        texts.dialog
    )
    assert texts.toast == (
        "My Handler was disabled but is still the default handler for 1 app."
    )
    assert "is disabled but is still the default handler for 1 app." in texts.health


def test_delete_takes_defaults_away(admin_client, billing, handler):
    EnablementFactory(handler=handler, app__label="Only here", is_default=True)

    texts = change(admin_client, f"{DETAIL}delete/")

    assert "It's the default handler for 2 apps. Their token requests will fail" in (
        texts.dialog
    )
    assert texts.toast == (
        "My Handler was deleted. 1 app has no default handler. View Health"
    )
    assert LOST in texts.health
    assert "Only here" not in texts.health


def test_delete_warns_as_disable_does(admin_client, billing):
    warning = "Its token requests will fail unless they specify a different handler:"

    for name in ["switch", "delete"]:
        assert warning in text_of(admin_client.get(f"{DETAIL}{name}/"))


def test_a_handler_with_an_unedited_template_is_enabled(
    admin_client, handler, template, subtests
):
    handler.apex_class = template
    handler.is_enabled = False
    handler.save()
    assert "No issues found." in health(admin_client)

    texts = change(admin_client, f"{DETAIL}switch/")

    for place, words in texts._asdict().items():
        with subtests.test(place=place):
            assert TEMPLATE_WORDS in words
    for url in [DETAIL, f"{DETAIL}enable-app/?kind=connected"]:
        with subtests.test(url=url):
            page = admin_client.get(url)
            assert TEMPLATE_WORDS in text_of(page)
            assert links(page)["Edit the class"] == "/apex-classes/Untouched/"


def test_a_new_handler_is_enabled_with_its_template(admin_client):
    form = {
        "label": "Fresh",
        "token_types": ["supports_jwt"],
        "makes_template": "on",
        "enable": "1",
    }
    texts = change(admin_client, "/create-handler/", form)

    assert "The template rejects every token." in texts.dialog
    words = "is an unedited template, which rejects every token."
    assert words in texts.toast
    assert words in texts.health


def test_an_enabled_handler_gets_a_template(admin_client, handler, template):
    changes = {"apex_class": template.pk}

    texts = change(admin_client, f"{DETAIL}edit/", changes=changes)

    assert TEMPLATE_WORDS in texts.toast
    assert TEMPLATE_WORDS in texts.health


def test_toasts_link_to_the_records_they_name(admin_client, billing, subtests):
    run_as = billing.run_as
    form = {"run_as": run_as.pk, "version": billing.modified_at.isoformat()}
    for label, url, data, wanted in [
        (
            "edit",
            row_url("edit-enablement", billing),
            form,
            {"Billing": billing.app, "My Handler": billing.handler, run_as.name: run_as},
        ),
        (
            "remove",
            row_url("remove-app", billing),
            {},
            {"Billing": billing.app, "My Handler": billing.handler},
        ),
    ]:
        with subtests.test(label):
            response = admin_client.post(url, data, headers={"HX-Request": "true"})

            linked = links(response)
            for name, record in wanted.items():
                assert linked[name] == record.get_absolute_url()
