"""The stored result of compiling an Apex class, and the classes that it affects."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError

from tests.factories import ApexClassFactory, OrgFactory
from tests.rollback import rolled_back
from tokenx.apex.compiled import Compiled, CompileOutcome, hash_of
from tokenx.apex.problems import Problem, Severity
from tokenx.apex.tree import Position
from tokenx.org.actions import create_apex_class, create_apex_class_template
from tokenx.org.apex import BASE, template_of
from tokenx.org.models import ApexClass, CompileStatus
from tokenx.setup.actions.apex_classes import delete_apex_class, edit_apex_class

BODY = "public class A extends B { }"
ERROR = Problem(Position(12, 8), "Missing ';' at 'return'")
WARNING = Problem(Position(3, 5), "tokenx doesn't know Foo__c.", Severity.WARNING)


def compiled(body, *problems, status=CompileOutcome.VALID, superclasses=(), references=()):
    return Compiled(hash_of(body), status, problems, "A", superclasses, references)


def statuses(org):
    return dict(ApexClass.objects.filter(org=org).values_list("name", "compile_status"))


def test_stores_the_result_of_the_compiler(admin):
    result = compiled(
        BODY,
        ERROR,
        WARNING,
        status=CompileOutcome.INVALID,
        superclasses=("B", BASE),
        references=("B", "C"),
    )

    create_apex_class(name="A", body=BODY, compiled=result, by=admin)

    stored = ApexClass.objects.get()
    assert stored.compile_status == CompileStatus.INVALID
    assert (stored.compile_errors, stored.compile_warnings) == ([ERROR], [WARNING])
    assert (stored.superclasses, stored.is_handler_class) == (["B", BASE], True)
    assert stored.referenced_classes == ["B", "C"]


def test_without_a_result_only_the_declared_base_class_is_known(admin):
    created = create_apex_class(name="A", body=BODY, by=admin)

    assert not created.is_compiled
    assert (created.superclasses, created.is_handler_class) == (["B"], False)


def test_the_result_of_another_body_is_not_stored(admin):
    result = compiled("public class A { }")

    assert not create_apex_class(name="A", body=BODY, compiled=result, by=admin).is_compiled


def test_the_template_has_a_stored_result(admin):
    created = create_apex_class_template(by=admin)

    assert created.compile_status == CompileStatus.VALID
    assert created.is_handler_class
    assert created.body == template_of(created.name)[0]


@pytest.mark.parametrize(
    ("status", "compiled_hash"), [("valid", ""), ("not_compiled", "a"), ("other", "a")]
)
def test_the_database_accepts_only_consistent_results(org, status, compiled_hash):
    with pytest.raises(IntegrityError), rolled_back():
        ApexClassFactory(org=org, compile_status=status, compiled_hash=compiled_hash)


@pytest.fixture
def chain(org):
    """Create Top, which mentions Middle, which extends Base; and a class beside them."""
    ApexClassFactory(org=org, name="Top", referenced_classes=["middle"])
    ApexClassFactory(org=org, name="Middle", superclasses=["BASE"])
    ApexClassFactory(org=org, name="Beside", referenced_classes=["Missing"])
    ApexClassFactory(org=OrgFactory(), name="Theirs", referenced_classes=["Base"])
    return ApexClassFactory(org=org, name="Base")


def test_changing_a_class_resets_the_classes_that_depend_on_it(admin, org, chain):
    body = "public class Base { }"

    edit_apex_class(
        apex_class=chain, name="Base", body=body, compiled=compiled(body), by=admin
    )

    assert statuses(org) == {
        "Base": "valid",
        "Middle": "not_compiled",
        "Top": "not_compiled",
        "Beside": "valid",
    }
    assert ApexClass.objects.get(name="Middle").superclasses == ["BASE"]
    assert ApexClass.objects.get(name="Theirs").is_compiled


def test_renaming_and_deleting_and_creating_reset_dependents_too(admin, org, chain):
    body = "public class Other { }"
    with rolled_back():
        edit_apex_class(apex_class=chain, name="Other", body=body, by=admin)
        assert statuses(org)["Top"] == "not_compiled"
    with rolled_back():
        delete_apex_class(apex_class=chain, by=admin)
        assert statuses(org)["Top"] == "not_compiled"
    with rolled_back():
        create_apex_class(name="Missing", body="class Missing { }", by=admin)
        assert statuses(org) == {
            "Base": "valid",
            "Middle": "valid",
            "Top": "valid",
            "Beside": "not_compiled",
            "Missing": "not_compiled",
        }


def test_a_class_with_problems_might_miss_a_new_class(admin, org, chain):
    ApexClassFactory(
        org=org,
        name="Unsure",
        body="public class Unsure { missing one; }",
        compile_status="not_runnable",
    )
    ApexClassFactory(org=org, name="Below", superclasses=["Unsure"])
    ApexClassFactory(org=org, name="Broken", body="missing_2", compile_status="invalid")

    create_apex_class(name="Missing", body="class Missing { }", by=admin)

    assert statuses(org) | {"Beside": "", "Missing": ""} == {
        "Base": "valid",
        "Middle": "valid",
        "Top": "valid",
        "Unsure": "not_compiled",
        "Below": "not_compiled",
        "Broken": "invalid",
        "Beside": "",
        "Missing": "",
    }


def test_a_class_that_is_not_compiled_might_depend_on_everything(admin, org, chain):
    ApexClassFactory(org=org, name="Missing", compile_status="not_compiled")
    body = "public class Base { }"

    edit_apex_class(apex_class=chain, name="Base", body=body, by=admin)

    assert statuses(org)["Beside"] == "not_compiled"


def test_the_migration_keeps_classes_and_reads_their_base_class(org):
    migration = import_module("tokenx.org.migrations.0010_compiled_classes")
    bodies = {
        "Plain": "public class Plain { }",
        "Ready": "/* class X { */ class Ready EXTENDS auth . oauth2TokenExchangeHandler {",
        "Other": f"class Other extends Base {{ }} // extends {BASE}",
    }
    for name, body in bodies.items():
        ApexClassFactory(
            org=org,
            name=name,
            body=body,
            compile_status="not_compiled",
            superclasses=[],
            is_handler_class=False,
        )

    migration.read_base_classes(apps, None)

    values = ApexClass.objects.values_list(
        "name", "body", "superclasses", "is_handler_class"
    )
    assert {name: tuple(rest) for name, *rest in values} == {
        "Plain": (bodies["Plain"], [], False),
        "Ready": (bodies["Ready"], ["auth.oauth2TokenExchangeHandler"], True),
        "Other": (bodies["Other"], ["Base"], False),
    }
