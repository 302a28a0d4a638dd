"""What stands around the records: the next ones, the Tooling API's form, the columns."""

import pytest

from tests.factories import OrgFactory, TokenExchangeHandlerFactory, UserFactory
from tests.handlers.many import make_users
from tokenx.metadata.columns import columns
from tokenx.metadata.query import (
    Service,
    answer,
    find_record,
    run,
    run_more,
    tooling_answer,
)
from tokenx.metadata.soql_tree import SoqlError
from tokenx.org.models import User
from tokenx.org.record_ids import record_id

BEGINNING = "/services/data/v60.0/query/"


@pytest.fixture
def crowd(org):
    make_users(org, [f"Person {number:04}" for number in range(4_500)])
    return org


def pages(org, text):
    """All pages of an answer, as a client reads them."""
    found = [run(org, text)]
    while url := found[-1].next_records_url:
        assert url.startswith(BEGINNING)
        found.append(run_more(org, url.removeprefix(BEGINNING)))
    return found


@pytest.mark.parametrize(
    "rest, sizes",
    [
        ("", [2000, 2000, 500]),
        ("ORDER BY Name DESC", [2000, 2000, 500]),
        ("LIMIT 2000", [2000]),
        ("LIMIT 2001", [2000, 1]),
        ("LIMIT 4000 OFFSET 400", [2000, 2000]),
        ("OFFSET 2000", [2000, 500]),
        ("WHERE Name < 'Person 2000'", [2000]),
    ],
)
def test_an_answer_has_pages(crowd, rest, sizes):
    found = pages(crowd, f"SELECT Id, Name FROM User {rest}")

    assert [len(page.records) for page in found] == sizes
    assert {page.total_size for page in found} == {sum(sizes)}
    records = [record["Name"] for page in found for record in page.records]
    assert len(set(records)) == sum(sizes)
    assert records == sorted(records, reverse="DESC" in rest)


def test_a_page_takes_one_query_and_the_first_of_several_two(
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


def test_the_next_page_of_the_tooling_api_is_its_own(crowd):
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


@pytest.mark.parametrize(
    "damaged",
    [
        lambda found: "",
        lambda found: "-2000",
        lambda found: "01g000000000000-2000",
        lambda found: found.replace("-2000", ""),
        lambda found: found.replace("-2000", "-x"),
        lambda found: found.replace("-2000", "-²"),
        lambda found: found + "0" * 20,
        lambda found: "x" + found,
        lambda found: found[1:],
        lambda found: "\0\ud800" + found,
    ],
)
def test_a_locator_that_is_none(crowd, damaged):
    with pytest.raises(SoqlError) as caught:
        run_more(crowd, damaged(locator(crowd)))

    assert caught.value.code == "INVALID_QUERY_LOCATOR"
    assert caught.value.message == "invalid query locator"


def test_a_locator_is_for_its_org_alone(crowd):
    with pytest.raises(SoqlError):
        run_more(OrgFactory(), locator(crowd))


def test_after_the_last_there_is_nothing(crowd):
    found = run_more(crowd, locator(crowd).replace("-2000", "-999999999"))
    assert (found.records, found.next_records_url) == ([], None)


# --- Forms of the answer ---------------------------------------------------------------


def test_the_form_of_the_rest_api(org):
    person = UserFactory(org=org)
    pk = record_id("005", person.pk)
    attributes = {"type": "User", "url": f"/services/data/v62.0/sobjects/User/{pk}"}

    assert answer(run(org, "SELECT Id FROM User", Service("62.0"))) == {
        "totalSize": 1,
        "done": True,
        "records": [{"attributes": attributes, "Id": pk}],
    }


def test_the_form_of_an_answer_that_goes_on(crowd):
    found = answer(run(crowd, "SELECT Id FROM User"))
    assert not found["done"]
    assert found["nextRecordsUrl"].startswith(BEGINNING)
    assert found["nextRecordsUrl"].endswith("-2000")


def test_the_form_of_the_tooling_api(org):
    assert tooling_answer(run(org, "select Id from apexclass")) == {
        "size": 0,
        "totalSize": 0,
        "done": True,
        "queryLocator": None,
        "entityTypeName": "ApexClass",
        "records": [],
    }


def test_one_record_by_its_id(admin, django_assert_num_queries):
    pk = record_id("005", admin.pk)
    with django_assert_num_queries(1):
        found = find_record(admin.org, "user", pk, Service("51.0"))

    assert found["attributes"]["url"] == f"/services/data/v51.0/sobjects/User/{pk}"
    assert found["Username"] == "admin@mycompany.example"
    assert find_record(admin.org, "User", pk[:15]) is not None


def test_no_record(admin):
    pk = record_id("005", admin.pk)

    assert find_record(admin.org, "Nothing", pk) is None
    assert find_record(admin.org, "Organization", pk) is None
    assert find_record(admin.org, "User", "x") is None
    assert find_record(OrgFactory(), "User", pk) is None


# --- Columns ---------------------------------------------------------------------------


def shape(described):
    """The names of columns, with those below them."""
    return [
        (each["columnName"], shape(each["joinColumns"]))
        if each["joinColumns"]
        else each["columnName"]
        for each in described
    ]


def test_columns_are_those_that_were_asked_for(org):
    found = columns(
        org,
        "SELECT id, TokenHandlerApex.Name, IsEnabled, LastModifiedBy.Profile.Name,"
        " TokenHandlerApex.Id FROM oauthtokenexchangehandler",
    )

    assert shape(found["columnMetadata"]) == [
        "Id",
        ("TokenHandlerApex", ["Name", "Id"]),
        "IsEnabled",
        ("LastModifiedBy", [("Profile", ["Name"])]),
    ]
    assert (found["entityName"], found["keyPrefix"]) == ("OauthTokenExchangeHandler", "txH")
    assert found["idSelected"]


def test_a_column(org):
    [found] = columns(org, "SELECT isactive FROM User")["columnMetadata"]
    assert found == {
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
    found = columns(org, "SELECT COUNT(id), COUNT(Name) named FROM User")

    assert [
        (each["columnName"], each["displayName"], each["aggregate"])
        for each in found["columnMetadata"]
    ] == [("expr0", "count(Id)", True), ("named", "count(Name)", True)]
    assert columns(org, "SELECT COUNT() FROM User")["columnMetadata"] == []


def test_columns_of_all_fields_need_no_rows(org, django_assert_num_queries):
    TokenExchangeHandlerFactory(org=org)
    with django_assert_num_queries(0):
        found = columns(org, "SELECT FIELDS(STANDARD) FROM User")
    assert shape(found["columnMetadata"])[:3] == ["Id", "Username", "Name"]


@pytest.mark.parametrize(
    "text, code",
    [
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Foo", "INVALID_TYPE"),
        ("SELECT Foo FROM User", "INVALID_FIELD"),
        ("SELECT COUNT(Foo) FROM User", "INVALID_FIELD"),
    ],
)
def test_columns_of_what_is_no_query(org, text, code):
    with pytest.raises(SoqlError) as caught:
        columns(org, text)
    assert caught.value.code == code
