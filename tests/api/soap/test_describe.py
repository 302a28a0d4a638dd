"""Descriptions of types and their fields for clients."""

import pytest

from tokenx.api.faults import Fault, FaultCode
from tokenx.api.soap.describe import describe_metadata, describe_value_type, kind_of
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.elements import elements_of

HANDLER = "OauthTokenExchangeHandler"
MD = "{http://soap.sforce.com/2006/04/metadata}"


def fields(name):
    return {each["name"]: each for each in describe_value_type(name)["valueTypeFields"]}


def test_describes_every_type():
    result = describe_metadata()

    rows = {row["xmlName"]: row for row in result["metadataObjects"]}
    # A field is part of its object.
    assert list(rows) == sorted(TYPES.keys() - {"CustomField"})
    assert rows["CustomObject"]["childXmlNames"] == ["CustomField"]
    assert rows[HANDLER] == {
        "directoryName": "oauthtokenexchangehandlers",
        "inFolder": False,
        "metaFile": False,
        "suffix": "oauthtokenexchangehandler",
        "xmlName": HANDLER,
    }
    assert [name for name in rows if rows[name]["metaFile"]] == ["ApexClass", "Certificate"]
    assert result["organizationNamespace"] == ""


def test_a_handler_has_its_full_name_and_then_the_fields_of_its_file():
    by_name = fields(HANDLER)

    assert list(by_name) == ["fullName", *elements_of(TYPES[HANDLER].definition)]
    assert [name for name in by_name if by_name[name]["isNameField"]] == ["fullName"]
    assert [name for name in by_name if not by_name[name]["valueRequired"]] == [
        "enablements",
        "isContactCreationAllowed",
        "isProtected",
    ]
    assert all(each["minOccurs"] == each["valueRequired"] for each in by_name.values())


def test_hides_new_fields_from_older_clients():
    names = [
        [each["name"] for each in describe_value_type(HANDLER, version)["valueTypeFields"]]
        for version in (64.0, 65.0)
    ]

    assert set(names[1]) - set(names[0]) == {"isContactCreationAllowed"}


def test_a_field_has_the_type_of_the_schema(subtests):
    for name, soap_type in [
        ("fullName", "string"),
        ("description", "string"),
        ("isEnabled", "boolean"),
        ("isProtected", "boolean"),
        ("enablements", "OauthTokenExchHandlerApp"),
    ]:
        with subtests.test(name=name):
            assert fields(HANDLER)[name]["soapType"] == soap_type


def test_an_enabled_app_has_its_own_fields():
    by_name = {each["name"]: each for each in fields(HANDLER)["enablements"]["fields"]}

    assert list(by_name) == [
        "apexExecutionUser",
        "connectedApp",
        "externalClientApp",
        "isDefault",
    ]
    assert by_name["connectedApp"]["foreignKeyDomain"] == "ConnectedApp"
    assert by_name["externalClientApp"]["isForeignKey"]
    assert not by_name["isDefault"]["isForeignKey"]
    assert not any(each["isNameField"] for each in by_name.values())


def test_fields_refer_to_types_or_users_only():
    for kind in TYPES.values():
        for element in elements_of(kind.definition).values():
            assert element.refers_to in {"", "User", *TYPES}


def test_every_type_but_those_with_content_can_be_written(subtests):
    for name in TYPES:
        with subtests.test(name=name):
            result = describe_value_type(MD + name)

            assert result["apiReadable"]
            for right in ("apiCreatable", "apiUpdatable", "apiDeletable"):
                assert result[right] == (name not in {"ApexClass", "Certificate"})


def test_finds_a_type_with_and_without_its_namespace():
    assert kind_of(HANDLER) is kind_of(MD + HANDLER) is TYPES[HANDLER]


def test_an_unknown_type_is_a_fault(subtests):
    for name in ["Layout", "", "{urn:other}ApexClass"]:
        with subtests.test(name=name):
            with pytest.raises(Fault) as caught:
                describe_value_type(name)

            assert caught.value.code is FaultCode.INVALID_TYPE
            assert caught.value.text == f"Unknown type:{name}"
