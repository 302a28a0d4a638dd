"""The queue of deployments: order, cancellation, interruptions, and threads."""

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.factories import UserFactory, profile_of
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import cancel_deployment
from tokenx.metadata.deploy.progress import progress_of
from tokenx.metadata.models import Deployment, Status
from tokenx.org.models import AuditEntry, BuiltInProfile, ClientApp, User
from tokenx.training.practice.removal import remove_org

from .deploying import (
    connected_app,
    deploy,
    handler,
    outcomes,
    package,
    queued,
    ready_for_handlers,
)


@pytest.fixture
def waiting(admin):
    """Queue three deployments. The second one depends on the first."""
    ready_for_handlers(admin.org, "Billing")
    wanted = [handler("Mine"), handler("Mine", "Billing"), handler("Yours")]
    return [queued(admin, package(each)) for each in wanted]


def left_by(deployment, *, ago=0, **says):
    """Change a deployment as if its process had ended after claiming it."""
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


def test_deployments_run_one_after_the_other_in_their_order(admin, waiting):
    queue.wake(admin.org_id)

    assert statuses(waiting) == [Status.SUCCEEDED] * 3
    one, two, three = waiting
    assert outcomes(one) == {"Mine": "Created"}
    assert outcomes(two) == {"Mine": "Changed"}
    assert one.completed_at <= two.started_at
    assert two.completed_at <= three.started_at


def test_deployments_wait_while_another_process_runs_one(admin, waiting):
    left_by(waiting[0])

    queue.wake(admin.org_id)
    queue.wake_if_waiting(admin.org_id)

    assert statuses(waiting) == [Status.IN_PROGRESS, Status.PENDING, Status.PENDING]


def test_another_org_does_not_wait(admin, waiting):
    left_by(waiting[0])
    other = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)

    theirs = deploy(other, [("Billing", connected_app())])

    assert theirs.status == Status.SUCCEEDED
    assert ClientApp.objects.filter(org=other.org).count() == 1


def test_the_database_allows_one_running_deployment_per_org(waiting):
    left_by(waiting[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        left_by(waiting[1])


def test_a_source_of_another_org_cannot_be_deployed(admin, waiting):
    other = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    waiting[0].created_by, waiting[0].org = other, other.org

    def save():
        with transaction.atomic():
            waiting[0].save()
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        save()


# --- Cancellation ----------------------------------------------------------------------


def test_a_queued_deployment_is_canceled_immediately(admin, waiting):
    cancel_deployment(deployment=waiting[1], by=admin)

    queue.wake(admin.org_id)

    expected = [Status.SUCCEEDED, Status.CANCELED, Status.SUCCEEDED]
    assert statuses(waiting) == expected
    assert waiting[1].canceled_by == admin
    assert waiting[1].completed_at
    assert not waiting[1].messages.exists()


def test_a_finished_deployment_cannot_be_canceled(admin, waiting):
    queue.wake(admin.org_id)
    before = list(Deployment.objects.values())

    cancel_deployment(deployment=waiting[0], by=admin)

    assert list(Deployment.objects.values()) == before


def test_a_deployment_of_another_process_is_canceling(admin, waiting):
    left_by(waiting[0])

    cancel_deployment(deployment=waiting[0], by=admin)

    assert statuses(waiting)[0] == Status.CANCELING


def test_a_canceling_deployment_is_canceled_after_its_process_ended(admin, waiting):
    left_by(waiting[0], ago=61, status=Status.CANCELING)

    queue.wake_if_waiting(admin.org_id)

    expected = [Status.CANCELED, Status.SUCCEEDED, Status.SUCCEEDED]
    assert statuses(waiting) == expected


@pytest.mark.django_db(transaction=True)
def test_canceling_a_running_deployment_leaves_nothing(admin, in_background):
    apps = [(f"App{n}", connected_app(f"App {n}")) for n in range(1_000)]
    long = queued(admin, package(*apps))
    queue.wake(admin.org_id)
    until(lambda: (current := progress_of(long.pk)) and current.done > len(apps) + 20)

    cancel_deployment(deployment=long, by=admin)

    until(lambda: statuses([long]) == [Status.CANCELED])
    assert long.canceled_by == admin
    assert not ClientApp.objects.exists()
    assert not AuditEntry.objects.exists()


# --- Interrupted deployments -----------------------------------------------------------


def test_an_interrupted_deployment_is_resumed_first(admin, waiting):
    left_by(waiting[0], ago=61)

    queue.wake_if_waiting(admin.org_id)

    assert statuses(waiting) == [Status.SUCCEEDED] * 3
    assert waiting[0].attempt == 2
    assert waiting[0].completed_at <= waiting[1].started_at


def test_a_deployment_interrupted_twice_fails(admin, waiting):
    left_by(waiting[0], ago=61, attempt=2)

    queue.wake_if_waiting(admin.org_id)

    expected = [Status.FAILED, Status.SUCCEEDED, Status.SUCCEEDED]
    assert statuses(waiting) == expected
    assert waiting[0].error_message == (
        "The server stopped during the deployment. Nothing was changed."
    )


def test_a_process_that_lost_its_lease_changes_nothing(admin, waiting):
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


def until(is_met, seconds=30):
    end = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_thread_runs_queued_deployments_and_ends(admin, waiting, in_background):
    for _ in range(5):
        queue.wake(admin.org_id)

    until(lambda: statuses(waiting) == [Status.SUCCEEDED] * 3)
    assert {each.attempt for each in waiting} == {1}
    until(lambda: not queue._threads)


@pytest.mark.django_db(transaction=True)
def test_a_thread_ends_if_another_process_runs_a_deployment(admin, waiting, in_background):
    left_by(waiting[0])

    queue.wake(admin.org_id)

    until(lambda: not queue._threads)
    assert statuses(waiting) == [Status.IN_PROGRESS, Status.PENDING, Status.PENDING]


@pytest.mark.django_db(transaction=True)
def test_removing_an_org_ends_its_deployment(admin, in_background):
    apps = [(f"App{n}", connected_app(f"App {n}")) for n in range(2_000)]
    long = queued(admin, package(*apps))
    queue.wake(admin.org_id)
    until(lambda: (current := progress_of(long.pk)) and current.done)

    remove_org(admin.org)

    until(lambda: not queue._threads)
    assert not ClientApp.objects.exists()


# --- Permissions -----------------------------------------------------------------------


def test_a_user_who_can_no_longer_change_setup_deploys_nothing(admin, waiting, subtests):
    viewer = profile_of(admin.org, BuiltInProfile.SETUP_VIEWER)
    for change in [{"is_active": False}, {"profile": viewer}]:
        with subtests.test(change=change), rolled_back():
            User.objects.filter(pk=admin.pk).update(**change)

            queue.wake(admin.org_id)

            assert statuses(waiting) == [Status.FAILED] * 3
            assert all(each.error_message for each in waiting)
            assert not TokenExchangeHandler.objects.exists()
