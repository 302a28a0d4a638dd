"""Plans of Apex queries: other texts and other orgs have the same SQL, and nothing else."""

from decimal import Decimal

import pytest

from tests.factories import OrgFactory, UserFactory, UserFieldFactory
from tokenx.org.record_ids import record_id
from tokenx.soql import plans
from tokenx.soql.custom_fields import sobjects_of
from tokenx.soql.memory_query import ApiCounter
from tokenx.soql.parser import parse
from tokenx.soql.run import run_inline
from tokenx.soql.select import JsonFormat
from tokenx.soql.tree import SoqlError

pytestmark = pytest.mark.django_db
BY_NAME = "SELECT Username FROM User WHERE Username = :x ORDER BY Username LIMIT 1"


@pytest.fixture
def compiled(monkeypatch):
    """Forget all plans, and return the list of the queries that are compiled."""
    monkeypatch.setattr(plans, "_kept", plans.local())
    found = []
    compile_ = plans._compiled

    def noting(query, compose, connection):
        found.append(query.text)
        return compile_(query, compose, connection)

    monkeypatch.setattr(plans, "_compiled", noting)
    return found


def find(org, text, max_rows=100, **binds):
    query = parse(text, has_binds=True)
    known, format_ = sobjects_of(org), JsonFormat("")
    found = run_inline(
        org,
        query,
        binds,
        known=known,
        format_=format_,
        max_rows=max_rows,
        counter=ApiCounter(),
    )
    return [each.get("Username") for each in found.records]


def test_a_query_is_compiled_once_for_all_texts_and_orgs(admin, compiled):
    other = UserFactory(org=OrgFactory())

    assert find(admin.org, BY_NAME, x=admin.username.upper()) == [admin.username]
    assert find(other.org, BY_NAME, x=other.username) == [other.username]
    assert find(other.org, BY_NAME, x=admin.username) == []

    assert compiled == [BY_NAME]


def test_what_changes_the_sql_has_another_plan(admin, compiled):
    UserFactory(org=admin.org, first_name="Ada", federation_id="")
    text = "SELECT Username FROM User WHERE FederationIdentifier = :x"
    people = find(admin.org, "SELECT Username FROM User")
    compiled.clear()

    for empty in ("", None):
        assert sorted(find(admin.org, text, x=empty)) == sorted(people)
    assert find(admin.org, text, x="f-1") == []
    assert find(admin.org, text, x=["f-1", "f-2"]) == []
    assert find(admin.org, text, x=["f-1", None]) == people
    assert len(compiled) == 5
    limited = "SELECT Username FROM User WHERE LastName != :x LIMIT :n"
    assert len(find(admin.org, limited, x="Nobody", n=1)) == 1
    assert len(find(admin.org, limited, x="Nobody", n=2)) == 2
    assert len(find(admin.org, limited, x="Nobody", n=2, max_rows=1)) == 1


def test_values_of_another_type_are_refused_as_before(admin, compiled):
    text = "SELECT Username FROM User WHERE IsActive = :x"

    assert find(admin.org, text, x=True)
    for wrong in (Decimal(1), "true"):
        with pytest.raises(SoqlError, match="must be of type boolean"):
            find(admin.org, text, x=wrong)


def test_queries_without_a_plan_run_as_before(admin, compiled, subtests):
    UserFieldFactory(org=admin.org, name="User.Code__c")
    id_ = record_id("005", admin.pk)
    for text, value in {
        "SELECT Username FROM User WHERE Id = :x": id_,
        "SELECT Username FROM User WHERE Username LIKE :x": f"{admin.username[:4]}%",
        "SELECT Username FROM User WHERE Username IN :x": [admin.username, *"b" * 30],
        "SELECT Username FROM User WHERE Username = :x AND Code__c = null": admin.username,
        "SELECT Username FROM User WHERE Username = :x"
        " AND CreatedDate > 2000-01-01T00:00:00Z": admin.username,
        "SELECT Username FROM User WHERE Username = :x"
        " AND ProfileId IN (SELECT Id FROM Profile WHERE Name != 'x')": admin.username,
    }.items():
        with subtests.test(text):
            assert find(admin.org, text, x=value) == [admin.username]
            assert find(admin.org, text, x="no\ttext") == []


def test_a_thread_keeps_a_bounded_number_of_plans(admin, compiled, monkeypatch):
    monkeypatch.setattr(plans, "_MOST_PLANS", 3)

    for number in (1, 2, 3, 1, 4, 1, 2):
        find(admin.org, f"SELECT Username FROM User WHERE Alias = :x LIMIT {number}", x="a")

    assert [int(text[-1]) for text in compiled] == [1, 2, 3, 4, 2]
