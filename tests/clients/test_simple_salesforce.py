"""simple-salesforce logs in, and deploys and retrieves files."""

import io
import zipfile

import pytest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
)

from tests.factories import UserFactory
from tests.metadata.deploy.deploying import deletions, files_of, handler, package
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, Profile

from .conftest import with_password
from .salesforce import FILE, HANDLER, component, deploy, handler_type, is_there

# --- Logging in ------------------------------------------------------------------------


def test_a_wrong_password_is_refused(log_in, admin):
    words = "Invalid username, password, security token"
    with pytest.raises(SalesforceAuthenticationFailed, match=words) as refused:
        log_in(admin.username, "wrong")

    assert refused.value.code == "INVALID_LOGIN"


def test_acts_as_whoever_logged_in(salesforce, admin):
    [entry] = salesforce.query("SELECT Name, OrganizationType FROM Organization")["records"]
    handler_type(salesforce).create([component(salesforce)])

    assert entry["Name"] == admin.org.name
    assert not salesforce.is_sandbox()
    created = AuditEntry.objects.get(org=admin.org, display__contains="Mine")
    assert created.user == admin


def test_an_ended_session_is_refused(salesforce):
    salesforce.session_id = "00D000000000001!nobody"
    salesforce.headers["Authorization"] = "Bearer 00D000000000001!nobody"

    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        salesforce.query("SELECT Id FROM User")


def test_a_viewer_reads_and_changes_nothing(log_in, org):
    salesforce = log_in(
        with_password(UserFactory(org=org, profile=Profile.SETUP_VIEWER)).username
    )

    assert salesforce.query("SELECT Id FROM User")["totalSize"] > 0
    with pytest.raises(Exception, match="INSUFFICIENT_ACCESS"):
        handler_type(salesforce).create([component(salesforce)])
    assert not is_there("Mine")


# --- Files -----------------------------------------------------------------------------


def test_deploys_files(salesforce):
    state, components = deploy(salesforce, package(handler("Mine", "Billing", "Portal")))

    assert state == "Succeeded"
    assert components == {
        "total_count": "1",
        "failed_count": "0",
        "deployed_count": "1",
        "errors": [],
    }
    assert is_there("Mine")
    assert Enablement.objects.count() == 2


def test_checks_files_and_deploys_nothing(salesforce):
    state, _ = deploy(salesforce, package(handler("Mine")), checkOnly=True)

    assert state == "Succeeded"
    assert not is_there("Mine")


def test_is_told_what_is_wrong_with_a_file(salesforce):
    files = package(handler("Good"), handler("Mine", apex_class="Missing"))

    state, components = deploy(salesforce, files)

    assert state == "Failed"
    assert components["errors"] == [
        {
            "type": HANDLER,
            "file": FILE,
            "status": "Error",
            "message": "In field: tokenHandlerApex - no ApexClass named Missing found",
        }
    ]
    assert not is_there("Good")


def test_retrieves_what_was_deployed(salesforce):
    files = package(handler("Mine", "Billing"))
    deploy(salesforce, files)

    made, _ = salesforce.mdapi.retrieve(
        "", single_package=True, unpackaged={HANDLER: ["Mine"]}
    )
    state, error, _ = salesforce.mdapi.check_retrieve_status(made)
    _, _, _, data = salesforce.mdapi.retrieve_zip(made)

    assert (state, error) == ("Succeeded", None)
    found = zipfile.ZipFile(io.BytesIO(data))
    assert sorted(found.namelist()) == [FILE, "package.xml"]
    assert found.read(FILE) == files_of(handler("Mine", "Billing"))[FILE]


def test_deletes_by_a_file(salesforce):
    deploy(salesforce, package(handler("Mine")))

    state, components = deploy(salesforce, deletions(**{HANDLER: ["Mine"]}))

    assert (state, components["deployed_count"]) == ("Succeeded", "1")
    assert not is_there("Mine")
