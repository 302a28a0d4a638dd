"""One deployment at a time runs in an org; what waits, what is canceled, what is left."""

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories import UserFactory
from tests.metadata.deploying import (
    connected_app,
    deploy,
    handler,
    outcomes,
    package,
    queued,
    ready_for_handlers,
)
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata import queue
from tokenx.metadata.actions import (
    cancel_deployment,
)
from tokenx.metadata.models import (
    Deployment,
    Status,
)
from tokenx.metadata.progress import progress_of
from tokenx.org.models import AuditEntry, ClientApp, Profile
from tokenx.training.removal import remove_org


@pytest.fixture
def waiting(admin):
    """Three deployments that wait, the second of which goes on from the first."""
    ready_for_handlers(admin.org, "Billing")
    wanted = [handler("Mine"), handler("Mine", "Billing"), handler("Yours")]
    return [queued(admin, package(each)) for each in wanted]


def left_by(deployment, *, ago=0, **says):
    """As a process leaves it that has claimed it and then ended."""
    deployment.status, deployment.attempt = Status.IN_PROGRESS, 1
    deployment.lease_until = timezone.now() + queue.LEASE - timedelta(seconds=ago)
    for name, value in says.items():
        setattr(deployment, name, value)
    deployment.save()


def statuses(deployments):
    for each in deployments:
        each.refresh_from_db()
    return [each.status for each in deployments]


# --- Order -----------------------------------------------------------------------------


def test_they_run_one_after_the_other_in_the_order_in_which_they_came(admin, waiting):
    queue.wake(admin.org_id)

    assert statuses(waiting) == [Status.SUCCEEDED] * 3
    one, two, three = waiting
    assert outcomes(one) == {"Mine": "Created"}
    assert outcomes(two) == {"Mine": "Changed"}
    assert one.completed_at <= two.started_at
    assert two.completed_at <= three.started_at


def test_while_another_process_runs_one_the_others_wait(admin, waiting):
    left_by(waiting[0])

    queue.wake(admin.org_id)
    queue.wake_if_waiting(admin.org_id)

    assert statuses(waiting) == [Status.IN_PROGRESS, Status.PENDING, Status.PENDING]


def test_another_org_does_not_wait(admin, waiting):
    left_by(waiting[0])
    other = UserFactory(profile=Profile.SYSTEM_ADMINISTRATOR)

    theirs = deploy(other, [("Billing", connected_app())])

    assert theirs.status == Status.SUCCEEDED
    assert ClientApp.objects.filter(org=other.org).count() == 1


def test_the_database_holds_that_one_runs(waiting):
    left_by(waiting[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        left_by(waiting[1])


def test_a_source_of_another_org_cannot_be_deployed(admin, waiting):
    other = UserFactory(profile=Profile.SYSTEM_ADMINISTRATOR)
    waiting[0].created_by, waiting[0].org = other, other.org

    def save():
        with transaction.atomic():
            waiting[0].save()
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        save()


# --- Cancellation ----------------------------------------------------------------------


def test_one_that_waits_is_canceled_at_once(admin, waiting):
    cancel_deployment(deployment=waiting[1], by=admin)

    queue.wake(admin.org_id)

    expected = [Status.SUCCEEDED, Status.CANCELED, Status.SUCCEEDED]
    assert statuses(waiting) == expected
    assert waiting[1].canceled_by == admin
    assert waiting[1].completed_at
    assert not waiting[1].messages.exists()


def test_one_that_is_done_stays_done(admin, waiting):
    queue.wake(admin.org_id)
    before = list(Deployment.objects.values())

    cancel_deployment(deployment=waiting[0], by=admin)

    assert list(Deployment.objects.values()) == before


def test_one_that_another_process_runs_is_canceling(admin, waiting):
    left_by(waiting[0])

    cancel_deployment(deployment=waiting[0], by=admin)

    assert statuses(waiting)[0] == Status.CANCELING


def test_one_that_was_canceled_before_its_process_ended_is_canceled(admin, waiting):
    left_by(waiting[0], ago=61, status=Status.CANCELING)

    queue.wake_if_waiting(admin.org_id)

    expected = [Status.CANCELED, Status.SUCCEEDED, Status.SUCCEEDED]
    assert statuses(waiting) == expected


@pytest.mark.django_db(transaction=True)
def test_one_that_runs_is_canceled_and_leaves_nothing(admin, in_background):
    apps = [(f"App{n}", connected_app(f"App {n}")) for n in range(2_000)]
    long = queued(admin, package(*apps))
    queue.wake(admin.org_id)
    until(lambda: (found := progress_of(long.pk)) and found.done > len(apps) + 20)

    cancel_deployment(deployment=long, by=admin)

    until(lambda: statuses([long]) == [Status.CANCELED])
    assert long.canceled_by == admin
    assert not ClientApp.objects.exists()
    assert not AuditEntry.objects.exists()


# --- Interrupted deployments -----------------------------------------------------------


def test_one_whose_process_ended_is_taken_over_and_first(admin, waiting):
    left_by(waiting[0], ago=61)

    queue.wake_if_waiting(admin.org_id)

    assert statuses(waiting) == [Status.SUCCEEDED] * 3
    assert waiting[0].attempt == 2
    assert waiting[0].completed_at <= waiting[1].started_at


def test_one_that_was_left_twice_has_failed(admin, waiting):
    left_by(waiting[0], ago=61, attempt=2)

    queue.wake_if_waiting(admin.org_id)

    expected = [Status.FAILED, Status.SUCCEEDED, Status.SUCCEEDED]
    assert statuses(waiting) == expected
    assert waiting[0].error_message == (
        "The server stopped while it deployed this. Nothing was changed."
    )


def test_who_lost_it_to_another_process_changes_nothing_any_more(admin, waiting):
    slow = queue.claim(admin.org_id)
    Deployment.objects.filter(pk=slow.pk).update(lease_until=timezone.now())
    quick = queue.claim(admin.org_id)
    assert quick == slow

    queue.run(slow)
    assert statuses([waiting[0]]) == [Status.IN_PROGRESS]
    assert not TokenExchangeHandler.objects.exists()

    queue.run(quick)
    assert statuses([waiting[0]]) == [Status.SUCCEEDED]
    queue.run(slow)
    assert statuses([waiting[0]]) == [Status.SUCCEEDED]
    assert waiting[0].messages.count() == 2


# --- Background threads ----------------------------------------------------------------


def until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_thread_runs_what_waits_and_ends(admin, waiting, in_background):
    for _ in range(5):
        queue.wake(admin.org_id)

    until(lambda: statuses(waiting) == [Status.SUCCEEDED] * 3)
    assert {each.attempt for each in waiting} == {1}
    until(lambda: not queue._threads)


@pytest.mark.django_db(transaction=True)
def test_a_thread_ends_where_another_process_runs_one(admin, waiting, in_background):
    left_by(waiting[0])

    queue.wake(admin.org_id)

    until(lambda: not queue._threads)
    assert statuses(waiting) == [Status.IN_PROGRESS, Status.PENDING, Status.PENDING]


@pytest.mark.django_db(transaction=True)
def test_an_org_that_is_removed_takes_what_it_deploys_along(admin, in_background):
    apps = [(f"App{n}", connected_app(f"App {n}")) for n in range(2_000)]
    long = queued(admin, package(*apps))
    queue.wake(admin.org_id)
    until(lambda: (found := progress_of(long.pk)) and found.done)

    remove_org(admin.org)

    until(lambda: not queue._threads)
    assert not ClientApp.objects.exists()


# --- Permissions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"profile": Profile.SETUP_VIEWER}],
    ids=["deactivated", "demoted"],
)
def test_whoever_may_not_change_setup_any_more_deploys_nothing(admin, waiting, change):
    for name, value in change.items():
        setattr(admin, name, value)
    admin.save()

    queue.wake(admin.org_id)

    assert statuses(waiting) == [Status.FAILED] * 3
    assert all(each.error_message for each in waiting)
    assert not TokenExchangeHandler.objects.exists()
