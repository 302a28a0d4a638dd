"""Components one by one: zeep takes what it reads apart by Salesforce's own schema."""

import pytest

from tests.metadata.deploy.deploying import RUN_AS, handler, package

from .salesforce import FILE, HANDLER, component, deploy, handler_type, is_there


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
