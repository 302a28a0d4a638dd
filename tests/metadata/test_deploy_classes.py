"""Deploying Apex classes: two files each, and a status that deletes."""

import pytest

from tests.factories import (
    ApexClassFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.deploying import (
    apex_class,
    deploy,
    files_of,
    only_problem,
    outcomes,
    problems,
)
from tokenx.org.models import ApexClass


@pytest.mark.parametrize(
    "missing, words",
    [
        (".cls", "needs the file classes/ShopTokens.cls,"),
        (".cls-meta.xml", "needs the file classes/ShopTokens.cls-meta.xml,"),
    ],
)
def test_a_class_with_one_of_its_two_files(admin, missing, words):
    files = files_of(("ShopTokens", apex_class()))
    del files[f"classes/ShopTokens{missing}"]

    deployment = deploy(admin, files)

    assert words in only_problem(deployment)
    assert outcomes(deployment) == {"ShopTokens": "Failed"}


@pytest.mark.parametrize(
    "body, words",
    [
        (b"class Other {}", "classes/A.cls The body declares the class Other, not A."),
        (b"// nothing", "classes/A.cls The body declares no class, not A."),
        (b"class A {\n  \xff }", "classes/A.cls:2:3 The code is not UTF-8"),
        (b"class A {\0}", "classes/A.cls The code has a NUL character"),
        (b"class A {" + b" " * 10**6, "classes/A.cls The code has more than 1,000,000"),
    ],
)
def test_what_is_wrong_with_the_code_is_said_of_its_file(admin, body, words):
    files = files_of(("A", apex_class("A"))) | {"classes/A.cls": body}

    deployment = deploy(admin, files)

    assert only_problem(deployment).startswith(words)
    assert not ApexClass.objects.exists()


def test_what_is_wrong_with_its_xml_is_said_of_that(admin):
    files = files_of(("A", apex_class("A", api_version="12345678.90")))

    problem = only_problem(deploy(admin, files))

    assert problem.startswith("classes/A.cls-meta.xml:3:5 In field: apiVersion - ")


def test_a_name_that_no_class_can_have(admin):
    name = "A" * 41

    assert problems(deploy(admin, [(name, apex_class(name))])) == [
        f"classes/{name}.cls-meta.xml:2:1 The name of a class has at most 40 characters."
    ]


def test_a_class_keeps_the_ends_of_its_lines_simple(admin):
    body = b"\xef\xbb\xbfpublic class ShopTokens {\r\n}\r\n"
    files = files_of(("ShopTokens", apex_class()))

    deploy(admin, files | {"classes/ShopTokens.cls": body})

    assert ApexClass.objects.get().body == "public class ShopTokens {\n}\n"


def test_a_class_of_status_deleted_is_deleted(admin, org):
    ApexClassFactory(org=org, name="ShopTokens")

    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert outcomes(deployment) == {"ShopTokens": "Deleted"}
    assert not ApexClass.objects.exists()


def test_a_class_of_status_deleted_that_a_handler_uses_stays(admin, org):
    used = ApexClassFactory(org=org, name="ShopTokens")
    TokenExchangeHandlerFactory(org=org, label="Mine", apex_class=used)

    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert only_problem(deployment).endswith(
        "ShopTokens is used by Mine. Choose another Apex class there first."
    )


def test_a_class_of_status_deleted_that_is_not_there(admin):
    deployment = deploy(admin, [("ShopTokens", apex_class(status="Deleted"))])

    assert only_problem(deployment).endswith("No ApexClass named: ShopTokens found")
