"""Apex classes: the list, the class page, and deletion."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ApexClassFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.read import headings, links, names, read, rows, toasts
from tokenx.org.models import ApexClass, AuditEntry
from tokenx.setup.actions import apex_classes as actions
from tokenx.setup.actions.apex_classes import ValidationError

LIST, NEW = "/apex-classes/", "/new-apex-class/"
BODY = "public class Checker extends Auth.Oauth2TokenExchangeHandler { }"
HOSTILE = "<script>alert(1)</script> 🙂👩‍👩‍👧 \u202eשלום"


def url_of(name, verb="edit-apex-class"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


# --- The list and a class ---------------------------------------------------------------


def test_the_list_says_which_classes_are_in_use(admin_client, org):
    TokenExchangeHandlerFactory(org=org, apex_class__name="Alpha")
    ApexClassFactory(org=org, name="Beta")
    ApexClassFactory(org=org, name="Gamma", body="class Gamma { }")
    ApexClassFactory(org=OrgFactory(), name="Theirs")

    response = admin_client.get(LIST)

    assert headings(response) == [
        "Name",
        "Token Handler",
        "Compile Status",
        "Last Modified",
    ]
    assert [row[:3] for row in rows(response)] == [
        ["Alpha", "In use", "Compiled"],
        ["Beta", "Not in use", "Compiled"],
        ["Gamma", "Not a handler class", "Compiled"],
    ]
    assert links(response)["Alpha"] == url_of("Alpha", "apex-class")


def test_the_url_searches_filters_and_sorts_the_list(admin_client, org):
    TokenExchangeHandlerFactory(org=org, apex_class__name="Alpha")
    ApexClassFactory(org=org, name="Alphabet")
    ApexClassFactory(org=org, name="Gamma")

    assert names(admin_client.get(LIST, {"search": "ALPHA"})) == ["Alpha", "Alphabet"]
    assert names(admin_client.get(LIST, {"usable": "used"})) == ["Alpha"]
    assert names(admin_client.get(LIST, {"usable": "free", "search": "a"})) == [
        "Alphabet",
        "Gamma",
    ]
    assert names(admin_client.get(LIST, {"sort": "-name"})) == [
        "Gamma",
        "Alphabet",
        "Alpha",
    ]
    assertContains(admin_client.get(LIST, {"search": "zzz"}), "No matching Apex classes")


def test_searches_for_any_text(admin_client, org, subtests):
    ApexClassFactory(org=org, name="Alpha")

    for text in ["\0", "%", "_", "'", "x" * 60_000, HOSTILE]:
        with subtests.test(text=text):
            response = admin_client.get(LIST, {"search": text})

            assert response.status_code == 200
            assertNotContains(response, "<script>alert")


def test_an_org_without_classes_says_where_they_come_from(admin_client):
    assertContains(admin_client.get(LIST), "No Apex classes yet")


def test_the_list_takes_few_queries_at_any_size(
    admin_client, org, django_assert_max_num_queries, subtests
):
    for more in [3, 27, 70]:
        TokenExchangeHandlerFactory.create_batch(more, org=org)

        with subtests.test(more=more), django_assert_max_num_queries(5):
            assert rows(admin_client.get(LIST))


def test_a_class_takes_few_queries_at_any_number_of_handlers(
    admin_client, org, django_assert_max_num_queries, subtests
):
    apex_class = ApexClassFactory(org=org, name="Checker")

    for more in [1, 29]:
        TokenExchangeHandlerFactory.create_batch(more, org=org, apex_class=apex_class)
        # Two for the user who modified the class last.
        for verb, most in [
            ("apex-class", 7),
            ("edit-apex-class", 5),
            ("delete-apex-class", 5),
        ]:
            url = url_of("Checker", verb)
            with subtests.test(more=more, verb=verb), django_assert_max_num_queries(most):
                assert admin_client.get(url).status_code == 200


def test_shows_the_highlighted_code_and_the_handlers_that_use_it(admin_client, org):
    checker = ApexClassFactory(org=org, name="Checker")
    TokenExchangeHandlerFactory(org=org, label="Billing", apex_class=checker)

    response = admin_client.get(url_of("Checker", "apex-class"))

    code = read(response).one("pre").text
    assert code.split() == checker.body.split()
    assertContains(response, '<span class="k">override</span>')
    assertContains(response, "Handlers can use this class.")
    assert links(response)["Billing"] == "/handlers/Billing/"
    assert not read(response).one("main").all("textarea")


def test_says_why_handlers_cannot_use_a_class(admin_client, org):
    ApexClassFactory(org=org, name="Bare", body="class Bare { }")

    response = admin_client.get(url_of("Bare", "apex-class"))

    assertContains(
        response, "Bare doesn&#x27;t extend Auth.Oauth2TokenExchangeHandler, dir"
    )
    assertContains(response, "No handlers use this class.")


def test_a_body_is_never_markup(admin_client, org):
    body = f"class Odd {{ // {HOSTILE}\n String s = '{HOSTILE}'; }}"
    ApexClassFactory(org=org, name="Odd", body=body)

    for verb in ["apex-class", "edit-apex-class"]:
        assertNotContains(admin_client.get(url_of("Odd", verb)), "<script>alert")
    assert read(admin_client.get(url_of("Odd", "apex-class"))).one("pre").text == body


def test_a_viewer_sees_no_way_to_change_a_class(viewer_client, org):
    ApexClassFactory(org=org, name="Checker")

    assert "New" not in links(viewer_client.get(LIST))
    urls = links(viewer_client.get(url_of("Checker", "apex-class")))
    assert not {"Edit", "Delete"} & urls.keys()
    for url in [NEW, url_of("Checker"), url_of("Checker", "delete-apex-class")]:
        assert viewer_client.post(url, {"body": BODY}).status_code == 403


def test_an_administrator_can_change_it(admin_client, org):
    ApexClassFactory(org=org, name="Checker")

    assert links(admin_client.get(LIST))["New"] == NEW
    urls = links(admin_client.get(url_of("Checker", "apex-class")))
    assert urls["Edit"] == url_of("Checker")
    assert urls["Delete"] == url_of("Checker", "delete-apex-class")


# --- Delete -----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_asks_for_confirmation_then_deletes(request, org, admin, client_name):
    client = request.getfixturevalue(client_name)
    ApexClassFactory(org=org, name="Checker")
    url = url_of("Checker", "delete-apex-class")

    assertContains(client.get(url), "This deletes the code and can't be undone.")
    assert ApexClass.objects.exists()
    response = client.post(url)

    assert LIST in (response.get("HX-Redirect"), response.get("Location"))
    assert not ApexClass.objects.exists()
    assert trail() == [
        ("deletedApexClass", "Apex Class", "Deleted Checker Apex Class code")
    ]
    assert AuditEntry.objects.get().user == admin
    assert "Checker was deleted." in toasts(client.get(LIST))
    assert client.post(url).status_code == 404


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_used_class_is_not_deleted(request, org, client_name):
    client = request.getfixturevalue(client_name)
    checker = ApexClassFactory(org=org, name="Checker")
    for label in "ABCDE":
        TokenExchangeHandlerFactory(org=org, label=f"Handler {label}", apex_class=checker)
    url = url_of("Checker", "delete-apex-class")

    opened, response = client.get(url), client.post(url)

    assert links(opened)["Handler E"] == "/handlers/Handler_E/"
    assertNotContains(opened, "This deletes the code and can't be undone.")
    assert not read(opened).one("form", class_="modal__form").all("button", type="submit")
    message = "Checker is used by Handler A, Handler B, Handler C and 2 more."
    assertContains(response, message, status_code=422)
    assert ApexClass.objects.get() == checker
    assert not AuditEntry.objects.exists()


def test_says_that_the_class_was_deleted_concurrently(org, admin):
    checker = ApexClassFactory(org=org, name="Checker")
    ApexClass.objects.all().delete()

    with pytest.raises(ValidationError, match="Checker was already deleted"):
        actions.edit_apex_class(apex_class=checker, name="Checker", body=BODY, by=admin)
    actions.delete_apex_class(apex_class=checker, by=admin)
    assert not ApexClass.objects.exists()
    assert not AuditEntry.objects.exists()


def test_cancel_returns_to_the_page(admin_client, org):
    ApexClassFactory(org=org, name="Checker")

    assert links(admin_client.get(NEW))["Cancel"] == LIST
    for verb in ["edit-apex-class", "delete-apex-class"]:
        cancel = links(admin_client.get(url_of("Checker", verb)))["Cancel"]
        assert cancel == url_of("Checker", "apex-class")
