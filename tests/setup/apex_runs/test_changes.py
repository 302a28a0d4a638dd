"""Changes of a run: users with the checks of the pages, and their end with the run."""

import pytest

from tests.factories import OrgFactory, UserFactory, UserFieldFactory, profile_of
from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.org.models import AuditEntry, BuiltInProfile, User
from tokenx.org.record_ids import record_id
from tokenx.setup.actions.users import REQUIRED

from .running import new, thrown_by

pytestmark = pytest.mark.django_db
MIXED = (
    "DML operation on setup object is not permitted after you have updated a non-setup "
    "object (or vice versa): {}, original object: {}"
)


@pytest.fixture
def fields(admin):
    profile = profile_of(admin.org, BuiltInProfile.STANDARD_USER)
    return {
        "Username": "inga@x.example",
        "LastName": "Bot",
        "Email": "inga@x.example",
        "Alias": "ibot",
        "TimeZoneSidKey": "Europe/Berlin",
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "ProfileId": record_id("00e", profile.pk),
    }


def test_inserts_a_user_as_the_one_who_runs_the_code(admin, reach, fields):
    UserFieldFactory(org=admin.org, name="User.Azure_Id__c")
    record = new("User", **fields, Azure_Id__c="a-1", UserRoleId=None)

    [outcome] = reach.change("Insert", record)

    user = User.objects.get(username="inga@x.example")
    assert (outcome.id, outcome.errors, outcome.is_created) == (
        record_id("005", user.pk),
        (),
        True,
    )
    assert user.custom_values == {"Azure_Id__c": "a-1"}
    entries = AuditEntry.objects.values_list("user", "context").distinct()
    assert list(entries) == [(admin.pk, "Apex")]
    assert admin.audit_context == ""
    assert reach.query("SELECT COUNT() FROM User WHERE Username = 'inga@x.example'") == 1


def test_a_run_saves_nothing_unless_it_is_committed(reach, fields):
    reach.change("insert", new("User", **fields))
    reach.transaction.close()
    assert not User.objects.filter(last_name="Bot").exists()
    assert not AuditEntry.objects.exists()

    reach.change("insert", new("User", **fields))
    reach.transaction.close(commit=True)
    assert User.objects.filter(last_name="Bot").exists()


def test_refuses_users_as_pages_do(admin, reach, fields):
    names = ", ".join(REQUIRED)
    message = f"Required fields are missing: [{names}]"
    [error] = reach.errors("insert", new("User"))
    assert error == ("REQUIRED_FIELD_MISSING", message, *REQUIRED)
    taken = new("User", **fields | {"Username": admin.username})
    [error] = reach.errors("insert", taken)
    assert (error[0], error[2]) == ("DUPLICATE_USERNAME", "Username")
    other = profile_of(OrgFactory(), BuiltInProfile.STANDARD_USER)
    profile = record_id("00e", other.pk)
    [error] = reach.errors("insert", new("User", **fields | {"ProfileId": profile}))
    assert error == (
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        "ProfileId",
    )
    [error] = reach.errors("insert", new("User", **fields | {"Alias": "much too long"}))
    assert (error[0], error[2]) == ("STRING_TOO_LONG", "Alias")
    [error] = reach.errors("insert", new("User", **fields, Id=record_id("005", admin.pk)))
    assert error[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert not User.objects.filter(last_name="Bot").exists()


def test_a_refused_custom_value_leaves_no_user(admin, reach, fields):
    UserFieldFactory(org=admin.org, name="User.Code__c", length=2)

    errors = reach.errors("insert", new("User", **fields, Code__c="long"))

    assert errors[0][0] == "FIELD_INTEGRITY_EXCEPTION"
    assert not User.objects.filter(last_name="Bot").exists()


def test_updates_a_user(admin, reach):
    user = UserFactory(org=admin.org, last_name="Old")
    id_ = record_id("005", user.pk)

    [outcome] = reach.change("update", new("User", Id=id_, LastName="New", IsActive=False))

    user.refresh_from_db()
    assert (outcome.id, outcome.errors) == (id_, ())
    assert (user.last_name, user.is_active) == ("New", False)
    assert reach.errors("update", new("User", LastName="X"))[0][0] == "MISSING_ARGUMENT"
    [error] = reach.errors("update", new("User", Id=id_, LastName=None))
    assert error[0] == "REQUIRED_FIELD_MISSING"
    stranger = record_id("005", UserFactory(org=OrgFactory()).pk)
    [error] = reach.errors("update", new("User", Id=stranger, LastName="Mine"))
    assert error[0] == "INVALID_CROSS_REFERENCE_KEY"


def test_all_or_none(reach, fields):
    good, bad = new("User", **fields), new("User")

    outcomes = reach.change("insert", good, bad, all_or_none=True)
    assert [bool(each.errors) for each in outcomes] == [False, True]
    assert not User.objects.filter(last_name="Bot").exists()

    reach.change("insert", good, bad, all_or_none=False)
    assert User.objects.filter(last_name="Bot").exists()


def test_users_cannot_be_deleted(admin, reach):
    user = new("User", Id=record_id("005", admin.pk))
    message = "DML operation DELETE not allowed on User"
    assert thrown_by(reach.change, "delete", user) == ("TypeException", message)
    assert thrown_by(reach.change, "update", user, user)[0] == "ListException"


@pytest.mark.parametrize(
    ("record", "what"),
    [
        (new("PermissionSetAssignment"), "insert PermissionSetAssignment"),
        (new("Case"), "insert Case"),
        (new("User", Department="IT"), "User.department"),
    ],
)
def test_other_changes_are_refused_by_name(reach, record, what):
    with pytest.raises(NotRunnableError) as caught:
        reach.change("insert", record)
    assert caught.value.what == what


def test_accounts_and_contacts_are_checked_and_discarded(reach):
    [outcome] = reach.change("insert", new("Contact", LastName="Bot", X__c=1))
    assert (outcome.id[:3], len(outcome.id), outcome.is_created) == ("003", 18, True)
    assert not reach.errors("update", new("Contact", Id=outcome.id, LastName="Else"))
    assert not reach.errors("upsert", new("Contact", Id=outcome.id, Email="a@b.example"))
    assert not reach.errors("delete", new("Contact", Id=outcome.id))
    [error] = reach.errors("update", new("Contact", Id=outcome.id))
    assert error[0] == "INVALID_CROSS_REFERENCE_KEY"
    message = "Required fields are missing: [LastName]"
    [error] = reach.errors("insert", new("Contact", FirstName="Inga"))
    assert error == ("REQUIRED_FIELD_MISSING", message, "LastName")
    assert reach.errors("insert", new("Account"))[0][2] == "Name"
    assert not reach.rows("SELECT Id FROM Contact")


def test_users_and_other_objects_exclude_each_other(admin, reach, fields):
    reach.change("insert", new("Contact", LastName="Bot"))
    mixed = ("MIXED_DML_OPERATION", MIXED.format("User", "Contact"))
    id_ = record_id("005", admin.pk)

    assert reach.errors("insert", new("User", **fields)) == [mixed]
    assert reach.errors("update", new("User", Id=id_, Username="x@x.example")) == [mixed]
    # These can: docs/salesforce/apex.md, Mixed changes.
    assert not reach.errors("update", new("User", Id=id_, FirstName="Eve"))
    assert not reach.errors("insert", new("User", **fields, UserRoleId=None))


def test_another_object_after_a_user(reach, fields):
    reach.change("insert", new("User", **fields))

    mixed = ("MIXED_DML_OPERATION", MIXED.format("Account", "User"))
    assert reach.errors("insert", new("Account", Name="Acme")) == [mixed]


def test_the_platform_inserts_a_returned_user_after_a_contact(reach, fields):
    [contact] = reach.change("insert", new("Contact", LastName="Bot"))

    outcome = reach.records.insert_for_platform(new("User", **fields, ContactId=contact.id))

    assert not outcome.errors


def test_half_of_a_character_is_refused(admin, reach):
    id_ = record_id("005", admin.pk)
    [error] = reach.errors("update", new("User", Id=id_, LastName="a\ud83d"))
    assert error[0] == "FIELD_INTEGRITY_EXCEPTION"
