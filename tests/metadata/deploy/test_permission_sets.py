"""PermissionSet files: kept whole, deployed, retrieved, deleted, and refused."""

from tests.factories import (
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
)
from tokenx.metadata.format.definitions import PermissionSetDefinition
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry, PermissionSet
from tokenx.setup.actions.permission_sets import create_permission_set, edit_permission_set

from .deploying import (
    deletions,
    deploy,
    location_in,
    only_problem,
    outcomes,
    package,
    problems,
    retrieved,
)

PATH = "permissionsets/Tokens.permissionset"
TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <!-- For token exchange -->
    <classAccesses>
        <apexClass>ShopTokens</apexClass>
        <enabled>true</enabled>
    </classAccesses>
    <description>Exchange</description>
    <hasActivationRequired>false</hasActivationRequired>
    <label>Token Exchange</label>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
"""


def files_of(text=TEXT):
    return package() | {PATH: text.encode()}


def test_keeps_the_whole_file_and_writes_it_back(admin):
    deployment = deploy(admin, files_of())

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    assert outcomes(deployment) == {"Tokens": "Created"}
    row = PermissionSet.objects.get()
    assert (row.org, row.name, row.label) == (admin.org, "Tokens", "Token Exchange")
    assert (row.description, row.file) == ("Exchange", TEXT)
    assert retrieved(admin.org, {"PermissionSet": ["*"]}) == {PATH: TEXT.encode()}
    again = deploy(admin, files_of())
    assert outcomes(again) == {"Tokens": "Unchanged"}
    [entry] = AuditEntry.objects.all()
    assert entry.display == "Created permission set Token Exchange: with no license"


def test_reports_any_difference_as_a_change(admin, subtests):
    deploy(admin, files_of())
    for old, new, action in [
        ("Token Exchange<", "Tokens<", "PermSetLabelChange"),
        ("<description>Exchange", "<description>Other", "PermSetDescriptionChange"),
        ("ApiEnabled", "ViewSetup", "PermSetFileChange"),
        ("For token exchange", "Other comment", "PermSetFileChange"),
    ]:
        with subtests.test(old=old):
            changed = PermissionSet.objects.get().file.replace(old, new)

            assert outcomes(deploy(admin, files_of(changed))) == {"Tokens": "Changed"}
            assert outcomes(deploy(admin, files_of(changed))) == {"Tokens": "Unchanged"}
            assert PermissionSet.objects.get().file == changed
            assert AuditEntry.objects.latest("pk").action == action


def test_an_edit_in_setup_changes_the_file(admin):
    deploy(admin, files_of())
    row = PermissionSet.objects.get()

    edit_permission_set(permission_set=row, name="Tokens", label="A & B", by=admin)
    files = retrieved(admin.org, {"PermissionSet": ["Tokens"]})

    expected = TEXT.replace("<label>Token Exchange", "<label>A &amp; B")
    assert files == {PATH: expected.encode()}
    assert outcomes(deploy(admin, package() | files)) == {"Tokens": "Unchanged"}


def test_one_created_in_setup_is_unchanged_after_a_round_trip(admin):
    create_permission_set(name="Tokens", label="Tokens", description="A", by=admin)
    create_permission_set(name="Bare", label="Bare", by=admin)

    files = retrieved(admin.org, {"PermissionSet": ["*"]})
    deployment = deploy(admin, package() | files)

    assert outcomes(deployment) == {"Bare": "Unchanged", "Tokens": "Unchanged"}
    assert set(PermissionSet.objects.values_list("file", flat=True)) == {""}
    assert retrieved(admin.org, {"PermissionSet": ["*"]}) == files


def test_names_match_in_any_case_and_orgs_do_not_mix(admin):
    ours = PermissionSetFactory(org=admin.org, name="Tokens")
    theirs = PermissionSetFactory(org=OrgFactory(), name="Tokens", label="Theirs")

    files = package() | {"permissionsets/TOKENS.permissionset": TEXT.encode()}
    assert outcomes(deploy(admin, files)) == {"TOKENS": "Changed"}

    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.name, ours.label, theirs.label) == ("Tokens", "Token Exchange", "Theirs")


def test_deletes_a_permission_set(admin):
    PermissionSetFactory(org=admin.org, name="Tokens")

    deployment = deploy(admin, deletions(PermissionSet=["tokens"]))

    assert outcomes(deployment) == {"tokens": "Deleted"}
    assert not PermissionSet.objects.exists()


def test_refuses_the_deletion_of_one_that_users_have(admin):
    row = PermissionSetFactory(org=admin.org, name="Tokens", label="Tokens")
    PermissionSetAssignmentFactory(org=admin.org, user=admin, permission_set=row)

    problem = only_problem(deploy(admin, deletions(PermissionSet=["Tokens"])))

    assert problem.endswith(
        "1 user has the permission set Tokens. Remove their assignments first."
    )
    assert PermissionSet.objects.exists()


def test_refuses_in_the_words_of_the_page(admin):
    files = package() | {
        "permissionsets/2nd.permissionset": TEXT.encode(),
        PATH: TEXT.replace("<label>Token Exchange</label>", "<label></label>").encode(),
    }

    found = problems(deploy(admin, files))

    location = location_in(files, PATH, "label")
    assert sorted(found) == [
        "permissionsets/2nd.permissionset:2:1 Start an API name with a letter.",
        f"{location} Required field is missing: label",
    ]
    assert not PermissionSet.objects.exists()


def test_refuses_a_file_that_is_too_long(admin):
    files = files_of(TEXT + " " * 500_000)

    assert "has more than 500,000 characters" in only_problem(deploy(admin, files))


def test_calls_write_the_permission_set_in_a_file(admin):
    deploy(admin, [("Tokens", PermissionSetDefinition(label="Tokens"))])

    [data] = retrieved(admin.org, {"PermissionSet": ["Tokens"]}).values()
    assert b"<label>Tokens</label>" in data
