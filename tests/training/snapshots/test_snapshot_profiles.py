"""Profiles and user fields in snapshots, and files that older versions saved."""

import json
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError

from tests.factories import OrgFactory, ProfileFactory, UserFactory, profile_of
from tokenx.org.models import BuiltInProfile, Profile, User
from tokenx.training.snapshots.actions import (
    apply_snapshot,
    restore_snapshot,
    save_snapshot,
    upload_snapshot,
)

from .zips import files_of, packed

NEW_KEYS = ["alias", "nickname", "language", "email_encoding", "federation_id"]
# What an older version saved for each user.
OLD_USER = {
    "username": "otto@mycompany.example",
    "first_name": "Otto",
    "last_name": "Old",
    "email": "otto@mycompany.example",
    "profile": "setup_viewer",
    "is_active": True,
    "is_integration_user": False,
}


@pytest.fixture
def partners(org):
    return ProfileFactory(org=org, name="Partners")


@pytest.fixture
def saved(org, admin, partners):
    """Save an org with a user who has a custom profile."""
    UserFactory(org=org, username="inga@x.example", profile=partners, federation_id="E-1")
    return save_snapshot(org=org, name="First", by=admin)


def profile_names(org):
    return set(Profile.objects.filter(org=org).custom().values_list("name", flat=True))


def user_of(org):
    return User.objects.select_related("profile").get(org=org, username="inga@x.example")


def changed(snapshot, change):
    files = files_of(snapshot)
    document = json.loads(files["org.json"])
    change(document)
    return packed(files | {"org.json": json.dumps(document)})


def refused(admin, data):
    stream = BytesIO(data)
    with pytest.raises(ValidationError) as caught:
        upload_snapshot(org=admin.org, name="Sent", stream=stream, by=admin)
    return caught.value.messages


def test_a_profile_is_a_file_and_a_user_names_it(saved):
    files = files_of(saved)

    assert "package/profiles/Partners.profile" in files
    users = json.loads(files["org.json"])["users"]
    assert {user["profile"] for user in users} == {"admin", "Partners"}


def test_a_deleted_profile_is_restored_for_its_users(org, admin, saved):
    User.objects.filter(org=org, username="inga@x.example").update(
        profile=profile_of(org, BuiltInProfile.STANDARD_USER)
    )
    Profile.objects.filter(org=org, name="Partners").delete()

    restore_snapshot(snapshot=saved, by=admin)

    assert user_of(org).profile.name == "Partners"


def test_later_profiles_are_deleted_and_their_users_become_standard_users(
    org, admin, saved, partners
):
    stays = UserFactory(org=org, profile=ProfileFactory(org=org, name="Later"))
    stays.set_password("correct horse")
    stays.save()
    Profile.objects.filter(pk=partners.pk).update(name="PARTNERS")

    restore_snapshot(snapshot=saved, by=admin)

    assert profile_names(org) == {"Partners"}
    assert user_of(org).profile == partners
    stays.refresh_from_db()
    assert stays.profile.kind == BuiltInProfile.STANDARD_USER


def test_another_org_gets_the_profiles(saved, db):
    other = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    apply_snapshot(data=bytes(saved.data), by=other)

    assert profile_names(other.org) == {"Partners"}
    assert user_of(other.org).profile.org == other.org


def test_an_unknown_profile_is_reported(admin, saved):
    def rename(document):
        document["users"][1]["profile"] = "Gone"

    assert refused(admin, changed(saved, rename)) == [
        "org.json: users[1].profile ('Gone') isn't in the snapshot."
    ]


def test_a_profile_cannot_have_the_name_of_a_built_in_one(admin, saved):
    files = files_of(saved)
    files["package/profiles/Admin.profile"] = files["package/profiles/Partners.profile"]
    files["package/package.xml"] = files["package/package.xml"].replace(
        b"<members>Partners</members>",
        b"<members>Admin</members><members>Partners</members>",
    )

    [message] = refused(admin, packed(files))
    assert "This is the name of a built-in profile." in message


def test_federation_ids_can_be_exchanged(org, admin, saved):
    inga = user_of(org)
    User.objects.filter(pk=inga.pk).update(federation_id="")
    taker = UserFactory(org=org, federation_id="E-1")
    taker.set_password("correct horse")
    taker.save()

    restore_snapshot(snapshot=saved, by=admin)

    taker.refresh_from_db()
    assert (user_of(org).federation_id, taker.federation_id) == ("E-1", "")


def test_nicknames_can_be_exchanged(org, admin, saved):
    inga = user_of(org)
    assert inga.nickname == "inga"
    User.objects.filter(pk=inga.pk).update(nickname="")
    User.objects.filter(pk=admin.pk).update(nickname="Inga")
    User.objects.filter(pk=inga.pk).update(nickname="admin")
    stays = UserFactory(org=org, username="inga@stays.example")
    stays.set_password("correct horse")
    stays.save()

    restore_snapshot(snapshot=saved, by=admin)

    for user in [admin, stays]:
        user.refresh_from_db()
    found = user_of(org).nickname, admin.nickname, stays.nickname
    assert found == ("inga", "admin", "inga2")


def test_a_user_who_stays_gives_up_a_nickname(org, admin, saved):
    User.objects.filter(org=org, username="inga@x.example").delete()
    stays = UserFactory(org=org, username="motor@x.example", nickname="INGA")
    stays.set_password("correct horse")
    stays.save()

    restore_snapshot(snapshot=saved, by=admin)

    stays.refresh_from_db()
    assert (user_of(org).nickname, stays.nickname) == ("inga", "motor")


def test_a_repeated_nickname_is_reported(admin, saved):
    def repeat(document):
        for index, user in enumerate(document["users"]):
            user["nickname"] = ["nick", "Nick"][index]

    [message] = refused(admin, changed(saved, repeat))
    assert "users with a nickname" in message


def test_a_repeated_federation_id_is_reported(admin, saved):
    def repeat(document):
        for user in document["users"]:
            user["federation_id"] = "E-1"

    [message] = refused(admin, changed(saved, repeat))
    assert "users with a Federation ID" in message


def test_a_file_of_an_older_version_restores(org, admin, saved):
    def make_older(document):
        for user in document["users"]:
            user["profile"] = "admin" if user["profile"] == "admin" else "api_only"
            for key in [*NEW_KEYS, "time_zone", "locale"]:
                del user[key]
        document["users"].append(OLD_USER)
        same_name = "otto@other.example"
        document["users"].append(OLD_USER | {"username": same_name, "email": same_name})

    apply_snapshot(data=changed(saved, make_older), by=admin)

    otto = User.objects.get(org=org, username="otto@mycompany.example")
    assert otto.profile.kind == "setup_viewer"
    assert (otto.alias, otto.nickname) == ("oold", "otto")
    namesake = User.objects.get(org=org, username="otto@other.example")
    assert namesake.nickname == "otto2"
    assert (otto.language, otto.email_encoding) == ("en_US", "UTF-8")
    assert user_of(org).profile.kind == "api_only"
    admin.refresh_from_db()
    assert admin.profile.kind == "admin"
