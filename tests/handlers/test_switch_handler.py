"""Enable and disable a handler: states the consequences, and changes nothing else."""

from itertools import product

import pytest
from django.core.exceptions import ValidationError
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import EnablementFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.form import form_of
from tests.many import enable, make_apps
from tests.read import links, read, record, toasts
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import AuditEntry

URL, DETAIL = "/handlers/My_Handler/switch/", "/handlers/My_Handler/"


def listed(response):
    return [item.text for item in read(response).one("ul", id="named-apps").all("li")]


def disable(handler):
    handler.is_enabled = False
    handler.save()


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_disabling_says_which_apps_lose_their_default(request, handler, client_name):
    for label in ["Zebra", "Billing"]:
        EnablementFactory(handler=handler, app__label=label, is_default=True)
    EnablementFactory(handler=handler, app__label="No default")

    response = request.getfixturevalue(client_name).get(URL)

    assertContains(response, "Disable My Handler?")
    assertContains(
        response, "It's the default handler for 2 apps. Their token requests will fail"
    )
    assert listed(response) == ["Billing", "Zebra"]
    assert TokenExchangeHandler.objects.get().is_enabled


def test_disabling_says_that_no_app_loses_its_default(admin_client, handler):
    EnablementFactory(handler=handler, app__label="Billing")

    response = admin_client.get(URL)

    assertContains(response, "It isn't the default handler for any app.")
    assertNotContains(response, "Billing")


def test_enabling_says_that_the_class_is_not_ready(admin_client, handler):
    disable(handler)
    assertNotContains(admin_client.get(URL), "Its Apex class")
    problem = {"line": 12, "column": 8, "message": "Missing ';' at 'total'"}
    handler.apex_class.compile_status = "invalid"
    handler.apex_class.compile_problems = [problem | {"severity": "error"}]
    handler.apex_class.save()

    response = admin_client.get(URL)

    assertContains(response, "Enable My Handler?")
    assertContains(response, "has a compile error at line 12 column 8: Missing")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_disables_and_enables_and_keeps_apps_and_defaults(
    request, handler, admin, client_name
):
    client = request.getfixturevalue(client_name)
    EnablementFactory(handler=handler, is_default=True)
    before = list(Enablement.objects.values())
    modified = handler.modified_at

    for is_enabled, state in [(False, "disabled"), (True, "enabled")]:
        response = client.post(URL, form_of(client.get(URL)))

        assert DETAIL in (response.get("HX-Redirect"), response.get("Location"))
        handler.refresh_from_db()
        assert handler.is_enabled is is_enabled
        assert handler.modified_at > modified
        assert handler.modified_by == admin
        page = client.get(DETAIL, headers={"HX-Request": ""})
        still = "" if is_enabled else " but is still the default handler for 1 app"
        assert f"My Handler was {state}{still}." in toasts(page)
        assert record(page)["Status"] == state.capitalize()
    assert list(Enablement.objects.values()) == before


def test_leaves_an_entry_for_each_change(admin_client, handler, admin):
    for to in ["disabled", "disabled", "enabled", "enabled"]:
        admin_client.post(URL, {"to": to})

    entries = AuditEntry.objects.filter(org=admin.org, user=admin).order_by("pk")
    assert list(entries.values_list("action", "section", "display")) == [
        (
            f"{verb.lower()}OauthTokenExchangeHandler",
            "Token Exchange Handlers",
            f"{verb} token exchange handler My Handler",
        )
        for verb in ["Disabled", "Enabled"]
    ]


def test_disabling_twice_does_not_enable_it(admin_client, handler):
    stale = form_of(admin_client.get(URL))
    admin_client.post(URL, stale)

    admin_client.post(URL, stale)

    handler.refresh_from_db()
    assert not handler.is_enabled


def test_an_invalid_state_changes_nothing_and_asks_again(admin_client, handler, subtests):
    states = [None, "", "ENABLED", "a\0b", "x" * 10_000, "<b>🙂\u202eשלום"]
    for is_enabled, to in product([True, False], states):
        with subtests.test(is_enabled=is_enabled, to=to):
            if not is_enabled:
                disable(handler)

            response = admin_client.post(URL, {} if to is None else {"to": to})

            assert response.status_code == 422
            assert form_of(response)["to"] == ("disabled" if is_enabled else "enabled")
            handler.refresh_from_db()
            assert handler.is_enabled is is_enabled
            assert not AuditEntry.objects.exists()


def test_names_the_first_apps_in_few_queries_at_any_size(
    admin_client, handler, django_assert_max_num_queries, subtests
):
    apps = make_apps(handler.org, 1_000)

    for first, number in [(0, 0), (0, 5), (5, 6), (6, 1_000)]:
        with subtests.test(number=number):
            enable(handler, apps[first:number])
            Enablement.objects.update(is_default=True)

            with django_assert_max_num_queries(8):
                response = admin_client.get(URL)

            if number:
                assert len(listed(response)) == min(number, 6)
            if number > 5:
                assert listed(response)[-1] == f"and {number - 5} more"


def test_a_deleted_handler_is_not_found(htmx_client, handler):
    form = form_of(htmx_client.get(URL))
    TokenExchangeHandler.objects.all().delete()

    response = htmx_client.post(URL, form)

    assertContains(response, "find that handler.", status_code=404)


def test_says_that_the_handler_was_deleted_concurrently(admin, handler):
    TokenExchangeHandler.objects.all().delete()

    with pytest.raises(ValidationError, match="My Handler was already deleted"):
        actions.set_handler_enabled(handler=handler, is_enabled=False, by=admin)
    assert not AuditEntry.objects.exists()


def test_another_orgs_handler_does_not_change(admin_client, handler):
    theirs = TokenExchangeHandlerFactory(org=OrgFactory(), developer_name="Theirs")

    assert (
        admin_client.post("/handlers/Theirs/switch/", {"to": "disabled"}).status_code == 404
    )
    theirs.refresh_from_db()
    assert theirs.is_enabled


def test_only_administrators_see_the_button(admin_client, viewer_client, handler):
    assert links(admin_client.get(DETAIL))["Disable"] == URL
    assert "Disable" not in links(viewer_client.get(DETAIL))
    assert viewer_client.post(URL, {"to": "disabled"}).status_code == 403
    disable(handler)
    assert links(admin_client.get(DETAIL))["Enable"] == URL
    assert "Enable" not in links(viewer_client.get(DETAIL))


def test_cancel_returns_to_the_handler(admin_client, handler):
    assert links(admin_client.get(URL))["Cancel"] == DETAIL
