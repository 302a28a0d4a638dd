"""Reading what administrators set up: labels, metadata, certificates, and endpoints."""

import pytest

from tests.factories import CertificateFactory, OrgFactory, StoredComponentFactory
from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.org.sealing import seal
from tokenx.setup.apex_runs import configuration as module
from tokenx.setup.apex_runs.clock import SystemClock
from tokenx.setup.apex_runs.configuration import OrgConfiguration
from tokenx.setup.apex_runs.user import running_user

pytestmark = pytest.mark.django_db
LABELS = """<?xml version="1.0" encoding="UTF-8"?>
<CustomLabels xmlns="http://soap.sforce.com/2006/04/metadata">
    <labels><fullName>Unknown_User</fullName><value>No user has this ID.</value></labels>
    <labels><fullName>Other</fullName><value>Other</value></labels>
</CustomLabels>
"""
SECURED = """<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <namedCredentialParameters>
        <parameterName>Url</parameterName>
        <parameterType>Url</parameterType>
        <parameterValue>https://idp.example</parameterValue>
    </namedCredentialParameters>
</NamedCredential>
"""


def labels(org, file=LABELS):
    StoredComponentFactory(org=org, type="CustomLabels", name="CustomLabels", file=file)


def test_labels(org):
    labels(org)
    found = OrgConfiguration(org.pk)
    assert found.label("unknown_USER") == "No user has this ID."
    assert found.label("Missing") is None
    assert OrgConfiguration(OrgFactory().pk).label("Other") is None


@pytest.mark.parametrize(
    "file", ["no XML", '<!DOCTYPE a [<!ENTITY b "c">]><a/>', LABELS.replace("</", "<")]
)
def test_files_that_are_not_xml_are_empty(org, file):
    labels(org, file)
    assert OrgConfiguration(org.pk).label("Other") is None


def test_a_run_reads_a_limited_number_of_characters(org, monkeypatch):
    labels(org)
    monkeypatch.setattr(module, "MAX_READ", 100)
    with pytest.raises(NotRunnableError, match="this much metadata"):
        OrgConfiguration(org.pk).label("Other")


def test_a_record_without_a_value_does_not_decide_the_type_of_its_field(org):
    empty = '<value xsi:nil="true"/>'
    for name, value in {
        "A": '<value xsi:type="xsd:double">5</value>',
        "B": empty,
        "C": "<value></value>",
    }.items():
        file = f"""<CustomMetadata xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
            <values><field>Skew__c</field>{value}</values>
            <values><field>Other__c</field>{empty}</values></CustomMetadata>"""
        StoredComponentFactory(
            org=org, type="CustomMetadata", name=f"Trust.{name}", file=file
        )

    found = OrgConfiguration(org.pk)
    fields = found.fields_of_metadata("Trust__mdt")

    assert fields["skew__c"] == "Decimal"
    assert fields["other__c"] == "String"
    values = [record.fields["skew__c"] for record in found.custom_metadata("Trust__mdt")]
    assert values == [5, None, None]


def test_endpoints_of_named_credentials(org):
    file = "<NamedCredential><endpoint>https://okta.example</endpoint></NamedCredential>"
    StoredComponentFactory(org=org, name="Okta", file=file)
    StoredComponentFactory(org=org, name="New", file=SECURED)
    found = OrgConfiguration(org.pk)
    assert found.endpoint("okta").startswith("https://")
    assert found.endpoint("New") == "https://idp.example"
    assert found.endpoint("None") is None


def test_certificates_with_their_keys(org):
    row = CertificateFactory(org=org, name="Signing", sealed_key=seal(b"a key"))
    found = OrgConfiguration(org.pk).certificate("SIGNING")
    assert (found.name, found.private_key) == ("Signing", b"a key")
    assert found.certificate == row.pem.encode()
    row.sealed_key = "sealed by another server"
    row.save()
    assert OrgConfiguration(org.pk).certificate("Signing").private_key is None
    assert OrgConfiguration(OrgFactory().pk).certificate("Signing") is None


def test_the_user_who_runs_the_code(admin, settings):
    settings.ALLOWED_HOSTS = ["*", "tokenx.example"]
    user = running_user(admin)
    assert (user.username, user.profile_name) == (admin.username, "System Administrator")
    assert (user.id[:3], user.profile_id[:3], user.organization_id[:3]) == (
        "005",
        "00e",
        "00D",
    )
    assert (user.time_zone, user.locale) == ("GMT", "en_US")
    assert user.my_domain == "http://tokenx.example"


def test_the_clock_has_whole_milliseconds():
    assert SystemClock().now().microsecond % 1000 == 0
    assert len(SystemClock().random_bytes(16)) == 16
