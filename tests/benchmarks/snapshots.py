"""Saving and restoring an org with 300 users, 25 apps, and 6 handlers. The bars are ours.

It creates an org in the benchmarks' database, and rolls it back at the end.
"""

import statistics
import time
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import BuiltInProfile, ClientApp, Org, User
from tokenx.training.models import Snapshot
from tokenx.training.snapshots.actions import (
    delete_snapshot,
    restore_snapshot,
    save_snapshot,
)

USERS, APPS, HANDLERS = 300, 25, 6
MILLISECONDS, QUERIES = 300, 60


class _UndoError(Exception):
    """Rolls the benchmark back."""


def run(rounds: int) -> None:
    call_command("migrate", verbosity=0)
    try:
        with transaction.atomic():
            _run(rounds)
            raise _UndoError
    except _UndoError:
        pass


def _run(rounds: int) -> None:
    admin = build()
    snapshot = save_snapshot(org=admin.org, name="Benchmark", by=admin)
    print(f"{USERS} users, {APPS} apps, {HANDLERS} handlers: {snapshot.size:,} bytes")

    def save() -> None:
        another = save_snapshot(org=admin.org, name="Another", by=admin)
        delete_snapshot(snapshot=another, by=admin)

    _measure("save and delete", save, lambda: None, rounds)

    def restore() -> None:
        restore_snapshot(snapshot=snapshot, by=admin)

    _measure("restore, nothing changed", restore, lambda: None, rounds)
    _measure("restore, all changed", restore, lambda: _change(admin.org), rounds)
    again = save_snapshot(org=admin.org, name="Again", by=admin)
    same = (
        Snapshot.objects.get(pk=again.pk).data == Snapshot.objects.get(pk=snapshot.pk).data
    )
    print(f"the same bytes afterwards: {same}")


def build() -> User:
    org = OrgFactory.create()
    admin = UserFactory.create(org=org, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    people = IntegrationUserFactory.create_batch(USERS - 1, org=org)
    apps = ClientAppFactory.create_batch(APPS, org=org)
    handlers = TokenExchangeHandlerFactory.create_batch(
        HANDLERS, org=org, modified_by=admin
    )
    for index, app in enumerate(apps):
        for handler in (handlers[index % HANDLERS], handlers[(index + 1) % HANDLERS]):
            EnablementFactory.create(handler=handler, app=app, run_as=people[index])
    return admin


def _change(org: Org) -> None:
    Enablement.objects.filter(org=org).delete()
    TokenExchangeHandler.objects.filter(org=org).update(label="Changed")
    ClientApp.objects.filter(org=org).update(label="Changed", scopes=["web"])
    User.objects.filter(org=org).update(last_name="Changed", is_active=True)


def _measure(
    name: str, action: Callable[[], None], before: Callable[[], None], rounds: int
) -> None:
    times, queries = [], 0
    for _ in range(rounds):
        before()
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            action()
            times.append((time.perf_counter() - start) * 1_000)
        queries = len(captured)
    median = statistics.median(times)
    verdict = "" if median <= MILLISECONDS and queries <= QUERIES else "  OVER THE BAR"
    print(f"{name:28} {median:6.0f} ms (bar {MILLISECONDS}), {queries} queries{verdict}")
