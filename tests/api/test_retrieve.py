"""retrieve, listMetadata, readMetadata, and the describe calls."""

import io
import re
import zipfile
from base64 import b64decode

import pytest

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    EnablementFactory,
    TokenExchangeHandlerFactory,
)
from tests.metadata.deploy.deploying import handler as defined
from tests.metadata.deploy.deploying import package
from tokenx.metadata.format.definitions import NAMESPACE, TYPES
from tokenx.metadata.models import Retrieval
from tokenx.org.models import ClientApp
from tokenx.org.record_ids import USER, record_id

from .calling import HANDLER, Soap, many
from .soap.calls import REQUESTS
from .test_deploy import DATE, UNKNOWN, deploy

FOLDER = "oauthtokenexchangehandlers"
TYPES_OF = "<types>{members}<name>{name}</name></types>"


@pytest.fixture(autouse=True)
def handlers(handler):
    """Create My_Handler with its class, and one more handler."""
    fields = {"org": handler.org, "modified_by": handler.modified_by}
    return TokenExchangeHandlerFactory(
        label="Other", developer_name="Other", apex_class=handler.apex_class, **fields
    )


def types(*members, name=HANDLER):
    elements = "".join(f"<members>{member}</members>" for member in members)
    return TYPES_OF.format(members=elements, name=name)


def request(*parts, more="", name="retrieveRequest"):
    inside = "".join(parts)
    return (
        f"<retrieve><{name}><apiVersion>61.0</apiVersion>{more}"
        f"<unpackaged>{inside}</unpackaged></{name}></retrieve>"
    )


def check(soap, retrieval_id, more=""):
    return soap.result(
        f"<checkRetrieveStatus><asyncProcessId>{retrieval_id}</asyncProcessId>{more}"
        "</checkRetrieveStatus>"
    )


def retrieve(soap, *parts, **options):
    return check(soap, soap.result(request(*parts, **options))["id"])


def files(result):
    with zipfile.ZipFile(io.BytesIO(b64decode(result["zipFile"]))) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def names(result):
    return [each["fileName"] for each in many(result, "fileProperties")]


# --- retrieve, checkRetrieveStatus -----------------------------------------------------


def test_a_retrieve_is_queued(soap):
    result = soap.result(request(types("*")))

    assert re.fullmatch("09S[0-9A-Za-z]{15}", result["id"])
    assert result == {"done": "false", "id": result["id"], "state": "Queued"}


def test_retrieves_the_named_components(soap, admin):
    result = retrieve(
        soap, types("My_Handler"), more="<singlePackage>false</singlePackage>"
    )

    assert {name: result[name] for name in ("done", "status", "success")} == {
        "done": "true",
        "status": "Succeeded",
        "success": "true",
    }
    assert "messages" not in result
    assert "errorMessage" not in result
    file = f"unpackaged/{FOLDER}/My_Handler.oauthtokenexchangehandler"
    assert list(files(result)) == [file, "unpackaged/package.xml"]
    assert "<members>My_Handler</members>" in files(result)["unpackaged/package.xml"]
    assert "<version>61.0</version>" in files(result)["unpackaged/package.xml"]
    row, manifest = many(result, "fileProperties")
    dates = [row.pop("createdDate"), row.pop("lastModifiedDate")]
    assert all(re.fullmatch(DATE, date) for date in dates)
    assert row == {
        "createdById": record_id(USER, admin.pk),
        "createdByName": "Ada Admin",
        "fileName": file,
        "fullName": "My_Handler",
        "id": row["id"],
        "lastModifiedById": record_id(USER, admin.pk),
        "lastModifiedByName": "Ada Admin",
        "manageableState": "unmanaged",
        "type": HANDLER,
    }
    assert manifest["type"] == "Package"
    assert manifest["fileName"] == manifest["fullName"] == "unpackaged/package.xml"


def test_retrieves_all_of_a_type(soap, subtests):
    for name in ["retrieveRequest", "request", "anything"]:
        with subtests.test(name=name):
            result = retrieve(soap, types("*"), name=name)

            assert len(files(result)) == 3


def test_a_single_package_has_no_folder(soap, subtests):
    file = f"{FOLDER}/Other.oauthtokenexchangehandler"
    for value in ["true", "True", "1"]:
        with subtests.test(value=value):
            more = f"<singlePackage>{value}</singlePackage>"

            result = retrieve(soap, types("Other"), more=more)

            assert list(files(result)) == [file, "package.xml"]
            assert names(result) == [file, "package.xml"]


def test_an_unknown_name_is_a_message_that_clients_parse(soap):
    result = retrieve(soap, types("Other", "Gone"))

    assert result["messages"] == {
        "fileName": "unpackaged/package.xml",
        "problem": (
            "Entity of type 'OauthTokenExchangeHandler' named 'Gone' cannot be found"
        ),
    }
    assert (result["status"], result["success"]) == ("Succeeded", "true")
    assert len(files(result)) == 2


def test_an_unknown_type_is_a_message(soap):
    result = retrieve(soap, types("Thing__c", name="CustomObject"), types("Other"))

    assert result["messages"]["problem"] == (
        "Entity of type 'CustomObject' named 'Thing__c' cannot be found"
    )
    assert len(files(result)) == 2


def test_an_empty_request_returns_only_the_manifest(soap):
    for call in ("<retrieve><request/></retrieve>", request()):
        result = check(soap, soap.result(call)["id"])
        assert list(files(result)) == ["unpackaged/package.xml"]


def test_types_without_a_namespace_are_read(soap, session):
    [path] = [path for path in REQUESTS if path.stem == "retrieve-no-namespace"]
    body = path.read_bytes().replace(b"00D000000000001!AQ.abc_DEF", session.encode())

    response = soap.post(body)

    [retrieval_id] = re.findall("<id>(.+?)</id>", response.getvalue().decode())
    assert len(many(check(soap, retrieval_id), "messages")) == 2


def test_a_type_can_be_repeated(soap):
    result = retrieve(soap, types("Other"), types("My_Handler", "Other"))

    assert len(files(result)) == 3


def test_retrieves_only_the_specific_files(soap):
    file = f"{FOLDER}/Other.oauthtokenexchangehandler"
    for name in (file, f"unpackaged/{file}", f" {file} "):
        more = f"<specificFiles>{name}</specificFiles>"
        result = retrieve(soap, types("*"), more=more)
        assert list(files(result)) == [f"unpackaged/{file}", "unpackaged/package.xml"]
        assert names(result) == [f"unpackaged/{file}", "unpackaged/package.xml"]
        assert "My_Handler" not in files(result)["unpackaged/package.xml"]


def test_specific_files_need_no_types(soap):
    more = (
        f"<singlePackage>true</singlePackage>"
        f"<specificFiles>{FOLDER}/Other.oauthtokenexchangehandler</specificFiles>"
    )

    assert len(files(retrieve(soap, more=more))) == 2


def test_a_package_name_is_a_message(soap):
    result = retrieve(soap, types("Other"), more="<packageNames>Shop</packageNames>")

    assert result["messages"]["problem"] == "No package named 'Shop' found"
    assert len(files(result)) == 2


def test_an_empty_package_name_is_ignored(soap):
    assert "messages" not in retrieve(soap, types("Other"), more="<packageNames/>")


def test_a_deployed_file_is_retrieved_byte_for_byte(soap, apps):
    content = package(defined("Mine", "Billing"))
    deploy(soap, content)

    retrieved = files(retrieve(soap, types("Mine")))

    name = f"{FOLDER}/Mine.oauthtokenexchangehandler"
    assert retrieved[f"unpackaged/{name}"].encode() == content[name]


def test_the_zip_is_included_on_request(soap):
    retrieval_id = soap.result(request(types("*")))["id"]

    without_zip = check(soap, retrieval_id, "<includeZip>false</includeZip>")
    with_zip = check(soap, retrieval_id, "<includeZip>True</includeZip>")

    assert "zipFile" not in without_zip
    assert (without_zip["done"], without_zip["status"]) == ("true", "Succeeded")
    assert with_zip["zipFile"] == check(soap, retrieval_id)["zipFile"]


def test_an_apex_class_has_two_files(soap, org):
    ApexClassFactory(org=org, name="Code")

    result = retrieve(soap, types("Code", name="ApexClass"))

    assert list(files(result))[:2] == [
        "unpackaged/classes/Code.cls",
        "unpackaged/classes/Code.cls-meta.xml",
    ]
    assert len(names(result)) == 3


def test_check_status_says_that_a_retrieve_is_done(soap):
    retrieval_id = soap.result(request(types("*")))["id"]

    call = f"<checkStatus><asyncProcessId>{retrieval_id}</asyncProcessId></checkStatus>"
    assert soap.result(call) == {"done": "true", "id": retrieval_id, "state": "Completed"}


CHECKS = ["checkRetrieveStatus", "checkStatus"]


def test_the_id_of_a_retrieve_can_have_any_name(soap, subtests):
    retrieval_id = soap.result(request(types("*")))["id"]
    for operation in CHECKS:
        with subtests.test(operation=operation):
            result = soap.result(f"<{operation}><id>{retrieval_id}</id></{operation}>")

            assert result["id"] == retrieval_id


def test_an_unknown_id_is_a_fault(soap, subtests):
    for operation in CHECKS:
        for value in ["09S000000000009", "", "0Af", "09S000000000001AAB", "’"]:
            with subtests.test(operation=operation, value=value):
                parameter = f"<asyncProcessId>{value}</asyncProcessId>"

                assert soap.fault(f"<{operation}>{parameter}</{operation}>") == UNKNOWN


def test_another_orgs_retrieve_is_unknown(soap, their_session, subtests):
    theirs = Soap(their_session).result(request(types("*")))["id"]
    for operation in CHECKS:
        with subtests.test(operation=operation):
            parameter = f"<asyncProcessId>{theirs}</asyncProcessId>"

            assert soap.fault(f"<{operation}>{parameter}</{operation}>") == UNKNOWN


def test_another_orgs_components_are_not_retrieved(their_session):
    soap = Soap(their_session)

    assert many(retrieve(soap, types("Other")), "messages")
    assert len(files(retrieve(soap, types("*")))) == 1


# --- listMetadata ----------------------------------------------------------------------


def listing(*type_names):
    queries = "".join(f"<queries><type>{each}</type></queries>" for each in type_names)
    return f"<listMetadata>{queries}<asOfVersion>62.0</asOfVersion></listMetadata>"


def test_lists_the_components_of_a_type(soap, admin):
    first, second = soap.results(listing(HANDLER))

    for date in ("createdDate", "lastModifiedDate"):
        assert re.fullmatch(DATE, first.pop(date))
    assert first == {
        "createdById": record_id(USER, admin.pk),
        "createdByName": "Ada Admin",
        "fileName": f"{FOLDER}/My_Handler.oauthtokenexchangehandler",
        "fullName": "My_Handler",
        "id": first["id"],
        "lastModifiedById": record_id(USER, admin.pk),
        "lastModifiedByName": "Ada Admin",
        "manageableState": "unmanaged",
        "type": HANDLER,
    }
    assert second["fullName"] == "Other"


def test_lists_up_to_three_types_in_order(soap, org):
    ClientAppFactory(org=org, api_name="Shop", kind=ClientApp.Kind.CONNECTED)

    results = soap.results(listing("ConnectedApp", HANDLER, "ApexClass"))

    listed = [each["type"] for each in results]
    assert listed == ["ConnectedApp", HANDLER, HANDLER, "ApexClass"]


def test_an_empty_list_has_no_elements(soap, subtests):
    for type_names in [(), ("CustomObject",), ("",), ("ApexTrigger", "Role")]:
        with subtests.test(type_names=type_names):
            text = soap.answer(listing(*type_names))

            assert "<listMetadataResponse></listMetadataResponse>" in text


def test_an_org_without_handlers_has_an_empty_list(their_session):
    assert Soap(their_session).results(listing(HANDLER)) == []


def test_more_than_three_queries_are_a_fault(soap):
    assert soap.fault(listing(*[HANDLER] * 4)) == (
        "sf:EXCEEDED_ID_LIMIT",
        "EXCEEDED_ID_LIMIT: a call can have at most 3 queries",
    )


def test_a_folder_is_ignored(soap):
    call = listing(HANDLER).replace("</type>", "</type><folder>unfiled$public</folder>")

    assert len(soap.results(call)) == 2


def test_every_type_is_listed_read_and_described(soap, org, subtests):
    ClientAppFactory(org=org, kind=ClientApp.Kind.CONNECTED)
    ClientAppFactory(org=org, kind=ClientApp.Kind.EXTERNAL)
    for type_name in TYPES:
        with subtests.test(type_name=type_name):
            for each in soap.results(listing(type_name)):
                assert each["type"] == type_name
                result = soap.result(reading(each["fullName"], type_name=type_name))
                assert result["records"]["fullName"] == each["fullName"]

            qualified = f"<type>{{{NAMESPACE}}}{type_name}</type>"
            result = soap.result(f"<describeValueType>{qualified}</describeValueType>")
            assert many(result, "valueTypeFields")


# --- readMetadata ----------------------------------------------------------------------


def reading(*full_names, type_name=HANDLER):
    inside = "".join(f"<fullNames>{each}</fullNames>" for each in full_names)
    return f"<readMetadata><type>{type_name}</type>{inside}</readMetadata>"


def test_each_name_has_a_record_in_order(soap):
    text = soap.answer(reading("Other", "Gone", "My_Handler", "*", "other"))

    names = re.findall(r'<records xsi:nil="true"/>|<fullName>(\w+)</fullName>', text)
    assert names == ["Other", "", "My_Handler", "", "Other"]
    assert text.count('<records xsi:type="OauthTokenExchangeHandler"><fullName>') == 3


def test_a_record_has_the_elements_of_the_file(soap, handler):
    enablement = EnablementFactory(handler=handler)

    record = soap.result(reading("My_Handler"))["records"]

    assert list(record) == [
        "fullName",
        "description",
        "developerName",
        "enablements",
        "isAccessTokenSupported",
        "isEnabled",
        "isIdTokenSupported",
        "isJwtSupported",
        "isRefreshTokenSupported",
        "isSaml2Supported",
        "isUserCreationAllowed",
        "masterLabel",
        "tokenHandlerApex",
    ]
    assert record["enablements"] == {
        "apexExecutionUser": enablement.run_as.username,
        "connectedApp": enablement.app.api_name,
        "isDefault": "false",
    }
    assert record["isJwtSupported"] == "true"
    assert record["masterLabel"] == "My Handler"


def test_a_read_without_names_has_no_records(soap):
    assert soap.result(reading()) == ""


def test_more_than_ten_names_are_a_fault(soap):
    assert soap.fault(reading(*"abcdefghijk")) == (
        "sf:EXCEEDED_ID_LIMIT",
        "EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 records in "
        "this operation",
    )
    assert len(soap.result(reading(*"abcdefghij"))["records"]) == 10


def test_an_unknown_type_is_a_fault(soap, subtests):
    for call in [
        reading("X", type_name="Layout"),
        "<readMetadata/>",
        reading(type_name=""),
    ]:
        with subtests.test(call=call):
            code, message = soap.fault(call)

            assert code == "sf:INVALID_TYPE"
            assert message.startswith("INVALID_TYPE: Unknown type:")


def test_another_orgs_component_is_nil(their_session):
    assert Soap(their_session).result(reading("Other")) == {"records": None}


# --- describe --------------------------------------------------------------------------


def test_describes_all_types(soap):
    result = soap.result(
        "<describeMetadata><asOfVersion>62.0</asOfVersion></describeMetadata>"
    )

    rows = {row["xmlName"]: row for row in many(result, "metadataObjects")}
    # A field is part of its object.
    assert rows.keys() == TYPES.keys() - {"CustomField"}
    assert rows[HANDLER] == {
        "directoryName": FOLDER,
        "inFolder": "false",
        "metaFile": "false",
        "suffix": "oauthtokenexchangehandler",
        "xmlName": HANDLER,
    }
    assert (result["organizationNamespace"], result["partialSaveAllowed"]) == ("", "true")
    assert result["testRequired"] == "false"


def test_describes_the_fields_of_a_type(soap, subtests):
    for name in [HANDLER, f"{{{NAMESPACE}}}{HANDLER}"]:
        with subtests.test(name=name):
            call = f"<describeValueType><type>{name}</type></describeValueType>"

            result = soap.result(call)

            creatable = ("apiCreatable", "apiDeletable", "apiReadable", "apiUpdatable")
            assert [result[flag] for flag in creatable] == ["true"] * 4
            fields = {field["name"]: field for field in many(result, "valueTypeFields")}
            assert {"fullName", "developerName", "tokenHandlerApex"} <= fields.keys()
            inner = [field["name"] for field in many(fields["enablements"], "fields")]
            assert inner == [
                "apexExecutionUser",
                "connectedApp",
                "externalClientApp",
                "isDefault",
            ]


def test_an_unknown_type_has_no_fields(soap):
    call = "<describeValueType><type>{x}Role</type></describeValueType>"

    assert soap.fault(call) == ("sf:INVALID_TYPE", "INVALID_TYPE: Unknown type:{x}Role")


# --- Profiles --------------------------------------------------------------------------

READING = [
    listing(HANDLER),
    reading("Other"),
    request(types("*")),
    "<describeMetadata/>",
    "<describeValueType><type>ApexClass</type></describeValueType>",
]


def test_a_viewer_can_read_but_other_users_cannot(
    viewer_session, standard_session, subtests
):
    viewer, standard = Soap(viewer_session), Soap(standard_session)
    for call in READING:
        with subtests.test(call=call):
            assert viewer.answer(call)
            assert standard.fault(call) == (
                "sf:INSUFFICIENT_ACCESS",
                "INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the "
                "ModifyAllData or ModifyMetadata permissions",
            )

    [retrieval] = Retrieval.objects.all()
    parameter = f"<asyncProcessId>{retrieval}</asyncProcessId>"
    call = f"<checkRetrieveStatus>{parameter}</checkRetrieveStatus>"
    assert viewer.result(call)["success"] == "true"
    assert standard.fault(call)[0] == "sf:INSUFFICIENT_ACCESS"


# --- Database queries ------------------------------------------------------------------


def test_a_list_of_any_length_takes_two_queries(
    soap, handler, django_assert_num_queries, subtests
):
    for number in [2, 28]:
        with subtests.test(number=number):
            more_handlers(handler, number)
            soap.results(listing(HANDLER))

            # The session, and the list.
            with django_assert_num_queries(2):
                soap.results(listing(HANDLER))


def test_reading_takes_one_query_per_record(
    soap, handler, django_assert_num_queries, subtests
):
    for number in [1, 10]:
        with subtests.test(number=number):
            names = [each.developer_name for each in more_handlers(handler, number)]
            soap.results(reading("Other"))

            # The session, the handlers, and the apps of each.
            with django_assert_num_queries(2 + number):
                soap.results(reading(*names))


def more_handlers(handler, number):
    return TokenExchangeHandlerFactory.create_batch(
        number,
        org=handler.org,
        apex_class=handler.apex_class,
        modified_by=handler.modified_by,
    )
