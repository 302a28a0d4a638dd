"""Queries of a run: rows as records of Apex, of one org."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.factories import (
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    UserFieldFactory,
)
from tokenx.apex.runtime.budget import MAX_ROWS, Budget
from tokenx.apex.runtime.errors import LimitExceededError, NotRunnableError
from tokenx.apex.types import STRING
from tokenx.apex.values import ApexList, ApexSet, Id
from tokenx.org.record_ids import PERMISSION_SET, record_id
from tokenx.setup.apex_runs import record_values
from tokenx.soql.memory_query import is_like

from .running import thrown_by

pytestmark = pytest.mark.django_db
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
METADATA = f"""{HEAD}
<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
    <label>LABEL</label>
    <values><field>Url__c</field><value xsi:type="xsd:string">URL</value></values>
    <values><field>Is_On__c</field><value xsi:type="xsd:boolean">true</value></values>
    <values><field>Skew__c</field><value xsi:type="xsd:double">NUMBER</value></values>
    <values><field>Note__c</field><value xsi:nil="true"/></values>
</CustomMetadata>
"""


@pytest.fixture
def add_metadata(org):
    def add(name, url, number="1.5", org=org):
        file = METADATA.replace("LABEL", f"{name} label").replace("URL", url)
        StoredComponentFactory(
            org=org,
            type="CustomMetadata",
            name=f"Issuer.{name}",
            file=file.replace("NUMBER", number),
        )

    return add


def test_values_have_the_types_of_apex(admin, reach):
    handler = TokenExchangeHandlerFactory(org=admin.org, description="")

    [user] = reach.rows(
        "SELECT Username, IsActive, ProfileId, Profile.Name, FederationIdentifier FROM User"
        "  WHERE Username = :name",
        name=admin.username,
    )
    assert user.object_name == "User"
    assert user.is_queried
    assert user.id == record_id("005", admin.pk)
    assert isinstance(user.id, Id)
    assert isinstance(user.fields["profileid"], Id)
    assert user.fields["isactive"] is True
    assert user.fields["federationidentifier"] is None
    assert user.fields["profile"].object_name == "Profile"
    assert user.fields["profile"].fields["name"] == "System Administrator"
    text = "SELECT CreatedDate, Description, IsEnabled FROM OauthTokenExchangeHandler"
    [row] = reach.rows(text)
    created = row.fields["createddate"]
    assert (created.tzinfo, created.microsecond % 1000) == (UTC, 0)
    assert isinstance(created, datetime)
    assert abs(created - handler.created_at).total_seconds() < 0.001
    assert row.fields["description"] is None


def test_custom_fields_and_binds(admin, reach):
    UserFieldFactory(org=admin.org, name="User.Azure_Id__c")
    admin.custom_values = {"Azure_Id__c": "a-1"}
    admin.save()
    other = UserFactory(org=admin.org, last_name="Zulu")
    text = "SELECT azure_id__c FROM User WHERE Azure_Id__c = :x"
    assert [each.fields["azure_id__c"] for each in reach.rows(text, x="A-1")] == ["a-1"]

    ids = ApexSet(items={1: Id(record_id("005", other.pk)), 2: None})
    names = ApexList(STRING, ["zulu", "Nobody"])
    text = "SELECT Id FROM User WHERE Id IN :ids AND LastName IN :names"
    found = reach.rows(text, ids=ids, names=names)
    assert [each.id for each in found] == [record_id("005", other.pk)]
    [row] = found
    assert reach.rows("SELECT Id FROM User WHERE Id = :row", row=row)[0].id == row.id
    assert reach.query("SELECT COUNT() FROM User") == 2
    [count] = reach.rows("SELECT COUNT(Id) n, COUNT(LastName) FROM User")
    assert count.fields == {"n": 2, "expr0": 2}


@pytest.mark.parametrize(
    "clause",
    [
        "LIKE :x OR LastName = 'Zulu' ORDER BY LastName DESC",
        "LIKE 'z%' WITH SECURITY_ENFORCED",
        "LIKE 'z%' WITH USER_MODE LIMIT 1",
        "IN ('ZULU') FOR UPDATE",
    ],
)
def test_clauses_of_handlers(admin, reach, clause):
    UserFactory(org=admin.org, last_name="Zulu")

    rows = reach.rows(f"SELECT LastName FROM User WHERE LastName {clause}", x="zu%")

    assert [each.fields["lastname"] for each in rows] == ["Zulu"]


def test_another_orgs_rows_are_out_of_reach(admin, reach):
    stranger = UserFactory(org=OrgFactory(), username="stranger@x.example")
    for condition in ["Id = :id", "Username = 'stranger@x.example'", "Id != null"]:
        text = f"SELECT Id FROM User WHERE {condition}"
        rows = reach.rows(text, id=record_id("005", stranger.pk))
        assert record_id("005", stranger.pk) not in [each.id for each in rows]
    assert len(reach.rows("SELECT Id FROM Organization")) == 1
    assert reach.query("SELECT COUNT() FROM User") == 1


def test_fetches_one_row_more_than_the_limit(admin, reach, django_assert_num_queries):
    UserFactory.create_batch(3, org=admin.org)
    reach.budget.rows = MAX_ROWS - 1

    assert len(reach.rows("SELECT Id FROM User")) == 2
    assert len(reach.rows("SELECT Id FROM User LIMIT 1")) == 1
    with django_assert_num_queries(1):
        reach.rows("SELECT Id FROM User WHERE LastName LIKE 'a%'")


def test_the_records_of_a_query_fit_in_the_heap(admin, reach, monkeypatch):
    monkeypatch.setattr(record_values, "MAX_HEAP", 100)
    UserFactory.create_batch(5, org=admin.org)

    with pytest.raises(LimitExceededError, match="Apex heap size too large"):
        reach.rows("SELECT LastName FROM User")


def test_invalid_queries_throw_in_salesforces_words(reach):
    message = thrown_by(reach.query, "SELECT Id FROM User WHERE")
    assert message == ("QueryException", "unexpected token: '<EOF>'")
    name, text = thrown_by(reach.query, "SELECT Foo__c FROM User")
    assert name == "QueryException"
    assert "ERROR at Row:1:Column:8" in text
    assert "No such column 'Foo__c' on entity 'User'" in text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT Id FROM RecordType", "a query on RecordType"),
        ("SELECT SenderName FROM User", "User.SenderName in a query"),
        ("SELECT Id FROM UserRole", "a query on UserRole"),
        ("SELECT UserRole.Name FROM User", "User.UserRole in a query"),
        ("SELECT Manager.Name FROM User", "User.Manager in a query"),
        (
            "SELECT COUNT(Id) FROM User GROUP BY LastName HAVING COUNT(Id) > 1",
            "HAVING in a query",
        ),
        ("SELECT Id FROM User WHERE Id IN (SELECT OwnerId FROM Lead)", "a query on Lead"),
        ("SELECT Id FROM Foo__mdt", "a query on Foo__mdt"),
    ],
)
def test_what_tokenx_does_not_have_is_named(reach, text, what):
    with pytest.raises(NotRunnableError) as caught:
        reach.query(text)
    assert caught.value.what == what


def test_roles_are_refused_with_a_reason(reach, subtests):
    for text in ["SELECT Id FROM UserRole", "SELECT UserRole.Name FROM User"]:
        with subtests.test(text=text), pytest.raises(NotRunnableError) as caught:
            reach.query(text)
        assert "no roles" in caught.value.why


def test_users_have_dates_and_fields_that_are_always_null(admin, reach):
    admin.last_login = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
    admin.save()

    [user] = reach.rows(
        "SELECT CreatedDate, LastModifiedDate, LastLoginDate, UserType, ManagerId, Phone,"
        " UserRoleId, Profile.UserType FROM User"
    )

    assert user.fields["lastlogindate"] == datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    assert user.fields["createddate"] <= user.fields["lastmodifieddate"]
    assert user.fields["usertype"] == "Standard"
    assert user.fields["profile"].fields["usertype"] == "Standard"
    assert {user.fields[name] for name in ("managerid", "phone", "userroleid")} == {None}


def test_aggregates_are_records_of_their_own(admin, reach):
    permission_set = PermissionSetFactory(org=admin.org)
    PermissionSetAssignmentFactory(org=admin.org, user=admin, permission_set=permission_set)
    rows = reach.query(
        "SELECT Profile.Name, COUNT(Id) c, MAX(CreatedDate) FROM User WHERE Id IN (SELECT"
        " AssigneeId FROM PermissionSetAssignment WHERE PermissionSetId = :set)"
        " AND LastName = :name GROUP BY Profile.Name",
        set=Id(record_id(PERMISSION_SET, permission_set.pk)),
        name=admin.last_name,
    )

    [row] = rows.records
    assert rows.object_name == row.object_name == "AggregateResult"
    assert (row.fields["name"], row.fields["c"]) == ("System Administrator", 1)
    assert row.fields["expr0"].tzinfo is UTC


def test_objects_are_described(org, reach, add_metadata):
    UserFieldFactory(org=org, name="User.Team__c", label="Team")
    add_metadata("Okta", "https://okta.example")
    user = reach.records.describe("USER")
    assert (user.name, user.prefix, user.is_changeable) == ("User", "005", True)
    assert user.fields["team__c"].label == "Team"
    assert user.fields["team__c"].is_changeable
    assert not user.fields["createddate"].is_changeable
    profile = user.fields["profileid"]
    assert (profile.type, profile.refers_to) == ("reference", "Profile")
    assert ("de_DE", "German (Germany)") in user.fields["localesidkey"].choices

    contact = reach.records.describe("contact")
    assert (contact.prefix, contact.fields["email"].type) == ("003", "string")
    assert "account" not in contact.fields
    assert reach.records.describe("Issuer__mdt").fields["url__c"].name == "Url__c"
    assert reach.records.describe("Case") is None
    assert {"Account", "User", "Issuer__mdt"} <= {*reach.records.object_names()}


def test_account_and_contact_have_no_rows(reach):
    assert reach.query("SELECT COUNT() FROM Account WHERE Foo__c = 'x'") == 0
    rows = reach.query(
        "SELECT Id, Anything__c, Account.Name FROM contact WHERE Email = :e",
        e="a@b.example",
    )
    assert (rows.object_name, rows.records) == ("Contact", [])
    assert not reach.rows("SELECT Id, (SELECT Id FROM Contacts) FROM Account")
    assert reach.rows("SELECT COUNT(Id) FROM Account")[0].fields == {"expr0": 0}
    assert not reach.rows("SELECT Name, COUNT(Id) FROM Account GROUP BY Name")
    assert reach.records.fields_of("CONTACT")["email"] == "String"
    assert "x__c" in reach.records.fields_of("Account")
    assert reach.records.object_name_of("003") == "Contact"
    assert reach.records.field_names("contact")["lastname"] == "LastName"
    assert reach.records.field_names("user")["profile"] == "Profile"
    assert reach.records.field_names("Case") is None


def test_custom_metadata_can_be_queried(reach, add_metadata):
    add_metadata("Okta", "https://okta.example", "10")
    add_metadata("Entra", "https://entra.example")
    add_metadata("Theirs", "https://x.example", org=OrgFactory())
    text = "SELECT DeveloperName, Url__c, Is_On__c, Skew__c, Note__c FROM issuer__mdt "

    rows = reach.rows(f"{text} ORDER BY Skew__c DESC")

    assert [each.fields["developername"] for each in rows] == ["Okta", "Entra"]
    assert rows[1].fields["skew__c"] == Decimal("1.5")
    assert (rows[0].fields["is_on__c"], rows[0].fields["note__c"]) == (True, None)
    for condition, names in [
        ("DeveloperName = :x", ["Okta"]),
        ("Skew__c > 2", ["Okta"]),
        ("Url__c LIKE '%ENTRA%' AND Is_On__c = true", ["Entra"]),
        ("NOT Url__c LIKE '%entra%'", ["Okta"]),
        ("Note__c = null LIMIT 1", ["Entra"]),
        ("DeveloperName IN ('okta', 'entra') AND Skew__c != 10", ["Entra"]),
    ]:
        found = reach.rows(f"{text} WHERE {condition}", x="OKTA")
        assert [each.fields["developername"] for each in found] == names
    assert reach.query("SELECT COUNT() FROM Issuer__mdt") == 2
    assert reach.records.fields_of("Issuer__mdt")["skew__c"] == "Decimal"
    assert reach.records.field_names("Issuer__mdt")["url__c"] == "Url__c"
    assert reach.records.field_names("Issuer__mdt")["masterlabel"] == "MasterLabel"
    assert thrown_by(reach.query, "SELECT No__c FROM Issuer__mdt")[0] == "QueryException"


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("abc", "a%", True),
        ("abc", "%c", True),
        ("abc", "%b%", True),
        ("abc", "a_c", True),
        ("abc", "_", False),
        ("", "%", True),
        ("", "", True),
        ("100%", "100\\%", True),
        ("100x", "100\\%", False),
        ("a=b", "a=_", True),
        ("a" * 200 + "c", "%a" * 50 + "b", False),
    ],
)
def test_like_patterns(text, pattern, expected):
    assert is_like(text, pattern, Budget()) is expected


@pytest.mark.slow
def test_a_slow_pattern_is_counted():
    budget = Budget()
    with pytest.raises(LimitExceededError, match="CPU time"):
        is_like("a" * 100_000, "%" + "a" * 50_000 + "b", budget)


def test_a_long_query_takes_steps(reach):
    texts = ", ".join(f"'{number}'" for number in range(4_000))
    reach.query(f"SELECT Id FROM User WHERE LastName IN ({texts})")
    assert 10_000 < reach.budget.steps < 50_000
    before = reach.budget.steps
    reach.query("SELECT Id FROM User")
    assert reach.budget.steps == before


def test_binds_without_a_value_and_dates_at_the_end_of_the_calendar(reach):
    text = "SELECT Id FROM OauthTokenExchangeHandler WHERE CreatedDate > :x"
    last = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert thrown_by(reach.query, text) == ("QueryException", "Variable does not exist: x")
    assert thrown_by(reach.query, text, x=last)[0] == "QueryException"


def test_users_have_no_role_and_no_contact(reach):
    [user] = reach.rows("SELECT ContactId, UserRoleId FROM User WHERE ContactId = null")
    assert (user.fields["contactid"], user.fields["userroleid"]) == (None, None)
    assert reach.records.fields_of("User")["contactid"] == "Id"
