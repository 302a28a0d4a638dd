"""The profiles and permission sets of apps: the page, the dialog, and the audit trail."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    AppPermissionSetFactory,
    AppProfileFactory,
    ClientAppFactory,
    OrgFactory,
    PermissionSetFactory,
    ProfileFactory,
    profile_of,
)
from tests.form import field_errors, form_errors, form_of
from tests.read import record
from tokenx.org.models import (
    AppPermissionSet,
    AppProfile,
    AuditEntry,
    BuiltInProfile,
    ClientApp,
)
from tokenx.setup.actions import app_access
from tokenx.setup.actions.apps import delete_app, edit_app_policies
from tokenx.setup.actions.profiles import delete_profile

ACTION = "SetupEntityAccessAudit"


@pytest.fixture(params=ClientApp.Kind.values)
def app(request, org):
    return ClientAppFactory(org=org, kind=request.param, label="Billing")


@pytest.fixture
def connected(org):
    return ClientAppFactory(org=org, label="Billing")


@pytest.fixture
def tokens(org):
    return PermissionSetFactory(org=org, name="Tokens", label="Token Exchange")


def policies(app):
    return reverse("setup:edit-app-policies", args=[app.kind, app.api_name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_selects_profiles_and_permission_sets(request, client_name, app, tokens):
    client = request.getfixturevalue(client_name)
    ProfileFactory(org=app.org, name="Partners")
    form = form_of(client.get(policies(app)))
    assert not {"profiles", "permission_sets"} & form.keys()

    chosen = {"profiles": ["admin", "Partners"], "permission_sets": ["Tokens"]}
    client.post(policies(app), form | chosen)

    page = client.get(reverse("setup:app", args=[app.kind, app.api_name]) + "?tab=policies")
    shown = record(page)
    assert shown["Profiles"] == "Partners, System Administrator"
    assert shown["Permission Sets"] == "Token Exchange"
    assert ClientApp.objects.get().modified_at > app.modified_at
    again = form_of(client.get(policies(app)))
    assert sorted(again["profiles"]) == ["Partners", "admin"]
    assert again["permission_sets"] == ["Tokens"]
    is_connected = app.kind == "connected"
    entity = "ConnectedApplication" if is_connected else "ExternalClientApplication"
    end = f"Billing {app.get_kind_display().lower()} is enabled"
    assert trail() == [
        (
            f"{ACTION}_Profile_{entity}_EnabledStandard",
            "Manage Users",
            f"Changed profile System Administrator: {end}",
        ),
        (
            f"{ACTION}_Profile_{entity}_EnabledCustom",
            "Manage Users",
            f"Changed profile Partners: {end}",
        ),
        (
            f"{ACTION}_PermissionSet_{entity}_Enabled",
            "Manage Users",
            f"Changed permission set Token Exchange: {end}",
        ),
    ]


def test_clears_profiles_and_permission_sets(admin_client, connected, tokens):
    AppPermissionSetFactory(org=connected.org, app=connected, permission_set=tokens)
    AppProfileFactory(org=connected.org, app=connected)
    form = form_of(admin_client.get(policies(connected)))
    del form["profiles"], form["permission_sets"]

    admin_client.post(policies(connected), form)

    assert not AppProfile.objects.exists()
    assert not AppPermissionSet.objects.exists()
    assert [action.rpartition("_")[2] for action, _, _ in trail()] == [
        "DisabledCustom",
        "Disabled",
    ]


def test_saving_without_a_change_records_nothing(admin_client, connected, tokens):
    AppPermissionSetFactory(org=connected.org, app=connected, permission_set=tokens)

    admin_client.post(policies(connected), form_of(admin_client.get(policies(connected))))

    assert trail() == []
    assert ClientApp.objects.get().modified_at == connected.modified_at


def test_asks_again_if_someone_else_changed_the_app(admin_client, connected, tokens):
    form = form_of(admin_client.get(policies(connected)))
    ClientApp.objects.update(modified_at=timezone.now())

    changed = form | {"permission_sets": ["Tokens"]}
    response = admin_client.post(policies(connected), changed)

    assert response.status_code == 422
    assert "from yours: Select Permission Sets." in form_errors(response)[0]
    assert not AppPermissionSet.objects.exists()


def test_refuses_rows_of_another_org(htmx_client, connected, subtests):
    other = OrgFactory()
    for field, value, plural in [
        ("profiles", ProfileFactory(org=other, name="Theirs").name, "profiles"),
        (
            "permission_sets",
            PermissionSetFactory(org=other, name="Theirs").name,
            "permission sets",
        ),
    ]:
        with subtests.test(field=field):
            form = form_of(htmx_client.get(policies(connected))) | {field: [value]}
            response = htmx_client.post(policies(connected), form)

            assert field_errors(response, field) == [f"Select only listed {plural}."]
    assert not AppProfile.objects.exists()
    assert not AppPermissionSet.objects.exists()


def test_an_app_has_a_limited_number(htmx_client, connected, monkeypatch):
    monkeypatch.setattr(app_access, "MAX_PER_APP", 1)
    form = form_of(htmx_client.get(policies(connected)))

    response = htmx_client.post(
        policies(connected), form | {"profiles": ["admin", "standard"]}
    )

    assert field_errors(response, "profiles") == ["An app can have at most 1 profiles."]
    assert not AppProfile.objects.exists()


def test_refuses_a_permission_set_that_was_deleted(admin, connected, tokens):
    tokens.delete()

    with pytest.raises(ValidationError, match="Token Exchange was already deleted"):
        edit_app_policies(
            app=connected,
            permitted_users=connected.permitted_users,
            policy_allows_token_exchange=True,
            permission_sets=[tokens],
            by=admin,
        )


def test_policies_without_access_leave_it_unchanged(admin, connected, tokens):
    AppPermissionSetFactory(org=connected.org, app=connected, permission_set=tokens)

    edit_app_policies(
        app=connected,
        permitted_users="AllSelfAuthorized",
        policy_allows_token_exchange=False,
        by=admin,
    )

    assert AppPermissionSet.objects.exists()


def test_a_deleted_app_leaves_no_rows(admin, connected, tokens):
    AppPermissionSetFactory(org=connected.org, app=connected, permission_set=tokens)
    AppProfileFactory(org=connected.org, app=connected)

    delete_app(app=connected, by=admin)

    assert not AppProfile.objects.exists()
    assert not AppPermissionSet.objects.exists()


def test_a_deleted_profile_leaves_no_rows(admin, connected):
    profile = AppProfileFactory(org=connected.org, app=connected).profile
    standard = profile_of(connected.org, BuiltInProfile.STANDARD_USER)
    AppProfileFactory(org=connected.org, app=connected, profile=standard)

    delete_profile(profile=profile, by=admin)

    assert AppProfile.objects.get().profile == standard
