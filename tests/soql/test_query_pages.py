"""Query responses: pages, formats of the REST and Tooling APIs, and columns."""

import pytest

from tests.factories import OrgFactory, TokenExchangeHandlerFactory, UserFactory
from tests.many import make_users
from tokenx.org.models import User
from tokenx.org.record_ids import record_id
from tokenx.soql.columns import columns
from tokenx.soql.run import Service, answer, find_record, run, run_more, tooling_answer
from tokenx.soql.tree import SoqlError

BEGINNING = "/services/data/v60.0/query/"


@pytest.fixture(scope="module")
def crowd_of_all_tests(module_db):
    org = OrgFactory()
    make_users(org, [f"Person {number:04}" for number in range(4_500)])
    return org


@pytest.fixture
def crowd(crowd_of_all_tests, db):
    """Return an org with 4,500 users. A test's own changes are rolled back."""
    return crowd_of_all_tests


def pages(org, text):
    """Return all pages of a result, as a client reads them."""
    results = [run(org, text)]
    while url := results[-1].next_records_url:
        assert url.startswith(BEGINNING)
        results.append(run_more(org, url.removeprefix(BEGINNING)))
    return results


def test_a_result_has_pages(crowd, subtests):
    for rest, sizes in [
        ("", [2000, 2000, 500]),
        ("ORDER BY Name DESC", [2000, 2000, 500]),
        ("LIMIT 2000", [2000]),
        ("LIMIT 2001", [2000, 1]),
        ("LIMIT 4000 OFFSET 400", [2000, 2000]),
        ("OFFSET 2000", [2000, 500]),
        ("WHERE Name < 'Person 2000'", [2000]),
    ]:
        with subtests.test(rest=rest):
            results = pages(crowd, f"SELECT Id, Name FROM User {rest}")

            assert [len(page.records) for page in results] == sizes
            assert {page.total_size for page in results} == {sum(sizes)}
            records = [record["Name"] for page in results for record in page.records]
            assert len(set(records)) == sum(sizes)
            assert records == sorted(records, reverse="DESC" in rest)


def test_the_first_of_several_pages_takes_two_queries_and_others_one(
    crowd, django_assert_num_queries
):
    with django_assert_num_queries(2):
        url = run(crowd, "SELECT Id, Profile.Name FROM User").next_records_url
    with django_assert_num_queries(1):
        run_more(crowd, url.removeprefix(BEGINNING))


def test_the_total_stays_that_of_the_first_page(crowd):
    first = run(crowd, "SELECT Id FROM User")
    User.objects.filter(last_name__gte="4000").delete()

    second = run_more(crowd, first.next_records_url.removeprefix(BEGINNING))

    assert (second.total_size, second.next_records_url) == (4_500, None)


def test_the_tooling_api_has_its_own_next_page(crowd):
    service = Service("62.0", is_tooling=True)
    first = run(crowd, "SELECT Id FROM User", service)
    beginning = "/services/data/v62.0/tooling/query/"

    second = run_more(crowd, first.next_records_url.removeprefix(beginning), service)

    assert second.next_records_url.startswith(beginning)
    url = second.records[0]["attributes"]["url"]
    assert url.startswith("/services/data/v62.0/tooling/sobjects/User/005")


def locator(org):
    url = run(org, "SELECT Id FROM User").next_records_url
    return url.removeprefix(BEGINNING)


def test_refuses_an_invalid_locator(crowd, subtests):
    valid = locator(crowd)
    for invalid in [
        "",
        "-2000",
        "01g000000000000-2000",
        valid.replace("-2000", ""),
        valid.replace("-2000", "-x"),
        valid.replace("-2000", "-²"),
        valid + "0" * 20,
        "x" + valid,
        valid[1:],
        "\0\ud800" + valid,
    ]:
        with subtests.test(locator=invalid):
            with pytest.raises(SoqlError) as caught:
                run_more(crowd, invalid)

            assert caught.value.code == "INVALID_QUERY_LOCATOR"
            assert caught.value.message == "invalid query locator"


def test_refuses_the_locator_of_another_org(crowd):
    with pytest.raises(SoqlError):
        run_more(OrgFactory(), locator(crowd))


def test_a_page_after_the_last_is_empty(crowd):
    result = run_more(crowd, locator(crowd).replace("-2000", "-999999999"))
    assert (result.records, result.next_records_url) == ([], None)


# --- Response formats ------------------------------------------------------------------


def test_a_rest_response(org):
    person = UserFactory(org=org)
    pk = record_id("005", person.pk)
    attributes = {"type": "User", "url": f"/services/data/v62.0/sobjects/User/{pk}"}

    assert answer(run(org, "SELECT Id FROM User", Service("62.0"))) == {
        "totalSize": 1,
        "done": True,
        "records": [{"attributes": attributes, "Id": pk}],
    }


def test_a_rest_response_with_a_next_page(crowd):
    response = answer(run(crowd, "SELECT Id FROM User"))
    assert not response["done"]
    assert response["nextRecordsUrl"].startswith(BEGINNING)
    assert response["nextRecordsUrl"].endswith("-2000")


def test_a_tooling_api_response(org):
    assert tooling_answer(run(org, "select Id from apexclass")) == {
        "size": 0,
        "totalSize": 0,
        "done": True,
        "queryLocator": None,
        "entityTypeName": "ApexClass",
        "records": [],
    }


def test_finds_one_record_by_its_id(admin, django_assert_num_queries):
    pk = record_id("005", admin.pk)
    with django_assert_num_queries(2):  # The custom fields, and the record.
        record = find_record(admin.org, "user", pk, Service("51.0"))

    assert record["attributes"]["url"] == f"/services/data/v51.0/sobjects/User/{pk}"
    assert record["Username"] == "admin@mycompany.example"
    assert find_record(admin.org, "User", pk[:15]) is not None


def test_finds_no_record_of_another_type_or_org(admin):
    pk = record_id("005", admin.pk)

    assert find_record(admin.org, "Nothing", pk) is None
    assert find_record(admin.org, "Organization", pk) is None
    assert find_record(admin.org, "User", "x") is None
    assert find_record(OrgFactory(), "User", pk) is None


# --- Columns ---------------------------------------------------------------------------


def shape(columns):
    """Return the names of columns, with those of their subcolumns."""
    return [
        (each["columnName"], shape(each["joinColumns"]))
        if each["joinColumns"]
        else each["columnName"]
        for each in columns
    ]


def test_columns_are_those_of_the_query(org):
    result = columns(
        org,
        "SELECT id, TokenHandlerApex.Name, IsEnabled, LastModifiedBy.Profile.Name,"
        " TokenHandlerApex.Id FROM oauthtokenexchangehandler",
    )

    assert shape(result["columnMetadata"]) == [
        "Id",
        ("TokenHandlerApex", ["Name", "Id"]),
        "IsEnabled",
        ("LastModifiedBy", [("Profile", ["Name"])]),
    ]
    assert (result["entityName"], result["keyPrefix"]) == (
        "OauthTokenExchangeHandler",
        "txH",
    )
    assert result["idSelected"]


def test_all_properties_of_a_column(org):
    [column] = columns(org, "SELECT isactive FROM User")["columnMetadata"]
    assert column == {
        "aggregate": False,
        "apexType": "Boolean",
        "booleanType": True,
        "columnName": "IsActive",
        "custom": False,
        "displayName": "IsActive",
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }


def test_columns_of_counts(org):
    result = columns(org, "SELECT COUNT(id), COUNT(Name) named FROM User")

    assert [
        (each["columnName"], each["displayName"], each["aggregate"])
        for each in result["columnMetadata"]
    ] == [("expr0", "count(Id)", True), ("named", "count(Name)", True)]
    assert columns(org, "SELECT COUNT() FROM User")["columnMetadata"] == []


def test_columns_of_all_fields_need_no_rows(org, django_assert_num_queries):
    TokenExchangeHandlerFactory(org=org)
    with django_assert_num_queries(0):
        result = columns(org, "SELECT FIELDS(STANDARD) FROM User")
    assert shape(result["columnMetadata"])[:3] == ["Id", "Username", "Name"]


def test_columns_of_an_invalid_query_are_refused(org, subtests):
    for text, code in [
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Foo", "INVALID_TYPE"),
        ("SELECT Foo FROM User", "INVALID_FIELD"),
        ("SELECT COUNT(Foo) FROM User", "INVALID_FIELD"),
    ]:
        with subtests.test(text=text):
            with pytest.raises(SoqlError) as caught:
                columns(org, text)
            assert caught.value.code == code
