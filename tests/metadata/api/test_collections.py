"""Many records in one call, as jsforce asks where it is given a list; and one by its id."""

import pytest

from tests.factories import (
    ApexClassFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.api.calling import HANDLER, Rest
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org import record_ids

COLLECTION = "composite/sobjects"


@pytest.fixture
def apex(org):
    return record_ids.record_id(record_ids.APEX_CLASS, ApexClassFactory(org=org).pk)


def id_of(handler):
    return record_ids.record_id(record_ids.HANDLER, handler.pk)


def record(apex, name, entity=HANDLER, **fields):
    return {
        "attributes": {"type": entity},
        "DeveloperName": name,
        "MasterLabel": name,
        "SupportedTokenTypesJwt": True,
        "TokenHandlerApexId": apex,
        **fields,
    }


def results(rest, method, *records, path=COLLECTION, **options):
    response = rest.send(method, path, {"records": list(records), **options})
    assert response.status_code == 200, response.content
    return response.json()


def names():
    return sorted(TokenExchangeHandler.objects.values_list("developer_name", flat=True))


def test_creates_each_record_that_can_be(rest, apex):
    taken = record(apex, "One")

    one, two, again = results(rest, "post", taken, record(apex, "Two"), taken)

    assert one == {"id": one["id"], "success": True, "errors": []}
    assert two["success"]
    assert (again["success"], "id" in again) == (False, False)
    [error] = again["errors"]
    assert error["statusCode"] == "DUPLICATE_DEVELOPER_NAME"
    assert error["fields"] == ["DeveloperName"]
    assert names() == ["One", "Two"]


def test_creates_none_where_not_all_can_be(rest, apex):
    wrong = record(apex, "Two", SupportedTokenTypesJwt=False)

    found = results(rest, "post", record(apex, "One"), wrong, allOrNone=True)

    assert [each["success"] for each in found] == [False, False]
    codes = [each["errors"][0]["statusCode"] for each in found]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "FIELD_INTEGRITY_EXCEPTION"]
    assert names() == []


def test_updates_records(rest, org, handler):
    other = TokenExchangeHandlerFactory(org=org)
    records = [
        {"attributes": {"type": HANDLER}, "id": id_of(each), "MasterLabel": "Changed"}
        for each in (handler, other)
    ]

    found = results(rest, "patch", *records)

    assert [each["id"] for each in found] == [id_of(handler), id_of(other)]
    labels = TokenExchangeHandler.objects.values_list("label", flat=True)
    assert set(labels) == {"Changed"}


def test_deletes_records_of_both_objects(rest, org, handler):
    enablement = EnablementFactory(handler=TokenExchangeHandlerFactory(org=org))
    ids = [id_of(handler), record_ids.record_id(record_ids.ENABLEMENT, enablement.pk)]

    response = rest.send("delete", f"{COLLECTION}?ids={','.join(ids)}")

    assert [each["success"] for each in response.json()] == [True, True]
    assert not Enablement.objects.exists()
    assert names() == [enablement.handler.developer_name]


def test_deletes_none_where_not_all_can_be(rest, handler):
    ids = f"{id_of(handler)},001000000000001"

    response = rest.send("delete", f"{COLLECTION}?allOrNone=true&ids={ids}")

    errors = [each["errors"][0]["statusCode"] for each in response.json()]
    assert errors == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "MALFORMED_ID"]
    assert names() == ["My_Handler"]


def test_touches_no_record_of_another_org(rest, db):
    theirs = TokenExchangeHandlerFactory(label="Theirs")
    record = {"attributes": {"type": HANDLER}, "id": id_of(theirs), "MasterLabel": "Ours"}

    [updated] = results(rest, "patch", record)
    [deleted] = rest.send("delete", f"{COLLECTION}?ids={id_of(theirs)}").json()
    read = rest.get(f"{COLLECTION}/{HANDLER}", ids=id_of(theirs), fields="MasterLabel")

    codes = [each["errors"][0]["statusCode"] for each in (updated, deleted)]
    assert codes == ["NOT_FOUND", "NOT_FOUND"]
    assert read == [None]
    theirs.refresh_from_db()
    assert theirs.label == "Theirs"


def test_a_viewer_changes_no_record(viewer_session, apex, handler):
    rest = Rest(viewer_session)

    status, code, _ = rest.refused("post", COLLECTION, {"records": [record(apex, "One")]})
    status_of_delete, *_ = rest.refused("delete", f"{COLLECTION}?ids={id_of(handler)}")

    assert (status, code) == (403, "INSUFFICIENT_ACCESS")
    assert status_of_delete == 403
    assert names() == ["My_Handler"]


def test_says_which_record_is_of_an_object_that_is_changed_elsewhere(rest, apex):
    found = results(rest, "post", record(apex, "One", "User"), {"DeveloperName": "Two"})

    codes = [each["errors"][0]["statusCode"] for each in found]
    assert codes == ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "INVALID_TYPE"]


@pytest.mark.parametrize("records", [None, {}, [1], "x"])
def test_records_are_a_list_of_objects(rest, records):
    told = rest.refused("post", COLLECTION, {"records": records})

    assert told == (400, "JSON_PARSER_ERROR", "records is a list of objects")


def test_a_call_has_up_to_two_hundred_records(rest):
    told = rest.refused("post", COLLECTION, {"records": [{}] * 201})
    of_ids = rest.refused("delete", f"{COLLECTION}?ids={','.join(['x'] * 201)}")

    words = "record limit reached. cannot submit more than 200 records in this call"
    assert told == of_ids == (400, "LIMIT_EXCEEDED", words)


# --- Reading ---------------------------------------------------------------------------


def test_reads_records_in_the_order_of_their_ids(rest, org, handler):
    other = TokenExchangeHandlerFactory(org=org, label="Other")
    said = {"ids": [id_of(other), "nothing", id_of(handler)], "fields": ["MasterLabel"]}

    found = rest.send("post", f"{COLLECTION}/{HANDLER}", said).json()

    labels = [each and each["MasterLabel"] for each in found]
    assert labels == ["Other", None, "My Handler"]


def test_reads_the_fields_that_are_asked_for(rest, handler):
    found = rest.get(f"sobjects/{HANDLER}/{id_of(handler)}", fields="Id,CreatedBy.Name")

    assert set(found) == {"attributes", "Id", "CreatedBy"}
    assert found["CreatedBy"]["Name"] == "Ada Admin"


@pytest.mark.parametrize("fields", ["Nmae", "Id FROM User", "COUNT()", "Id;", "."])
def test_a_field_is_the_name_of_one(rest, handler, fields):
    response = rest.client.get(
        rest.path(f"sobjects/{HANDLER}/{id_of(handler)}"), {"fields": fields}
    )

    assert response.status_code == 400
    assert response.json()[0]["errorCode"] in {"INVALID_FIELD", "MALFORMED_QUERY"}


# --- By a field ------------------------------------------------------------------------


def test_upserts_by_the_id(rest, handler):
    path = f"sobjects/{HANDLER}/Id/{id_of(handler)}"

    response = rest.send("patch", path, {"MasterLabel": "Changed"})

    assert response.json() == {
        "id": id_of(handler),
        "success": True,
        "errors": [],
        "created": False,
    }
    assert rest.get(path)["MasterLabel"] == "Changed"
    assert rest.send("delete", path).status_code == 204


def test_a_name_is_no_external_id(rest, handler):
    told = rest.refused("patch", f"sobjects/{HANDLER}/DeveloperName/My_Handler", {})

    words = "Provided external ID field does not exist or is not accessible: DeveloperName"
    assert told == (404, "NOT_FOUND", words)


# --- Describing ------------------------------------------------------------------------


def test_describes_which_fields_can_be_said_and_where_they_lead(rest, org):
    described = rest.get("sobjects/OauthTokenExchHandlerApp/describe")

    fields = {each["name"]: each for each in described["fields"]}
    assert [name for name, each in fields.items() if each["updateable"]] == [
        "ApexExecutionUserId",
        "IsDefault",
    ]
    assert [name for name, each in fields.items() if each["createable"]] == [
        "OauthTokenExchangeHandlerId",
        "ApexExecutionUserId",
        "ConnectedApplicationId",
        "ExternalClientApplicationId",
        "IsDefault",
    ]
    assert fields["ApexExecutionUserId"]["referenceTo"] == ["User"]
    assert fields["ApexExecutionUserId"]["relationshipName"] == "ApexExecutionUser"
    assert fields["Id"]["soapType"] == "tns:ID"


def test_describes_what_points_to_an_object(rest, org):
    described = rest.get(f"sobjects/{HANDLER}/describe")

    [child] = described["childRelationships"]
    assert child["childSObject"] == "OauthTokenExchHandlerApp"
    assert child["field"] == "OauthTokenExchangeHandlerId"


def test_another_user_describes_and_reads_nothing(standard_session):
    rest = Rest(standard_session)

    assert rest.get(f"sobjects/{HANDLER}/describe", 403)[0]["errorCode"]
    assert rest.get(f"{COLLECTION}/{HANDLER}", 403, ids="x")[0]["errorCode"]
