"""What cannot be deployed, in Salesforce's words, and at the element that it is about."""

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    UserFactory,
)
from tests.metadata.deploying import (
    deploy,
    enabled,
    files_of,
    handler,
    only_problem,
    outcomes,
    package,
    place_in,
    problems,
    ready_for_handlers,
)
from tests.metadata.samples import BAD, name_of
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.definition import ExternalAppPolicies
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, User

FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"


@pytest.fixture
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


# --- References ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, element, number, words",
    [
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
    ],
)
def test_names_that_nothing_has(admin, apps, wrong, element, number, words):
    made = handler("Mine", "Billing", wrong)

    deployment = deploy(admin, [made])

    place = place_in(files_of(made), FILE, element, number)
    assert only_problem(deployment) == f"{place} {words}"
    assert outcomes(deployment) == {"Mine": "Failed"}
    assert not TokenExchangeHandler.objects.exists()


def test_where_there_are_more_than_are_told_the_last_one_says_so(admin, apps):
    deployment = deploy(admin, [handler("Mine", *(f"Gone_{n}" for n in range(120)))])

    last = deployment.messages.filter(success=False).last()
    assert deployment.messages.filter(success=False).count() == 100
    assert last.problem == (
        "In field: connectedApp - no ConnectedApp named Gone_99 found. "
        "Of this kind, only the first 100 are told."
    )


def test_a_class_that_is_not_there(admin, apps):
    made = handler("Mine", apex_class="Gone")

    place = place_in(files_of(made), FILE, "tokenHandlerApex")
    words = "In field: tokenHandlerApex - no ApexClass named Gone found"
    assert only_problem(deploy(admin, [made])) == f"{place} {words}"


def test_a_part_of_an_app_that_is_not_there(admin):
    made = ("Gone_oauthPlcy", ExternalAppPolicies(app="Gone"))
    [file] = files_of(made)

    place = place_in(files_of(made), file, "externalClientApplication")
    words = (
        "In field: externalClientApplication - "
        "no ExternalClientApplication named Gone found"
    )
    assert only_problem(deploy(admin, [made])) == f"{place} {words}"


def test_all_that_is_wrong_is_said_at_once(admin, apps):
    wrong = [enabled(f"Gone{n}", run_as=f"gone{n}@mycompany.example") for n in range(3)]

    deployment = deploy(admin, [handler("Mine", *wrong), handler("Yours", *wrong)])

    assert len(problems(deployment)) == 12
    assert deployment.component_errors == 2


def test_names_with_letters_that_grow_in_small_letters(admin, apps):
    """80 letters may be 160 when they are folded: no reason to break."""
    deployment = deploy(admin, [handler("Mine", "İ" * 80)])

    assert "no ConnectedApp named İİ" in only_problem(deployment)


def test_what_the_page_refuses_too(admin, org, apps):
    ClientAppFactory(org=org, label="Off", policy_allows_token_exchange=False)
    UserFactory(org=org, username="left@x.example", is_active=False, last_name="Left")
    ApexClassFactory(org=org, name="Plain", body="public class Plain {}")
    User.objects.update(first_name="")
    made = handler("Mine", enabled("Off", run_as="left@x.example"))

    assert [each.partition(" ")[2] for each in problems(deploy(admin, [made]))] == [
        "In field: connectedApp - Off: token exchange is switched off in its policies.",
        "In field: apexExecutionUser - Left is not active.",
    ]
    words = "Plain does not extend Auth.Oauth2TokenExchangeHandler."
    assert only_problem(deploy(admin, [handler(apex_class="Plain")])).endswith(
        f"In field: tokenHandlerApex - {words}"
    )


@pytest.mark.parametrize(
    "says, words",
    [
        ({"developer_name": "Mine__2"}, "An API name has no two underscores in a row."),
        ({"supports_jwt": False}, "Select at least one token type."),
    ],
)
def test_a_handler_that_the_page_would_not_take(admin, apps, says, words):
    assert only_problem(deploy(admin, [handler(**says)])).endswith(words)


def test_the_name_of_the_file_and_the_one_in_it_have_to_be_one(admin, apps):
    [content] = files_of(handler("Yours")).values()
    files = {FILE: content}

    deployment = deploy(admin, package(**files))

    words = "The developerName Yours is not the name of the file, Mine"
    assert only_problem(deployment) == f"{place_in(files, FILE, 'developerName')} {words}"


# --- Files -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_every_problem_of_a_file_is_in_the_result(admin, path):
    files = {path.name: path.read_bytes()}
    if path.name.endswith(".cls-meta.xml"):
        files[path.name.removesuffix("-meta.xml")] = b"public class Mine {}"
    if path.name.endswith("destructiveChanges.xml"):
        files = package(**{"destructiveChanges.xml": path.read_bytes()})

    deployment = deploy(admin, files)

    name = "destructiveChanges.xml" if len(files) > 1 and "package.xml" in files else path
    name = getattr(name, "name", name)
    expected = path.with_name(f"{path.name}.expected").read_text().splitlines()
    assert deployment.status == Status.FAILED
    assert problems(deployment) == [f"{name}:{line}" for line in expected]
    rows = deployment.messages.exclude(problem="")
    assert not any(row.created or row.changed or row.deleted for row in rows)
    assert not AuditEntry.objects.exists()
