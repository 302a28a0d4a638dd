"""Refusals, in Salesforce's words and at the element that causes them."""

import pytest

from tests.factories import ApexClassFactory, ClientAppFactory, UserFactory
from tests.metadata.format.samples import BAD
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.format.definitions import ExternalAppPolicies
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, User

from .deploying import (
    deploy,
    enabled,
    files_of,
    handler,
    location_in,
    only_problem,
    outcomes,
    package,
    problems,
    ready_for_handlers,
)

FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"


@pytest.fixture
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


# --- References ------------------------------------------------------------------------


def test_refuses_names_that_do_not_exist(admin, apps, subtests):
    for enablement, element, number, message in [
        (
            enabled("Gone"),
            "connectedApp",
            1,
            "In field: connectedApp - no ConnectedApp named Gone found",
        ),
        (
            enabled(external="Gone"),
            "externalClientApp",
            0,
            "In field: externalClientApp - no ExternalClientApplication named Gone found",
        ),
        (
            enabled("Shop", run_as="gone@mycompany.example"),
            "apexExecutionUser",
            1,
            "In field: apexExecutionUser - no User named gone@mycompany.example found",
        ),
    ]:
        with subtests.test(element=element):
            component = handler("Mine", "Billing", enablement)

            deployment = deploy(admin, [component])

            location = location_in(files_of(component), FILE, element, number)
            assert only_problem(deployment) == f"{location} {message}"
            assert outcomes(deployment) == {"Mine": "Failed"}
            assert not TokenExchangeHandler.objects.exists()


def test_reports_at_most_100_problems_of_a_kind(admin, apps):
    deployment = deploy(admin, [handler("Mine", *(f"Gone_{n}" for n in range(120)))])

    last = deployment.messages.filter(success=False).last()
    assert deployment.messages.filter(success=False).count() == 100
    assert last.problem == (
        "In field: connectedApp - no ConnectedApp named Gone_99 found. "
        "Only the first 100 problems of this kind are listed."
    )


def test_refuses_a_class_that_does_not_exist(admin, apps):
    component = handler("Mine", apex_class="Gone")

    location = location_in(files_of(component), FILE, "tokenHandlerApex")
    message = "In field: tokenHandlerApex - no ApexClass named Gone found"
    assert only_problem(deploy(admin, [component])) == f"{location} {message}"


def test_refuses_a_part_of_an_app_that_does_not_exist(admin):
    component = ("Gone_oauthPlcy", ExternalAppPolicies(app="Gone"))
    [file] = files_of(component)

    location = location_in(files_of(component), file, "externalClientApplication")
    message = (
        "In field: externalClientApplication - "
        "no ExternalClientApplication named Gone found"
    )
    assert only_problem(deploy(admin, [component])) == f"{location} {message}"


def test_reports_all_problems_together(admin, apps):
    enablements = [
        enabled(f"Gone{n}", run_as=f"gone{n}@mycompany.example") for n in range(3)
    ]

    deployment = deploy(
        admin, [handler("Mine", *enablements), handler("Yours", *enablements)]
    )

    assert len(problems(deployment)) == 12
    assert deployment.component_errors == 2


def test_refuses_names_that_are_longer_in_lowercase(admin, apps):
    """Use names whose 80 characters become 160 when they're folded."""
    deployment = deploy(admin, [handler("Mine", "İ" * 80)])

    assert "no ConnectedApp named İİ" in only_problem(deployment)


def test_refuses_the_same_references_as_the_page(admin, org, apps):
    ClientAppFactory(org=org, label="Off", policy_allows_token_exchange=False)
    UserFactory(org=org, username="left@x.example", is_active=False, last_name="Left")
    ApexClassFactory(org=org, name="Plain", body="public class Plain {}")
    User.objects.update(first_name="")
    component = handler("Mine", enabled("Off", run_as="left@x.example"))

    assert [each.partition(" ")[2] for each in problems(deploy(admin, [component]))] == [
        "In field: connectedApp - Off can't be enabled because token exchange is turned "
        "off in its policies.",
        "In field: apexExecutionUser - Left is inactive.",
    ]
    message = (
        "Plain doesn't extend Auth.Oauth2TokenExchangeHandler, directly or through base "
        "classes in the org."
    )
    assert only_problem(deploy(admin, [handler(apex_class="Plain")])).endswith(
        f"In field: tokenHandlerApex - {message}"
    )


def test_refuses_the_same_values_as_the_page(admin, apps, subtests):
    for values, message in [
        (
            {"developer_name": "Mine__2"},
            "An API name can't contain two consecutive underscores.",
        ),
        ({"supports_jwt": False}, "Select at least one token type."),
    ]:
        with subtests.test(values=values):
            assert only_problem(deploy(admin, [handler(**values)])).endswith(message)


def test_refuses_a_developer_name_that_differs_from_the_file_name(admin, apps):
    [content] = files_of(handler("Yours")).values()
    files = {FILE: content}

    deployment = deploy(admin, package(**files))

    location = location_in(files, FILE, "developerName")
    problem = "The developerName Yours doesn't match the file name Mine"
    assert only_problem(deployment) == f"{location} {problem}"


# --- Files -----------------------------------------------------------------------------


def test_the_result_has_every_problem_of_a_file(admin, subtests):
    for path in BAD:
        with subtests.test(path.name):
            name = path.name
            files = {name: path.read_bytes()}
            if name.endswith(".cls-meta.xml"):
                files[name.removesuffix("-meta.xml")] = b"public class Mine {}"
            if name.endswith("destructiveChanges.xml"):
                name = "destructiveChanges.xml"
                files = package(**{name: path.read_bytes()})

            deployment = deploy(admin, files)

            expected = path.with_name(f"{path.name}.expected").read_text().splitlines()
            assert deployment.status == Status.FAILED
            assert problems(deployment) == [f"{name}:{line}" for line in expected]
            rows = deployment.messages.exclude(problem="")
            assert not any(row.created or row.changed or row.deleted for row in rows)
            assert not AuditEntry.objects.exists()
