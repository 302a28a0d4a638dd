"""Permission sets in snapshots: who has them, which apps, and refusals."""

import json
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError

from tests.factories import (
    AppPermissionSetFactory,
    AppProfileFactory,
    ClientAppFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    ProfileFactory,
    UserFactory,
)
from tokenx.org.models import BuiltInProfile, ClientApp, PermissionSet, User
from tokenx.org.models.app_access import access_of
from tokenx.training.snapshots.actions import (
    apply_snapshot,
    save_snapshot,
    upload_snapshot,
)

from .zips import files_of, packed

SET = "package/permissionsets/Tokens.permissionset"
APP = "package/connectedApps/Billing.connectedApp"


@pytest.fixture
def saved(org, admin):
    """Return the files of a snapshot with a user and an app that have a permission set."""
    row = PermissionSetFactory(org=org, name="Tokens", label="Token Exchange")
    ada = UserFactory(org=org, username="ada@x.example")
    PermissionSetAssignmentFactory(org=org, user=ada, permission_set=row)
    app = ClientAppFactory(
        org=org, label="Billing", api_name="Billing", contact_email="a@x.example"
    )
    AppPermissionSetFactory(org=org, app=app, permission_set=row)
    AppProfileFactory(org=org, app=app, profile=ProfileFactory(org=org, name="Partners"))
    return files_of(save_snapshot(org=org, name="First", by=admin))


def changed(files, username, **values):
    document = json.loads(files["org.json"])
    for user in document["users"]:
        if user["username"] == username:
            user.update(values)
    return files | {"org.json": json.dumps(document)}


def refused(files, admin):
    stream = BytesIO(packed(files))
    with pytest.raises(ValidationError) as caught:
        upload_snapshot(org=admin.org, name="Sent", stream=stream, by=admin)
    return caught.value.messages


def test_another_org_gets_the_permission_sets_and_who_has_them(saved):
    other = OrgFactory()
    administrator = UserFactory(org=other, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    apply_snapshot(data=packed(saved), by=administrator)

    row = PermissionSet.objects.get(org=other)
    assert (row.name, row.label, row.file) == ("Tokens", "Token Exchange", "")
    ada = User.objects.get(org=other, username="ada@x.example")
    assert list(PermissionSet.objects.of_user(ada)) == [row]
    access = access_of(ClientApp.objects.get(org=other))
    assert [profile.name for profile in access.profiles] == ["Partners"]
    assert access.permission_sets == (row,)


def test_refuses_permission_sets_that_do_not_fit(saved, admin, subtests):
    for names, message in [
        (["Other"], "permission_sets ('Other') isn't in the snapshot."),
        (["Tokens", "tokens"], "permission_sets[1] is the same as"),
        (["2nd"], "Start an API name with a letter"),
        ("Tokens", "permission_sets must be a list"),
    ]:
        with subtests.test(names=names):
            files = changed(saved, "ada@x.example", permission_sets=names)
            [problem] = refused(files, admin)
            assert message in problem


def test_snapshots_of_older_versions_have_no_permission_sets(saved, admin, org):
    document = json.loads(saved["org.json"])
    for user in document["users"]:
        del user["permission_sets"]
    document["components"] = []
    files = saved | {"org.json": json.dumps(document)}
    del files[SET]
    # The app's file names one, because it was deployed with it.
    assert b"<permissionSetName>Tokens<" in files[APP]
    members = (
        b"<types>\n        <members>Tokens</members>\n        <name>PermissionSet</name>"
    )
    manifest = files["package/package.xml"]
    start = manifest.index(members)
    end = manifest.index(b"</types>", start) + len(b"</types>")
    files["package/package.xml"] = manifest[:start] + manifest[end:]

    apply_snapshot(data=packed(files), by=admin)

    assert not PermissionSet.objects.filter(org=org).exists()
    access = access_of(ClientApp.objects.get(org=org))
    assert [profile.name for profile in access.profiles] == ["Partners"]
    assert access.permission_sets == ()
