"""Calls for single components, whose responses zeep parses by Salesforce's schema."""

import pytest

from tests.metadata.deploy.deploying import RUN_AS, handler, package

from .salesforce import FILE, HANDLER, component, deploy, exists, handler_type


def test_lists_handlers(salesforce, admin):
    deploy(salesforce, package(handler("Mine"), handler("Other")))

    listed = salesforce.mdapi.list_metadata([{"type": HANDLER}])

    assert [each.fullName for each in listed] == ["Mine", "Other"]
    assert listed[0].fileName == FILE
    assert listed[0].createdByName == admin.name
    assert listed[0].lastModifiedDate.utcoffset().total_seconds() == 0


def test_an_empty_list_is_not_an_error(salesforce):
    assert not salesforce.mdapi.list_metadata([{"type": HANDLER}])


def test_describes_types(salesforce):
    types = {
        each.xmlName: each for each in salesforce.mdapi.describe_metadata().metadataObjects
    }

    assert types[HANDLER].directoryName == "oauthtokenexchangehandlers"
    assert types[HANDLER].inFolder is False


def test_describes_the_fields_of_a_type(salesforce):
    description = handler_type(salesforce).describe()

    fields = {each.name: each for each in description.valueTypeFields}
    assert description.apiCreatable
    assert fields["isEnabled"].soapType == "boolean"
    inner = {each.name for each in fields["enablements"].fields}
    assert inner == {"apexExecutionUser", "connectedApp", "externalClientApp", "isDefault"}


def test_creates_and_reads_a_component(salesforce):
    handlers = handler_type(salesforce)

    handlers.create([component(salesforce, "Mine", "Portal", "Billing")])
    saved = handlers.read(["Mine"])

    assert saved.description == "é & <angle>"
    assert (saved.isJwtSupported, saved.isSaml2Supported) == (True, False)
    assert [each.connectedApp for each in saved.enablements] == ["Billing", "Portal"]
    assert {each.apexExecutionUser for each in saved.enablements} == {RUN_AS}


def test_reads_an_unknown_component_as_empty(salesforce):
    assert handler_type(salesforce).read(["Unknown"]).fullName is None


def test_does_not_create_a_component_twice(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    with pytest.raises(Exception, match=r"Mine: \(DUPLICATE_DEVELOPER_NAME, "):
        handlers.create([component(salesforce, masterLabel="Another")])


def test_updates_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce, "Mine", "Billing", "Portal")])

    handlers.update([component(salesforce, "Mine", "Portal", masterLabel="Changed")])

    updated = handlers.read(["Mine"])
    assert updated.masterLabel == "Changed"
    assert [each.connectedApp for each in updated.enablements] == ["Portal"]


def test_upserts_components(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.upsert([component(salesforce, isEnabled=False), component(salesforce, "New")])

    upserted = handlers.read(["Mine", "New"])
    assert [(each.fullName, each.isEnabled) for each in upserted] == [
        ("Mine", False),
        ("New", True),
    ]


def test_renames_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.rename("Mine", "Yours")

    assert exists("Yours")
    assert not exists("Mine")


def test_deletes_a_component(salesforce):
    handlers = handler_type(salesforce)
    handlers.create([component(salesforce)])

    handlers.delete(["Mine"])

    assert not exists("Mine")
    with pytest.raises(Exception, match="Mine: "):
        handlers.delete(["Mine"])
