"""The ports through which the checker of Apex learns about queries and objects."""

import pytest

from tests.factories import OrgFactory, StoredComponentFactory
from tokenx.apex.ports import Bind, QueryError
from tokenx.setup.apex_runs.queries import fields_of, parse_query
from tokenx.setup.compile_classes import compile_body


def refused(text):
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    return caught.value.message, caught.value.offset


# --- Shapes ----------------------------------------------------------------------------


def test_the_shape_of_a_query():
    shape = parse_query(
        "select Id, Profile.Name from User u where u.Username =: name and Email != null"
        " order by LastName limit :n"
    )

    assert shape.objects == ("User",)
    assert shape.fields == ("Id", "Profile.Name", "Username", "Email", "LastName")
    assert shape.binds == (Bind("name", 56), Bind("n", 104))
    assert (shape.is_count, shape.is_aggregate, shape.unknown) == (False, False, "")


def test_counts_and_aggregates(subtests):
    for text, is_count, is_aggregate in [
        ("SELECT COUNT() FROM User", True, False),
        ("SELECT count( ) FROM User WHERE Id = :x", True, False),
        ("SELECT COUNT(Id) FROM User", False, True),
        ("SELECT COUNT(Id), MAX(Name) FROM User", False, True),
        ("SELECT Name FROM User GROUP BY Name", False, True),
        ("SELECT toLabel(Name) FROM User", False, False),
        ("SELECT Id, (SELECT COUNT() FROM Contacts) FROM User", False, False),
    ]:
        with subtests.test(text=text):
            shape = parse_query(text)
            assert (shape.is_count, shape.is_aggregate) == (is_count, is_aggregate)


def test_fields_of_other_objects_and_aliases_are_left_out(subtests):
    for text, fields in [
        ("SELECT User.Name, u.Id FROM User u", ("Name", "Id")),
        ("SELECT Id, (SELECT Title FROM Contacts) FROM Account", ("Id",)),
        ("SELECT Id FROM A WHERE B IN (SELECT C FROM D)", ("Id", "B")),
        ("SELECT a.Id, c.Name FROM Account a, a.Contacts c", ("Id",)),
        ("SELECT COUNT(Id) n FROM A GROUP BY B ORDER BY n", ("Id", "B")),
        ("SELECT FIELDS(ALL) FROM User LIMIT 200", ()),
        ("SELECT FIELDS(ALL), SUM(Id) FROM User LIMIT 200", ("Id",)),
    ]:
        with subtests.test(text=text):
            assert parse_query(text).fields == fields


# --- The whole language ------------------------------------------------------------------


def test_names_the_part_that_tokenx_does_not_support(subtests):
    for text, unknown in [
        ("SELECT Id, ^(SELECT Id FROM Tasks) FROM Case", "a nested query"),
        ("SELECT Name FROM A GROUP BY ^ROLLUP(Name) HAVING COUNT(Id) > 1", "ROLLUP()"),
        ("SELECT Name n, COUNT(Id) c FROM A GROUP BY Name ^HAVING COUNT(Id) > 1", "HAVING"),
        ("SELECT ^SUM(Name) FROM A", "SUM()"),
        ("SELECT ^FORMAT(convertCurrency(Amount)) a FROM A", "FORMAT()"),
        ("SELECT Id FROM A WHERE ^CALENDAR_YEAR(CreatedDate) = 2026", "CALENDAR_YEAR()"),
        (
            "SELECT Id FROM A WHERE ^DISTANCE(L, GEOLOCATION(:x, 1.5), 'mi') < 20",
            "DISTANCE()",
        ),
        (
            "SELECT ^TYPEOF What WHEN Account THEN Name, Id WHEN Case THEN Id ELSE X END"
            " FROM Event",
            "TYPEOF",
        ),
        ("SELECT Id FROM A ^USING SCOPE mine", "USING SCOPE"),
        ("SELECT Id FROM A WHERE b ^INCLUDES ('x;y', :z)", "INCLUDES or EXCLUDES"),
        ("SELECT Id FROM A WHERE b > ^USD5000", "a currency value"),
        ("SELECT Id FROM A ^WITH DATA CATEGORY G AT (x, y) AND P ABOVE z", "WITH"),
        ("SELECT Id FROM A ^WITH RecordVisibilityContext (maxDescriptors=100)", "WITH"),
        ("SELECT Id FROM A FOR VIEW ^UPDATE TRACKING, VIEWSTAT", "UPDATE"),
        ("SELECT Id FROM A WHERE b = ^THIS_FISCAL_QUARTER", "THIS_FISCAL_QUARTER"),
        ("SELECT Id FROM ^Group", "Group"),
        ("SELECT Id FROM A WHERE b = ''^'c'''", "part of its syntax"),
        ("SELECT a.Id FROM A a^, a.Bs b", "part of its syntax"),
    ]:
        with subtests.test(text=text):
            shape = parse_query(text.replace("^", ""))
            assert shape.unknown == unknown
            assert shape.unknown_offset == text.index("^")


def test_clauses_without_an_effect_are_supported(subtests):
    for clause in ["WITH USER_MODE", "WITH SECURITY_ENFORCED", "ALL ROWS", "FOR UPDATE"]:
        with subtests.test(clause=clause):
            assert parse_query(f"SELECT Id FROM User {clause}").unknown == ""


def test_queries_that_are_too_large_to_run_are_no_errors():
    condition = " OR ".join(["a = 1"] * 401)
    assert parse_query(f"SELECT Id FROM User WHERE {condition}").unknown


def test_reports_only_certain_errors(subtests):
    for text, sentence in [
        ("SELECT Id FORM ^User", "unexpected token: 'User'"),
        ("SELECT Id, ^FROM User", "unexpected token: 'FROM'"),
        ("SELECT Id^", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User WHERE Name =^= 'x'", "unexpected token: '='"),
        ("SELECT Id FROM User WHERE Name = ^x", "unexpected token: 'x'"),
        ("SELECT Id FROM User WHERE a = 1 AND b = :y ^OR c = 2", "unexpected token: 'OR'"),
        ("SELECT Id, (SELECT Id FROM B ^FROM A", "unexpected token: 'FROM'"),
        ("SELECT Id FROM A LIMIT 1 ^WHERE b = 1", "unexpected token: 'WHERE'"),
        ("SELECT Id FROM A GROUP ^Name", "unexpected token: 'Name'"),
        ("SELECT Id FROM A WHERE d = ^2026-13-01", "Invalid date: 2026-13-01"),
        ("SELECT ^Id, COUNT(Id) FROM A", "Field must be grouped or aggregated: Id"),
    ]:
        with subtests.test(text=text):
            message, offset = refused(text.replace("^", ""))
            assert (message, offset) == (sentence, text.index("^"))


# --- Objects -----------------------------------------------------------------------------


def test_fields_have_apex_types():
    fields = fields_of("USER")

    assert fields["id"] == "Id"
    assert fields["username"] == fields["email"] == fields["timezonesidkey"] == "String"
    assert fields["isactive"] == "Boolean"
    assert fields["profileid"] == "Id"
    assert fields["federationidentifier"] == "String"
    assert fields_of("ApexClass")["lastmodifieddate"] == "Datetime"
    handler = fields_of("oauthTokenExchangeHandler")
    assert (handler["tokenhandlerapexid"], handler["tokenhandlerapex"]) == (
        "Id",
        "ApexClass",
    )


def test_objects_that_queries_only_reach_are_known():
    assert fields_of("User")["profile"] == "Profile"
    assert fields_of("profile") == {
        "id": "Id",
        "name": "String",
        "usertype": "String",
    }


def test_other_objects_are_not_known():
    assert fields_of("Case") is None
    assert fields_of("") is None


# --- Objects without records -------------------------------------------------------------


def checked(org, statements, fields=""):
    body = f"public class A {{ {fields} void m(String x) {{ {statements} }} }}"
    return compile_body(org=org.pk, body=body)


@pytest.mark.django_db
def test_a_class_that_uses_contacts_runs_and_says_that_there_are_none(org):
    compiled = checked(
        org,
        "List<Contact> a = [SELECT Id, Own__c, Account.Name, (SELECT Id FROM Cases) "
        "FROM Contact WHERE Email = :x];"
        "Contact b = new Contact(LastName = x, Own__c = x); b.Other__c = x; insert b;"
        "Contact c = [SELECT Id FROM Contact LIMIT 1];",
    )

    assert compiled.status == "valid"
    assert {each.message for each in compiled.problems} == {
        "tokenx has no Contact records: this query returns no rows."
    }
    assert {each.severity for each in compiled.problems} == {"note"}


@pytest.mark.django_db
def test_labels_and_custom_metadata_of_the_org_are_known(org):
    labels = (
        "<CustomLabels><labels><fullName>Hello</fullName><value>Hi</value></labels>"
        "</CustomLabels>"
    )
    StoredComponentFactory(org=org, type="CustomLabels", name="CustomLabels", file=labels)
    StoredComponentFactory(
        org=org,
        type="CustomMetadata",
        name="Issuer.Okta",
        file="<CustomMetadata><label>Okta</label><values><field>Url__c</field>"
        "<value>https://okta.example</value></values></CustomMetadata>",
    )
    code = (
        "String a = System.Label.Hello + Label.hello;"
        "List<Issuer__mdt> b = [SELECT Url__c FROM Issuer__mdt WHERE DeveloperName = :x];"
        "String c = b[0].Url__c;"
    )

    assert checked(org, code).problems == ()
    assert checked(OrgFactory(), code).status == "not_runnable"
    assert checked(org, "String a = Label.Bye;").status == "not_runnable"
