"""Query results in an org: each clause, each object, and refusals."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.certificates import EXPIRED
from tests.factories import (
    ApexClassFactory,
    AppPermissionSetFactory,
    CertificateFactory,
    ClientAppFactory,
    EnablementFactory,
    LoginRecordFactory,
    OrgFactory,
    PermissionSetAssignmentFactory,
    PermissionSetFactory,
    RemoteSiteFactory,
    StoredComponentFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
    UserFieldFactory,
)
from tokenx.handlers.models import Enablement
from tokenx.org.models import (
    AuditEntry,
    BuiltInProfile,
    Certificate,
    ClientApp,
    PermittedUsers,
    User,
)
from tokenx.org.record_ids import (
    CERTIFICATE,
    PERMISSION_SET,
    PERMISSION_SET_ASSIGNMENT,
    PROFILE,
    REMOTE_SITE,
    SETUP_ENTITY_ACCESS,
    record_id,
)
from tokenx.setup.actions.user_fields import edit_custom_values
from tokenx.setup.actions.users import (
    EDITABLE,
    activate_user,
    deactivate_user,
    edit_user,
)
from tokenx.soql.parser import parse
from tokenx.soql.run import run, run_inline
from tokenx.soql.select import JsonFormat
from tokenx.soql.sobjects import SOBJECTS
from tokenx.soql.tree import SoqlError


@pytest.fixture
def ask(org):
    """Return a function that runs a query and returns plain records."""

    def ask(text, *values):
        return [plain(each) for each in run(org, text.format(*values)).records]

    return ask


def plain(record):
    """Remove the attributes of a record and of its nested records."""
    return {
        name: plain(value) if isinstance(value, dict) else value
        for name, value in record.items()
        if name != "attributes"
    }


@pytest.fixture
def names(ask):
    """Return a function that queries users and returns their last names."""

    def names(rest):
        return [each["LastName"] for each in ask(f"SELECT LastName FROM User {rest}")]

    return names


@pytest.fixture
def people(org):
    """Create four users, of which only Ann and Bob have a first name."""
    fields = {"org": org, "is_active": True}
    return [
        UserFactory(first_name="Ann", last_name="Alpha", **fields),
        UserFactory(first_name="Bob", last_name="beta", **fields | {"is_active": False}),
        UserFactory(first_name="", last_name="Gamma_1", **fields),
        UserFactory(first_name="", last_name="100% Delta", **fields),
    ]


def refused(org, text):
    with pytest.raises(SoqlError) as caught:
        run(org, text)
    return caught.value


# --- Records ---------------------------------------------------------------------------


def test_a_record_has_its_type_and_url(admin):
    result = run(admin.org, "select ID, name from USER")

    pk = record_id("005", admin.pk)
    attributes = {"type": "User", "url": f"/services/data/v60.0/sobjects/User/{pk}"}
    assert result.records == [{"attributes": attributes, "Id": pk, "Name": "Ada Admin"}]
    assert (result.entity, result.total_size, result.next_records_url) == ("User", 1, None)


def test_a_handler_with_its_related_records(handler, ask):
    handler.modified_at = datetime(2026, 1, 31, 12, 0, 0, 123_456, UTC)
    handler.created_at = datetime(2026, 1, 30, 12, 0, 0, 123_456, UTC)
    handler.save()

    [record] = ask(
        "SELECT FIELDS(ALL), TokenHandlerApex.Name, LastModifiedBy.Username,"
        " LastModifiedBy.Profile.Name FROM OauthTokenExchangeHandler LIMIT 200"
    )

    assert record == {
        "Id": record_id("txH", handler.pk),
        "DeveloperName": "My_Handler",
        "MasterLabel": "My Handler",
        "Description": "Checks tokens of an outside identity provider.",
        "TokenHandlerApexId": record_id("01p", handler.apex_class_id),
        "IsEnabled": True,
        "SupportedTokenTypesAccessToken": False,
        "SupportedTokenTypesIdToken": False,
        "SupportedTokenTypesJwt": True,
        "SupportedTokenTypesRefreshToken": False,
        "SupportedTokenTypesSaml2": False,
        "IsUserCreationAllowed": False,
        "IsContactCreationAllowed": False,
        "CreatedById": record_id("005", handler.created_by_id),
        "CreatedDate": "2026-01-30T12:00:00.123+0000",
        "LastModifiedById": record_id("005", handler.modified_by_id),
        "LastModifiedDate": "2026-01-31T12:00:00.123+0000",
        "SystemModstamp": "2026-01-31T12:00:00.123+0000",
        "TokenHandlerApex": {"Name": handler.apex_class.name},
        "LastModifiedBy": {
            "Username": "admin@mycompany.example",
            "Profile": {"Name": "System Administrator"},
        },
    }


def test_an_enabled_app_is_connected_or_external(handler, ask):
    connected = EnablementFactory(handler=handler, app__label="Connected")
    external = ClientAppFactory(org=handler.org, kind="external", label="External")
    EnablementFactory(handler=handler, app=external)

    records = ask(
        "SELECT ConnectedApplicationId, ConnectedApplication.Name,"
        " ExternalClientApplicationId, ExternalClientApplication.DeveloperName,"
        " OauthTokenExchangeHandler.DeveloperName, ApexExecutionUser.Username"
        " FROM OauthTokenExchHandlerApp"
    )

    assert records[0] == {
        "ConnectedApplicationId": record_id("0H4", connected.app_id),
        "ConnectedApplication": {"Name": "Connected"},
        "ExternalClientApplicationId": None,
        "ExternalClientApplication": None,
        "OauthTokenExchangeHandler": {"DeveloperName": "My_Handler"},
        "ApexExecutionUser": {"Username": connected.run_as.username},
    }
    assert records[1]["ConnectedApplication"] is None
    assert records[1]["ConnectedApplicationId"] is None
    assert records[1]["ExternalClientApplication"] == {"DeveloperName": "External"}


def test_each_kind_of_app_has_its_own_object(org, ask):
    ClientAppFactory(
        org=org, label="Connected", permitted_users=PermittedUsers.SELF_AUTHORIZED
    )
    ClientAppFactory(org=org, kind=ClientApp.Kind.EXTERNAL, label="External")

    assert ask(
        "SELECT Name, OptionsAllowAdminApprovedUsersOnly,"
        " OptionsTokenExchangeManageBitEnabled FROM ConnectedApplication"
    ) == [
        {
            "Name": "Connected",
            "OptionsAllowAdminApprovedUsersOnly": False,
            "OptionsTokenExchangeManageBitEnabled": True,
        }
    ]
    assert ask(
        "SELECT MasterLabel, DeveloperName, Description FROM ExternalClientApplication"
    ) == [{"MasterLabel": "External", "DeveloperName": "External", "Description": None}]


def test_the_organization_has_the_fields_that_clients_query(org, ask):
    assert ask(
        "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix,"
        " OrganizationType FROM Organization"
    ) == [
        {
            "Name": org.name,
            "InstanceName": "TOKENX",
            "IsSandbox": False,
            "TrialExpirationDate": None,
            "NamespacePrefix": None,
            "OrganizationType": "Developer Edition",
        }
    ]


def test_the_dates_of_users_can_be_null(people, names, subtests):
    first, second, *_ = people
    User.objects.filter(pk=first.pk).update(last_login="2026-02-01T00:00:00Z")
    User.objects.filter(pk=second.pk).update(last_login="2026-01-01T00:00:00Z")

    for rest, found in {
        "WHERE LastLoginDate != null ORDER BY LastLoginDate": ["beta", "Alpha"],
        "WHERE NOT LastLoginDate < 2026-01-15T00:00:00Z AND FirstName != null": ["Alpha"],
        "WHERE LastLoginDate = null AND FirstName = null ORDER BY Name DESC": [
            "Gamma_1",
            "100% Delta",
        ],
        "WHERE FirstName != null ORDER BY LastLoginDate DESC NULLS LAST": ["Alpha", "beta"],
        "WHERE CreatedDate = TODAY AND FirstName = 'Bob'": ["beta"],
        "WHERE Phone = null AND FirstName = 'Bob'": ["beta"],
        "WHERE Phone LIKE '%' OR ManagerId != null": [],
    }.items():
        with subtests.test(rest=rest):
            assert names(rest) == found


def test_a_change_of_a_user_sets_its_date(admin, people, ask, subtests):
    user = people[1]
    old = datetime(2026, 1, 1, tzinfo=UTC)
    UserFieldFactory(org=admin.org, name="User.Team__c")

    def edit():
        details = {name: getattr(user, name) for name in EDITABLE}
        edit_user(user=user, by=admin, **details | {"last_name": "New"})

    for change in [
        edit,
        lambda: activate_user(user=user, by=admin),
        lambda: deactivate_user(user=user, by=admin),
        lambda: edit_custom_values(user=user, values={"Team__c": "x"}, by=admin),
    ]:
        User.objects.filter(pk=user.pk).update(created_at=old, modified_at=old)
        user.refresh_from_db()
        change()
        user.refresh_from_db()
        with subtests.test(change=change):
            assert user.created_at == old < user.modified_at


# --- Groups and nested queries -----------------------------------------------------------


def test_groups_have_fields_and_aggregates(org, people, ask, subtests):
    UserFactory(org=org, first_name="Ann", last_name="Zeta", is_active=False)
    for text, found in {
        "SELECT FirstName, COUNT(Id) c FROM User GROUP BY FirstName ORDER BY FirstName": [
            {"FirstName": None, "c": 2},
            {"FirstName": "Ann", "c": 2},
            {"FirstName": "Bob", "c": 1},
        ],
        "SELECT COUNT(Id), FirstName f FROM User WHERE FirstName != null"
        " GROUP BY FirstName ORDER BY COUNT(Id) DESC LIMIT 1": [{"expr0": 2, "f": "Ann"}],
        "SELECT u.FirstName, MAX(LastName) most FROM User u WHERE u.FirstName = 'Ann'"
        " GROUP BY FirstName ORDER BY most": [{"FirstName": "Ann", "most": "Zeta"}],
        "SELECT IsActive, COUNT_DISTINCT(FirstName) n, COUNT(FirstName) FROM User"
        " GROUP BY IsActive ORDER BY IsActive": [
            {"IsActive": False, "n": 2, "expr0": 2},
            {"IsActive": True, "n": 1, "expr0": 1},
        ],
        "SELECT Profile.Name, COUNT(Id) FROM User GROUP BY Profile.Name": [
            {"Name": "Standard User", "expr0": 5}
        ],
        "SELECT Phone, COUNT(Phone) FROM User GROUP BY Phone": [
            {"Phone": None, "expr0": 0}
        ],
        "SELECT Name FROM Profile GROUP BY Name ORDER BY Name DESC LIMIT 1 OFFSET 1": [
            {"Name": "Standard User"}
        ],
        "SELECT MIN(LastName), MAX(LastLoginDate) d, COUNT(Phone) p, MAX(Phone) m"
        " FROM User WHERE IsActive = false": [
            {"expr0": "Zeta", "d": None, "p": 0, "m": None}
        ],
        "SELECT MIN(FirstName) a FROM User WHERE LastName = 'None'": [{"a": None}],
    }.items():
        with subtests.test(text=text):
            assert ask(text) == found


def test_a_nested_query_selects_ids(org, people, names, ask, subtests):
    first, _, third, _ = people
    permission_set = PermissionSetFactory(org=org, name="Token_Users")
    PermissionSetAssignmentFactory(org=org, user=first, permission_set=permission_set)
    PermissionSetAssignmentFactory(
        org=org, user=third, permission_set=PermissionSetFactory(org=org, name="Other")
    )
    other = PermissionSetAssignmentFactory(org=OrgFactory())
    assert other.org_id != org.pk
    assigned = "SELECT AssigneeId FROM PermissionSetAssignment"

    for rest, found in {
        f"WHERE Id IN ({assigned}) ORDER BY Name": ["Alpha", "Gamma_1"],
        f"WHERE Id NOT IN ({assigned}) AND FirstName != null": ["beta"],
        f"WHERE Id IN ({assigned} WHERE PermissionSet.Name = 'Token_Users')": ["Alpha"],
        f"WHERE IsActive = true AND id in ({assigned} a WHERE a.PermissionSet.Name LIKE"
        " 'oth%')": ["Gamma_1"],
        "WHERE ProfileId IN (SELECT Id FROM Profile WHERE Name = 'Standard User')"
        " AND FirstName = 'Bob'": ["beta"],
        "WHERE Profile.Id IN (SELECT ProfileId FROM User WHERE IsActive = false)"
        " AND FirstName = 'Bob'": ["beta"],
        "WHERE Id IN (SELECT ManagerId FROM User)": [],
        "WHERE ManagerId IN (SELECT AssigneeId FROM PermissionSetAssignment)": [],
    }.items():
        with subtests.test(rest=rest):
            assert names(rest) == found
    count = f"SELECT COUNT() FROM User WHERE Id NOT IN ({assigned})"
    assert run(org, count).total_size == 2


def test_refuses_what_groups_and_nested_queries_cannot_have(org, subtests):
    for text, part in {
        "SELECT Body FROM ApexClass GROUP BY Body": "'Body' can not be grouped",
        "SELECT MAX(IsActive) FROM User": "does not support aggregate operator MAX",
        "SELECT Id FROM User WHERE Name IN (SELECT Id FROM Profile)": "an id field",
        "SELECT Id FROM User WHERE Id IN (SELECT Name FROM Profile)": "should be an id",
        "SELECT Id FROM User WHERE Id IN (SELECT Id FROM Profile)": "the same object type",
        "SELECT Id FROM User WHERE Id IN (SELECT Id FROM User)": "not be on the same",
        "SELECT Id FROM User WHERE Id IN (SELECT Id FROM Nope)": "'Nope' is not supported",
    }.items():
        with subtests.test(text=text):
            assert part in refused(org, text).message


def test_the_audit_trail_goes_back_180_days(admin, ask):
    fields = {"org": admin.org, "user": admin, "section": "Handlers"}
    AuditEntry.objects.create(action="new", display="Enabled app", **fields)
    old = timezone.now() - timedelta(days=181)
    AuditEntry.objects.create(action="old", display="Gone", created_at=old, **fields)

    assert ask(
        "SELECT Action, Section, Display, DelegateUser, CreatedBy.Username"
        " FROM SetupAuditTrail ORDER BY CreatedDate DESC"
    ) == [
        {
            "Action": "new",
            "Section": "Handlers",
            "Display": "Enabled app",
            "DelegateUser": None,
            "CreatedBy": {"Username": "admin@mycompany.example"},
        }
    ]


def test_apex_classes_have_a_name_and_a_body(org, ask):
    ApexClassFactory(org=org, name="Checker", body="class Checker {}")
    assert ask("SELECT Name, Body FROM ApexClass") == [
        {"Name": "Checker", "Body": "class Checker {}"}
    ]


def test_apex_classes_with_errors_or_without_a_result_are_invalid(org, ask):
    for name, status in {
        "Broken": "invalid",
        "Late": "not_compiled",
        "Ready": "valid",
        "Unknown": "not_runnable",
    }.items():
        ApexClassFactory(org=org, name=name, compile_status=status)

    records = ask("SELECT Name FROM ApexClass WHERE IsValid = true ORDER BY Name")

    assert [record["Name"] for record in records] == ["Ready", "Unknown"]


def test_a_user_and_its_profile_each_have_a_name(people, ask):
    records = ask(
        "SELECT Name, Profile.Name FROM User"
        " WHERE Name = 'Ann Alpha' AND Profile.Name = 'Standard User'"
    )
    assert records == [{"Name": "Ann Alpha", "Profile": {"Name": "Standard User"}}]


def test_a_users_time_zone_is_null_if_it_is_automatic(admin, ask):
    query = "SELECT TimeZoneSidKey, LocaleSidKey FROM User {}"
    assert ask(query, "") == [{"TimeZoneSidKey": None, "LocaleSidKey": "en_US"}]

    User.objects.filter(pk=admin.pk).update(time_zone="Asia/Tokyo", locale="de_DE")
    condition = "WHERE TimeZoneSidKey = 'Asia/Tokyo' AND LocaleSidKey = 'de_DE'"
    expected = {"TimeZoneSidKey": "Asia/Tokyo", "LocaleSidKey": "de_DE"}
    assert ask(query, condition) == [expected]


def test_field_names_can_start_with_the_object_or_its_alias(people, ask):
    records = ask("SELECT u.LastName, User.Email FROM User u WHERE u.FirstName = 'Ann'")
    assert records == [{"LastName": "Alpha", "Email": people[0].email}]


def test_every_field_can_be_selected_compared_and_sorted(handler, subtests):
    EnablementFactory(handler=handler)
    literals = {"boolean": "true", "datetime": "TODAY", "int": "1"}

    for name, field in [(s.name, f) for s in SOBJECTS.values() for f in s.fields]:
        with subtests.test(object=name, field=field.name):
            literal = literals.get(field.type, "'x'")
            condition = f"{field.name} = {literal} OR {field.name} != null"
            rest = "" if field.is_long else f"WHERE {condition} ORDER BY {field.name} DESC"
            fields = ", ".join({field.name: 1, "Id": 1})
            run(handler.org, f"SELECT {fields} FROM {name} {rest}")


def test_finds_no_records_of_another_org(org, subtests):
    other = TokenExchangeHandlerFactory(org=OrgFactory())
    EnablementFactory(handler=other)
    app = ClientAppFactory(org=other.org, kind="external")
    EnablementFactory(handler=other, app=app)
    AuditEntry.objects.create(org=other.org, user=other.modified_by)
    LoginRecordFactory(user=other.modified_by)
    RemoteSiteFactory(org=other.org)
    CertificateFactory(org=other.org)
    UserFieldFactory(org=other.org)
    StoredComponentFactory(org=other.org)
    PermissionSetAssignmentFactory(org=other.org)
    AppPermissionSetFactory(org=other.org)

    for name in [each.name for each in SOBJECTS.values()]:
        with subtests.test(name=name):
            expected = {"Organization": 1, "Profile": len(BuiltInProfile)}.get(name, 0)
            assert run(org, f"SELECT COUNT() FROM {name}").total_size == expected
            records = run(org, f"SELECT Id FROM {name} WHERE Id != null").records
            assert len(records) == expected
            assert run(other.org, f"SELECT Id FROM {name}").total_size > 0


def test_the_id_of_another_org_finds_nothing(org, ask):
    other = UserFactory()
    assert ask("SELECT Id FROM User WHERE Id = '{}'", record_id("005", other.pk)) == []


# --- Conditions ------------------------------------------------------------------------

ALL = ["Alpha", "beta", "Gamma_1", "100% Delta"]


def test_each_condition_and_its_negation_split_all_users(people, names, subtests):
    for condition, expected in [
        ("LastName = 'alpha'", ["Alpha"]),
        ("LastName = 'BETA'", ["beta"]),
        ("LastName != 'alpha'", ALL[1:]),
        ("LastName < 'B'", ["Alpha", "100% Delta"]),
        ("LastName >= 'beta'", ["beta", "Gamma_1"]),
        ("LastName > 'beta'", ["Gamma_1"]),
        ("LastName <= 'ALPHA'", ["Alpha", "100% Delta"]),
        ("LastName IN ('ALPHA', 'Beta', 'unknown')", ["Alpha", "beta"]),
        ("LastName NOT IN ('ALPHA', 'Beta')", ALL[2:]),
        ("LastName LIKE 'a%'", ["Alpha"]),
        ("LastName LIKE '%A'", ["Alpha", "beta", "100% Delta"]),
        ("LastName LIKE '%et%'", ["beta"]),
        ("LastName LIKE '_eta'", ["beta"]),
        ("LastName LIKE '%l%h%'", ["Alpha"]),
        ("LastName LIKE 'beta'", ["beta"]),
        ("LastName LIKE 'bet'", []),
        (r"LastName LIKE '%\_%'", ["Gamma_1"]),
        (r"LastName LIKE '%\%%'", ["100% Delta"]),
        (r"LastName LIKE '100\%'", []),
        ("NOT LastName LIKE '%a%'", []),
        # An empty first name is null, which is neither like nor less than any value.
        ("FirstName = null", ALL[2:]),
        ("FirstName = ''", ALL[2:]),
        ("FirstName != null", ALL[:2]),
        ("FirstName != 'Ann'", ALL[1:]),
        ("NOT FirstName = 'Ann'", ALL[1:]),
        ("FirstName IN ('Ann', null)", ["Alpha", *ALL[2:]]),
        ("FirstName NOT IN ('Ann')", ALL[1:]),
        ("FirstName NOT IN ('Ann', null)", ["beta"]),
        ("FirstName < 'B'", ["Alpha"]),
        ("FirstName < null", []),
        ("FirstName LIKE '%'", ALL[:2]),
        ("FirstName LIKE null", []),
        ("Name = 'ann ALPHA'", ["Alpha"]),
        ("Name = 'gamma_1'", ["Gamma_1"]),
        ("Profile.Name = 'standard user'", ALL),
        ("Profile.Name LIKE 'System%'", []),
        ("IsActive = true", ["Alpha", *ALL[2:]]),
        ("IsActive != true", ["beta"]),
        ("IsActive = FALSE", ["beta"]),
        ("IsActive IN (true, false)", ALL),
        ("IsActive = null", []),
        ("IsActive != null", ALL),
        ("Id != null", ALL),
        ("Id = null", []),
        ("Id = 'no id'", []),
        ("Id != 'no id'", ALL),
        ("Id IN ('no id', '005000000000000AAA')", []),
        ("Id NOT IN ('no id')", ALL),
        ("IsActive = true AND FirstName = null", ALL[2:]),
        ("IsActive = false OR FirstName = 'Ann'", ALL[:2]),
        ("IsActive = true AND (LastName = 'Alpha' OR LastName = 'beta')", ["Alpha"]),
        ("NOT (IsActive = true AND FirstName = null)", ALL[:2]),
        ("NOT (IsActive = true OR FirstName = 'x')", ["beta"]),
    ]:
        with subtests.test(condition=condition):
            assert names(f"WHERE {condition}") == expected
            others = names(f"WHERE NOT ({condition})")
            assert others == [name for name in ALL if name not in expected]


def test_ids_match_with_15_and_18_characters(people, names):
    pk = record_id("005", people[1].pk)

    assert names(f"WHERE Id = '{pk}'") == ["beta"]
    assert names(f"WHERE Id = '{pk[:15]}'") == ["beta"]
    assert names(f"WHERE Id NOT IN ('{pk}')") == ["Alpha", *ALL[2:]]
    assert names(f"WHERE Id = '{record_id('00D', people[1].pk)}'") == []


def test_usernames_match_in_any_case(admin, names):
    assert names("WHERE Username = 'ADMIN@MyCompany.example'") == ["Admin"]
    assert names("WHERE Username LIKE 'ADMIN@%'") == ["Admin"]


def test_conditions_on_related_records(handler, ask, subtests):
    org = handler.org
    EnablementFactory(handler=handler, app=ClientAppFactory(org=org, label="Ours"))
    external = ClientAppFactory(org=org, kind="external", label="Theirs")
    EnablementFactory(handler=handler, app=external)
    text = (
        "SELECT ConnectedApplication.Name, ExternalClientApplication.MasterLabel"
        " FROM OauthTokenExchHandlerApp WHERE"
    )

    for condition, expected in [
        ("ConnectedApplicationId = null", ["Theirs"]),
        ("ConnectedApplicationId != null", ["Ours"]),
        ("ConnectedApplication.Name = 'ours'", ["Ours"]),
        ("ConnectedApplication.Name != 'ours'", ["Theirs"]),
        ("ConnectedApplication.Name = 'Theirs'", []),
        ("ConnectedApplication.Name = null", ["Theirs"]),
        ("ConnectedApplication.Name < 'Z'", ["Ours"]),
        ("ConnectedApplication.Name NOT IN ('x')", ["Ours", "Theirs"]),
        ("ExternalClientApplication.MasterLabel LIKE '%s'", ["Theirs"]),
        ("OauthTokenExchangeHandler.LastModifiedBy.Name = 'Ada Admin'", ["Ours", "Theirs"]),
        ("OauthTokenExchangeHandler.TokenHandlerApexId = '01p000000000000'", []),
    ]:
        with subtests.test(condition=condition):
            records = ask(f"{text} {condition}")
            apps = [
                each["ConnectedApplication"] or each["ExternalClientApplication"]
                for each in records
            ]
            assert [value for app in apps for value in app.values()] == expected


def test_conditions_on_dates(handler, ask, subtests):
    noon = timezone.now().replace(hour=12)
    for ahead in (-40, -1, 0, 1):
        EnablementFactory(handler=handler, enabled_at=noon + timedelta(days=ahead))
    text = "SELECT CreatedDate FROM OauthTokenExchHandlerApp WHERE CreatedDate"

    for condition, days in [
        ("= TODAY", [0]),
        ("!= TODAY", [-40, -1, 1]),
        ("< TODAY", [-40, -1]),
        ("<= TODAY", [-40, -1, 0]),
        ("> TODAY", [1]),
        (">= TODAY", [0, 1]),
        ("IN (YESTERDAY, TOMORROW)", [-1, 1]),
        ("= LAST_N_DAYS:1", [-1, 0]),
        ("= NEXT_N_DAYS:1", [1]),
        ("< LAST_N_DAYS:30", [-40]),
        ("= null", []),
        ("!= null", [-40, -1, 0, 1]),
        ("> 1700-01-01T00:00:00+14:00", [-40, -1, 0, 1]),
        ("< 4000-12-31T23:59:59.999-12:00", [-40, -1, 0, 1]),
    ]:
        with subtests.test(condition=condition):
            records = ask(f"{text} {condition}")
            dates = [datetime.fromisoformat(each["CreatedDate"]).date() for each in records]
            assert [(date - noon.date()).days for date in dates] == days


def test_times_are_compared_with_milliseconds_as_displayed(handler, ask, subtests):
    handler.modified_at = datetime(2026, 1, 31, 12, 0, 0, 123_999, UTC)
    handler.save()
    text = "SELECT Id FROM OauthTokenExchangeHandler WHERE LastModifiedDate"

    for condition, is_found in [
        ("= 2026-01-31T12:00:00.123Z", True),
        ("= 2026-01-31T13:00:00.123+01:00", True),
        ("= 2026-01-31T12:00:00.124Z", False),
        ("> 2026-01-31T12:00:00.123Z", False),
        (">= 2026-01-31T12:00:00.123Z", True),
        ("<= 2026-01-31T12:00:00.123Z", True),
        ("< 2026-01-31T12:00:00.123Z", False),
    ]:
        with subtests.test(condition=condition):
            assert bool(ask(f"{text} {condition}")) == is_found


# --- Order, limit, counts --------------------------------------------------------------


def test_order_and_limit(people, names, subtests):
    for rest, expected in [
        ("", ALL),
        ("ORDER BY LastName", ["100% Delta", "Alpha", "beta", "Gamma_1"]),
        ("ORDER BY LastName DESC", ["Gamma_1", "beta", "Alpha", "100% Delta"]),
        ("ORDER BY FirstName", ["Gamma_1", "100% Delta", "Alpha", "beta"]),
        ("ORDER BY FirstName DESC", ["Gamma_1", "100% Delta", "beta", "Alpha"]),
        ("ORDER BY FirstName NULLS LAST", ["Alpha", "beta", "Gamma_1", "100% Delta"]),
        ("ORDER BY FirstName DESC NULLS LAST", ["beta", "Alpha", "Gamma_1", "100% Delta"]),
        ("ORDER BY IsActive, LastName DESC", ["beta", "Gamma_1", "Alpha", "100% Delta"]),
        ("ORDER BY Profile.Name, Id DESC", ALL[::-1]),
        ("LIMIT 2", ALL[:2]),
        ("LIMIT 0", []),
        ("LIMIT 2 OFFSET 1", ALL[1:3]),
        ("OFFSET 3", ALL[3:]),
        ("ORDER BY Name LIMIT 1", ["100% Delta"]),
    ]:
        with subtests.test(rest=rest):
            assert names(rest) == expected


def test_a_missing_related_record_is_sorted_as_null(handler, ask):
    for label, kind in [("B", "connected"), ("A", "external"), ("C", "connected")]:
        app = ClientAppFactory(org=handler.org, label=label, kind=kind)
        EnablementFactory(handler=handler, app=app)
    text = "SELECT ConnectedApplication.Name FROM OauthTokenExchHandlerApp ORDER BY"

    for rest, expected in [
        ("ConnectedApplication.Name", [None, "B", "C"]),
        ("ConnectedApplication.Name DESC NULLS LAST", ["C", "B", None]),
    ]:
        apps = [each["ConnectedApplication"] for each in ask(f"{text} {rest}")]
        assert [each and each["Name"] for each in apps] == expected


def test_counts_rows(org, people):
    result = run(org, "SELECT COUNT() FROM User WHERE IsActive = true")
    assert (result.entity, result.total_size, result.records) == ("User", 3, [])
    assert run(org, "SELECT COUNT() FROM User LIMIT 2 OFFSET 1").total_size == 2


def test_counts_only_fields_with_a_value(org, people):
    result = run(org, "SELECT COUNT(Id), COUNT(FirstName) named, COUNT(Email) FROM User")

    attributes = {"type": "AggregateResult"}
    assert result.records == [
        {"attributes": attributes, "expr0": 4, "named": 2, "expr1": 4}
    ]
    assert result.total_size == 1


def test_counts_nothing(org):
    [record] = run(org, "SELECT COUNT(Id), COUNT(Name) FROM User WHERE Id = 'x'").records
    assert (record["expr0"], record["expr1"]) == (0, 0)
    [record] = run(org, "SELECT COUNT(NamespacePrefix) FROM Organization").records
    assert record["expr0"] == 0


# --- Refusals --------------------------------------------------------------------------

SEE = "Please reference your WSDL or the describe call for the appropriate names."


def no_column(name, entity):
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a"
        " custom field, be sure to append the '__c' after the custom field name. " + SEE
    )


def no_relationship(name):
    return (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to"
        " use a custom relationship, be sure to append the '__r' after the custom"
        f" relationship name. {SEE}"
    )


def type_mismatch(field, kind, quotes):
    return (
        f"value of filter criterion for field '{field}' must be of type {kind} and"
        f" {quotes} be enclosed in quotes"
    )


def test_an_unknown_object_is_refused_with_its_position(org):
    error = refused(org, "SELECT Id FROM ScratchOrgInfo limit 1")

    assert error.code == "INVALID_TYPE"
    assert error.message == (
        "\nSELECT Id FROM ScratchOrgInfo limit 1\n               ^\n"
        "ERROR at Row:1:Column:16\n"
        "sObject type 'ScratchOrgInfo' is not supported. If you are attempting to use a"
        " custom object, be sure to append the '__c' after the entity name. " + SEE
    )


def test_finds_remote_sites(org, ask):
    site = RemoteSiteFactory(org=org, name="Okta", url="https://okta.example")
    RemoteSiteFactory(org=org, name="Old", is_active=False, description="Unused")

    query = (
        "SELECT Id, SiteName, EndpointUrl, Description, IsActive, ProtocolMismatch "
        "FROM RemoteProxy WHERE IsActive = true"
    )
    assert ask(query) == [
        {
            "Id": record_id(REMOTE_SITE, site.pk),
            "SiteName": "Okta",
            "EndpointUrl": "https://okta.example",
            "Description": None,
            "IsActive": True,
            "ProtocolMismatch": False,
        }
    ]
    query = "SELECT SiteName FROM RemoteProxy WHERE Description LIKE 'un%'"
    assert ask(query) == [{"SiteName": "Old"}]


def test_finds_users_by_a_custom_field(org, ask, names):
    UserFieldFactory(org=org, name="User.Azure_Id__c")
    UserFactory(org=org, last_name="Ada", custom_values={"Azure_Id__c": "A-1"})
    UserFactory(org=org, last_name="Bob", custom_values={"Azure_Id__c": "b-2"})
    UserFactory(org=org, last_name="Cy")
    UserFactory(org=OrgFactory(), last_name="Theirs", custom_values={"Azure_Id__c": "b-2"})

    assert ask("SELECT azure_id__c FROM User WHERE Azure_Id__c = 'a-1'") == [
        {"Azure_Id__c": "A-1"}
    ]
    assert names("WHERE Azure_Id__c LIKE 'B%'") == ["Bob"]
    assert names("WHERE Azure_Id__c IN ('B-2', 'x')") == ["Bob"]
    assert names("WHERE Azure_Id__c = null") == ["Cy"]
    assert names("WHERE Azure_Id__c != null ORDER BY Azure_Id__c DESC NULLS LAST") in (
        ["Ada", "Bob"],
        ["Bob", "Ada"],
    )
    query = "SELECT FIELDS(ALL) FROM User WHERE LastName = 'Bob' LIMIT 1"
    assert ask(query)[0]["Azure_Id__c"] == "b-2"
    query = "SELECT COUNT(Azure_Id__c) n FROM User"
    assert ask(query) == [{"n": 2}]


def test_finds_a_custom_field_by_relationship(org, ask):
    UserFieldFactory(org=org, name="User.Azure_Id__c")
    owner = UserFactory(org=org, custom_values={"Azure_Id__c": "b-2"})
    TokenExchangeHandlerFactory(org=org, label="Mine", modified_by=owner)

    query = (
        "SELECT LastModifiedBy.Azure_Id__c FROM OauthTokenExchangeHandler "
        "WHERE CreatedBy.Azure_Id__c = 'b-2'"
    )
    assert ask(query) == [{"LastModifiedBy": {"Azure_Id__c": "b-2"}}]


def test_another_orgs_custom_field_is_unknown(org, ask):
    UserFieldFactory(org=OrgFactory(), name="User.Azure_Id__c")

    with pytest.raises(SoqlError, match="No such column 'Azure_Id__c'"):
        ask("SELECT Azure_Id__c FROM User")


def test_finds_permission_sets(org, ask):
    row = PermissionSetFactory(org=org, name="Tokens", label="Token Exchange")
    PermissionSetFactory(org=org, name="Other", description="Unused")

    query = (
        "SELECT Id, Name, Label, Description, NamespacePrefix, IsCustom, "
        "IsOwnedByProfile, Type FROM PermissionSet "
        "WHERE Name = 'tokens' AND IsOwnedByProfile = false"
    )
    assert ask(query) == [
        {
            "Id": record_id(PERMISSION_SET, row.pk),
            "Name": "Tokens",
            "Label": "Token Exchange",
            "Description": None,
            "NamespacePrefix": None,
            "IsCustom": True,
            "IsOwnedByProfile": False,
            "Type": "Regular",
        }
    ]


def test_finds_who_has_a_permission_set(org, ask):
    row = PermissionSetAssignmentFactory(
        org=org, user__username="ada@x.example", permission_set__name="Tokens"
    )
    PermissionSetAssignmentFactory(org=org)

    query = (
        "SELECT Id, AssigneeId, PermissionSetId, PermissionSet.Name, Assignee.Username "
        "FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Tokens' "
        "AND Assignee.IsActive = true"
    )
    assert ask(query) == [
        {
            "Id": record_id(PERMISSION_SET_ASSIGNMENT, row.pk),
            "AssigneeId": record_id("005", row.user_id),
            "PermissionSetId": record_id(PERMISSION_SET, row.permission_set_id),
            "PermissionSet": {"Name": "Tokens"},
            "Assignee": {"Username": "ada@x.example"},
        }
    ]


def test_finds_the_permission_sets_of_connected_apps(org, ask):
    row = AppPermissionSetFactory(org=org, permission_set__name="Tokens")
    external = ClientAppFactory(org=org, kind="external")
    AppPermissionSetFactory(org=org, app=external)

    query = (
        "SELECT Id, Parent.Name, SetupEntityId, SetupEntityType FROM SetupEntityAccess "
        "WHERE SetupEntityType = 'ConnectedApplication'"
    )
    assert ask(query) == [
        {
            "Id": record_id(SETUP_ENTITY_ACCESS, row.pk),
            "Parent": {"Name": "Tokens"},
            "SetupEntityId": record_id("0H4", row.app_id),
            "SetupEntityType": "ConnectedApplication",
        }
    ]


def test_finds_named_credentials(org, ask):
    StoredComponentFactory(org=org, name="Okta")
    StoredComponentFactory(org=org, type="CustomMetadata", name="Other")

    assert ask("SELECT DeveloperName FROM NamedCredential") == [{"DeveloperName": "Okta"}]


def test_lists_custom_fields(org, ask):
    UserFieldFactory(org=org, name="User.Azure_Id__c")

    assert ask("SELECT DeveloperName, TableEnumOrId FROM CustomField") == [
        {"DeveloperName": "Azure_Id", "TableEnumOrId": "User"}
    ]


def test_finds_certificates(org, ask):
    certificate = CertificateFactory(org=org, name="Okta", label="Okta keys")
    CertificateFactory(org=org, name="Old", pem=EXPIRED)

    query = (
        "SELECT Id, DeveloperName, MasterLabel, ExpirationDate, KeySize, "
        "OptionsIsCaSigned, OptionsIsPrivateKeyExportable FROM Certificate "
        "WHERE ExpirationDate > 2025-01-01T00:00:00Z"
    )
    assert ask(query) == [
        {
            "Id": record_id(CERTIFICATE, certificate.pk),
            "DeveloperName": "Okta",
            "MasterLabel": "Okta keys",
            "ExpirationDate": "9999-12-30T00:00:00.000+0000",
            "KeySize": 2048,
            "OptionsIsCaSigned": False,
            "OptionsIsPrivateKeyExportable": True,
        }
    ]


def test_filters_and_sorts_by_numbers_and_flags(org, ask, subtests):
    for name, key_size in [("Large", 4096), ("Middle", 3072), ("Small", 2048)]:
        CertificateFactory(org=org, name=name)
        values = {"key_size": key_size, "is_ca_signed": name == "Small"}
        Certificate.objects.filter(name=name).update(**values)
    for condition, found in [
        ("KeySize = 2048", "Small"),
        ("KeySize != 2048", "Middle Large"),
        ("KeySize > 2048.5 AND KeySize <= 3072", "Middle"),
        ("KeySize IN (2048, 4096)", "Small Large"),
        ("KeySize NOT IN (2048, 4096)", "Middle"),
        ("KeySize = null", ""),
        ("KeySize < 99999999999999999", "Small Middle Large"),
        ("OptionsIsCaSigned = true", "Small"),
        ("OptionsIsCaSigned != true", "Middle Large"),
        ("NOT (KeySize >= 3072 OR OptionsIsCaSigned = false)", "Small"),
    ]:
        with subtests.test(condition):
            query = f"SELECT DeveloperName FROM Certificate WHERE {condition}"
            rows = ask(f"{query} ORDER BY KeySize")
            assert [row["DeveloperName"] for row in rows] == found.split()
    rows = ask("SELECT KeySize FROM Certificate ORDER BY KeySize DESC NULLS LAST")
    assert [row["KeySize"] for row in rows] == [4096, 3072, 2048]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("KeySize = '2048'", "must be of type int and should not be enclosed in quotes"),
        ("KeySize = true", "must be of type int and should not be enclosed in quotes"),
        ("KeySize LIKE 2048", "invalid operator on int field"),
        ("OptionsIsCaSigned = 'true'", "must be of type boolean and should not be"),
        ("OptionsIsCaSigned > true", "invalid operator on boolean field"),
    ],
)
def test_refuses_conditions_that_do_not_fit_a_number_or_a_flag(ask, condition, words):
    with pytest.raises(SoqlError, match=words):
        ask(f"SELECT Id FROM Certificate WHERE {condition}")


def test_an_unknown_field_is_refused_with_its_position(org):
    error = refused(org, "SELECT Id, Foo FROM User")

    location = "\nSELECT Id, Foo FROM User\n           ^\nERROR at Row:1:Column:12\n"
    assert error.message == location + no_column("Foo", "User")


def test_finds_a_profile_by_name_and_its_users_by_its_id(org, ask):
    user = UserFactory(org=org, profile=BuiltInProfile.SETUP_VIEWER)

    profile_id = record_id(PROFILE, user.profile_id)
    assert profile_id.startswith("00e")
    query = "SELECT Id, Name FROM Profile WHERE Name = 'Setup Viewer' LIMIT 1"
    assert ask(query) == [{"Id": profile_id, "Name": "Setup Viewer"}]
    query = f"SELECT ProfileId FROM User WHERE ProfileId = '{profile_id}'"
    assert ask(query) == [{"ProfileId": profile_id}]


def test_finds_a_user_by_the_fields_of_an_identity_provider(org, ask):
    UserFactory(org=org, first_name="Inga", last_name="Bot", federation_id="E-9981")
    UserFactory(org=org)

    [user] = ask(
        "SELECT Alias, LanguageLocaleKey, EmailEncodingKey, FederationIdentifier"
        " FROM User WHERE FederationIdentifier = 'E-9981' AND CommunityNickname != null"
    )

    assert user == {
        "Alias": "ibot",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "FederationIdentifier": "E-9981",
    }
    assert len(ask("SELECT Id FROM User WHERE FederationIdentifier = null")) == 1


def test_a_name_without_its_own_rows_is_not_an_object(org, subtests):
    for text in ["Organization__c", "Users"]:
        with subtests.test(text=text):
            assert refused(org, f"SELECT Id FROM {text}").code == "INVALID_TYPE"


def test_refuses_invalid_fields(org, subtests):
    for rest, expected in [
        ("Foo FROM User", no_column("Foo", "User")),
        ("Profile FROM User", no_column("Profile", "User")),
        ("Profile.Foo FROM User", no_column("Foo", "Profile")),
        ("Foo.Name FROM User", no_relationship("Foo")),
        ("Profile.User.Name FROM User", no_relationship("User")),
        ("COUNT(Foo) FROM User", no_column("Foo", "User")),
        ("Id FROM User WHERE Foo = 1", no_column("Foo", "User")),
        ("Id FROM User WHERE x.Name = 'a'", no_relationship("x")),
        ("Id FROM User ORDER BY Foo", no_column("Foo", "User")),
        ("Id, Name, id FROM User", "duplicate field selected: Id"),
        ("Profile.Name, Profile.Name FROM User", "duplicate field selected: Name"),
        ("FIELDS(STANDARD), Id FROM User", "duplicate field selected: Id"),
        ("Id FROM User WHERE Name = 5", type_mismatch("Name", "string", "should")),
        ("Id FROM User WHERE Name IN ('a', 5)", type_mismatch("Name", "string", "should")),
        ("Id FROM User WHERE Id = 5", type_mismatch("Id", "string", "should")),
        ("Id FROM User WHERE Email = true", type_mismatch("Email", "string", "should")),
        (
            "Id FROM User WHERE IsActive = 'true'",
            type_mismatch("IsActive", "boolean", "should not"),
        ),
        (
            "Id FROM Organization WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            type_mismatch("CreatedDate", "dateTime", "should not"),
        ),
        (
            "Id FROM Organization WHERE CreatedDate > 2026-01-01",
            type_mismatch("CreatedDate", "dateTime", "should not"),
        ),
        (
            "Id FROM Organization WHERE TrialExpirationDate = 5",
            type_mismatch("TrialExpirationDate", "dateTime", "should not"),
        ),
        (
            "Id FROM ApexClass WHERE Body LIKE '%x%'",
            "field 'Body' can not be filtered in a query call",
        ),
        (
            "Id FROM ApexClass ORDER BY Body",
            "field 'Body' can not be sorted in a query call",
        ),
    ]:
        with subtests.test(rest=rest):
            error = refused(org, f"SELECT {rest}")

            assert error.code == "INVALID_FIELD"
            assert error.message.rpartition("\n")[2] == expected


def test_refuses_operators_that_a_type_does_not_support(org, subtests):
    for condition, kind in [
        ("Id < 'x'", "id"),
        ("Id LIKE '005%'", "id"),
        ("CreatedById >= 'x'", "id"),
        ("CreatedBy.IsActive > true", "boolean"),
    ]:
        with subtests.test(condition=condition):
            error = refused(org, f"SELECT Id FROM SetupAuditTrail WHERE {condition}")

            assert error.code == "INVALID_QUERY_FILTER_OPERATOR"
            assert error.message.rpartition("\n")[2] == f"invalid operator on {kind} field"


def test_refuses_a_date_before_the_first_year(org):
    condition = "CreatedDate = N_YEARS_AGO:99999"
    error = refused(org, f"SELECT Id FROM Organization WHERE {condition}")

    assert error.code == "MALFORMED_QUERY"
    assert error.message.endswith("Invalid date: N_YEARS_AGO:99999")


# --- Hostile input ---------------------------------------------------------------------

TEXTS = ["\0", "a\0b", "\ud800", "%\ud83d", "🙂", "' OR 1=1 --", "x" * 4000, "%_" * 2000]


def test_hostile_values_are_treated_as_text(people, names, subtests):
    text_fields = ["Username", "Name", "LastName", "Profile.Name"]
    tests = [
        *product(["Id", *text_fields], ["= {}", "!= {}", "IN ({})"]),
        *product(text_fields, ["< {}", "LIKE {}"]),
    ]
    for text, (field, test) in product(TEXTS, tests):
        with subtests.test(field=field, test=test, text=text):
            literal = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
            matches = names(f"WHERE {field} {test.format(literal)}")
            assert matches in ([], ALL) or test in ("< {}", "LIKE {}")


def test_accepts_the_maximum_number_of_conditions_and_values(people, names):
    many = " OR ".join(f"Name = 'x{number}'" for number in range(400))
    assert names(f"WHERE {many}") == []
    deep = "(NOT (IsActive = true AND " * 9 + "Name = 'x'" + "))" * 9
    assert names(f"WHERE {deep}") in (ALL, ["beta"])
    texts = ",".join(f"'x{number}'" for number in range(4_000))
    assert names(f"WHERE Name NOT IN ({texts}) AND Username NOT IN ({texts})") == ALL
    ids = ",".join(
        f"'{record_id('005', number)}'" for number in range(10**9, 10**9 + 4_000)
    )
    assert names(f"WHERE Id NOT IN ({ids})") == ALL
    dates = ",".join(["TODAY"] * 200 + ["null"])
    query = f"SELECT Id FROM Organization WHERE CreatedDate IN ({dates})"
    assert run(people[0].org, query).total_size == 1


# Fields, the values to compare them with, and the operators.
ORDERED = ["=", "!=", "<", "<=", ">", ">=", "LIKE"]
COMPARISONS = st.one_of(
    st.builds("{} {} {}".format, *map(st.sampled_from, each))
    for each in [
        (["Name", "FirstName", "Email"], ORDERED, ["'a'", "'%a%'", "'b_b'", "''", "null"]),
        (["Profile.Name", "LastName"], ORDERED, ["'alpha'", "'s%'", "null"]),
        (["IsActive"], ["=", "!="], ["true", "false", "null"]),
        (["Id"], ["=", "!="], ["'005000000000001'", "'x'", "null"]),
        (["Id", "Name"], ["IN", "NOT IN"], ["('x')", "(null)", "('Ann Alpha', null)"]),
    ]
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: (
        st.builds("({} AND {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("(NOT {})".format, inner)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=CONDITIONS, order=st.sampled_from(["Id", "FirstName", "Profile.Name"]))
def test_any_condition_and_its_negation_find_everyone_once(people, names, condition, order):
    matches = names(f"WHERE {condition} ORDER BY {order}")
    assert sorted(matches + names(f"WHERE NOT ({condition})")) == sorted(ALL)


# --- Number of queries -----------------------------------------------------------------


def test_takes_one_database_query_for_any_number_of_rows(
    handler, django_assert_num_queries
):
    text = (
        "SELECT Id, OauthTokenExchangeHandler.LastModifiedBy.Profile.Name,"
        " ConnectedApplication.Name, ExternalClientApplication.MasterLabel,"
        " ApexExecutionUser.Name FROM OauthTokenExchHandlerApp"
        " WHERE ApexExecutionUser.IsActive = true ORDER BY ApexExecutionUser.Name"
    )
    counts = "SELECT COUNT(Id), COUNT(IsDefault) FROM OauthTokenExchHandlerApp"
    for number in (1, 30):
        while (missing := number - Enablement.objects.count()) > 0:
            EnablementFactory.create_batch(missing, handler=handler)
        with django_assert_num_queries(1):
            assert len(run(handler.org, text).records) == number
        with django_assert_num_queries(1):
            run(handler.org, counts)


def test_a_refused_query_reads_nothing(org, django_assert_num_queries):
    with django_assert_num_queries(0):
        refused(org, "SELECT Id FROM User WHERE Foo = 1")


# --- Apex queries ------------------------------------------------------------------------


def inline(org, text, binds):
    return run_inline(
        org,
        parse(text, has_binds=True),
        binds,
        known=SOBJECTS,
        format_=JsonFormat(""),
        max_rows=100,
    )


@pytest.mark.django_db
def test_an_apex_query_has_values_for_its_binds(org, people, subtests):
    stranger = UserFactory(last_name="Alpha")
    for condition, binds, found in [
        ("LastName = :name", {"name": "ALPHA"}, ["Alpha"]),
        ("LastName IN :names", {"names": {"Alpha", "beta"}}, ["Alpha", "beta"]),
        ("LastName = :names", {"names": ["beta", None]}, ["beta"]),
        ("LastName IN :names", {"names": []}, []),
        ("LastName LIKE :start + '%'", {"start + '%'": "a%"}, ["Alpha"]),
        ("LastName LIKE :x", {"x": r"%\_1"}, ["Gamma_1"]),
        ("LastName LIKE :x", {"x": "Alpha\\"}, []),
        ("FirstName != :x AND LastName != 'beta'", {"x": None}, ["Alpha"]),
        ("IsActive = :x", {"x": False}, ["beta"]),
        ("Id = :id", {"id": record_id("005", people[1].pk)}, ["beta"]),
        ("Id = :id", {"id": record_id("005", stranger.pk)}, []),
        ("LastName != null ORDER BY LastName LIMIT :n", {"n": 1}, ["100% Delta"]),
    ]:
        with subtests.test(condition=condition, binds=binds):
            text = f"SELECT LastName FROM User WHERE {condition}"
            result = inline(org, text, binds)
            assert [each["LastName"] for each in result.records] == found


@pytest.mark.django_db
def test_refuses_values_of_another_type(org):
    with pytest.raises(SoqlError) as caught:
        inline(org, "SELECT Id FROM User WHERE IsActive = :x", {"x": "yes"})
    assert "must be of type boolean" in caught.value.message
