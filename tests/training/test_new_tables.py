"""The tables of what an org has: scenario, snapshot, Reset, bound, and secrets of each.

CONTRIBUTING.md, What a new table needs. Who can view and change their rows is in
tests/test_access.py and tests/test_tenancy.py; the sweep with expired orgs in
tests/training/practice/test_removal.py; audit entries are with each table's pages.
"""

import logging
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.addresses import CLOSED, rows_of
from tests.certificates import EXPIRED, VALID
from tests.factories import (
    AccessTokenFactory,
    ApexLogFactory,
    AppPermissionSetFactory,
    AppProfileFactory,
    CertificateFactory,
    ClientAppFactory,
    DebugLevelFactory,
    ExchangeExampleFactory,
    IssuerFactory,
    LoginRecordFactory,
    OAuthApprovalFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TraceFlagFactory,
    UserFactory,
    UserFieldFactory,
)
from tests.metadata.deploy.deploying import deploy, package, retrieved
from tokenx.metadata.format.definitions import CertificateDefinition
from tokenx.org.models import (
    AccessToken,
    ApexLog,
    AppPermissionSet,
    AppProfile,
    AuditEntry,
    BuiltInProfile,
    Certificate,
    DebugLevel,
    ExchangeExample,
    Issuer,
    LoginRecord,
    OAuthApproval,
    PermissionSet,
    PermissionSetAssignment,
    Profile,
    RemoteSite,
    StoredComponent,
    StoredType,
    TraceFlag,
    UserField,
)
from tokenx.org.sealing import unseal
from tokenx.setup.actions import stored_components
from tokenx.setup.actions.certificates import create_certificate
from tokenx.training.practice import actions as practice
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios import build
from tokenx.training.scenarios.reader import read_scenario
from tokenx.training.snapshots.actions import (
    apply_snapshot,
    restore_snapshot,
    save_snapshot,
    upload_snapshot,
)

from .snapshots.zips import files_of, packed

FACTORIES = {
    Profile: ProfileFactory,
    PermissionSet: PermissionSetFactory,
    PermissionSetAssignment: PermissionSetAssignmentFactory,
    AppProfile: AppProfileFactory,
    AppPermissionSet: AppPermissionSetFactory,
    RemoteSite: RemoteSiteFactory,
    Certificate: CertificateFactory,
    UserField: UserFieldFactory,
    StoredComponent: StoredComponentFactory,
    Issuer: IssuerFactory,
    ExchangeExample: ExchangeExampleFactory,
    DebugLevel: DebugLevelFactory,
}
# What happened in an org. No scenario and no snapshot has it, and Reset deletes it.
HISTORY = {
    LoginRecord: LoginRecordFactory,
    AccessToken: AccessTokenFactory,
    OAuthApproval: OAuthApprovalFactory,
    ApexLog: ApexLogFactory,
    TraceFlag: TraceFlagFactory,
}
SCENARIO = """
label = "All tables"
description = "A row of each."
[[profiles]]
name = "Partners"
[[permission_sets]]
name = "Tokens"
[[users]]
username = "ada@mycompany.com"
last_name = "Ames"
permission_sets = ["Tokens"]
[[apps]]
kind = "connected"
label = "Billing"
profiles = ["Partners"]
permission_sets = ["Tokens"]
[[remote_sites]]
name = "Okta"
url = "https://okta.example"
[[certificates]]
name = "Signing"
[[user_fields]]
name = "Azure_Id__c"
[[stored_components]]
type = "CustomLabels"
name = "CustomLabels"
file = '<CustomLabels xmlns="http://soap.sforce.com/2006/04/metadata"/>'
[[issuers]]
name = "Staff"
issuer = "https://staff.example"
[[examples]]
name = "A user"
app = "Billing"
issuer = "Staff"
person = "ada@mycompany.com"
[[debug_levels]]
name = "Everything"
"""


def counts(org):
    """Return the number of the org's rows in each table, without built-in profiles."""
    numbers = {model: model.objects.filter(org=org).count() for model in FACTORIES}
    numbers[Profile] -= len(BuiltInProfile)
    return numbers


def fill(org):
    for create in FACTORIES.values():
        create(org=org)
    return counts(org)


def test_a_scenario_has_a_row_of_each_and_clearing_deletes_them(admin):
    elsewhere = OrgFactory()
    before = fill(elsewhere)
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)
    assert counts(admin.org) == dict.fromkeys(FACTORIES, 1)

    practice.clear_org(admin.org, owner=admin)
    assert counts(admin.org) == dict.fromkeys(FACTORIES, 0)
    assert counts(elsewhere) == before


def test_a_snapshot_has_a_row_of_each(admin):
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")
    build.fill(admin.org, scenario, owner=admin)
    elsewhere = OrgFactory()
    before = fill(elsewhere)
    snapshot = save_snapshot(org=admin.org, name="All", by=admin)
    practice.clear_org(admin.org, owner=admin)
    fill(admin.org)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert counts(admin.org) == dict.fromkeys(FACTORIES, 1)
    assert RemoteSite.objects.get(org=admin.org).name == "Okta"
    assert counts(elsewhere) == before


def test_reset_restores_the_scenario(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="first-steps", name="Grace")
    before, elsewhere = counts(owner.org), OrgFactory()
    added = fill(owner.org)
    theirs = fill(elsewhere)
    assert all(added[model] > before[model] for model in FACTORIES)

    practice.reset_org(org=owner.org, by=owner)

    assert counts(owner.org) == before
    assert counts(elsewhere) == theirs


def test_the_end_of_an_org_deletes_all_rows(org):
    fill(org)
    elsewhere = OrgFactory()
    theirs = fill(elsewhere)

    remove_org(org)

    for model in FACTORIES:
        assert not model.objects.filter(org=org.pk).exists()
    assert counts(elsewhere) == theirs


def test_no_snapshot_has_the_history_and_reset_deletes_it(admin):
    elsewhere = OrgFactory()
    for org in [admin.org, elsewhere]:
        add_history(org)
        assert history_of(org) == list(HISTORY)
    snapshot = save_snapshot(org=admin.org, name="All", by=admin)

    practice.clear_org(admin.org, owner=admin)
    assert not history_of(admin.org)
    restore_snapshot(snapshot=snapshot, by=admin)
    assert not history_of(admin.org)
    assert history_of(elsewhere) == list(HISTORY)


def add_history(org):
    user = UserFactory(org=org)
    for model in [LoginRecord, AccessToken]:
        HISTORY[model](user=user)
    OAuthApprovalFactory(user=user, app=ClientAppFactory(org=org))
    for model in [ApexLog, TraceFlag]:
        HISTORY[model](org=org)


def history_of(org):
    return [model for model in HISTORY if model.objects.filter(org=org).exists()]


@pytest.mark.parametrize("type_name", StoredType.values)
def test_an_org_has_a_limited_number_of_stored_components(admin, type_name, monkeypatch):
    monkeypatch.setattr(stored_components, "MAX_STORED_COMPONENTS", 1)
    StoredComponentFactory(org=OrgFactory(), type=type_name)
    files = [f"<{type_name}/>", f"<{type_name}></{type_name}>"]
    create = stored_components.create_stored_component
    row = create(type_name=type_name, name="One", file=files[0], by=admin)

    with pytest.raises(ValidationError, match="This org already has 1 "):
        create(type_name=type_name, name="Two", file=files[0], by=admin)

    stored_components.edit_stored_component(row=row, file=files[1], by=admin)
    assert AuditEntry.objects.filter(org=admin.org).count() == 2


# --- Keys and secrets -------------------------------------------------------------------


def secrets_of(*certificates):
    """Return what must not be found anywhere: the keys, sealed and readable."""
    found = []
    for certificate in certificates:
        lines = unseal(certificate.sealed_key).decode().splitlines()
        found += [certificate.sealed_key, "PRIVATE KEY", *lines[1:-1]]
    return found


def test_no_log_contains_a_private_key(admin_client, admin, caplog):
    caplog.set_level(logging.DEBUG)
    admin_client.post(
        "/new-certificate/", {"label": "Mine", "name": "Mine", "key_size": "2048"}
    )
    mine = Certificate.objects.get(name="Mine")
    key = unseal(mine.sealed_key).decode()
    for data in [VALID, EXPIRED + key, key, "x"]:
        file = SimpleUploadedFile("okta.crt", data.encode())
        admin_client.post("/upload-certificate/", {"pem": file, "label": "Okta"})
    definition = CertificateDefinition(is_ca_signed=False, label="Sent", body=VALID)
    files = package(("Sent", definition))
    messages = []
    for content in ["", VALID + key, key]:
        deployment = deploy(admin, files | {"certs/Sent.crt": content.encode()})
        messages += deployment.messages.values_list("problem", flat=True)
        messages.append(deployment.error_message)
    sent = Certificate.objects.get(name="Sent")
    snapshot = save_snapshot(org=admin.org, name="All", by=admin)
    Certificate.objects.all().delete()
    restore_snapshot(snapshot=snapshot, by=admin)
    restored = Certificate.objects.exclude(sealed_key="")

    assert restored.count() == 2
    entries = AuditEntry.objects.filter(org=admin.org).values_list("action", "display")
    texts = [caplog.text, *messages, *(text for row in entries for text in row)]
    for secret in secrets_of(mine, sent, *restored):
        assert not any(secret in text for text in texts)
    assert any("contains a private key" in text for text in messages)


def test_no_page_contains_a_private_key(admin_client, org, admin, subtests):
    ours = rows_of(org, "Ours")
    mine = create_certificate(name="Mine", label="Mine", by=admin)
    secrets = secrets_of(mine)
    pages = ours._replace(certificate_name="Mine")
    for name in CLOSED:
        with subtests.test(name=name):
            response = admin_client.get(pages.address(name))
            content = b"".join(response).decode(errors="replace")
            assert not [secret for secret in secrets if secret in content]


def test_no_file_contains_a_private_key(admin):
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")
    build.fill(admin.org, scenario, owner=admin)
    secrets = secrets_of(Certificate.objects.get(org=admin.org))

    snapshot = save_snapshot(org=admin.org, name="All", by=admin)

    files = [*files_of(snapshot).values(), *retrieved(admin.org).values()]
    assert any(b"BEGIN CERTIFICATE" in data for data in files)
    for secret in secrets:
        assert not any(secret.encode() in data for data in files)


def test_an_uploaded_snapshot_cannot_bring_a_key_or_a_password(admin):
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")
    build.fill(admin.org, scenario, owner=admin)
    StoredComponentFactory(org=admin.org, name="Okta")
    certificate = Certificate.objects.get(org=admin.org)
    files = files_of(save_snapshot(org=admin.org, name="All", by=admin))
    path = "package/namedCredentials/Okta.namedCredential"
    secret = b"<label>", b"<password>hunter2</password>\n    <label>"
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    apply_snapshot(data=packed(files | {path: files[path].replace(*secret)}), by=other)

    stored = StoredComponent.objects.get(org=other.org, name="Okta")
    assert "<label>Okta</label>" in stored.file
    assert "hunter2" not in stored.file
    key = unseal(certificate.sealed_key)
    with_key = packed(files | {"package/certs/Signing.crt": certificate.pem.encode() + key})
    with pytest.raises(ValidationError, match="contains a private key"):
        upload_snapshot(org=admin.org, name="Sent", stream=BytesIO(with_key), by=admin)


def test_a_reset_org_has_new_keys_and_the_page_says_so(admin_client, admin, monkeypatch):
    scenario = read_scenario(SCENARIO, slug="t", file="t.toml")
    monkeypatch.setattr(practice, "find_scenario", lambda slug: scenario)
    build.fill(admin.org, scenario, owner=admin)
    practice.PracticeOrg.objects.create(org=admin.org, owner=admin, scenario="t")
    before = Certificate.objects.get(org=admin.org)
    words = "has a new private key because scenarios and snapshots"
    assert words not in admin_client.get(before.get_absolute_url()).content.decode()

    practice.reset_org(org=admin.org, by=admin)

    after = Certificate.objects.get(org=admin.org)
    assert after.pem != before.pem
    assert words in admin_client.get(after.get_absolute_url()).content.decode()
