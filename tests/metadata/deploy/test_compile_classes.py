"""Deployments compile Apex classes: errors, tokenx's own warnings, and how much code."""

import pytest

from tests.factories import ApexClassFactory, TokenExchangeHandlerFactory
from tests.metadata.package.zips import zip_of
from tests.paths import ROOT
from tokenx.metadata.deploy import queue
from tokenx.metadata.models import Status
from tokenx.metadata.retrieve.results import component_message, deploy_result
from tokenx.org.models import ApexClass
from tokenx.setup import compile_classes

from .deploying import (
    apex_class,
    deletions,
    deploy,
    handler,
    only_problem,
    outcomes,
    package,
    problems,
    ready_for_handlers,
)

BASE = "Auth.Oauth2TokenExchangeHandler"
NO_SEMICOLON = """public class Broken {
    public Integer one() {
        Integer total = 1
        total = 2;
    }
}
"""


def deploy_classes(by, bodies, **options):
    """Deploy classes, given as bodies by name."""
    components = [(name, apex_class(name, body=body)) for name, body in bodies.items()]
    return deploy(by, components, **options)


def statuses():
    return dict(ApexClass.objects.values_list("name", "compile_status"))


def test_compile_errors_are_component_failures_with_line_and_column(admin, subtests):
    for check_only in [False, True]:
        with subtests.test(check_only=check_only):
            deployment = deploy_classes(
                admin,
                {"Broken": NO_SEMICOLON, "Fine": "public class Fine { }"},
                check_only=check_only,
            )

            assert deployment.status == Status.FAILED
            assert only_problem(deployment) == (
                "classes/Broken.cls:4:9 Missing ';' at 'total'"
            )
            details = deploy_result(deployment, include_details=True)["details"]
            [failed] = details["componentFailures"]
            assert failed["problemType"] == "Error"
            assert (failed["lineNumber"], failed["columnNumber"]) == (4, 9)
            assert failed["problem"] == "Missing ';' at 'total'"
            assert not ApexClass.objects.exists()


def test_the_checker_reports_each_error_of_a_class(admin):
    body = """public class Two {
    public Integer one() { return missing; }
    public void two() { Text text; String other = gone; }
}
"""
    deployment = deploy_classes(admin, {"Two": body})

    lines = [problem.split(" ")[0] for problem in problems(deployment)]
    assert "classes/Two.cls:2:35" in lines
    assert len(lines) >= 2


def test_keeps_existing_code_if_the_new_code_has_errors(admin, org):
    old = ApexClassFactory(org=org, name="Broken", body="class Broken { }")

    deploy_classes(admin, {"Broken": NO_SEMICOLON}, rollback_on_error=False)

    assert ApexClass.objects.get().body == old.body


def test_classes_of_a_package_see_each_other_and_those_of_the_org(admin, org):
    ApexClassFactory(
        org=org,
        name="Base",
        body=f"public virtual class Base extends {BASE} {{ public Integer one; }}",
    )
    bodies = {
        "Top": "public class Top extends Middle { Integer two() { return one + helper; } }",
        "Middle": "public virtual class Middle extends Base { public Integer helper; }",
    }

    deployment = deploy(
        admin,
        [
            *((name, apex_class(name, body=body)) for name, body in bodies.items()),
            handler("Mine", apex_class="Top"),
        ],
    )

    assert problems(deployment) == []
    assert outcomes(deployment) == {
        "Top": "Created",
        "Middle": "Created",
        "Mine": "Created",
    }
    top = ApexClass.objects.get(name="Top")
    assert (top.superclasses, top.is_handler_class) == (["Middle", "Base", BASE], True)
    assert top.compile_status == "valid"


def test_resets_classes_outside_the_package_that_depend_on_its_classes(admin, org):
    ApexClassFactory(org=org, name="Base", body="public virtual class Base { }")
    ApexClassFactory(org=org, name="Outside", superclasses=["Base"])
    ApexClassFactory(org=org, name="Inside", superclasses=["Base"], body="class Inside { }")

    deploy_classes(
        admin,
        {
            "Base": "public virtual class Base { Integer one; }",
            "Inside": "public class Inside extends Base { }",
        },
    )

    assert statuses() == {"Base": "valid", "Inside": "valid", "Outside": "not_compiled"}


def test_resets_classes_that_depend_on_deleted_ones(admin, org):
    ApexClassFactory(org=org, name="Base", body="public virtual class Base { }")
    ApexClassFactory(org=org, name="Outside", superclasses=["Base"])
    inside = apex_class("Inside", body="public class Inside extends Base { }")

    deploy(admin, deletions(ApexClass=["Base"]) | package(("Inside", inside)))

    assert statuses() == {"Inside": "not_compiled", "Outside": "not_compiled"}


UNKNOWN = "public class Unknown { public Shipment__c one() { return null; } }"


def test_the_warnings_of_tokenx_are_successes(admin, subtests):
    for ignore_warnings in [False, True]:
        with subtests.test(ignore_warnings=ignore_warnings):
            deployment = deploy_classes(
                admin, {"Unknown": UNKNOWN}, ignore_warnings=ignore_warnings
            )

            assert deployment.status == Status.SUCCEEDED
            message = deployment.messages.get(type_name="ApexClass")
            assert (message.is_warning, message.is_from_tokenx) == (True, True)
            assert (message.success, message.line) == (True, 1)
            assert "Shipment__c" in message.problem
            result = component_message(message)
            assert result["problemType"] == "Warning"
            assert result["problem"].startswith("tokenx: ")
            assert (result["success"], deployment.components_deployed) == (True, 1)
    assert statuses() == {"Unknown": "not_runnable"}


def test_a_folder_of_ordinary_apex_deploys(admin):
    folder = ROOT / "tests" / "apex" / "ordinary"
    bodies = {path.stem: path.read_text() for path in folder.glob("*.cls")}

    deployment = deploy_classes(admin, bodies)

    assert deployment.status == Status.SUCCEEDED
    assert outcomes(deployment) == dict.fromkeys(bodies, "Created")
    warnings = deployment.messages.filter(is_warning=True)
    assert len(bodies) > 10 > len(warnings) > 0
    assert all(warning.is_from_tokenx and warning.line for warning in warnings)


def test_the_warnings_of_salesforce_are_failures_unless_they_are_ignored(admin):
    files = deletions(ApexClass=["Gone"])

    assert deploy(admin, files).status == Status.FAILED
    ignored = deploy(admin, files, ignore_warnings=True)
    assert ignored.status == Status.SUCCEEDED
    assert not ignored.messages.get(is_warning=True).is_from_tokenx


# --- How much code ---------------------------------------------------------------------


@pytest.fixture
def little(monkeypatch):
    """Let a deployment compile 300 characters of new code."""
    monkeypatch.setattr(compile_classes, "MAX_NEW_CODE", 300)


def padded(name, superclass=""):
    extends = f" extends {superclass}" if superclass else ""
    return f"public class {name}{extends} {{ }} // {'x' * 200}"


def test_compiles_the_classes_of_handlers_first_and_warns_once(admin, org, little):
    used = ApexClassFactory(org=org, name="InOrg")
    TokenExchangeHandlerFactory(org=org, apex_class=used)
    bodies = {name: padded(name) for name in ["Aaa", "Bbb"]}
    bodies["InOrg"] = padded("InOrg", BASE)

    deployment = deploy_classes(admin, bodies)

    assert deployment.status == Status.SUCCEEDED
    assert statuses() == {
        "Aaa": "not_compiled",
        "Bbb": "not_compiled",
        "InOrg": "valid",
    }
    assert only_problem(deployment).startswith(
        "package.xml 2 Apex classes aren't compiled yet."
    )


def test_code_whose_trees_are_kept_is_always_compiled(admin, org, little, monkeypatch):
    bodies = {name: padded(name) for name in ["Ccc", "Ddd", "Eee"]}
    with monkeypatch.context() as patch:
        patch.setattr(compile_classes, "MAX_NEW_CODE", 3_000)
        deploy_classes(admin, bodies, check_only=True)

    deployment = deploy_classes(admin, bodies)

    assert problems(deployment) == []
    assert set(statuses().values()) == {"valid"}


def test_a_handler_can_use_a_class_that_is_not_compiled_yet(admin, org, little):
    ready_for_handlers(org)
    body = padded("Long", BASE) + "x" * 300

    deployment = deploy(
        admin, [("Long", apex_class("Long", body=body)), handler("Mine", apex_class="Long")]
    )

    assert outcomes(deployment) == {"Long": "Created", "Mine": "Created"}
    assert ApexClass.objects.get(name="Long").compile_status == "not_compiled"


def test_a_class_that_is_deployed_unchanged_takes_its_result(admin, org):
    body = "public class Late { }"
    ApexClassFactory(org=org, name="Late", body=body, compile_status="not_compiled")
    before = ApexClass.objects.get().modified_at
    files = package(*[("Late", apex_class("Late", body=body))])

    deployment = deploy(admin, zip_of(files).getvalue())

    assert outcomes(deployment)["Late"] in ("Unchanged", "Changed")
    stored = ApexClass.objects.get()
    assert stored.compile_status == "valid"
    assert stored.modified_at >= before


def test_compiles_again_if_a_class_changed_before_the_transaction(admin, org, monkeypatch):
    """Another session changes the base class while the package is compiled."""
    ApexClassFactory(org=org, name="Base", body="public virtual class Base { Integer i; }")
    compile_packages = queue.compile_packages

    def and_then_change_the_base(*arguments):
        compile_packages(*arguments)
        ApexClass.objects.filter(org=org, name="Base").update(
            body="public class Base { }", modified_at="2030-01-01T00:00Z"
        )

    monkeypatch.setattr(queue, "compile_packages", and_then_change_the_base)

    deployment = deploy_classes(admin, {"Top": "public class Top extends Base { }"})

    assert deployment.status == Status.FAILED
    assert "Base" in only_problem(deployment)
