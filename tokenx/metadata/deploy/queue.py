"""One deployment at a time runs in an org; the others wait for it.

Whoever runs one holds it for a while and says so in the row, so that another process can
take it over when this one was killed. It changes the org in one transaction that also says
what came of it: whenever the process ends, the org is as it was, or as it should be.
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

from .engine import Deploy, ReadPackages, read_all
from .messages import Message, save_messages
from .progress import CanceledError, Progress, running
from .uploads import opened

LEASE = timedelta(seconds=60)
# One that was left twice by a process that ended is not tried a third time.
ATTEMPTS = 2

_log = logging.getLogger(__name__)
_threads: dict[int, Thread] = {}
_lock = Lock()


class _RollBackError(Exception):
    """Nothing of what was done is kept, although it all was tried."""


def wake(org: int) -> None:
    """See to it that the org's deployments run: now, or by a thread in the background."""
    if settings.DEPLOY_INLINE:
        run_queue(org)
        return
    with _lock:
        thread = _threads.get(org)
        if thread is None or not thread.is_alive():
            name = f"deployments-{org}"
            thread = Thread(target=_work, args=[org], name=name, daemon=True)
            _threads[org] = thread
            thread.start()


def wake_if_waiting(org: int) -> None:
    """The same, where something waits that nobody runs: its process may have ended."""
    left = Q(status__in=RUNNING, lease_until__lt=timezone.now())
    waiting = Deployment.objects.filter(Q(status=Status.PENDING) | left, org=org)
    if waiting.exists():
        wake(org)


def wake_all() -> None:
    """What a server does when it starts: go on where the last one was stopped."""
    unfinished = Deployment.objects.filter(status__in=[Status.PENDING, *RUNNING])
    for org in unfinished.values_list("org", flat=True).distinct():
        wake_if_waiting(org)


def _work(org: int) -> None:
    try:
        run_queue(org)
    except Org.DoesNotExist:
        _log.info("Org %s was removed, with what it was to deploy", org)
    finally:
        connection.close()
        with _lock:
            _threads.pop(org, None)
    # Whoever came while this thread was ending found it alive. Where another process runs
    # one, that will go on with the rest.
    is_free = not Deployment.objects.running(org).exists()
    if is_free and Deployment.objects.pending(org).exists():
        wake(org)
    connection.close()


def run_queue(org: int) -> None:
    """Run what waits, one after the other, until nothing does or another process runs."""
    while deployment := claim(org):
        run(deployment)


@transaction.atomic
def claim(org: int) -> Deployment | None:
    """The next deployment, which is ours now; None where there is none, or one runs."""
    now = timezone.now()
    Org.objects.locked(org)
    # Locked, so that nobody cancels one between here and what is said of it.
    if left := Deployment.objects.running(org).select_for_update().first():
        if left.lease_until and left.lease_until > now:
            return None
        _take_over(left)
    pending = Deployment.objects.pending(org).select_for_update(of=["self"])
    deployment = pending.select_related("created_by__org").first()
    if deployment:
        deployment.status = Status.IN_PROGRESS
        deployment.attempt += 1
        deployment.started_at = deployment.started_at or now
        deployment.modified_at, deployment.lease_until = now, now + LEASE
        deployment.save()
        # Whoever sent it, and from which page: it comes the way of the Metadata API.
        deployment.created_by.audit_context = audit.METADATA_API
    return deployment


def _take_over(left: Deployment) -> None:
    """Its process ended: nothing of it was kept. It waits again, in its old place."""
    if left.status == Status.CANCELING:
        _end(left, Status.CANCELED)
    elif left.attempt >= ATTEMPTS:
        words = "The server stopped while it deployed this. Nothing was changed."
        _end(left, Status.FAILED, error=words)
    else:
        left.status, left.lease_until = Status.PENDING, None
        left.save()


def run(deployment: Deployment) -> None:
    """Run a deployment that was claimed, and say in it what came of it."""
    with running(deployment.pk) as progress:
        try:
            _run(deployment, progress)
        except CanceledError:
            _end(deployment, Status.CANCELED)
        except MetadataError as error:
            _end(deployment, Status.FAILED, error=str(error))
        except Org.DoesNotExist:
            raise  # and everything else with it: there is nobody to say it to
        except Exception:
            _log.exception("Deployment %s failed", deployment)
            words = "An unexpected error occurred. Nothing was changed."
            _end(deployment, Status.FAILED, error=words)


def _run(deployment: Deployment, progress: Progress) -> None:
    if not can_change_setup(deployment.created_by) or not deployment.created_by.is_active:
        _end(deployment, Status.FAILED, error=READ_ONLY)
        return
    with opened(deployment.source) as archive:
        _run_archive(deployment, archive, progress)


def _run_archive(deployment: Deployment, archive: Archive, progress: Progress) -> None:
    packages = read_packages(archive, single_package=deployment.single_package)
    progress.on_step = _saver(deployment, progress)
    read = read_all(packages, progress)
    # From here on only this process sees how far it is.
    progress.on_step = None
    _hold(deployment, total=read.total)
    # Whoever finds that it takes long, and wants to take it over, waits for the org until
    # there is a result: so that is noted before the org is free.
    with transaction.atomic():
        Org.objects.locked(deployment.org_id)
        status, messages = _try(deployment, read, progress)
        _say(deployment, status, messages, read)


def _try(
    deployment: Deployment, read: ReadPackages, progress: Progress
) -> tuple[Status, list[Message]]:
    """Deploy, and take it back where it is not to stay."""
    try:
        with transaction.atomic():
            messages = Deploy(deployment.created_by, progress).run(read)
            status = verdict(deployment, messages)
            if deployment.check_only or status == Status.FAILED:
                raise _RollBackError
    except _RollBackError:
        for message in messages:
            if message.created:
                message.component_id = ""
    return status, messages


def _saver(deployment: Deployment, progress: Progress) -> Callable[[], None]:
    """Puts the progress into the database, once a second at most."""
    saved_at = timezone.now()

    def save() -> None:
        nonlocal saved_at
        if timezone.now() - saved_at > timedelta(seconds=1):
            saved_at = timezone.now()
            _hold(deployment, total=progress.total, detail=progress.detail)

    return save


def _hold(deployment: Deployment, *, total: int, detail: str = "") -> None:
    """Say how far it is, and that it is still ours. Raises CanceledError."""
    now = timezone.now()
    held = _ours(deployment, [Status.IN_PROGRESS]).update(
        components_total=total,
        state_detail=detail[:255],
        modified_at=now,
        lease_until=now + LEASE,
    )
    if not held:
        raise CanceledError


def verdict(deployment: Deployment, messages: list[Message]) -> Status:
    """How it ends; warnings become errors where they are not to be ignored (6.1)."""
    if not deployment.ignore_warnings:
        for message in messages:
            message.success = message.success and not message.is_warning
    if all(message.success for message in messages):
        return Status.SUCCEEDED
    is_any = any(message.success and message.type_name for message in messages)
    if is_any and not deployment.rollback_on_error:
        return Status.SUCCEEDED_PARTIAL
    return Status.FAILED


def _say(
    deployment: Deployment, status: Status, messages: list[Message], read: ReadPackages
) -> None:
    """Note the result, in the transaction of what was changed if anything was.

    Raises CanceledError where it is to stop, or somebody else took it over.
    """
    failed = {each.component for each in messages if not each.success}
    good = {each.component for each in messages if each.type_name} - failed
    said = _ours(deployment, [Status.IN_PROGRESS]).update(
        **_ended(status),
        components_total=max(read.total, len(failed | good)),
        components_deployed=len(good),
        component_errors=len(failed),
    )
    if not said:
        raise CanceledError
    save_messages(deployment.org_id, deployment.pk, messages)


def _end(deployment: Deployment, status: Status, *, error: str = "") -> None:
    """Note that it ended as a whole. One that somebody else took over is theirs to end."""
    code = "UNKNOWN_EXCEPTION" if error else ""
    _ours(deployment, RUNNING).update(
        **_ended(status), error_message=error, error_code=code
    )


def _ended(status: Status) -> dict[str, Any]:
    now = timezone.now()
    return {
        "status": status,
        "completed_at": now,
        "modified_at": now,
        "lease_until": None,
        "state_detail": "",
    }


def _ours(deployment: Deployment, statuses: Iterable[Status]) -> DeploymentQuerySet:
    """The row, as long as nobody else has taken it over."""
    return Deployment.objects.filter(
        org=deployment.org_id,
        pk=deployment.pk,
        attempt=deployment.attempt,
        status__in=statuses,
    )
