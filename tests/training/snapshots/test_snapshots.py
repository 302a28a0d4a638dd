"""Snapshots: a restored org is as it was saved, and its users stay signed in."""

import json
import re
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.addresses import WITH_SOMETHING_MISSING, everything
from tests.certificates import EXPIRED
from tests.conftest import signed_in
from tests.factories import (
    AccessTokenFactory,
    ApexClassFactory,
    AppPermissionSetFactory,
    AppProfileFactory,
    CertificateFactory,
    ClientAppFactory,
    EnablementFactory,
    ExchangeExampleFactory,
    IntegrationUserFactory,
    IssuerFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    UserFieldFactory,
    profile_of,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.metadata.deploy.actions import Options, queue_deployment
from tokenx.metadata.deploy.queue import wake
from tokenx.metadata.deploy.uploads import receive_text
from tokenx.metadata.models import Deployment
from tokenx.org import audit
from tokenx.org.models import (
    ApexClass,
    AppPermissionSet,
    AppProfile,
    AuditEntry,
    BuiltInProfile,
    Certificate,
    ClientApp,
    ExchangeExample,
    Issuer,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    RemoteSite,
    StoredComponent,
    StoredType,
    User,
    UserField,
)
from tokenx.org.sealing import unseal
from tokenx.org.search import grams
from tokenx.org.search.matching import find_users
from tokenx.setup.actions.apps import create_app
from tokenx.setup.actions.certificates import create_certificate
from tokenx.training.models import OpenedSnapshot, PracticeOrg, Snapshot
from tokenx.training.snapshots import actions as snapshots
from tokenx.training.snapshots.actions import (
    MAX_SNAPSHOTS,
    apply_snapshot,
    delete_snapshot,
    make_link,
    restore_snapshot,
    revoke_link,
    save_snapshot,
    snapshot_of_link,
    upload_snapshot,
)
from tokenx.training.snapshots.capture import document_of

from .zips import files_of, packed

# Fields of an issuer that's modeled on a product.
MODELED = {
    "shape": "keycloak",
    "discovery_url": "https://idp.example/.well-known/openid-configuration",
    "people": [{"claims": {"roles": ["a"], "sub": "zoë-1"}, "name": "Zoë"}],
}
SETTINGS = {
    "refresh_token_policy": "specific_lifetime",
    "refresh_token_validity": 30,
    "refresh_token_unit": "DAYS",
    "rotates_refresh_tokens": True,
    "introspects_all_tokens": True,
}


@pytest.fixture
def filled(org, admin):
    """Fill the org with rows of every kind, created in Setup and by deployments."""
    handler = TokenExchangeHandlerFactory(org=org, label="Busy", modified_by=admin)
    for kind in ClientApp.Kind:
        app = ClientAppFactory(
            org=org, kind=kind, label="Same name", scopes=["api", "mcp_api"], **SETTINGS
        )
        EnablementFactory(handler=handler, app=app, is_default=kind == "external")
    person = UserFactory(org=org, first_name="Zoë", last_name="van den Berg")
    User.objects.filter(pk=person.pk).update(
        time_zone="Asia/Tokyo",
        locale="de_DE",
        alias="zoe",
        nickname="Zoë",
        language="de",
        email_encoding="ISO-8859-1",
        federation_id="E-9981",
        profile=ProfileFactory(org=org, name="Partner (50%)"),
    )
    unready = EnablementFactory(handler=handler, run_as=person).app
    ClientApp.objects.filter(pk=unready.pk).update(allows_token_exchange=False)
    TokenExchangeHandlerFactory(org=org, label="Idle", is_enabled=False, description="")
    create_app(
        kind="external",
        api_name="Made_Here",
        label="Made here",
        description="",
        contact_email="a@b.example",
        callback_url="",
        scopes=[],
        allows_token_exchange=True,
        requires_secret=True,
        by=admin,
    )
    text = WITH_SOMETHING_MISSING.replace("NobodyHasThis", handler.apex_class.name)
    deploy(text.replace("<masterLabel>", "<notKnown>x</notKnown><masterLabel>"), admin)
    ApexClassFactory(org=org, name="Unused", body="public class Unused { }")
    RemoteSiteFactory(org=org, name="Okta_Keys")
    fill_permission_sets(org, person)
    RemoteSiteFactory(org=org, name="Old", is_active=False, description="Old & unused")
    for stored_type in StoredType:
        StoredComponentFactory(org=org, type=stored_type, name="Same")
    UserFieldFactory(org=org, name="User.Azure_Id__c", length=80)
    UserFieldFactory(org=org, name="User.Old__c", description="Old & unused")
    User.objects.filter(pk=person.pk).update(custom_values={"Azure_Id__c": "zoë-1"})
    claims = {"aud": ["é", "b"], "sub": "x"}
    IssuerFactory(org=org, name="Idp", label="Idp & co", claims=claims, **MODELED)
    IssuerFactory(org=org, name="Old_Idp")
    recipe = {"claims": {"sub": "é"}, "issuer": "Idp", "token_type": "JWT"}
    ExchangeExampleFactory(org=org, name="Café", recipe=recipe, created_by=admin)
    ExchangeExampleFactory(org=org, name="Old", expected_error="invalid_grant")
    IssuerFactory(org=org, certificate_name="Mine", algorithm="RS256")
    create_certificate(name="Mine", label="Mine", by=admin)
    CertificateFactory(org=org, name="Okta", label="Okta & others")
    CertificateFactory(org=org, name="Old", pem=EXPIRED)
    IntegrationUserFactory(org=org, is_active=False)
    return handler


def fill_permission_sets(org, person):
    """Give a user and apps permission sets and profiles, with and without files."""
    person.refresh_from_db()
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <!-- Kept -->\n    <label>Tokens</label>\n</PermissionSet>\n"
    )
    tokens = PermissionSetFactory(org=org, name="Tokens", label="Tokens", file=text)
    bare = PermissionSetFactory(org=org, name="Bare", description="A & B")
    PermissionSetAssignmentFactory(org=org, user=person, permission_set=tokens)
    PermissionSetAssignmentFactory(org=org, user=person, permission_set=bare)
    standard = profile_of(org, BuiltInProfile.STANDARD_USER)
    for kind in ClientApp.Kind:
        app = ClientAppFactory(org=org, kind=kind, label="Restricted")
        AppPermissionSetFactory(org=org, app=app, permission_set=tokens)
        AppProfileFactory(org=org, app=app, profile=standard)
        AppProfileFactory(org=org, app=app, profile=person.profile)


def deploy(text, by):
    source = receive_text(text=text, by=by)
    queue_deployment(source=source, options=Options(), by=by)
    wake(by.org_id)


def change_everything(org):
    Enablement.objects.filter(org=org).delete()
    TokenExchangeHandler.objects.filter(org=org, label="Busy").delete()
    TokenExchangeHandler.objects.filter(org=org).update(label="Other", is_enabled=True)
    ApexClass.objects.filter(org=org).update(body="changed", status="Inactive")
    UserField.objects.filter(org=org, name="User.Azure_Id__c").delete()
    UserField.objects.filter(org=org).update(label="Other", length=5)
    Certificate.objects.filter(org=org, name="Okta").delete()
    Certificate.objects.filter(org=org).update(label="Other", is_key_exportable=False)
    Issuer.objects.filter(org=org, name="Old_Idp").delete()
    other = {"shape": "okta", "people": [], "discovery_url": ""}
    Issuer.objects.filter(org=org).update(label="Other", claims={}, keys_url="", **other)
    ExchangeExample.objects.filter(org=org, name="Old").delete()
    ExchangeExample.objects.filter(org=org).update(recipe={}, scope="api")
    ExchangeExampleFactory(org=org, name="New")
    IssuerFactory(org=org, name="New")
    StoredComponent.objects.filter(org=org, type="CustomLabels").delete()
    StoredComponent.objects.filter(org=org).update(file="<x/>")
    for model in [PermissionSetAssignment, AppProfile, AppPermissionSet]:
        model.objects.filter(org=org).delete()
    PermissionSet.objects.filter(org=org, name="Bare").delete()
    PermissionSet.objects.filter(org=org).update(label="Other", file="")
    other = UserFactory(org=org)
    PermissionSetAssignmentFactory(org=org, user=other)
    AppPermissionSetFactory(org=org)
    RemoteSite.objects.filter(org=org, name="Old").delete()
    RemoteSite.objects.filter(org=org).update(url="https://other.example")
    RemoteSiteFactory(org=org, name="New")
    ClientApp.objects.filter(org=org).update(
        label="Other",
        scopes=["web"],
        file_details={},
        refresh_token_policy="zero",
        refresh_token_validity=None,
        refresh_token_unit="",
        rotates_refresh_tokens=False,
        introspects_all_tokens=False,
    )
    User.objects.filter(org=org, can_sign_in=False).update(
        last_name="Other",
        time_zone="",
        locale="",
        alias="other",
        nickname="",
        language="en_US",
        email_encoding="UTF-8",
        federation_id="",
        profile=profile_of(org, BuiltInProfile.STANDARD_USER),
        custom_values={},
    )
    EnablementFactory(handler=TokenExchangeHandlerFactory(org=org))
    Org.objects.filter(pk=org.pk).update(name="Other", is_strict=True)


def rows(org):
    """Return all rows that a snapshot covers, with their keys."""
    rows_by_model = everything()
    names = ["User", "Profile", "ApexClass", "ClientApp"]
    names += ["TokenExchangeHandler", "Enablement"]
    names += ["UserField", "RemoteSite", "Certificate", "StoredComponent"]
    names += ["PermissionSet", "Issuer", "ExchangeExample"]
    access = ["PermissionSetAssignment", "AppProfile", "AppPermissionSet"]
    names += access
    covered = {
        name: [row for row in rows_by_model[name] if row["org_id"] == org.pk]
        for name in names
    }
    for enablement in covered["Enablement"]:
        del enablement["id"]
    for name in access:
        for row in covered[name]:
            del row["id"]
        covered[name].sort(key=lambda row: sorted(row.items()))
    covered["Enablement"].sort(key=lambda row: (row["handler_id"], row["app_id"]))
    return covered


def state_of(org):
    """Return an org's document without consumer keys, which differ in every org."""
    document = document_of(org, owner=PracticeOrg.objects.get(org=org).owner)
    apps = [app.model_copy(update={"consumer_key": ""}) for app in document.apps]
    return document.model_copy(update={"apps": apps})


def data_of(snapshot):
    return bytes(Snapshot.objects.get(pk=snapshot.pk).data)


def test_restores_exactly_what_was_saved(org, admin, filled):
    first = save_snapshot(org=org, name="First", by=admin)
    before = rows(org)
    change_everything(org)
    assert rows(org) != before

    restore_snapshot(snapshot=first, by=admin)
    connection.check_constraints()

    again = save_snapshot(org=org, name="Again", by=admin)
    assert data_of(again) == data_of(first)
    org.refresh_from_db()
    assert (org.name, org.is_strict) == (admin.org.name, False)


def test_restoring_the_current_state_changes_no_row(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    before = rows(org)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert rows(org) == before


def test_a_restored_issuer_without_its_key_gets_a_new_one(org, admin):
    kept, lost = IssuerFactory(org=org, name="Kept"), IssuerFactory(org=org, name="Lost")
    snapshot = save_snapshot(org=org, name="First", by=admin)
    with ZipFile(BytesIO(data_of(snapshot))) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    Issuer.objects.filter(pk=lost.pk).delete()

    restore_snapshot(snapshot=snapshot, by=admin)

    for issuer in [kept, lost]:
        assert issuer.key_id in text
        assert issuer.sealed_key not in text
        assert issuer.sealed_secret not in text
        assert issuer.public_key["x"] not in text
    by_name = {issuer.name: issuer for issuer in Issuer.objects.filter(org=org)}
    assert by_name["Kept"].sealed_key == kept.sealed_key
    assert by_name["Kept"].sealed_secret == kept.sealed_secret
    assert unseal(by_name["Lost"].sealed_secret) != unseal(lost.sealed_secret)
    assert not by_name["Kept"].has_new_key
    assert by_name["Lost"].key_id == lost.key_id
    assert by_name["Lost"].public_key != lost.public_key
    assert by_name["Lost"].has_new_key


def test_refuses_issuers_with_the_same_address(org, admin):
    IssuerFactory(org=org, name="One", keys_url="https://idp.example/keys")
    IssuerFactory(org=org, name="Two", keys_url="https://idp.example/keys")
    snapshot = save_snapshot(org=org, name="First", by=admin)

    with pytest.raises(ValidationError, match="Two has the Keys URL of One"):
        restore_snapshot(snapshot=snapshot, by=admin)


def test_restoring_takes_few_queries(org, admin, filled, django_assert_max_num_queries):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    change_everything(org)

    with django_assert_max_num_queries(110):
        restore_snapshot(snapshot=snapshot, by=admin)


def test_restored_certificates_get_new_keys(admin_client, org, admin):
    mine = create_certificate(name="Mine", label="Mine", by=admin)
    CertificateFactory(org=org, name="Okta")
    first = save_snapshot(org=org, name="First", by=admin)
    assert b"PRIVATE" not in b"".join(files_of(first).values())
    Certificate.objects.all().delete()

    restore_snapshot(snapshot=first, by=admin)

    again = Certificate.objects.get(name="Mine")
    assert again.has_private_key
    assert again.has_new_key
    assert (again.key_size, again.modified_at) == (mine.key_size, mine.modified_at)
    assert again.pem != mine.pem
    okta = Certificate.objects.get(name="Okta")
    assert not okta.has_private_key
    assert not okta.has_new_key
    page = admin_client.get("/certificates/Mine/")
    assertContains(page, "has a new private key because")
    assertNotContains(admin_client.get("/certificates/Okta/"), "new private key")


def test_a_certificate_that_the_org_still_has_keeps_its_key(org, admin):
    mine = create_certificate(name="Mine", label="Mine", by=admin)
    first = save_snapshot(org=org, name="First", by=admin)
    Certificate.objects.update(label="Other")

    restore_snapshot(snapshot=first, by=admin)

    again = Certificate.objects.get()
    assert (again.label, again.sealed_key) == ("Mine", mine.sealed_key)
    assert not again.has_new_key


def test_the_restoring_user_stays_signed_in(admin_client, org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    change_everything(org)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert admin_client.get("/handlers/").status_code == 200


def test_the_restoring_user_stays_an_active_administrator(org, admin, filled):
    other = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    User.objects.filter(pk=admin.pk).update(
        profile=profile_of(org, BuiltInProfile.STANDARD_USER), is_active=False
    )
    snapshot = save_snapshot(org=org, name="First", by=other)
    User.objects.filter(pk=admin.pk).update(
        profile=profile_of(org, BuiltInProfile.SYSTEM_ADMINISTRATOR), is_active=True
    )

    restore_snapshot(snapshot=snapshot, by=User.objects.get(pk=admin.pk))

    admin.refresh_from_db()
    assert (admin.profile.kind, admin.is_active) == (
        BuiltInProfile.SYSTEM_ADMINISTRATOR,
        True,
    )


def test_restoring_adds_to_the_audit_trail(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    before = AuditEntry.objects.filter(org=org).count()

    restore_snapshot(snapshot=snapshot, by=admin)

    entries = AuditEntry.objects.newest_of(org)
    assert entries.count() == before + 1
    assert entries[0].display == "Restored the org from the snapshot First"


def test_users_created_later_are_deleted_with_their_work(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    later = UserFactory(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    AccessTokenFactory(user=later)
    audit.record(by=later, action="a", section="s", display="By a deleted user")
    deploy(WITH_SOMETHING_MISSING, later)

    restore_snapshot(snapshot=snapshot, by=admin)
    connection.check_constraints()

    assert not User.objects.filter(pk=later.pk).exists()
    assert not AuditEntry.objects.filter(display="By a deleted user").exists()
    assert not Deployment.objects.filter(created_by=later.pk).exists()


def test_users_created_later_stay_if_they_can_sign_in(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    later = UserFactory(org=org)
    later.set_password("correct horse battery staple")
    later.save()

    restore_snapshot(snapshot=snapshot, by=admin)

    later.refresh_from_db()
    assert later.check_password("correct horse battery staple")


def test_a_secret_stays_with_its_consumer_key(org, admin, filled):
    app = ClientApp.objects.get(org=org, api_name="Made_Here")
    snapshot = save_snapshot(org=org, name="First", by=admin)
    ClientApp.objects.filter(pk=app.pk).update(label="Other")

    restore_snapshot(snapshot=snapshot, by=admin)

    back = ClientApp.objects.get(org=org, api_name="Made_Here")
    assert (back.consumer_key, back.secret_hash) == (app.consumer_key, app.secret_hash)
    assert back.label == "Made here"


def test_the_file_contains_no_secret_and_no_hash(org, admin, filled):
    admin.set_password("correct horse battery staple")
    admin.save()
    app = ClientApp.objects.get(org=org, api_name="Made_Here")
    AccessTokenFactory(user=admin)

    snapshot = save_snapshot(org=org, name="First", by=admin)

    files = files_of(snapshot)
    text = b"".join(files.values()).decode()
    for secret in [app.secret_hash, admin.password, "can_sign_in", "token_hash", "secret_"]:
        assert secret not in text
    assert "package/package.xml" in files
    assert any(name.endswith("/Busy.oauthtokenexchangehandler") for name in files)


def test_restored_users_are_found_by_name(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    change_everything(org)

    restore_snapshot(snapshot=snapshot, by=admin)

    [found], _ = find_users(Org.objects.get(pk=org.pk), "van den")
    assert found.name == "Zoë van den Berg"


def test_restoring_rebuilds_a_large_orgs_index(org, admin, filled, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", 2)
    grams.rebuild(org)
    snapshot = save_snapshot(org=org, name="First", by=admin)
    restore_snapshot(snapshot=snapshot, by=admin)
    grams_before = everything()["UserGram"], everything()["AppGram"]
    change_everything(org)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert Org.objects.get(pk=org.pk).has_user_grams
    again = everything()
    assert strings(again["UserGram"]) == strings(grams_before[0])
    assert len(again["AppGram"]) == len(grams_before[1])


def strings(rows):
    return sorted((row["gram"], row["key"], row["user_id"]) for row in rows)


def test_a_failed_restore_changes_nothing(org, admin, filled):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    document = json.loads(files_of(snapshot)["org.json"])
    document["handlers"][0]["enabled"] = []
    data = packed(files_of(snapshot) | {"org.json": json.dumps(document)})
    before = everything()

    with pytest.raises(ValidationError, match=r"org\.json has no entry for the app"):
        apply_snapshot(data=data, by=admin)

    assert everything() == before


# --- Other orgs -------------------------------------------------------------------------


@pytest.fixture
def elsewhere(db):
    return UserFactory(
        org=OrgFactory(),
        first_name="Eve",
        username="eve@other.example",
        profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
    )


def test_in_another_org_the_administrator_replaces_the_owner(org, admin, filled, elsewhere):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    before = rows(org)

    apply_snapshot(data=data_of(snapshot), by=elsewhere)
    connection.check_constraints()

    assert rows(org) == before
    people = User.objects.filter(org=elsewhere.org)
    assert people.count() == User.objects.filter(org=org).count()
    assert not people.filter(username=admin.username).exists()
    elsewhere.refresh_from_db()
    assert elsewhere.first_name == "Eve"
    busy = TokenExchangeHandler.objects.get(org=elsewhere.org, label="Busy")
    assert busy.modified_by == elsewhere
    assert busy.app_count == 3


def test_another_org_gets_new_consumer_keys(org, admin, filled, elsewhere):
    snapshot = save_snapshot(org=org, name="First", by=admin)

    apply_snapshot(data=data_of(snapshot), by=elsewhere)

    ours = ClientApp.objects.get(org=org, api_name="Made_Here")
    theirs = ClientApp.objects.get(org=elsewhere.org, api_name="Made_Here")
    assert theirs.consumer_key.startswith("3MVG9")
    assert theirs.consumer_key != ours.consumer_key
    assert theirs.secret_hash == ""


def test_apps_of_an_older_snapshot_keep_or_get_keys(org, admin, filled, elsewhere):
    app = ClientApp.objects.get(org=org, api_name="Made_Here")
    snapshot = save_snapshot(org=org, name="First", by=admin)
    files = files_of(snapshot)
    key = rb'"consumer_key": "[^"]*"'
    files["org.json"] = re.sub(key, b'"consumer_key": ""', files["org.json"])
    for name in [name for name in files if name.endswith("App")]:
        files[name] = re.sub(rb" *<consumerKey>.*</consumerKey>\n", b"", files[name])

    apply_snapshot(data=packed(files), by=admin)
    apply_snapshot(data=packed(files), by=elsewhere)

    back = ClientApp.objects.get(org=org, api_name="Made_Here")
    assert (back.consumer_key, back.secret_hash) == (app.consumer_key, app.secret_hash)
    theirs = ClientApp.objects.get(org=elsewhere.org, api_name="Made_Here")
    assert len(theirs.consumer_key) == 85
    assert theirs.consumer_key != back.consumer_key


def test_an_uploaded_file_is_stored_unchanged(org, admin, filled, elsewhere):
    snapshot = save_snapshot(org=org, name="First", by=admin)

    uploaded = upload_snapshot(
        org=elsewhere.org, name="Theirs", stream=BytesIO(data_of(snapshot)), by=elsewhere
    )

    assert data_of(uploaded) == data_of(snapshot)
    assert not ClientApp.objects.filter(org=elsewhere.org).exists()


# --- Names, numbers and links -----------------------------------------------------------


def test_names_are_unique_in_an_org(org, admin, elsewhere):
    save_snapshot(org=org, name="First", by=admin)
    save_snapshot(org=elsewhere.org, name="First", by=elsewhere)

    with pytest.raises(ValidationError, match="This name is taken"):
        save_snapshot(org=org, name="First", by=admin)


def test_an_org_keeps_at_most_20_snapshots(org, admin):
    data = data_of(save_snapshot(org=org, name="Snapshot 1", by=admin))
    Snapshot.objects.bulk_create(
        Snapshot(org=org, name=f"Snapshot {number}", data=data, created_by=admin)
        for number in range(2, MAX_SNAPSHOTS)
    )
    save_snapshot(org=org, name=f"Snapshot {MAX_SNAPSHOTS}", by=admin)

    with pytest.raises(ValidationError, match="already has 20 snapshots"):
        save_snapshot(org=org, name="One more", by=admin)

    delete_snapshot(snapshot=Snapshot.objects.filter(org=org)[0], by=admin)
    save_snapshot(org=org, name="One more", by=admin)


@pytest.mark.parametrize("limit", ["MAX_ROWS", "MAX_USERS"])
def test_an_org_that_is_too_large_is_not_saved(org, admin, monkeypatch, limit):
    monkeypatch.setattr(snapshots, limit, 1)
    ClientAppFactory.create_batch(2, org=org)
    UserFactory(org=org)

    with pytest.raises(ValidationError, match="too large"):
        save_snapshot(org=org, name="First", by=admin)


def test_a_link_finds_its_snapshot_until_it_is_revoked(org, admin):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    token = make_link(snapshot=snapshot, by=admin)
    random = token.partition(".")[2]

    assert snapshot_of_link(token) == snapshot
    assert snapshot_of_link(f"{org.pk + 1}.{random}") is None
    assert random not in snapshot.link_hash
    assert len(random) >= 43

    newer = make_link(snapshot=snapshot, by=admin)
    assert snapshot_of_link(token) is None
    revoke_link(snapshot=snapshot, by=admin)
    assert snapshot_of_link(newer) is None


def test_an_invalid_token_finds_no_snapshot(org, admin, subtests):
    save_snapshot(org=org, name="First", by=admin)

    for token in ["", ".", "1.", "²·x", "9" * 40 + ".x", "1.x", "-1.x"]:
        with subtests.test(token=token):
            assert snapshot_of_link(token) is None


# --- The pages --------------------------------------------------------------------------


def test_the_list_shows_only_the_orgs_snapshots(admin_client, org, admin, elsewhere):
    save_snapshot(org=org, name="Ours", by=admin)
    save_snapshot(org=elsewhere.org, name="Theirs", by=elsewhere)

    response = admin_client.get("/training/snapshots/")

    assertContains(response, "Ours")
    assertNotContains(response, "Theirs")


def test_saves_on_the_page(admin_client, htmx_client, org):
    response = admin_client.post("/training/snapshots/save/", {"name": "First"})
    assertRedirects(response, "/training/snapshots/")
    response = htmx_client.post("/training/snapshots/save/", {"name": "Second"})
    assert "snapshots-changed" in response["HX-Trigger"]

    names = Snapshot.objects.filter(org=org).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["First", "Second"]


UNREADABLE = ["One\x07Two", "One\x1b[2J", "\u202e", "Fir\u202est"]  # The last is First.


def test_an_invalid_name_is_reported_at_its_field(admin_client, org, admin, subtests):
    data = bytes(save_snapshot(org=org, name="First", by=admin).data)

    for name in ["", "x" * 81, "First", *UNREADABLE]:
        with subtests.test(name=name):
            response = admin_client.post("/training/snapshots/save/", {"name": name})

            assert response.status_code == 422
            assert response.context["form"].errors.keys() == {"name"}
    for name in UNREADABLE:
        with subtests.test(uploaded=name):
            sent = {"upload": SimpleUploadedFile("state.zip", data), "name": name}

            response = admin_client.post("/training/snapshots/upload/", sent)

            assert response.status_code == 422
            assert response.context["form"].errors.keys() == {"name"}
    assert Snapshot.objects.filter(org=org).count() == 1


def test_restoring_on_the_page_asks_first(admin_client, htmx_client, org, admin, handler):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    TokenExchangeHandler.objects.filter(org=org).update(label="Changed")
    address = f"/training/snapshots/{snapshot.pk}/restore/"

    assertContains(
        admin_client.get(address), "To keep your latest changes, save a snapshot first."
    )
    assert TokenExchangeHandler.objects.get(org=org).label == "Changed"

    assert htmx_client.post(address)["HX-Redirect"] == "/training/snapshots/"
    assert TokenExchangeHandler.objects.get(org=org).label == handler.label


def test_reports_an_unreadable_snapshot(admin_client, org, admin):
    snapshot = save_snapshot(org=org, name="First", by=admin)
    Snapshot.objects.update(data=packed({"org.json": "{}"}))

    response = admin_client.post(f"/training/snapshots/{snapshot.pk}/restore/")

    assertContains(response, "org.json: users is missing", status_code=422)


def test_a_downloaded_file_can_be_uploaded_to_another_org(
    admin_client, org, admin, filled, elsewhere
):
    snapshot = save_snapshot(org=org, name="Before the demo", by=admin)

    response = admin_client.get(f"/training/snapshots/{snapshot.pk}/download/")
    assert response["Content-Type"] == "application/zip"
    assert "before-the-demo.zip" in response["Content-Disposition"]

    upload = BytesIO(response.content)
    upload.name = "before-the-demo.zip"
    other_client = signed_in(elsewhere)
    assertRedirects(
        other_client.post("/training/snapshots/upload/", {"upload": upload}),
        "/training/snapshots/",
    )
    uploaded = Snapshot.objects.get(org=elsewhere.org)
    assert uploaded.name == "before-the-demo"
    other_client.post(f"/training/snapshots/{uploaded.pk}/restore/")
    assert TokenExchangeHandler.objects.filter(org=elsewhere.org, label="Busy").exists()


def test_a_refused_upload_shows_the_reason(admin_client, org):
    upload = BytesIO(packed({"org.json": '{"format": 2}'}))
    upload.name = "x.zip"

    response = admin_client.post("/training/snapshots/upload/", {"upload": upload})

    message = "org.json: format is from another version of tokenx. This one reads format 1."
    assertContains(response, message, status_code=422)
    assert not Snapshot.objects.filter(org=org).exists()


def test_a_lone_surrogate_in_an_upload_is_reported(admin_client, org):
    upload = BytesIO(packed({"org.json": r'{"\ud83d": {"\ud83d": 1}}'}))
    upload.name = "x.zip"

    response = admin_client.post("/training/snapshots/upload/", {"upload": upload})

    assertContains(
        response, "org.json: the document contains lone surrogates.", status_code=422
    )


def test_deleting_a_snapshot_does_not_change_the_org(admin_client, org, admin, handler):
    snapshot = save_snapshot(org=org, name="First", by=admin)

    admin_client.post(f"/training/snapshots/{snapshot.pk}/delete/")

    assert not Snapshot.objects.filter(org=org).exists()
    assert TokenExchangeHandler.objects.filter(org=org).exists()


# --- A link opens a fresh org -----------------------------------------------------------


@pytest.fixture
def link(admin_client, org, admin, filled, settings):
    settings.SIGNUP = "open"
    snapshot = save_snapshot(org=org, name="First", by=admin)
    response = admin_client.post(f"/training/snapshots/{snapshot.pk}/link/")
    return urlsplit(response.context["link"]).path


def test_a_link_opens_a_new_org_in_that_state(client, link, org, admin):
    before = rows(org)

    assertContains(client.get(link), "Open Demo")
    assert Org.objects.count() == 1
    assertRedirects(client.post(link), "/")

    opened_org = Org.objects.exclude(pk=org.pk).get()
    assert opened_org.expires_at
    assert TokenExchangeHandler.objects.filter(org=opened_org, label="Busy").exists()
    assert client.get("/handlers/Busy/").status_code == 200
    assert rows(org) == before
    connection.check_constraints()


def test_reset_returns_to_the_linked_state(client, admin_client, link, org):
    client.post(link)
    opened_org = Org.objects.exclude(pk=org.pk).get()
    before = state_of(opened_org)
    admin_client.post(f"/training/snapshots/{Snapshot.objects.get(org=org).pk}/delete/")
    client.post("/handlers/Busy/delete/")
    client.post("/training/steps/enabled/")
    assert state_of(opened_org) != before

    assertContains(client.get("/training/"), "<strong>First.</strong>")
    assertRedirects(client.post("/training/reset/"), "/training/")

    assert state_of(opened_org) == before
    [entry] = AuditEntry.objects.filter(org=opened_org)
    assert entry.display == "Reset the org to the snapshot First"
    connection.check_constraints()


def test_a_reset_reports_an_unreadable_state(client, link, org):
    client.post(link)
    OpenedSnapshot.objects.update(data=b"of another version")
    before = everything()

    response = client.post("/training/reset/")
    assertContains(response, "The file is not a zip file.", status_code=422)
    response = client.post("/training/tour/", {"reset": "on"}, follow=True)
    assertContains(response, "Quick Find: The file is not a zip file.")

    assert everything() == before


def test_an_exercise_resets_a_linked_org_to_its_scenario(client, link, org):
    client.post(link)
    practice = PracticeOrg.objects.get()

    client.post("/training/exercises/find-the-page/start/", {"reset": "1"})
    client.post("/training/reset/")

    practice.refresh_from_db()
    assert practice.scenario == "first-steps"
    assert not TokenExchangeHandler.objects.filter(
        org=practice.org_id, label="Busy"
    ).exists()


def test_an_org_of_a_link_counts_towards_the_limits(client, link, settings):
    settings.PRACTICE_ORGS = 1
    client.post(link)

    response = Client().post(link)

    assertContains(response, "practice orgs, its limit", status_code=429)
    assert Org.objects.count() == 2


def test_an_invalid_custom_scenario_named_empty_is_reported(
    client, link, settings, tmp_path
):
    (tmp_path / "empty.toml").write_text("label = 1")
    settings.SCENARIOS_DIR = str(tmp_path)

    assertContains(client.post(link), "empty.toml", status_code=422)
    assert Org.objects.count() == 1


def test_a_revoked_link_opens_nothing(client, admin_client, link, org):
    snapshot = Snapshot.objects.get(org=org)
    admin_client.post(f"/training/snapshots/{snapshot.pk}/revoke/")

    assert client.get(link).status_code == 404
    assert client.post(link).status_code == 404
    assert Org.objects.count() == 1


def test_a_link_opens_nothing_if_sign_up_is_closed(client, link, settings):
    settings.SIGNUP = "closed"

    assert client.post(link).status_code == 404
    assert Org.objects.count() == 1


def test_a_created_link_refreshes_the_list(htmx_client, org, admin):
    snapshot = save_snapshot(org=org, name="First", by=admin)

    assert "HX-Trigger" not in htmx_client.get(f"/training/snapshots/{snapshot.pk}/link/")
    response = htmx_client.post(f"/training/snapshots/{snapshot.pk}/link/")

    assert "snapshots-changed" in response["HX-Trigger"]


def test_a_link_is_shown_once(admin_client, link, org):
    token = link.split("/")[2]

    assert token not in admin_client.get("/training/snapshots/").content.decode()
    assert token not in str(everything())
