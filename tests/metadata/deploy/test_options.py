"""Deploy options and the forms of archives."""

import io
import zipfile

import pytest

from tests.metadata.package.zips import changed, zip_of
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.models import Status
from tokenx.org.models import ApexClass, AuditEntry, ClientApp

from .deploying import (
    apex_class,
    connected_app,
    deploy,
    enabled,
    files_of,
    handler,
    manifest,
    only_problem,
    outcomes,
    package,
    problems,
    ready_for_handlers,
)

HANDLER = "OauthTokenExchangeHandler"
FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"


@pytest.fixture(autouse=True)
def apps(org):
    return ready_for_handlers(org, "Billing", "Shop")


def everything():
    tables = (ApexClass, ClientApp, TokenExchangeHandler, Enablement, AuditEntry)
    return [list(table.objects.values()) for table in tables]


# --- checkOnly -------------------------------------------------------------------------


def test_a_check_has_the_same_outcome_and_changes_nothing(admin):
    deploy(admin, [handler("Mine", "Billing")])
    before = everything()
    components = [
        ("Newer", apex_class("Newer")),
        ("Billing", connected_app("Bills")),
        handler("Mine", enabled("Shop", is_default=True)),
        handler("Yours", "Billing"),
    ]

    checked = deploy(admin, components, check_only=True)

    assert (checked.status, checked.check_only) == (Status.SUCCEEDED, True)
    assert everything() == before
    deployed = deploy(admin, components)
    assert outcomes(checked) == outcomes(deployed)
    assert checked.components_deployed == deployed.components_deployed == 4


def test_a_check_reports_problems(admin, subtests):
    before = everything()

    for rollback_on_error in [True, False]:
        with subtests.test(rollback_on_error=rollback_on_error):
            checked = deploy(
                admin,
                [handler("Mine", "Gone"), handler("Yours")],
                check_only=True,
                rollback_on_error=rollback_on_error,
            )

            partly = Status.FAILED if rollback_on_error else Status.SUCCEEDED_PARTIAL
            assert checked.status == partly
            assert "no ConnectedApp named Gone found" in only_problem(checked)
            assert everything() == before


# --- ignoreWarnings --------------------------------------------------------------------


def test_a_warning_is_an_error_unless_ignored(admin, subtests):
    files = package(handler("Mine"), **{"notes.txt": b"left out"})
    for ignore, rollback, status in [
        (True, True, Status.SUCCEEDED),
        (True, False, Status.SUCCEEDED),
        (False, True, Status.FAILED),
        (False, False, Status.SUCCEEDED_PARTIAL),
    ]:
        options = {"ignore_warnings": ignore, "rollback_on_error": rollback}
        with subtests.test(**options), rolled_back():
            deployment = deploy(admin, files, **options)

            assert deployment.status == status
            assert TokenExchangeHandler.objects.exists() == (status != Status.FAILED)
            assert deployment.messages.get(is_warning=True).success == ignore


def test_keeps_purge_on_delete(admin):
    assert deploy(admin, [handler("Mine")], purge_on_delete=True).purge_on_delete


# --- singlePackage ---------------------------------------------------------------------


@pytest.mark.parametrize("single_package", [True, None])
def test_one_package_at_the_root(admin, single_package):
    deployment = deploy(admin, [handler("Mine")], single_package=single_package)

    assert outcomes(deployment) == {"Mine": "Created"}
    [row] = deployment.messages.filter(type_name="")
    assert (row.full_name, row.file_name) == ("package.xml", "package.xml")
    assert row.success
    assert deployment.components_total == 1


@pytest.mark.parametrize("single_package", [True, False, None])
def test_one_package_in_a_folder_as_the_salesforce_cli_sends_it(admin, single_package):
    files = {f"zip/{name}": data for name, data in package(handler("Mine")).items()}

    deployment = deploy(admin, files, single_package=single_package)

    assert outcomes(deployment) == {"Mine": "Created"}
    names = set(deployment.messages.values_list("file_name", flat=True))
    assert names == {"zip/package.xml", f"zip/{FILE}"}


@pytest.mark.parametrize("single_package", [False, None])
def test_deploys_several_packages_together(admin, single_package):
    apps = package(("New", connected_app("New")))
    handlers = package(handler("Mine", "New"))
    files = {f"handlers/{name}": data for name, data in handlers.items()}
    files |= {f"x_apps/{name}": data for name, data in apps.items()}

    deployment = deploy(admin, files, single_package=single_package)

    assert outcomes(deployment) == {"New": "Created", "Mine": "Created"}


def test_a_component_in_two_packages_fails_in_the_second(admin):
    package_files = package(handler("Mine"))
    files = {
        f"{folder}/{name}": package_files[name] for folder in "ab" for name in package_files
    }

    deployment = deploy(admin, files, rollback_on_error=False)

    message = (
        f"An object 'Mine' of type {HANDLER} is in another package of the same zip file"
    )
    assert problems(deployment) == [f"b/{FILE} {message}"]
    assert deployment.components_deployed == deployment.component_errors == 1


# --- Other forms -----------------------------------------------------------------------


def test_deploys_files_without_a_manifest(admin):
    assert outcomes(deploy(admin, files_of(handler("Mine")))) == {"Mine": "Created"}


def test_deploys_one_file(admin):
    [data] = files_of(handler("Mine")).values()

    deployment = deploy(admin, data, name="Mine.oauthtokenexchangehandler")

    assert outcomes(deployment) == {"Mine": "Created"}


def test_deploys_source_format(admin):
    [data] = files_of(handler("Mine")).values()
    name = f"force-app/main/default/{FILE}-meta.xml"

    deployment = deploy(admin, {name: data, "package.xml": manifest(**{HANDLER: ["*"]})})

    assert outcomes(deployment) == {"Mine": "Created"}
    assert deployment.messages.get(full_name="Mine").file_name == name


def test_a_member_without_a_file_fails(admin):
    files = package(handler("Mine")) | {
        "package.xml": manifest(**{HANDLER: ["Mine", "Gone"]})
    }

    deployment = deploy(admin, files)

    message = (
        f"An object 'Gone' of type {HANDLER} was named in package.xml, "
        "but was not found in zipped directory"
    )
    assert only_problem(deployment) == f"package.xml:3:5 {message}"
    assert outcomes(deployment) == {"Gone": "Failed", "Mine": "Created"}
    assert (deployment.components_total, deployment.component_errors) == (2, 1)
    assert not TokenExchangeHandler.objects.exists()


# --- Unreadable archives ---------------------------------------------------------------


def test_an_unreadable_archive_fails_as_a_whole(admin):
    whole = zip_of(package(handler("Mine"))).getvalue()
    encrypted = changed(zip_of({"a.txt": b""}), 8, "<H", 1).getvalue()
    for content, message in {
        whole[: len(whole) // 2]: "The zip file is damaged: File is not a zip file",
        b"anything": "The file is not a zip file.",
        encrypted: "is encrypted",
    }.items():
        deployment = deploy(admin, content)

        assert deployment.status == Status.FAILED
        assert message in deployment.error_message
        assert deployment.error_code == "UNKNOWN_EXCEPTION"
        assert deployment.completed_at
        assert not deployment.messages.exists()


def test_a_damaged_file_inside_a_zip_fails_alone(admin):
    good = zip_of(package(handler("Mine"), handler("Yours")), method=zipfile.ZIP_STORED)
    damaged = good.getvalue().replace(b"<masterLabel>Mine", b"<masterLabel>Mene", 1)

    deployment = deploy(admin, damaged, rollback_on_error=False)

    assert "The file is damaged: Bad CRC-32" in only_problem(deployment)
    assert outcomes(deployment) == {"Mine": "Failed", "Yours": "Created"}


def test_refuses_more_than_10_000_files(admin):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"classes/A{number}.cls", b"")

    deployment = deploy(admin, target.getvalue())

    assert deployment.status == Status.FAILED
    assert deployment.error_message == "The zip file has more than 10,000 files."


def test_refuses_more_than_600_mb_of_unpacked_files(admin):
    bomb = changed(zip_of({"classes/A.cls": b""}), 24, "<L", 700 * 2**20).getvalue()

    deployment = deploy(admin, bomb)

    assert deployment.status == Status.FAILED
    assert "The limit is 629,145,600 bytes (600 MB)" in deployment.error_message
