"""Profiles: the built-in ones, custom ones, and the names that each answers to."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from tests.factories import OrgFactory, ProfileFactory, UserFactory, profile_of
from tests.rollback import rolled_back
from tokenx.org.models import AuditEntry, BuiltInProfile, Profile, User
from tokenx.org.permissions import can_change_setup, can_view_setup
from tokenx.setup.actions import profiles as actions
from tokenx.setup.actions.profiles import create_profile, delete_profile


def last_entry():
    entry = AuditEntry.objects.latest("id")
    return entry.action, entry.section, entry.display


def test_every_org_gets_the_built_in_profiles(db):
    for org in [OrgFactory(), OrgFactory()]:
        profiles = Profile.objects.filter(org=org).order_by("id")

        assert [(row.kind, row.name) for row in profiles] == BuiltInProfile.choices
        assert all(row.name_key == row.name.lower() for row in profiles)


def test_renaming_an_org_adds_no_profiles(org):
    org.name = "Renamed"
    org.save()

    assert Profile.objects.filter(org=org).count() == len(BuiltInProfile)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Admin", "admin"),
        ("ADMIN", "admin"),
        ("System Administrator", "admin"),
        ("Standard", "standard"),
        ("standard user", "standard"),
        ("setup_viewer", "setup_viewer"),
        ("Minimum Access - API Only Integrations", "api_only"),
    ],
)
def test_built_in_profiles_answer_to_several_names(org, name, kind):
    assert Profile.objects.named(org, name).kind == kind


def test_custom_profiles_are_found_by_name_in_their_org(org):
    ours = ProfileFactory(org=org, name="Partner Manager")
    ProfileFactory(org=OrgFactory(), name="Elsewhere")

    assert Profile.objects.named(org, "partner manager") == ours
    assert Profile.objects.named(org, "Elsewhere") is None


def test_creates_a_profile_without_rights(admin):
    profile = create_profile(name="Partner Manager", by=admin)

    assert (profile.org, profile.kind, profile.key) == (admin.org, "", "Partner Manager")
    assert last_entry() == (
        "createdprofile",
        "Manage Users",
        "Created profile Partner Manager",
    )
    user = UserFactory(org=admin.org, profile=profile)
    assert not can_view_setup(user)
    assert not can_change_setup(user)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Admin", "This is the name of a built-in profile."),
        ("standard user", "This is the name of a built-in profile."),
        ("PARTNERS", "Another profile already has this name."),
        ("", "This field cannot be blank."),
        ("a\nb", "Enter a profile name without control characters"),
        (" a", "Enter a profile name without control characters"),
        ("x" * 256, "at most 255 characters"),
    ],
)
def test_refuses_an_invalid_name(admin, name, reason):
    ProfileFactory(org=admin.org, name="Partners")

    with pytest.raises(ValidationError) as refused:
        create_profile(name=name, by=admin)

    assert reason in " ".join(refused.value.messages)
    assert not AuditEntry.objects.exists()


def test_an_org_has_a_limited_number_of_profiles(admin, monkeypatch):
    monkeypatch.setattr(actions, "MAX_PROFILES", 1)
    ProfileFactory(org=OrgFactory())
    create_profile(name="First", by=admin)

    with pytest.raises(ValidationError, match="already has 1 custom profiles, the limit"):
        create_profile(name="Second", by=admin)


def test_deletes_a_profile_that_no_one_has(admin):
    profile = ProfileFactory(org=admin.org, name="Partners")

    delete_profile(profile=profile, by=admin)

    assert not Profile.objects.filter(name="Partners").exists()
    assert last_entry()[::2] == ("deletedprofile", "Deleted profile Partners")
    delete_profile(profile=profile, by=admin)
    assert AuditEntry.objects.count() == 1


def test_keeps_built_in_profiles_and_those_in_use(admin):
    used = ProfileFactory(org=admin.org, name="Partners")
    UserFactory(org=admin.org, profile=used)
    built_in = profile_of(admin.org, BuiltInProfile.API_ONLY)
    for profile, reason in [
        (built_in, f"{built_in.name} is a built-in profile. You can't delete it."),
        (
            used,
            "1 user has the profile Partners. Select a different profile for them first.",
        ),
    ]:
        with pytest.raises(ValidationError) as refused:
            delete_profile(profile=profile, by=admin)
        assert refused.value.messages == [reason]
    assert not AuditEntry.objects.exists()


def test_the_database_keeps_names_and_kinds_unique(org):
    ProfileFactory(org=org, name="Partners")
    ProfileFactory(org=OrgFactory(), name="Partners")
    for fields in [{"name": "partners"}, {"name": "Other", "kind": "admin"}]:
        with pytest.raises(IntegrityError), rolled_back():
            ProfileFactory(org=org, **fields)


def test_a_users_profile_is_in_the_users_org(org):
    user = UserFactory(org=org)
    theirs = ProfileFactory(org=OrgFactory())

    with rolled_back():
        User.objects.filter(pk=user.pk).update(profile=theirs)
        with pytest.raises(IntegrityError):
            connection.check_constraints()
