"""Users over REST: creating and changing them, and each refusal."""

import pytest

from tests.factories import OrgFactory, ProfileFactory, UserFactory, profile_of
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.org.record_ids import PROFILE, USER, record_id

from .calling import Rest

USERS = "sobjects/User"


@pytest.fixture
def data(org):
    profile = profile_of(org, BuiltInProfile.STANDARD_USER)
    return {
        "Username": "inga@x.example",
        "FirstName": "Inga",
        "LastName": "Bot",
        "Email": "bots@x.example",
        "Alias": "ibot",
        "TimeZoneSidKey": "America/Los_Angeles",
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "ProfileId": record_id(PROFILE, profile.pk),
        "LanguageLocaleKey": "de",
        "FederationIdentifier": "E-9981",
        "CommunityNickname": "inga2",
    }


def path_of(user):
    return f"{USERS}/{record_id(USER, user.pk)}"


def test_creates_a_user(rest, org, data):
    response = rest.send("post", USERS, data)

    assert response.status_code == 201
    user = User.objects.get(org=org, username="inga@x.example")
    assert response.json()["id"] == record_id(USER, user.pk)
    assert rest.get(path_of(user)) | data == rest.get(path_of(user))
    entry = AuditEntry.objects.latest("id")
    assert entry.display == "Created new User Inga Bot (inga@x.example)"
    assert entry.context == "API"


def test_creates_an_inactive_user(rest, data):
    rest.send("post", USERS, data | {"IsActive": False})

    assert not User.objects.get(username="inga@x.example").is_active


def test_names_missing_fields_together(rest, data):
    message = "Required fields are missing: [LastName, Alias, ProfileId]"
    given = {n: data[n] for n in data if n not in {"LastName", "Alias"}}

    assert rest.refused("post", USERS, given | {"ProfileId": None}) == (
        400,
        "REQUIRED_FIELD_MISSING",
        message,
        ["LastName", "Alias", "ProfileId"],
    )


def test_refuses_what_is_in_use_or_unknown(rest, org, data, subtests):
    UserFactory(org=org, username="taken@x.example", federation_id="E-1")
    theirs = record_id(PROFILE, ProfileFactory(org=OrgFactory()).pk)
    for field, value, code in [
        ("Username", "Taken@x.example", "DUPLICATE_USERNAME"),
        ("FederationIdentifier", "E-1", "DUPLICATE_VALUE"),
        ("CommunityNickname", "TAKEN", "DUPLICATE_COMM_NICKNAME"),
        ("ProfileId", theirs, "INVALID_CROSS_REFERENCE_KEY"),
        ("ProfileId", "x", "MALFORMED_ID"),
        ("LanguageLocaleKey", "tlh", "FIELD_INTEGRITY_EXCEPTION"),
    ]:
        with subtests.test(field=field, value=value):
            status, found, _, fields = rest.refused("post", USERS, data | {field: value})
            assert (status, found, fields) == (400, code, [field])
    assert not User.objects.filter(username="inga@x.example").exists()


def test_changes_a_user(rest, org):
    user = UserFactory(org=org, first_name="Inga", federation_id="E-1")
    profile = ProfileFactory(org=org)

    changes = {"ProfileId": record_id(PROFILE, profile.pk), "FederationIdentifier": None}
    response = rest.send("patch", path_of(user), changes | {"IsActive": False})

    assert response.status_code == 204
    user.refresh_from_db()
    assert (user.profile, user.federation_id, user.is_active) == (profile, "", False)
    assert user.first_name == "Inga"
    rest.send("patch", path_of(user), {"IsActive": True})
    user.refresh_from_db()
    assert user.is_active


def test_a_required_field_cannot_be_cleared(rest, org):
    user = UserFactory(org=org)

    refusal = rest.refused("patch", path_of(user), {"Alias": None, "LastName": ""})

    assert refusal[1] == "REQUIRED_FIELD_MISSING"
    assert refusal[3] == ["LastName", "Alias"]


def test_users_are_not_deleted_and_others_are_not_found(rest, org):
    user, theirs = UserFactory(org=org), UserFactory(org=OrgFactory())

    assert rest.refused("delete", path_of(user))[1:] == (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type User does not support delete",
    )
    assert rest.refused("patch", path_of(theirs), {"Alias": "x"})[:2] == (404, "NOT_FOUND")
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("who", ["viewer_session", "standard_session"])
def test_users_who_cannot_change_setup_create_no_users(request, data, who):
    rest = Rest(request.getfixturevalue(who))

    assert rest.refused("post", USERS, data)[:2] == (403, "INSUFFICIENT_ACCESS")
    assert not User.objects.filter(username="inga@x.example").exists()
