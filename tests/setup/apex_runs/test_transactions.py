"""The transaction of a run: it begins with the first change, and ends with the run."""

import pytest
from django.db import connection

from tests.factories import profile_of
from tokenx.apex.runtime.budget import STEPS_PER_PAUSE, Budget
from tokenx.org.models import BuiltInProfile, User
from tokenx.org.record_ids import record_id
from tokenx.setup.apex_runs import transactions
from tokenx.setup.apex_runs.user_changes import MIXED

from .running import Reach, new, thrown_by


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


@pytest.mark.django_db(transaction=True)
def test_a_run_rests_after_it_held_the_only_write_lock_for_long(
    admin, fields, monkeypatch, subtests
):
    rests = []
    monkeypatch.setattr(transactions, "sleep", rests.append)
    has_queue = connection.features.has_select_for_update
    for held, expected in {0.04: [], 0.06: [0.06], 9: [0.25]}.items():
        with subtests.test(held):
            reach, times = Reach(admin), iter([100, 100 + held])
            monkeypatch.setattr(transactions, "monotonic", lambda times=times: next(times))
            reach.change("insert", new("User", **fields))

            reach.transaction.close()

            assert rests == (
                [] if has_queue else [pytest.approx(each) for each in expected]
            )
            rests.clear()


def test_a_run_does_not_pause_after_its_first_change():
    budget = Budget(pause=lambda: pytest.fail("The run paused."))
    budget.count_dml(1)

    budget.charge(2 * STEPS_PER_PAUSE)


def test_savepoints(reach, fields):
    start = reach.records.savepoint()
    reach.change("insert", new("User", **fields))
    later = reach.records.savepoint()
    second = fields | {"Username": "second@x.example"}
    reach.change("insert", new("User", **second))
    assert User.objects.filter(last_name="Bot").count() == 2

    reach.records.roll_back(later)
    assert User.objects.filter(last_name="Bot").count() == 1
    reach.records.roll_back(start)
    assert not User.objects.filter(last_name="Bot").exists()
    assert not reach.transaction.is_open
    assert thrown_by(reach.records.roll_back, later)[0] == "TypeException"


def test_a_rollback_forgets_which_object_changed(reach, fields):
    start = reach.records.savepoint()
    [contact] = reach.change("insert", new("Contact", LastName="Bot"))
    after_contact = reach.records.savepoint()
    assert reach.errors("insert", new("User", **fields))[0][0] == MIXED

    reach.records.roll_back(start)
    assert not reach.errors("insert", new("User", **fields))
    assert reach.errors("update", new("Contact", Id=contact.id))[0][0] == MIXED
    assert thrown_by(reach.records.roll_back, after_contact)[0] == "TypeException"

    reach.records.roll_back(start)
    gone = reach.errors("update", new("Contact", Id=contact.id, LastName="x"))
    assert gone[0][0] == "INVALID_CROSS_REFERENCE_KEY"


def test_a_failed_statement_forgets_which_object_changed(reach, fields):
    good, bad = new("Contact", LastName="Bot"), new("Contact", FirstName="Inga")
    assert any(each.errors for each in reach.change("insert", good, bad))

    assert not reach.errors("insert", new("User", **fields))


@pytest.mark.django_db(transaction=True)
def test_a_run_that_only_reads_has_no_transaction(reach):
    reach.rows("SELECT Id, Name FROM User ORDER BY Name")
    reach.records.savepoint()
    assert not connection.in_atomic_block

    reach.change("insert", new("Contact", LastName="Bot"))
    assert connection.in_atomic_block
    reach.transaction.close()
    assert not connection.in_atomic_block
