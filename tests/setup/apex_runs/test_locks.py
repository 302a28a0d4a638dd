"""A run that only reads waits for no one, and a run that writes blocks only its org."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tests.factories import ApexClassFactory
from tokenx.org.models import Org
from tokenx.setup.apex_runs.run_handler import run_handler

from .handler_calls import BODY, FIND, VALID


@pytest.fixture
def busy_writer(transactional_db):
    """Return a function that starts a transaction that holds an org's lock."""
    ends, threads = Event(), []

    def start(org):
        is_held = Event()

        def hold():
            try:
                with transaction.atomic():
                    Org.objects.locked(org.pk)
                    is_held.set()
                    ends.wait(30)
            finally:
                connection.close()

        threads.append(Thread(target=hold))
        threads[-1].start()
        assert is_held.wait(10)

    yield start
    ends.set()
    for thread in threads:
        thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_a_run_without_changes_takes_no_write_lock(admin, busy_writer):
    """Another transaction has the only write lock of SQLite, and the org's row."""
    reads = "User u = [SELECT Id, Name FROM User LIMIT 1];"
    body = BODY.replace("VALIDATE", reads + VALID).replace("FIND", FIND)
    apex_class = ApexClassFactory(org=admin.org, name="Mine", body=body)
    busy_writer(admin.org)

    found = run_handler(
        org=admin.org,
        apex_class=apex_class,
        run_as=admin,
        token="",
        token_type="JWT",
        app_developer_name=admin.username,
        app_type="CA",
        can_create_users=False,
    )

    assert found.is_successful
    assert not connection.in_atomic_block
