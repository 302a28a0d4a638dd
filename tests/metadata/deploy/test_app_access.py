"""The profiles and permission sets in the files of apps."""

from dataclasses import replace

import pytest

from tests.factories import (
    AppPermissionSetFactory,
    AppProfileFactory,
    ClientAppFactory,
    OrgFactory,
    PermissionSetFactory,
    ProfileFactory,
)
from tokenx.metadata.format.definitions import (
    PermissionSetDefinition,
    ProfileDefinition,
)
from tokenx.metadata.models import Status
from tokenx.org.models import AuditEntry
from tokenx.org.models.app_access import access_of
from tokenx.org.record_ids import PERMISSION_SET, PROFILE, record_id

from .deploying import (
    app_of,
    connected_app,
    deletions,
    deploy,
    external_app,
    files_of,
    location_in,
    only_problem,
    outcomes,
    problems,
    retrieved,
)
from .test_apps import POLICIES, PORTAL

SETS = [
    ("Tokens", PermissionSetDefinition(label="Tokens")),
    ("Audit", PermissionSetDefinition(label="Audit")),
]
PARTNERS = ("Partners", ProfileDefinition(is_custom=True))


def names(org, api_name):
    access = access_of(app_of(org, api_name))
    profiles = [row.name for row in access.profiles]
    return profiles, [row.name for row in access.permission_sets]


def billing(profiles=(), permission_sets=()):
    app = connected_app(profiles=profiles, permission_sets=permission_sets)
    return "Billing", app


def policies(profiles=None, permission_sets=None):
    definition = replace(POLICIES, profiles=profiles, permission_sets=permission_sets)
    return "Portal_oauthPlcy", definition


@pytest.fixture
def ready(admin):
    deploy(admin, [PARTNERS, *SETS, *PORTAL, billing()])
    return admin


def test_one_package_has_the_app_and_what_it_names(admin):
    app = billing(("Admin", "Partners"), ("Tokens", "Audit"))

    deployment = deploy(admin, [app, *SETS, PARTNERS])

    assert (deployment.status, problems(deployment)) == (Status.SUCCEEDED, [])
    expected = ["Partners", "System Administrator"], ["Audit", "Tokens"]
    assert names(admin.org, "Billing") == expected


def test_external_client_apps_have_them_in_their_policies(ready):
    deployment = deploy(ready, [policies("System Administrator,partners", "Tokens, Audit")])

    assert outcomes(deployment) == {"Portal_oauthPlcy": "Changed"}
    expected = ["Partners", "System Administrator"], ["Audit", "Tokens"]
    assert names(ready.org, "Portal") == expected


def test_policies_can_name_record_ids(ready):
    profile = ProfileFactory(org=ready.org, name="By ID")
    permission_set = PermissionSetFactory(org=ready.org, name="By_ID")
    ids = record_id(PROFILE, profile.pk), record_id(PERMISSION_SET, permission_set.pk)

    assert outcomes(deploy(ready, [policies(*ids)])) == {"Portal_oauthPlcy": "Changed"}
    assert outcomes(deploy(ready, [policies(*ids)])) == {"Portal_oauthPlcy": "Unchanged"}

    assert names(ready.org, "Portal") == (["By ID"], ["By_ID"])
    [data] = retrieved(ready.org, {"ExtlClntAppOauthConfigurablePolicies": ["*"]}).values()
    assert b"<commaSeparatedProfile>By ID</commaSeparatedProfile>" in data
    assert b"<commaSeparatedPermissionSet>By_ID</commaSeparatedPermissionSet>" in data


@pytest.mark.parametrize(
    "component",
    [
        billing(("Admin", "Partners"), ("Tokens", "Audit")),
        billing(("partners", "System Administrator"), ()),
        policies("System Administrator, partners", "Tokens,Audit"),
        policies(None, "Audit"),
    ],
)
def test_what_was_deployed_is_written_back(ready, component):
    name, definition = component
    deploy(ready, [component])
    entries = AuditEntry.objects.count()

    [file] = files_of(component)
    data = retrieved(ready.org, {definition.type_name: [name]})[file]

    again = deploy(ready, {file: data})
    assert outcomes(again) == {name: "Unchanged"}
    assert AuditEntry.objects.count() == entries
    text = data.decode()
    texts = definition.profiles, definition.permission_sets
    for each in texts:
        for part in [each] if isinstance(each, str) else each or ():
            assert f">{part}<" in text


def test_a_file_without_them_removes_them(ready):
    deploy(ready, [billing(("Admin",), ("Tokens",)), policies("Admin", "Tokens")])

    deployment = deploy(ready, [billing(), policies()])

    assert set(outcomes(deployment).values()) == {"Changed"}
    assert names(ready.org, "Billing") == names(ready.org, "Portal") == ([], [])


def test_the_other_files_of_an_external_client_app_leave_them(ready):
    deploy(ready, [policies("Admin", "Tokens")])

    deploy(ready, [("Portal", external_app("Portal 2")), *PORTAL[1:3]])

    assert names(ready.org, "Portal") == (["System Administrator"], ["Tokens"])


def test_deleting_the_policies_removes_them(ready):
    deploy(ready, [policies("Admin", "Tokens")])

    members = {"ExtlClntAppOauthConfigurablePolicies": ["Portal_oauthPlcy"]}
    deploy(ready, deletions(**members))

    assert names(ready.org, "Portal") == ([], [])


def test_refuses_unknown_names_at_their_elements(ready, subtests):
    theirs = PermissionSetFactory(org=OrgFactory(), name="Theirs")
    their_id = record_id(PERMISSION_SET, theirs.pk)
    for component, element, message in [
        (billing(("Unknown",)), "profileName", "no Profile named Unknown found"),
        (
            billing((), ("Theirs",)),
            "permissionSetName",
            "no PermissionSet named Theirs found",
        ),
        (
            policies("Unknown"),
            "commaSeparatedProfile",
            "no Profile named Unknown found",
        ),
        (
            policies(None, their_id),
            "commaSeparatedPermissionSet",
            f"no PermissionSet named {their_id} found",
        ),
    ]:
        with subtests.test(element=element):
            files = files_of(component)
            [file] = files

            problem = only_problem(deploy(ready, files))

            location = location_in(files, file, element)
            assert problem == f"{location} In field: {element} - {message}"


def test_refuses_too_many(ready, monkeypatch):
    monkeypatch.setattr("tokenx.setup.actions.app_access.MAX_PER_APP", 1)

    problem = only_problem(deploy(ready, [billing((), ("Tokens", "Audit"))]))

    assert "permissionSetName - An app can have at most 1 permission sets." in problem


def test_what_was_selected_in_setup_is_retrieved(admin, org):
    for kind in ["connected", "external"]:
        app = ClientAppFactory(
            org=org, kind=kind, label="Portal", contact_email="a@x.example"
        )
        permission_set = PermissionSetFactory(org=org, name=f"Set_{kind}")
        AppPermissionSetFactory(org=org, app=app, permission_set=permission_set)
        profile = ProfileFactory(org=org, name=f"Profile {kind}")
        AppProfileFactory(org=org, app=app, profile=profile)

    files = retrieved(org)

    text = b"".join(files.values())
    assert b"<permissionSetName>Set_connected</permissionSetName>" in text
    assert b"<profileName>Profile connected</profileName>" in text
    assert b"<commaSeparatedPermissionSet>Set_external</commaSepar" in text
    assert b"<commaSeparatedProfile>Profile external</commaSepar" in text
    deployment = deploy(admin, files)
    assert deployment.status == Status.SUCCEEDED
    assert {row.outcome for row in deployment.messages.all()} == {"Unchanged"}
    assert retrieved(org) == files


def test_retrieving_many_apps_takes_as_many_queries(org, django_assert_num_queries):
    for many in [1, 5]:
        for _ in range(many):
            AppProfileFactory(org=org)
            AppPermissionSetFactory(org=org)

        with django_assert_num_queries(3):
            retrieved(org, {"ConnectedApp": ["*"]})
