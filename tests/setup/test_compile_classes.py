"""Classes are compiled when they're saved or first opened, and pages show the result."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ApexClassFactory, TokenExchangeHandlerFactory
from tests.form import field_errors, form_of
from tests.read import links, read, rows
from tokenx.org.models import ApexClass, AuditEntry
from tokenx.setup import compile_classes
from tokenx.setup.compile_classes import compile_waiting
from tokenx.setup.forms.apex_classes import ApexClassForm
from tokenx.setup.views import apex_classes as views

LIST, NEW = "/apex-classes/", "/new-apex-class/"
BROKEN = """public class Broken {
    public Integer one() {
        Integer total = 1
        total = 2;
    }
}
"""
ERROR = "Error: Compile Error: Missing ';' at 'total' at line 4 column 9"
UNKNOWN = "public class Unknown {\n    public Shipment__c one;\n}\n"


def url_of(name, verb="apex-class"):
    return reverse(f"setup:{verb}", args=[name])


def not_compiled(org, name, body, **fields):
    return ApexClassFactory(
        org=org, name=name, body=body, compile_status="not_compiled", **fields
    )


def status_of(name):
    return ApexClass.objects.get(name=name).compile_status


# --- Saving ------------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_class_with_errors_is_not_saved(request, org, client_name):
    client = request.getfixturevalue(client_name)

    response = client.post(NEW, {"body": BROKEN})

    assert response.status_code == 422
    assert field_errors(response, "body") == ["This class has 1 compile error: line 4."]
    assert form_of(response)["body"] == BROKEN.strip()
    code = read(response).one("pre", id="numbered-code")
    assert ERROR in code.text
    # The link leads to the line, and the error is under it.
    assert links(response)["line 4"] == "#line-4"
    line = code.one("span", id="line-4")
    assert line.attributes["data-line"] == "4"
    numbers = [
        each.attributes.get("data-line")
        for each in code.all("span", id=line.attributes["id"])
    ]
    assert numbers == ["4"]
    assert not ApexClass.objects.exists()


def test_a_hint_follows_the_error_and_its_place(admin_client, org):
    body = """public class A extends Auth.Oauth2TokenExchangeHandler {
    Object one() { return Auth.TokenValidationResult.success('x'); }
}"""

    response = admin_client.post(NEW, {"body": body})

    code = read(response).one("pre", id="numbered-code").text
    assert " at line 2 column 54. " in code
    assert (
        "Auth.TokenValidationResult has no method success"
        in code.partition(" at line 2")[2]
    )


def test_only_lines_near_errors_are_shown(admin_client, org):
    body = BROKEN.replace("\n}\n", "\n" + "\n" * 40 + "}\n")

    response = admin_client.post(NEW, {"body": body})

    code = read(response).one("pre", id="numbered-code")
    shown = [
        each.attributes.get("data-line")
        for each in code.all("span")
        if "line-number" in each.attributes.get("class", "")
    ]
    assert shown == [None, "2", "3", "4", "5", "6"]


def test_code_with_errors_is_never_markup(admin_client, org):
    body = "public class A {\n  String s = '<script>alert(1)</script>'\n  x <b>y;\n}"

    response = admin_client.post(NEW, {"body": body})

    assert response.status_code == 422
    assertNotContains(response, "<script>alert", status_code=422)


def test_saving_a_class_compiles_the_classes_that_depend_on_it(admin_client, org):
    ApexClassFactory(
        org=org, name="Base", body="public virtual class Base { public Integer one; }"
    )
    ApexClassFactory(
        org=org,
        name="Top",
        body="public class Top extends Base { public Integer two() { return one; } }",
        superclasses=["Base"],
    )
    form = form_of(admin_client.get(url_of("Base", "edit-apex-class")))

    body = "public virtual class Base { public Integer other; }"
    admin_client.post(url_of("Base", "edit-apex-class"), form | {"body": body})

    top = ApexClass.objects.get(name="Top")
    assert top.compile_status == "invalid"
    assert [each.message for each in top.compile_errors] == ["Variable does not exist: one"]


@pytest.mark.parametrize("name", ["", "Top"])
def test_a_saved_class_has_no_stale_result(admin, org, name):
    """Another session changes the base class while this one saves the form."""
    ApexClassFactory(org=org, name="Base", body="public virtual class Base { Integer i; }")
    edited = ApexClassFactory(org=org, name=name) if name else None
    form = ApexClassForm(
        {"body": "public class Top extends Base { }", "version": ""},
        org=org,
        apex_class=edited,
    )
    form.data["version"] = form.initial.get("version", "")
    assert form.is_valid()
    ApexClass.objects.filter(org=org, name="Base").update(
        body="public class Base { }", modified_at=timezone.now()
    )

    form.save(by=admin)

    assert status_of("Top") == "invalid"


# --- Opening -----------------------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "viewer_client"])
def test_opening_a_class_compiles_it_once(request, org, client_name):
    client = request.getfixturevalue(client_name)
    stored = not_compiled(org, "Broken", BROKEN)

    response = client.get(url_of("Broken"))

    assertContains(response, "Has compile errors")
    assert ERROR in read(response).one("pre").text
    assert links(response)["line 4 column 9"] == "#line-4"
    again = ApexClass.objects.get()
    assert (again.compile_status, len(again.compile_errors)) == ("invalid", 1)
    assert again.modified_at == stored.modified_at
    assert not AuditEntry.objects.exists()


def test_shows_why_a_class_is_partly_runnable(admin_client, org):
    not_compiled(org, "Unknown", UNKNOWN)

    response = admin_client.get(url_of("Unknown"))

    assertContains(response, "Partly runnable")
    code = read(response).one("pre").text
    assert "Warning from tokenx:" in code
    assert "Shipment__c" in read(response).one("div", id="compile-status").text
    assert links(response)["Line 2"] == "#line-2"


def test_a_class_that_declares_another_name_has_an_error(admin_client, org):
    not_compiled(org, "Stored", "public class Declared { }")

    response = admin_client.get(url_of("Stored"))

    message = "The code declares the class Declared, not Stored."
    assert message in read(response).one("div", id="compile-status").text


def test_a_result_of_other_code_is_not_used(admin_client, org):
    ApexClassFactory(org=org, name="Broken")
    ApexClass.objects.filter(org=org).update(body=BROKEN)

    assertContains(admin_client.get(url_of("Broken")), "Has compile errors")
    assert status_of("Broken") == "invalid"


def test_the_list_compiles_a_limited_amount_of_new_code(admin_client, org, monkeypatch):
    monkeypatch.setattr(views, "MAX_NEW_CODE_OF_LIST", 300)
    for name in ["List1", "List2"]:
        not_compiled(org, name, f"public class {name} {{ }} // {'y' * 150}")

    response = admin_client.get(LIST)

    assert [row[:3] for row in rows(response)] == [
        ["List1", "Not a handler class", "Compiled"],
        ["List2", "Not a handler class", "Not compiled yet"],
    ]
    assert [status_of("List1"), status_of("List2")] == ["valid", "not_compiled"]
    # Opening the class compiles it.
    admin_client.get(url_of("List2"))
    assert status_of("List2") == "valid"


def test_a_result_is_not_stored_if_another_class_changed(org, monkeypatch):
    """Another session creates a class while this one is compiled."""
    waiting = not_compiled(org, "Waiting", "public class Waiting { }")
    compile_together = compile_classes.compile_together

    def and_then_create(**arguments):
        ApexClassFactory(org=org, name="Other")
        return compile_together(**arguments)

    monkeypatch.setattr(compile_classes, "compile_together", and_then_create)

    compile_waiting(org=org.pk, classes=[waiting])

    assert waiting.compile_status == "valid"
    assert status_of("Waiting") == "not_compiled"


# --- Handlers ----------------------------------------------------------------------------


def test_a_class_that_extends_the_base_class_indirectly_can_be_a_handlers_class(
    admin_client, org
):
    base = "public virtual class Base extends Auth.Oauth2TokenExchangeHandler { }"
    admin_client.post(NEW, {"body": base})
    admin_client.post(NEW, {"body": "public class Top extends Base { }"})

    assert ApexClass.objects.get(name="Top").is_handler_class
    assertContains(admin_client.get(url_of("Top")), "Handlers can use this class.")
    assertContains(admin_client.get("/lookup/apex-classes/"), 'data-label="Top"')


def test_existing_handlers_keep_a_class_that_has_errors(admin_client, org):
    handler = TokenExchangeHandlerFactory(org=org, apex_class__name="Broken")
    ApexClass.objects.filter(org=org).update(
        body=BROKEN, compile_status="not_compiled", compiled_hash=""
    )

    admin_client.get(url_of("Broken"))

    handler.refresh_from_db()
    assert handler.apex_class.compile_status == "invalid"
    assertContains(admin_client.get("/health/"), "Broken has a compile error at line 4")
