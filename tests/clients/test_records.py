"""simple-salesforce queries and changes records over REST."""

import pytest
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.many import make_users
from tests.metadata.deploy.deploying import RUN_AS, handler, package
from tokenx.handlers.models import Enablement

from .conftest import records_of
from .salesforce import HANDLER, HANDLER_APP, deploy


def test_queries_over_relationships(salesforce):
    deploy(salesforce, package(handler("Mine", "Billing")))
    text = (
        "SELECT OauthTokenExchangeHandler.DeveloperName, ApexExecutionUser.Username "
        f"FROM {HANDLER_APP} WHERE ConnectedApplication.Name = 'Billing'"
    )

    [record] = salesforce.query_all(text)["records"]

    assert record[HANDLER]["DeveloperName"] == "Mine"
    assert record["ApexExecutionUser"]["Username"] == RUN_AS


def test_continues_a_result_of_several_pages(salesforce, org):
    make_users(org, [f"User {number}" for number in range(2_010)])

    first = salesforce.query("SELECT Id FROM User")
    # simple-salesforce would request the whole URL over HTTPS.
    second = salesforce.query_more(first["nextRecordsUrl"].rpartition("/")[2])

    ids = {each["Id"] for each in first["records"] + second["records"]}
    assert len(ids) == first["totalSize"] == 2_012
    assert second["done"]


def test_receives_the_error_of_an_invalid_query(salesforce):
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Nmae'"):
        salesforce.query("SELECT Nmae FROM User")


def test_creates_changes_and_deletes_a_handler(salesforce):
    handlers = records_of(salesforce, HANDLER)
    [apex] = salesforce.query("SELECT Id FROM ApexClass")["records"]
    fields = {
        "DeveloperName": "Mine",
        "MasterLabel": "Mine",
        "Description": "By REST",
        "SupportedTokenTypesJwt": True,
        "TokenHandlerApexId": apex["Id"],
    }

    created = handlers.create(fields)
    handlers.update(created["id"], {"IsEnabled": True})

    record = handlers.get(created["id"])
    assert created["success"] is True
    assert record["IsEnabled"] is True
    assert {name: record[name] for name in fields} == {
        **fields,
        "TokenHandlerApexId": apex["Id"],
    }
    assert handlers.delete(created["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        handlers.get(created["id"])


def test_enables_an_app_for_a_handler_and_removes_it(salesforce):
    deploy(salesforce, package(handler("Mine")))

    def id_of(entity, where):
        return salesforce.query(f"SELECT Id FROM {entity} WHERE {where}")["records"][0][
            "Id"
        ]

    apps = records_of(salesforce, HANDLER_APP)
    created = apps.create(
        {
            "OauthTokenExchangeHandlerId": id_of(HANDLER, "DeveloperName = 'Mine'"),
            "ConnectedApplicationId": id_of("ConnectedApplication", "Name = 'Billing'"),
            "ApexExecutionUserId": id_of("User", f"Username = '{RUN_AS}'"),
        }
    )
    apps.update(created["id"], {"IsDefault": True})

    assert Enablement.objects.get().is_default
    apps.delete(created["id"])
    assert not Enablement.objects.exists()


def test_describes_an_object(salesforce):
    description = records_of(salesforce, HANDLER).describe()

    assert description["name"] == HANDLER
    assert "DeveloperName" in [each["name"] for each in description["fields"]]
    assert HANDLER in [each["name"] for each in salesforce.describe()["sobjects"]]
