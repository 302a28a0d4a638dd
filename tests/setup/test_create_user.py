"""The action that creates users for pages, API calls, and Apex, and its checks."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import OrgFactory, ProfileFactory, UserFactory, profile_of
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.setup.actions.users import REQUIRED, create_user


@pytest.fixture
def details(admin):
    return {
        "username": "Inga@x.example",
        "last_name": "Bot",
        "email": "bots@x.example",
        "alias": "ibot",
        "time_zone": "Europe/Berlin",
        "locale": "de_DE",
        "email_encoding": "UTF-8",
        "profile": profile_of(admin.org, BuiltInProfile.STANDARD_USER),
        "language": "en_US",
    }


def refused(by, details):
    """Return the error's codes and messages by field."""
    count = User.objects.count()
    with pytest.raises(ValidationError) as caught:
        create_user(by=by, **details)
    assert User.objects.count() == count
    assert not AuditEntry.objects.exists()
    error = caught.value
    if not hasattr(error, "error_dict"):
        return error.code, error.messages
    return {
        field: (errors[0].code, errors[0].messages[0])
        for field, errors in error.error_dict.items()
    }


def test_creates_a_user_with_what_salesforce_requires(admin, details):
    user = create_user(by=admin, **details)

    user.refresh_from_db()
    assert (user.username, user.alias, user.nickname) == ("inga@x.example", "ibot", "inga")
    assert (user.is_active, user.can_sign_in, user.org) == (True, False, admin.org)
    assert AuditEntry.objects.get().display == "Created new User Bot (inga@x.example)"


def test_names_the_missing_fields_in_salesforces_order(admin, details, subtests):
    code = "REQUIRED_FIELD_MISSING"
    names = ", ".join(REQUIRED)
    assert refused(admin, {}) == (code, [f"Required fields are missing: [{names}]"])
    assert names.startswith("Username, LastName, Email, Alias, TimeZoneSidKey")
    for name, field in REQUIRED.items():
        with subtests.test(field=field):
            for without in [{**details, field: None}, dict(details)]:
                if without[field] is not None:
                    del without[field]
                message = f"Required fields are missing: [{name}]"
                assert refused(admin, without) == (code, [message])


def test_a_blank_alias_is_missing_but_a_blank_time_zone_is_automatic(admin, details):
    assert refused(admin, details | {"alias": ""})[0] == "REQUIRED_FIELD_MISSING"

    user = create_user(by=admin, **details | {"time_zone": "", "locale": ""})
    assert user.time_zone_label == "Automatic"


@pytest.mark.parametrize("username", ["taken@x.example", " TAKEN@X.example"])
def test_refuses_a_username_in_use(admin, details, username):
    UserFactory(org=admin.org, username="taken@x.example")
    UserFactory(org=OrgFactory(), username="inga@x.example")

    assert refused(admin, details | {"username": username}) == {
        "username": (
            "DUPLICATE_USERNAME",
            "Duplicate Username. The username already exists in this or another "
            "Salesforce organization. Usernames must be unique across all Salesforce "
            "organizations. To resolve, use a different username (it doesn't need to "
            "match the user's email address).",
        )
    }
    assert create_user(by=admin, **details)


def test_refuses_a_federation_id_in_use_but_not_in_another_case(admin, details):
    UserFactory(org=admin.org, federation_id="E-9981")
    UserFactory(org=OrgFactory(), federation_id="e-9981")

    assert refused(admin, details | {"federation_id": "E-9981"}) == {
        "federation_id": (
            "DUPLICATE_VALUE",
            "This Federation ID is already in use. Use a different Federation ID.",
        )
    }
    assert create_user(by=admin, **details | {"federation_id": "e-9981"})


def test_users_without_a_federation_id_do_not_conflict(admin, details):
    create_user(by=admin, **details)

    assert create_user(by=admin, **details | {"username": "otto@x.example"})


def test_refuses_a_nickname_in_use_in_any_case(admin, details):
    UserFactory(org=admin.org, nickname="Motor")
    UserFactory(org=OrgFactory(), nickname="Other")

    assert refused(admin, details | {"nickname": "mOTOR"}) == {
        "nickname": (
            "DUPLICATE_COMM_NICKNAME",
            "Duplicate Nickname. Another user has already selected this nickname. Please "
            "select another.",
        )
    }
    assert create_user(by=admin, **details | {"nickname": "Other"})


def test_proposes_a_free_nickname(admin, details):
    for number, nickname in enumerate(["inga", "inga2", "inga3"]):
        username = f"Inga@x{number}.example"
        user = create_user(by=admin, **details | {"username": username})
        assert user.nickname == nickname


def test_refuses_an_unknown_profile(admin, details):
    gone = ProfileFactory(org=admin.org)
    gone.delete()
    for profile in [gone, ProfileFactory(org=OrgFactory())]:
        error = refused(admin, details | {"profile": profile})
        assert error["profile"] == (
            "INVALID_CROSS_REFERENCE_KEY",
            "Select a profile of this org.",
        )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("language", "tlh", "Enter a language from the list on the user's page"),
        ("email_encoding", "EBCDIC", "Enter an encoding from the list"),
        ("alias", "x" * 9, "at most"),
        ("nickname", "a\nb", "Nicknames can't contain line breaks"),
        ("federation_id", "a\0b", "Federation IDs can't contain"),
        ("locale", "xx", "Enter a locale from the list"),
    ],
)
def test_refuses_invalid_values_at_their_fields(admin, details, field, value, message):
    error = refused(admin, details | {field: value})

    assert list(error) == [field]
    assert message in error[field][1]
