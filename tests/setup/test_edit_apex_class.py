"""New and edited Apex classes: valid bodies, and refusals at the text area."""

from itertools import product
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.factories import ApexClassFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import read, toasts
from tests.rollback import rolled_back
from tokenx.org.apex import MAX_BODY_LENGTH
from tokenx.org.models import ApexClass, AuditEntry

NEW = "/new-apex-class/"
BODY = "\n/* Checks. */\npublic class Checker extends Auth.Oauth2TokenExchangeHandler { }\n"
HOSTILE = "<script>alert(1)</script> 🙂👩‍👩‍👧 \u202eשלום"


def url_of(name, verb="edit-apex-class"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_class_with_the_declared_name(request, admin, client_name):
    client = request.getfixturevalue(client_name)
    form = form_of(client.get(NEW)) | {"body": BODY.replace("\n", "\r\n")}

    response = client.post(NEW, form)

    url = url_of("Checker", "apex-class")
    assert url in (response.get("HX-Redirect"), response.get("Location"))
    created = ApexClass.objects.get()
    assert (created.org, created.name, created.body) == (admin.org, "Checker", BODY)
    assert trail() == [
        ("createdApexClass", "Apex Class", "Created Checker Apex Class code")
    ]
    assert AuditEntry.objects.get().user == admin
    page = client.get(url)
    assert "Checker was saved." in toasts(page)
    assertContains(page, "Handlers can use this class.")
    assert (created.compile_status, created.is_handler_class) == ("valid", True)


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_changes_the_body_and_the_name_with_it(request, admin, client_name):
    client = request.getfixturevalue(client_name)
    handler = TokenExchangeHandlerFactory(org=admin.org, apex_class__name="Old")
    form = form_of(client.get(url_of("Old")))
    assert form["body"] == handler.apex_class.body.strip()

    client.post(url_of("Old"), form | {"body": form["body"].replace("Old", "Other")})

    before = handler.apex_class.modified_at
    handler.refresh_from_db()
    assert handler.apex_class.name == "Other"
    assert handler.apex_class.modified_at > before
    assert trail() == [
        ("changedApexClass", "Apex Class", "Changed Other Apex Class code, formerly Old")
    ]


def test_keeps_the_code_unchanged(admin_client, org):
    body = f"\n\n  public class Odd {{ }} // {HOSTILE}\n\n"
    admin_client.post(NEW, {"body": body})

    assert ApexClass.objects.get().body == body
    assert read(admin_client.get(url_of("Odd"))).one("textarea").text == body.strip()


def test_saving_without_changes_leaves_no_trace(admin_client, org):
    created = ApexClassFactory(org=org, name="Checker")
    form = form_of(admin_client.get(url_of("Checker"))) | {"body": created.body}

    assertRedirects(
        admin_client.post(url_of("Checker"), form), url_of("Checker", "apex-class")
    )

    assert ApexClass.objects.get().modified_at == created.modified_at
    assert not AuditEntry.objects.exists()


def test_the_same_name_in_another_case_is_the_same_class(admin_client, org):
    created = ApexClassFactory(org=org, name="Checker")
    form = form_of(admin_client.get(url_of("Checker")))

    admin_client.post(url_of("Checker"), form | {"body": "public class CHECKER { }"})

    created.refresh_from_db()
    assert created.name == "CHECKER"


def test_another_org_can_have_the_name(admin_client, org):
    ApexClassFactory(org=OrgFactory(), name="Checker")

    assert admin_client.post(NEW, {"body": BODY}).status_code == 302


BAD = [
    ("", "Enter the class code."),
    ("   \n ", "Enter a class declaration (for example, public class MyClass)."),
    ("trigger A on User (before insert) { }", "Enter a class declaration"),
    ("trigger A on User (before insert) { } // class", "1 compile error: line 1."),
    ("public class A {", "1 compile error: line 1."),
    ("// class A { }", "1 compile error: line 1."),
    (HOSTILE, "Enter a class declaration"),
    ("public class A { \0 }", "Null characters are not allowed."),
    (
        "public class A { }".ljust(MAX_BODY_LENGTH + 1),
        f"at most {MAX_BODY_LENGTH} characters",
    ),
    ("public class Taken { }", "Another Apex class already has this name."),
    ("public class tAKEN { }", "Another Apex class already has this name."),
    (f"public class {'a' * 41} {{ }}", "compile error"),
    (f"public class {'a' * 9_000} {{ }}", "compile error"),
    ("class 1st { }", "1 compile error: line 1."),
    ("public class a__b { }", "compile error"),
    ("public class a_ { }", "compile error"),
    ("class Größe { }", "compile error"),
    ("class שלום { }", "compile error"),
]


def test_refuses_an_invalid_body_at_its_field(admin_client, org, subtests):
    ApexClassFactory(org=org, name="Taken")

    for body, message in BAD:
        with subtests.test(body=body):
            response = admin_client.post(NEW, {"body": body})

            assert response.status_code == 422
            assert message in " ".join(field_errors(response, "body"))
            assert form_of(response)["body"] == body.strip()
            assert ApexClass.objects.count() == 1
            assert not AuditEntry.objects.exists()


def test_an_invalid_body_does_not_change_the_edited_class(org, clients, subtests):
    ApexClassFactory(org=org, name="Taken")
    apex_class = ApexClassFactory(org=org, name="Checker")
    url = url_of("Checker")
    opened = {name: form_of(client.get(url)) for name, client in clients.items()}

    for (client_name, client), (body, message) in product(clients.items(), BAD):
        with subtests.test(client=client_name, body=body):
            response = client.post(url, opened[client_name] | {"body": body})

            assert response.status_code == 422
            assert message in " ".join(field_errors(response, "body"))
            assert form_of(response)["body"] == body.strip()
            # The corrected form still changes this class, and no other one.
            form = read(response).one("form", class_="modal__form")
            assert form.attributes["action"] == url
            assert ApexClass.objects.get(name="Checker").body == apex_class.body
            assert not AuditEntry.objects.exists()


def test_refuses_an_empty_form(admin_client, org):
    response = admin_client.post(NEW)

    assert response.status_code == 422
    assert field_errors(response, "body") == ["Enter the class code."]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_stale_form_asks_again_and_loses_nothing(request, org, client_name):
    client, url = request.getfixturevalue(client_name), url_of("Checker")
    ApexClassFactory(org=org, name="Checker")
    stale = form_of(client.get(url))
    client.post(url, stale | {"body": "public class Checker { /* Theirs */ }"})

    response = client.post(url, stale | {"body": "public class Checker { /* Mine */ }"})

    assert response.status_code == 422
    [message] = form_errors(response)
    assert message.startswith(
        "Someone else changed this class while you were editing it. Save again"
    )
    assert "Theirs" in ApexClass.objects.get().body
    assert form_of(response)["body"] == "public class Checker { /* Mine */ }"

    client.post(url, form_of(response))
    assert "Mine" in ApexClass.objects.get().body
    assert AuditEntry.objects.count() == 2


def test_a_form_without_a_valid_version_asks_again(admin_client, org, subtests):
    ApexClassFactory(org=org, name="Checker")

    for version in ["", "yesterday", "x" * 10_000, "a\0b", HOSTILE]:
        with subtests.test(version=version), rolled_back():
            url = url_of("Checker")
            response = admin_client.post(url, {"body": BODY, "version": version})

            assert response.status_code == 422
            assert form_errors(response)
            assert not AuditEntry.objects.exists()
            admin_client.post(url, form_of(response))
            assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "character",
    ["\n", pytest.param("🙂", marks=[pytest.mark.slow, pytest.mark.sqlite])],
    ids=["line ends", "emoji"],
)
def test_refuses_a_body_with_too_many_characters_at_its_field(admin_client, character):
    """Submit escaped characters, which make the form several times larger than its text."""
    form = urlencode({"name": "Checker", "body": "x" + character * MAX_BODY_LENGTH})
    content_type = "application/x-www-form-urlencoded"

    response = admin_client.post(NEW, form, content_type=content_type)

    assert response.status_code == 422
    assert any(
        str(MAX_BODY_LENGTH) in message for message in field_errors(response, "body")
    )
