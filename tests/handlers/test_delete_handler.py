"""Delete a handler: the page lists its apps first, and deletes their enablements too."""

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import EnablementFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.many import enable, make_apps
from tests.read import links, names, read, toasts
from tests.rollback import rolled_back
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry, ClientApp

URL = "/handlers/My_Handler/delete/"


def listed(response):
    return [item.text for item in read(response).one("ul", id="named-apps").all("li")]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_lists_the_enabled_apps_first(request, handler, client_name):
    for label in ["Zebra", "Billing"]:
        EnablementFactory(handler=handler, app__label=label)
    EnablementFactory(app__label="Other handler's")

    response = request.getfixturevalue(client_name).get(URL)

    assertContains(response, "Delete My Handler?")
    assertContains(response, "2 apps use this handler")
    assert listed(response) == ["Billing", "Zebra"]
    assertContains(response, "You can't undo this.")
    assert TokenExchangeHandler.objects.filter(pk=handler.pk).exists()


def test_counts_the_apps_and_defaults(admin_client, handler, subtests):
    for defaults, sentence in [
        ([], "No apps use this handler."),
        ([False], "1 app uses this handler. The app isn't deleted:"),
        ([True], "It's the default handler for 1 app.</strong> Its token requests will"),
        ([False, False], "2 apps use this handler. The apps aren't deleted:"),
        ([True, False], "2 apps use this handler. The apps aren't deleted.</p>"),
        ([True, False], "It's the default handler for 1 app.</strong> Its token requests"),
        (
            [True, True],
            "It's the default handler for 2 apps.</strong> Their token requests",
        ),
    ]:
        with subtests.test(defaults=defaults), rolled_back():
            for is_default in defaults:
                EnablementFactory(handler=handler, is_default=is_default)

            assertContains(admin_client.get(URL), sentence)


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_its_enablements_and_nothing_else(request, handler, client_name):
    client = request.getfixturevalue(client_name)
    billing = EnablementFactory(handler=handler, app__label="Billing", is_default=True)
    other = TokenExchangeHandlerFactory(org=handler.org, label="Other")
    other_enablement = EnablementFactory(handler=other, app=billing.app)

    response = client.post(URL)

    assert "/handlers/" in (response.get("HX-Redirect"), response.get("Location"))
    assert TokenExchangeHandler.objects.get() == other
    assert Enablement.objects.get() == other_enablement
    assert ClientApp.objects.get() == billing.app
    assert ApexClass.objects.filter(pk=handler.apex_class_id).exists()
    handlers_page = client.get("/handlers/")
    assert names(handlers_page) == ["Other"]
    assert toasts(handlers_page) == [
        "My Handler was deleted. 1 app has no default handler. View Health"
    ]


def test_leaves_one_entry_that_names_the_apps(admin_client, handler, admin):
    for label in ["Zebra", "Billing"]:
        EnablementFactory(handler=handler, app__label=label)

    admin_client.post(URL)

    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert (entry.action, entry.section) == (
        "deletedOauthTokenExchangeHandler",
        "Token Exchange Handlers",
    )
    assert entry.display == (
        "Deleted token exchange handler My Handler, which was enabled for Billing, Zebra"
    )


def test_an_entry_about_many_long_names_counts_the_rest(admin_client, handler):
    enable(handler, make_apps(handler.org, 25, label="{:04} " + "x" * 70))

    admin_client.post(URL)

    assert AuditEntry.objects.get().display.endswith("x and 15 more")
    assert not Enablement.objects.exists()


def test_names_the_first_apps_and_deletes_in_few_queries_at_any_size(
    admin_client, handler, django_assert_max_num_queries, subtests
):
    apps = make_apps(handler.org, 1_000)

    for number in [0, 1, 5, 6, 100, 1_000]:
        with subtests.test(number=number), rolled_back():
            enable(handler, apps[:number])

            with django_assert_max_num_queries(8):
                response = admin_client.get(URL)

            named = read(response).all("li")
            texts = [i.text for i in named if i.text.startswith(("App 0", "and "))]
            assert len(texts) == min(number, 6)
            if number > 5:
                assert texts[-1] == f"and {number - 5} more"

            with django_assert_max_num_queries(14):
                admin_client.post(URL)

            assert not Enablement.objects.exists()
            assert ClientApp.objects.count() == 1_000


def test_deleting_twice_is_not_found(htmx_client, handler):
    htmx_client.post(URL)

    response = htmx_client.post(URL)

    assertContains(response, "find that handler.", status_code=404)
    assert AuditEntry.objects.count() == 1


def test_deleting_a_concurrently_deleted_handler_changes_nothing(admin, handler):
    TokenExchangeHandler.objects.all().delete()

    actions.delete_handler(handler=handler, by=admin)

    assert not AuditEntry.objects.exists()


def test_its_api_name_can_be_used_again(admin_client, handler):
    admin_client.post(URL)
    form = {"label": "My Handler", "token_types": ["supports_jwt"], "makes_template": "on"}

    assertRedirects(admin_client.post("/create-handler/", form), "/handlers/My_Handler/")


def test_another_orgs_handler_is_not_deleted(admin_client, handler):
    TokenExchangeHandlerFactory(org=OrgFactory(), developer_name="Theirs")

    assert admin_client.post("/handlers/Theirs/delete/").status_code == 404
    assert TokenExchangeHandler.objects.count() == 2


def test_only_administrators_see_the_button(admin_client, viewer_client, handler):
    detail = "/handlers/My_Handler/"

    assert links(admin_client.get(detail))["Delete"] == URL
    assert "Delete" not in links(viewer_client.get(detail))
    assert viewer_client.get(URL).status_code == 403
    assert viewer_client.post(URL).status_code == 403
    assert TokenExchangeHandler.objects.get() == handler


def test_cancel_returns_to_the_handler(admin_client, handler):
    assert links(admin_client.get(URL))["Cancel"] == "/handlers/My_Handler/"
