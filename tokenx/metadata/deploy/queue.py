"""The deployment queue of each org, which runs one deployment at a time.

The process that runs a deployment holds a lease, which is stored in the row. If the process
is killed, another one takes the deployment over when the lease expires. The changes and the
result are committed in the same transaction, so the org is never left half changed.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.models import RUNNING, Deployment, DeploymentQuerySet, Status
from tokenx.metadata.package.manifests import read_packages
from tokenx.metadata.package.safe_files import Archive
from tokenx.org import audit
from tokenx.org.models import Org
from tokenx.org.permissions import READ_ONLY, can_change_setup

from .compile_packages import compile_packages
from .engine import ReadPackages, read_all
from .messages import Message, save_messages
from .progress import CanceledError, Progress, running
from .rollback import apply_packages
from .uploads import open_source

LEASE = timedelta(seconds=60)
# A deployment whose process was killed twice isn't tried again.
MAX_ATTEMPTS = 2

_log = logging.getLogger(__name__)
_threads: dict[int, Thread] = {}
_threads_lock = Lock()


def wake(org: int) -> None:
    """Run the org's queue in a background thread, or immediately with DEPLOY_INLINE."""
    if settings.DEPLOY_INLINE:
        run_queue(org)
        return
    with _threads_lock:
        thread = _threads.get(org)
        if thread is None or not thread.is_alive():
            name = f"deployments-{org}"
            thread = Thread(target=_run_in_thread, args=[org], name=name, daemon=True)
            _threads[org] = thread
            thread.start()


def wake_if_waiting(org: int) -> None:
    """Run the org's queue if a deployment is queued, or if its process was killed."""
    abandoned = Q(status__in=RUNNING, lease_until__lt=timezone.now())
    waiting = Deployment.objects.filter(Q(status=Status.PENDING) | abandoned, org=org)
    if waiting.exists():
        wake(org)


def wake_all() -> None:
    """Run the queues of all orgs. A server that starts resumes its deployments."""
    unfinished = Deployment.objects.filter(status__in=[Status.PENDING, *RUNNING])
    for org in unfinished.values_list("org", flat=True).distinct():
        wake_if_waiting(org)


def _run_in_thread(org: int) -> None:
    try:
        run_queue(org)
    except Org.DoesNotExist:
        _log.info("Org %s was removed while it had a deployment", org)
    finally:
        connection.close()
        with _threads_lock:
            _threads.pop(org, None)
    # A deployment that was queued while this thread ended has no thread yet. If another
    # process is running a deployment, it runs this one too.
    is_free = not Deployment.objects.running(org).exists()
    if is_free and Deployment.objects.pending(org).exists():
        wake(org)
    connection.close()


def run_queue(org: int) -> None:
    """Run queued deployments until none are left or another process runs one."""
    while deployment := claim(org):
        run(deployment)


@transaction.atomic
def claim(org: int) -> Deployment | None:
    """Claim the next deployment. Return None if none is queued or one is running."""
    now = timezone.now()
    Org.objects.locked(org)
    # Locked, so that it can't be canceled before its status is saved.
    if running_now := Deployment.objects.running(org).select_for_update().first():
        if running_now.lease_until and running_now.lease_until > now:
            return None
        _release_abandoned(running_now)
    pending = Deployment.objects.pending(org).select_for_update(of=["self"])
    deployment = pending.select_related("created_by__org", "created_by__profile").first()
    if deployment:
        deployment.status = Status.IN_PROGRESS
        deployment.attempt += 1
        deployment.started_at = deployment.started_at or now
        deployment.modified_at, deployment.lease_until = now, now + LEASE
        deployment.save()
        # The audit trail shows Metadata API, also for deployments from Setup.
        deployment.created_by.audit_context = audit.METADATA_API
    return deployment


def _release_abandoned(deployment: Deployment) -> None:
    """Put a deployment of a killed process back into its old position in the queue."""
    if deployment.status == Status.CANCELING:
        _finish(deployment, Status.CANCELED)
    elif deployment.attempt >= MAX_ATTEMPTS:
        message = "The server stopped during the deployment. Nothing was changed."
        _finish(deployment, Status.FAILED, error=message)
    else:
        deployment.status, deployment.lease_until = Status.PENDING, None
        deployment.save()


def run(deployment: Deployment) -> None:
    """Run a claimed deployment and save its result."""
    with running(deployment.pk) as progress:
        try:
            _run(deployment, progress)
        except CanceledError:
            _finish(deployment, Status.CANCELED)
        except MetadataError as error:
            _finish(deployment, Status.FAILED, error=str(error))
        except Org.DoesNotExist:
            raise  # The deployment was removed with its org.
        except Exception:
            _log.exception("Deployment %s failed", deployment)
            message = "An unexpected error occurred. Nothing was changed."
            _finish(deployment, Status.FAILED, error=message)


def _run(deployment: Deployment, progress: Progress) -> None:
    if not can_change_setup(deployment.created_by) or not deployment.created_by.is_active:
        _finish(deployment, Status.FAILED, error=READ_ONLY)
        return
    with open_source(deployment.source) as archive:
        _run_archive(deployment, archive, progress)


def _run_archive(deployment: Deployment, archive: Archive, progress: Progress) -> None:
    packages = read_packages(archive, single_package=deployment.single_package)
    progress.on_step = _progress_saver(deployment, progress)
    read = read_all(packages, progress)
    compile_packages(read, deployment.org_id, progress)
    # From here on, only this process can see the progress.
    progress.on_step = None
    _renew_lease(deployment, total=read.total)
    # A process that wants to take over the deployment waits for the org's lock. The result
    # is saved before the lock is released.
    with transaction.atomic():
        Org.objects.locked(deployment.org_id)
        status, messages = apply_packages(deployment, read, progress)
        _save_result(deployment, status, messages, read)


def _progress_saver(deployment: Deployment, progress: Progress) -> Callable[[], None]:
    """Return a function that saves the progress, at most once per second."""
    saved_at = timezone.now()

    def save() -> None:
        nonlocal saved_at
        if timezone.now() - saved_at > timedelta(seconds=1):
            saved_at = timezone.now()
            _renew_lease(deployment, total=progress.total, detail=progress.detail)

    return save


def _renew_lease(deployment: Deployment, *, total: int, detail: str = "") -> None:
    """Save the progress and renew the lease. Raises CanceledError."""
    now = timezone.now()
    is_held = _claimed_rows(deployment, [Status.IN_PROGRESS]).update(
        components_total=total,
        state_detail=detail[:255],
        modified_at=now,
        lease_until=now + LEASE,
    )
    if not is_held:
        raise CanceledError


def _save_result(
    deployment: Deployment, status: Status, messages: list[Message], read: ReadPackages
) -> None:
    """Save the result, in the same transaction as the changes.

    Raises CanceledError if the deployment was canceled or taken over by another process.
    """
    failed = {each.component for each in messages if not each.success}
    deployed = {each.component for each in messages if each.type_name} - failed
    is_saved = _claimed_rows(deployment, [Status.IN_PROGRESS]).update(
        **_final_fields(status),
        components_total=max(read.total, len(failed | deployed)),
        components_deployed=len(deployed),
        component_errors=len(failed),
    )
    if not is_saved:
        raise CanceledError
    save_messages(deployment.org_id, deployment.pk, messages)


def _finish(deployment: Deployment, status: Status, *, error: str = "") -> None:
    """Save a final status without component messages, unless another process took over."""
    code = "UNKNOWN_EXCEPTION" if error else ""
    _claimed_rows(deployment, RUNNING).update(
        **_final_fields(status), error_message=error, error_code=code
    )


def _final_fields(status: Status) -> dict[str, Any]:
    now = timezone.now()
    return {
        "status": status,
        "completed_at": now,
        "modified_at": now,
        "lease_until": None,
        "state_detail": "",
    }


def _claimed_rows(deployment: Deployment, statuses: Iterable[Status]) -> DeploymentQuerySet:
    """Return the row, unless another process took over the deployment."""
    return Deployment.objects.filter(
        org=deployment.org_id,
        pk=deployment.pk,
        attempt=deployment.attempt,
        status__in=statuses,
    )
