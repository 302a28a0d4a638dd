"""simple-salesforce logs in, deploys files, and retrieves them."""

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
from tokenx.org.models import AuditEntry, BuiltInProfile

from .conftest import with_password
from .salesforce import FILE, HANDLER, component, deploy, exists, handler_type

# --- Logging in ------------------------------------------------------------------------


def test_an_invalid_password_is_refused(log_in, admin):
    message = "Invalid username, password, security token"
    with pytest.raises(SalesforceAuthenticationFailed, match=message) as refused:
        log_in(admin.username, "wrong")

    assert refused.value.code == "INVALID_LOGIN"


def test_acts_as_the_user_who_logged_in(salesforce, admin):
    query = "SELECT Name, OrganizationType FROM Organization"
    [organization] = salesforce.query(query)["records"]
    handler_type(salesforce).create([component(salesforce)])

    assert organization["Name"] == admin.org.name
    assert not salesforce.is_sandbox()
    entry = AuditEntry.objects.get(org=admin.org, display__contains="Mine")
    assert entry.user == admin


def test_an_invalid_session_is_refused(salesforce):
    salesforce.session_id = "00D000000000001!unknown"
    salesforce.headers["Authorization"] = "Bearer 00D000000000001!unknown"

    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        salesforce.query("SELECT Id FROM User")


def test_a_viewer_can_read_but_not_change(log_in, org):
    salesforce = log_in(
        with_password(UserFactory(org=org, profile=BuiltInProfile.SETUP_VIEWER)).username
    )

    assert salesforce.query("SELECT Id FROM User")["totalSize"] > 0
    with pytest.raises(Exception, match="INSUFFICIENT_ACCESS"):
        handler_type(salesforce).create([component(salesforce)])
    assert not exists("Mine")


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
    assert exists("Mine")
    assert Enablement.objects.count() == 2


def test_validates_files_without_deploying_them(salesforce):
    state, _ = deploy(salesforce, package(handler("Mine")), checkOnly=True)

    assert state == "Succeeded"
    assert not exists("Mine")


def test_receives_the_problems_of_a_file(salesforce):
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
    assert not exists("Good")


def test_retrieves_deployed_files(salesforce):
    files = package(handler("Mine", "Billing"))
    deploy(salesforce, files)

    retrieval_id, _ = salesforce.mdapi.retrieve(
        "", single_package=True, unpackaged={HANDLER: ["Mine"]}
    )
    state, error, _ = salesforce.mdapi.check_retrieve_status(retrieval_id)
    _, _, _, data = salesforce.mdapi.retrieve_zip(retrieval_id)

    assert (state, error) == ("Succeeded", None)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert sorted(archive.namelist()) == [FILE, "package.xml"]
    assert archive.read(FILE) == files_of(handler("Mine", "Billing"))[FILE]


def test_deletes_by_destructive_changes(salesforce):
    deploy(salesforce, package(handler("Mine")))

    state, components = deploy(salesforce, deletions(**{HANDLER: ["Mine"]}))

    assert (state, components["deployed_count"]) == ("Succeeded", "1")
    assert not exists("Mine")
