"""What people do with simple-salesforce, which reads answers by Salesforce's own schema."""

import io
import zipfile

import pytest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.factories import UserFactory
from tests.metadata.deploying import RUN_AS, deletions, files_of, handler, package
from tests.metadata.zips import zip_of
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import AuditEntry, Profile

from .conftest import records_of, with_password

HANDLER, HANDLER_APP = "OauthTokenExchangeHandler", "OauthTokenExchHandlerApp"
FILE = "oauthtokenexchangehandlers/Mine.oauthtokenexchangehandler"


def deploy(salesforce, files, **options):
    """Deploy files; the state, and what simple-salesforce says of the components."""
    made, state = salesforce.mdapi.deploy(zip_of(files), sandbox=False, **options)
    assert state == "Queued"
    state, _, components, _ = salesforce.mdapi.check_deploy_status(made)
    return state, components


def is_there(name):
    return TokenExchangeHandler.objects.filter(developer_name=name).exists()


def handler_type(salesforce):
    return getattr(salesforce.mdapi, HANDLER)


def component(salesforce, name="Mine", *apps, **says):
    """A handler as zeep has it: an object with a field for each element."""
    enablement = salesforce.mdapi._client.get_type(f"ns0:{HANDLER_APP}")
    fields = {
        "fullName": name,
        "developerName": name,
        "masterLabel": name,
        "description": "é & <angle>",
        "isAccessTokenSupported": False,
        "isEnabled": True,
        "isIdTokenSupported": False,
        "isJwtSupported": True,
        "isRefreshTokenSupported": False,
        "isSaml2Supported": False,
        "isUserCreationAllowed": False,
        "tokenHandlerApex": "ShopTokens",
        "enablements": [
            enablement(apexExecutionUser=RUN_AS, connectedApp=app, isDefault=False)
            for app in apps
        ],
    }
    return handler_type(salesforce)(**fields | says)


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


# --- Components, by zeep ---------------------------------------------------------------


def test_lists_handlers(salesforce, admin):
    deploy(salesforce, package(handler("Mine"), handler("Other")))

    found = salesforce.mdapi.list_metadata([{"type": HANDLER}])

    assert [each.fullName for each in found] == ["Mine", "Other"]
    assert found[0].fileName == FILE
    assert found[0].createdByName == admin.name
    assert found[0].lastModifiedDate.utcoffset().total_seconds() == 0


def test_an_empty_list_is_no_error(salesforce):
    assert not salesforce.mdapi.list_metadata([{"type": HANDLER}])


def test_describes_types(salesforce):
    found = {
        each.xmlName: each for each in salesforce.mdapi.describe_metadata().metadataObjects
    }

    assert found[HANDLER].directoryName == "oauthtokenexchangehandlers"
    assert found[HANDLER].inFolder is False


def test_describes_the_fields_of_a_type(salesforce):
    found = handler_type(salesforce).describe()

    fields = {each.name: each for each in found.valueTypeFields}
    assert found.apiCreatable
    assert fields["isEnabled"].soapType == "boolean"
    inner = {each.name for each in fields["enablements"].fields}
    assert inner == {"apexExecutionUser", "connectedApp", "externalClientApp", "isDefault"}


def test_creates_and_reads_a_component(salesforce):
    handlers = handler_type(salesforce)

    handlers.create([component(salesforce, "Mine", "Portal", "Billing")])
    found = handlers.read(["Mine"])

    assert found.description == "é & <angle>"
    assert (found.isJwtSupported, found.isSaml2Supported) == (True, False)
    assert [each.connectedApp for each in found.enablements] == ["Billing", "Portal"]
    assert {each.apexExecutionUser for each in found.enablements} == {RUN_AS}


def test_reads_what_is_not_there_as_nothing(salesforce):
    assert handler_type(salesforce).read(["Nobody"]).fullName is None


def test_does_not_create_a_component_twice(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    with pytest.raises(Exception, match=r"Mine: \(DUPLICATE_DEVELOPER_NAME, "):
        handlers.create([component(salesforce, masterLabel="Another")])


def test_updates_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce, "Mine", "Billing", "Portal")])

    handlers.update([component(salesforce, "Mine", "Portal", masterLabel="Changed")])

    found = handlers.read(["Mine"])
    assert found.masterLabel == "Changed"
    assert [each.connectedApp for each in found.enablements] == ["Portal"]


def test_upserts_components(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.upsert([component(salesforce, isEnabled=False), component(salesforce, "New")])

    found = handlers.read(["Mine", "New"])
    assert [(each.fullName, each.isEnabled) for each in found] == [
        ("Mine", False),
        ("New", True),
    ]


def test_renames_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.rename("Mine", "Yours")

    assert is_there("Yours")
    assert not is_there("Mine")


def test_deletes_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.delete(["Mine"])

    assert not is_there("Mine")
    with pytest.raises(Exception, match="Mine: "):
        handlers.delete(["Mine"])


# --- Records, over REST ----------------------------------------------------------------


def test_queries_over_relationships(salesforce):
    deploy(salesforce, package(handler("Mine", "Billing")))
    text = (
        "SELECT OauthTokenExchangeHandler.DeveloperName, ApexExecutionUser.Username "
        f"FROM {HANDLER_APP} WHERE ConnectedApplication.Name = 'Billing'"
    )

    [found] = salesforce.query_all(text)["records"]

    assert found[HANDLER]["DeveloperName"] == "Mine"
    assert found["ApexExecutionUser"]["Username"] == RUN_AS


def test_walks_an_answer_of_several_pages(salesforce, org):
    UserFactory.create_batch(2_010, org=org)

    first = salesforce.query("SELECT Id FROM User")
    # The whole of the address would be asked for by https.
    second = salesforce.query_more(first["nextRecordsUrl"].rpartition("/")[2])

    ids = {each["Id"] for each in first["records"] + second["records"]}
    assert len(ids) == first["totalSize"] == 2_012
    assert second["done"]


def test_is_told_where_a_query_is_wrong(salesforce):
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Nmae'"):
        salesforce.query("SELECT Nmae FROM User")


def test_creates_changes_and_deletes_a_handler(salesforce, admin):
    handlers = records_of(salesforce, HANDLER)
    [apex] = salesforce.query("SELECT Id FROM ApexClass")["records"]
    fields = {
        "DeveloperName": "Mine",
        "MasterLabel": "Mine",
        "Description": "By REST",
        "SupportedTokenTypesJwt": True,
        "TokenHandlerApexId": apex["Id"],
    }

    made = handlers.create(fields)
    handlers.update(made["id"], {"IsEnabled": True})

    found = handlers.get(made["id"])
    assert made["success"] is True
    assert found["IsEnabled"] is True
    assert {name: found[name] for name in fields} == {
        **fields,
        "TokenHandlerApexId": apex["Id"],
    }
    assert handlers.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        handlers.get(made["id"])


def test_enables_an_app_for_a_handler_and_removes_it(salesforce):
    deploy(salesforce, package(handler("Mine")))

    def id_of(entity, where):
        return salesforce.query(f"SELECT Id FROM {entity} WHERE {where}")["records"][0][
            "Id"
        ]

    apps = records_of(salesforce, HANDLER_APP)
    made = apps.create(
        {
            "OauthTokenExchangeHandlerId": id_of(HANDLER, "DeveloperName = 'Mine'"),
            "ConnectedApplicationId": id_of("ConnectedApplication", "Name = 'Billing'"),
            "ApexExecutionUserId": id_of("User", f"Username = '{RUN_AS}'"),
        }
    )
    apps.update(made["id"], {"IsDefault": True})

    assert Enablement.objects.get().is_default
    apps.delete(made["id"])
    assert not Enablement.objects.exists()


def test_describes_an_object(salesforce):
    found = records_of(salesforce, HANDLER).describe()

    assert found["name"] == HANDLER
    assert "DeveloperName" in [each["name"] for each in found["fields"]]
    assert HANDLER in [each["name"] for each in salesforce.describe()["sobjects"]]
