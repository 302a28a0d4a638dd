"""Queries of custom metadata records, whose values are in files."""

import pytest

from tests.factories import OrgFactory, StoredComponentFactory
from tokenx.org import record_ids
from tokenx.org.custom_metadata import MAX_FIELDS, details_of
from tokenx.soql import custom_metadata, memory_query
from tokenx.soql.columns import columns
from tokenx.soql.custom_fields import sobjects_of
from tokenx.soql.run import find_record, run
from tokenx.soql.tree import SoqlError

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
"""


def file_of(label, **values):
    """Return a record's file; a value is its XML Schema type and its text."""
    parts = [f"<label>{label}</label>"]
    for name, (kind, text) in values.items():
        declared = f'xsi:type="xsd:{kind}"' if kind else 'xsi:nil="true"'
        value = f"<value {declared}>{text}</value>"
        parts.append(f"<values><field>{name}</field>{value}</values>")
    return f"{HEAD}{''.join(parts)}</CustomMetadata>"


def record_of(org, name, label="", **values):
    return StoredComponentFactory(
        org=org, type="CustomMetadata", name=name, file=file_of(label, **values)
    )


@pytest.fixture
def issuers(org):
    okta = {
        "Url__c": ("string", "https://okta.example"),
        "Is_Active__c": ("boolean", "true"),
        "Order__c": ("double", "2.0"),
        "Starts__c": ("date", "2026-01-31"),
    }
    entra = {
        "URL__c": ("string", "https://entra.example"),
        "Is_Active__c": ("boolean", "false"),
        "Order__c": ("", ""),
        "Limit__c": ("double", "0"),
    }
    record_of(org, "Issuer.Entra", "Entra ID", **entra)
    record_of(org, "Issuer.Okta", "Okta &amp; more", **okta)
    record_of(org, "Issuers.Other", Url__c=("string", "x"))
    record_of(OrgFactory(), "Issuer.Theirs", Secret__c=("string", "x"))


def names(org, condition):
    query = f"SELECT DeveloperName FROM Issuer__mdt {condition}"
    return [row["DeveloperName"] for row in run(org, query).records]


def test_selects_the_fields_of_a_types_records(org, issuers):
    query = (
        "SELECT DeveloperName, MasterLabel, Url__c, Is_Active__c, Order__c, Limit__c, "
        "Starts__c, NamespacePrefix FROM issuer__MDT ORDER BY Url__c DESC"
    )
    okta, entra = run(org, query).records

    assert okta == {
        "attributes": okta["attributes"],
        "DeveloperName": "Okta",
        "MasterLabel": "Okta & more",
        "URL__c": "https://okta.example",
        "Is_Active__c": True,
        "Order__c": 2,
        "Limit__c": None,
        "Starts__c": "2026-01-31",
        "NamespacePrefix": None,
    }
    assert (entra["Is_Active__c"], entra["Order__c"], entra["Limit__c"]) == (False, None, 0)
    assert okta["attributes"]["type"] == "Issuer__mdt"


def test_filters_and_sorts_the_records(org, issuers, subtests):
    for condition, found in [
        ("WHERE Is_Active__c = true", ["Okta"]),
        ("WHERE Is_Active__c = false", ["Entra"]),
        ("WHERE Order__c > 1", ["Okta"]),
        ("WHERE NOT (Order__c > 1)", ["Entra"]),
        ("WHERE Order__c = null", ["Entra"]),
        ("WHERE Order__c != null", ["Okta"]),
        ("WHERE Url__c LIKE '%OKTA%'", ["Okta"]),
        ("WHERE Url__c IN ('https://entra.example')", ["Entra"]),
        ("WHERE Starts__c = null", ["Entra"]),
        ("WHERE DeveloperName = 'okta'", ["Okta"]),
        ("WHERE MasterLabel = 'Entra ID'", ["Entra"]),
        ("ORDER BY Order__c", ["Entra", "Okta"]),
        ("ORDER BY Order__c NULLS LAST", ["Okta", "Entra"]),
        ("ORDER BY Order__c DESC", ["Entra", "Okta"]),
        ("ORDER BY Order__c DESC NULLS LAST", ["Okta", "Entra"]),
        ("ORDER BY MasterLabel LIMIT 1", ["Entra"]),
        ("ORDER BY MasterLabel DESC LIMIT 1 OFFSET 1", ["Entra"]),
        ("WHERE Starts__c = 2026-01-31", ["Okta"]),
        ("WHERE Starts__c < 2026-01-31", []),
        ("WHERE Starts__c < TODAY", ["Okta"]),
        ("WHERE Starts__c = LAST_N_DAYS:5", []),
        ("WHERE SystemModstamp = TODAY ORDER BY Order__c", ["Entra", "Okta"]),
        ("WHERE Order__c IN (2, 3)", ["Okta"]),
        ("WHERE Language = 'en_us' AND NOT Url__c LIKE 'https://entra%'", ["Okta"]),
    ]:
        with subtests.test(condition):
            assert names(org, condition) == found
    counted = run(org, "SELECT COUNT(Order__c) c FROM Issuer__mdt").records
    assert counted[0]["c"] == 1


def test_groups_of_records(org, issuers, subtests):
    for query, found in [
        (
            "SELECT Is_Active__c, COUNT(Id) c, MAX(Order__c) FROM Issuer__mdt"
            " GROUP BY Is_Active__c ORDER BY COUNT(Id), Is_Active__c DESC",
            [(True, 1, 2.0), (False, 1, None)],
        ),
        (
            "SELECT Language l, COUNT_DISTINCT(Url__c) FROM Issuer__mdt"
            " GROUP BY Language ORDER BY l",
            [("en_US", 2)],
        ),
        ("SELECT MIN(Starts__c), COUNT(Id) n FROM Issuer__mdt", [("2026-01-31", 2)]),
        ("SELECT MIN(Url__c) FROM Issuer__mdt WHERE Order__c > 99", [(None,)]),
    ]:
        with subtests.test(query):
            rows = [{**each} for each in run(org, query).records]
            assert [tuple(each.values())[1:] for each in rows] == found


def test_refuses_what_does_not_fit_a_field(org, issuers, subtests, monkeypatch):
    for condition, part in [
        ("Starts__c = '2026-01-31'", "another type"),
        ("Starts__c = 2026-01-31T00:00:00Z", "another type"),
        ("Is_Active__c = 'true'", "another type"),
        ("Url__c = 5", "another type"),
        ("Order__c LIKE 'x'", "another type"),
        ("Id IN (SELECT Id FROM Profile)", "aren't supported"),
    ]:
        with subtests.test(condition), pytest.raises(SoqlError) as caught:
            names(org, f"WHERE {condition}")
        assert part in caught.value.message
    monkeypatch.setattr(memory_query, "_MOST_STEPS", 100_000)
    slow = f"Url__c LIKE '%{'a' * 3_900}b'"
    record_of(org, "Issuer.Long", Url__c=("string", "a" * 20_000))
    with pytest.raises(SoqlError, match="too long") as caught:
        names(org, f"WHERE {slow}")
    assert caught.value.code == "QUERY_TIMEOUT"


def test_records_that_are_too_large_are_not_queried(org, issuers, monkeypatch):
    monkeypatch.setattr(custom_metadata, "MAX_SIZE", 30)
    with pytest.raises(SoqlError, match="Issuer__mdt are too large"):
        run(org, "SELECT Id FROM Issuer__mdt")
    assert run(org, "SELECT Id FROM Issuers__mdt").total_size == 1


def test_types_and_fields_are_those_of_the_orgs_records(org, issuers):
    types = {name for name in sobjects_of(org) if name.endswith("__mdt")}
    assert types == {"issuer__mdt", "issuers__mdt"}
    assert not any(name.endswith("__mdt") for name in sobjects_of(OrgFactory()))
    for query in [
        "SELECT Id FROM Nothing__mdt",
        "SELECT Id FROM Issuer",
        "SELECT Secret__c FROM Issuer__mdt",
    ]:
        with pytest.raises(SoqlError):
            run(org, query)


def test_reads_one_record_by_its_id(org, issuers):
    [row] = run(org, "SELECT Id FROM Issuer__mdt WHERE DeveloperName = 'Okta'").records

    found = find_record(org, "issuer__mdt", row["Id"])

    assert row["Id"].startswith(record_ids.CUSTOM_METADATA)
    assert found["MasterLabel"] == found["Label"] == "Okta & more"
    assert find_record(org, "Issuers__mdt", row["Id"]) is None
    assert find_record(OrgFactory(), "Issuer__mdt", row["Id"]) is None


def test_a_field_with_several_types_is_text(org):
    record_of(org, "Limit.A", Value__c=("double", "5"))
    record_of(org, "Limit.B", Value__c=("string", "many"))

    rows = run(org, "SELECT Value__c FROM Limit__mdt WHERE Value__c != '5'").records

    assert [row["Value__c"] for row in rows] == ["many"]


def test_a_record_can_have_the_suffix_in_its_name(org):
    record_of(org, "Limit__mdt.A", "One")

    assert run(org, "SELECT DeveloperName FROM Limit__mdt").total_size == 1


def test_a_changed_file_changes_the_values(org, issuers):
    row = record_of(org, "Limit.A", Value__c=("double", "5"))
    row.file = file_of("New", Value__c=("double", "6.5"))
    row.save()

    query = "SELECT MasterLabel, Value__c FROM Limit__mdt WHERE Value__c > 6"
    [found] = run(org, query).records
    assert (found["MasterLabel"], found["Value__c"]) == ("New", 6.5)


def test_columns_have_the_types_of_the_values(org, issuers):
    query = "SELECT Order__c, Is_Active__c, Url__c FROM Issuer__mdt"
    found = columns(org, query)["columnMetadata"]

    assert [each["apexType"] for each in found] == ["Double", "Boolean", "String"]
    assert [each["numberType"] for each in found] == [True, False, False]


def test_unusual_files_have_no_values():
    many = {f"F{number}__c": ("string", "x") for number in range(MAX_FIELDS + 1)}
    assert len(details_of(file_of("Many", **many))["fields"]) == MAX_FIELDS
    assert details_of("not XML") == {}
    invalid = file_of("A", **{"2nd__c": ("string", "x"), "N__c": ("double", "NaN")})
    assert details_of(invalid)["fields"] == {"n__c": ["N__c", "string"]}


def test_only_a_query_that_names_a_type_loads_it(org, django_assert_num_queries):
    record_of(org, "Limit.A")
    for query, count in [
        ("SELECT Id FROM User LIMIT 1", 1),
        ("SELECT Id FROM Limit__mdt", 2),
    ]:
        with django_assert_num_queries(count):
            run(org, query)
