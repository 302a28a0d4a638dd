"""Deploying Apex classes: two files each, and a status that deletes."""

from tests.factories import ApexClassFactory, TokenExchangeHandlerFactory
from tokenx.org.models import ApexClass

from .deploying import apex_class, deploy, files_of, only_problem, outcomes


def test_a_class_needs_both_files(admin, subtests):
    for missing, message in [
        (".cls", "needs the file classes/ShopTokens.cls,"),
        (".cls-meta.xml", "needs the file classes/ShopTokens.cls-meta.xml,"),
    ]:
        with subtests.test(missing=missing):
            files = files_of(("ShopTokens", apex_class()))
            del files[f"classes/ShopTokens{missing}"]

            deployment = deploy(admin, files)

            assert message in only_problem(deployment)
            assert outcomes(deployment) == {"ShopTokens": "Failed"}


def test_reports_problems_of_the_code_in_its_file(admin, subtests):
    for body, message in [
        (b"public class Other {}", "classes/A.cls The body declares class Other, not A."),
        (b"// nothing", "classes/A.cls:1:11 Unexpected token '<EOF>'."),
        (b"class A {\n  \xff }", "classes/A.cls:2:3 The code is not UTF-8"),
        (b"class A {\0}", "classes/A.cls The code contains a NUL character"),
        (b"class A {" + b" " * 10**6, "classes/A.cls The code has more than 1,000,000"),
    ]:
        with subtests.test(body=body):
            files = files_of(("A", apex_class("A"))) | {"classes/A.cls": body}

            deployment = deploy(admin, files)

            assert only_problem(deployment).startswith(message)
            assert not ApexClass.objects.exists()


def test_reports_problems_of_the_xml_in_its_file(admin):
    files = files_of(("A", apex_class("A", api_version="12345678.90")))

    problem = only_problem(deploy(admin, files))

    assert problem.startswith("classes/A.cls-meta.xml:3:5 In field: apiVersion - ")


def test_refuses_a_class_name_that_is_too_long(admin):
    name = "A" * 41

    assert only_problem(deploy(admin, [(name, apex_class(name))])) == (
        f"classes/{name}.cls:5:14 Identifier name is too long: {name}"
    )


def test_normalizes_the_line_endings_of_code(admin):
    body = b"\xef\xbb\xbfpublic class ShopTokens {\r\n}\r\n"
    files = files_of(("ShopTokens", apex_class()))

    deploy(admin, files | {"classes/ShopTokens.cls": body})

    assert ApexClass.objects.get().body == "public class ShopTokens {\n}\n"


def test_deletes_a_class_with_the_status_deleted(admin, org):
    ApexClassFactory(org=org, name="ShopTokens")

    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert outcomes(deployment) == {"ShopTokens": "Deleted"}
    assert not ApexClass.objects.exists()


def test_refuses_to_delete_a_class_that_a_handler_uses(admin, org):
    used = ApexClassFactory(org=org, name="ShopTokens")
    TokenExchangeHandlerFactory(org=org, label="Mine", apex_class=used)

    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert only_problem(deployment).endswith(
        "ShopTokens is used by Mine. Select another Apex class there first."
    )


def test_refuses_to_delete_a_class_that_does_not_exist(admin):
    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert only_problem(deployment).endswith("No ApexClass named: ShopTokens found")
