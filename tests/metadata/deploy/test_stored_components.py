"""Labels, custom metadata, and named credentials: files that are kept whole."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import OrgFactory, StoredComponentFactory
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, StoredComponent
from tokenx.setup.actions import stored_components as actions

from .deploying import deletions, deploy, outcomes, package, problems, retrieved

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
LABELS = f"""{HEAD}<CustomLabels {NAMESPACE}>
    <!-- Texts of the handler -->
    <labels>
        <fullName>Unknown_User</fullName>
        <language>en_US</language>
        <protected>false</protected>
        <shortDescription>Unknown user</shortDescription>
        <value>No user has this ID.</value>
    </labels>
</CustomLabels>
"""
RECORD = f"""{HEAD}<CustomMetadata {NAMESPACE}
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
    <label>Okta</label>
    <protected>false</protected>
    <values>
        <field>Issuer__c</field>
        <value xsi:type="xsd:string">https://mycompany.okta.com</value>
    </values>
</CustomMetadata>
"""
CREDENTIAL = f"""{HEAD}<NamedCredential {NAMESPACE}>
    <endpoint>https://mycompany.okta.com</endpoint>
    <label>Okta</label>
    <principalType>Anonymous</principalType>
    <protocol>NoAuthentication</protocol>
</NamedCredential>
"""
FILES = {
    "CustomLabels": ("CustomLabels", "labels/CustomLabels.labels", LABELS),
    "CustomMetadata": ("Issuer.Okta", "customMetadata/Issuer.Okta.md", RECORD),
    "NamedCredential": ("Okta", "namedCredentials/Okta.namedCredential", CREDENTIAL),
}


def files_of(type_name, text=None):
    _, path, original = FILES[type_name]
    return package() | {path: (text or original).encode()}


@pytest.mark.parametrize("type_name", FILES)
def test_keeps_a_file_whole(admin, type_name):
    name, path, text = FILES[type_name]

    deployment = deploy(admin, files_of(type_name))

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {name: "Created"}
    row = StoredComponent.objects.get()
    assert (row.org, row.type, row.name, row.file) == (admin.org, type_name, name, text)
    assert retrieved(admin.org, {type_name: ["*"]}) == {path: text.encode()}
    again = deploy(admin, files_of(type_name))
    assert outcomes(again) == {name: "Unchanged"}
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("type_name", FILES)
def test_changes_and_deletes_a_file(admin, type_name):
    name, _, text = FILES[type_name]
    deploy(admin, files_of(type_name))

    changed = text.replace("Okta", "Entra").replace("No user", "Nobody")
    deployment = deploy(admin, files_of(type_name, changed))
    assert outcomes(deployment) == {name: "Changed"}
    assert StoredComponent.objects.get().file == changed

    deployment = deploy(admin, deletions(**{type_name: [name]}))
    assert outcomes(deployment) == {name: "Deleted"}
    assert not StoredComponent.objects.exists()
    assert AuditEntry.objects.count() == 3


def test_records_named_credentials_in_salesforces_words(admin):
    deploy(admin, files_of("NamedCredential"))

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.section, entry.display) == (
        "namedCredentialInsert",
        "Named Credentials",
        "Created a new named credential: Okta",
    )


@pytest.mark.parametrize(
    "secret",
    [
        "<password>hunter2</password>",
        "<password><![CDATA[hunter2]]></password>",
        "<password >hunt<!-- -->er2</password\n    >",
        "<oauthToken>hunter2</oauthToken>",
        "<oauthRefreshToken>hunter2</oauthRefreshToken>",
        "<awsSecretKey>hunter2</awsSecretKey>",
    ],
)
def test_a_named_credentials_secret_is_not_kept(admin, secret):
    end = f"    {secret}\n</NamedCredential>"
    text = CREDENTIAL.replace("</NamedCredential>", end)

    deploy(admin, files_of("NamedCredential", text))

    assert StoredComponent.objects.get().file == CREDENTIAL
    again = deploy(admin, files_of("NamedCredential", text))
    assert outcomes(again) == {"Okta": "Unchanged"}
    trail = AuditEntry.objects.values_list("display", flat=True)
    for message in again.messages.all():
        assert "hunter2" not in message.problem
    assert not any("hunter2" in display for display in trail)


def test_no_action_keeps_a_secret(admin):
    """Calls for single components and every other caller end here."""
    text = CREDENTIAL.replace("<label>", "<password>hunter2</password><label>")
    row = actions.create_stored_component(
        type_name="NamedCredential", name="Okta", file=text, by=admin
    )
    assert row.file == CREDENTIAL

    edited = actions.edit_stored_component(row=row, file=text, by=admin)
    assert edited.file == CREDENTIAL
    row.file = text
    with pytest.raises(ValidationError, match="Remove the element password"):
        row.full_clean()


def test_refuses_a_file_that_is_not_valid(admin, subtests):
    for text, words in [
        (CREDENTIAL.replace("</label>", ""), "must be terminated by"),
        (CREDENTIAL.replace("NamedCredential", "Other"), "the root element is"),
        (CREDENTIAL + " " * 600_000, "The file has more than 500,000 characters."),
    ]:
        with subtests.test(words):
            found = problems(deploy(admin, files_of("NamedCredential", text)))
            assert any(words in problem for problem in found)
    assert not StoredComponent.objects.exists()


def test_types_and_orgs_do_not_mix(admin):
    for org in [admin.org, OrgFactory()]:
        StoredComponentFactory(org=org, type="NamedCredential", name="Okta")
    StoredComponentFactory(org=admin.org, type="CustomMetadata", name="Okta")

    deploy(admin, deletions(NamedCredential=["Okta"]))

    kept = StoredComponent.objects.filter(org=admin.org)
    assert list(kept.values_list("type", flat=True)) == ["CustomMetadata"]
    assert StoredComponent.objects.count() == 2


def test_markdown_files_are_not_custom_metadata(admin):
    files = files_of("NamedCredential") | {"README.md": b"# Read me"}

    deployment = deploy(admin, files, ignore_warnings=True)

    assert deployment.status == Status.SUCCEEDED
