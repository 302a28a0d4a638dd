"""Prepared insertions and updates do what the ORM's do."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories import LoginRecordFactory, UserFactory
from tokenx.org.models import LoginRecord
from tokenx.org.search.prepared_writes import Changes, insert, prepared_update

pytestmark = pytest.mark.django_db
TEXT = 'Jürgen\'s "100 %" \\ 東京'


def record(user, **values):
    return LoginRecord(org_id=user.org_id, user=user, login_type="Application", **values)


# Only SQLite has had versions that don't return keys.
OLD = pytest.param("SQLite before 3.35", marks=pytest.mark.sqlite)


@pytest.fixture(params=["keys are returned", OLD], autouse=True)
def _database(request, monkeypatch):
    if request.param != "keys are returned":
        monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
        monkeypatch.setattr(
            "tokenx.org.search.prepared_writes._insertions", type("Empty", (), {})()
        )


def test_inserts_all_values_and_knows_the_key():
    user = UserFactory()
    trace = [{"name": TEXT, "steps": [1, None, True]}]

    for number in range(2):
        row = record(user, username=TEXT, status=f"No. {number}", trace=trace)
        insert(row)

        stored = LoginRecord.objects.get(org=user.org_id, pk=row.pk)
        for field in LoginRecord._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(row, field.attname)
        assert not row._state.adding
        row.status = "Changed"
        row.save()
        assert LoginRecord.objects.filter(org=user.org_id).count() == number + 1


def test_a_refused_row_ends_the_transaction():
    user = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(record(user, status=None))
    assert not LoginRecord.objects.filter(org=user.org_id).exists()


def test_updates_the_composed_rows_and_returns_their_keys():
    now = timezone.now()

    @prepared_update()
    def mark_oldest(org: int, status: str, moment: datetime) -> Changes:
        rows = LoginRecord.objects.filter(org=org, logged_in_at__lt=moment)
        oldest = rows.order_by("-logged_in_at").values("pk")[1:]
        return LoginRecord.objects.filter(org=org, pk__in=oldest), {"status": status}

    user, other = UserFactory(), UserFactory()
    days = [now - timedelta(days=number) for number in range(4)]
    rows = [LoginRecordFactory(user=user, org=user.org, logged_in_at=day) for day in days]
    LoginRecordFactory(user=other, org=other.org, logged_in_at=days[3])

    assert sorted(mark_oldest(user.org_id, TEXT, now)) == [rows[2].pk, rows[3].pk]
    assert mark_oldest(user.org_id, "Again", days[2]) == []
    assert list(
        LoginRecord.objects.filter(status=TEXT).order_by("pk").values_list("pk", flat=True)
    ) == [rows[2].pk, rows[3].pk]
