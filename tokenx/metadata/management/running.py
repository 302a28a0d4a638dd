"""Run a deployment from a terminal: with a bar, and Ctrl+C to stop it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

from django.utils import timezone

from tokenx.metadata.deploy.actions import cancel_deployment
from tokenx.metadata.deploy.progress import Progress, running
from tokenx.metadata.deploy.queue import claim, run
from tokenx.metadata.models import Deployment
from tokenx.org.models import User
from tokenx.terminal import bar_while

_EVERY = 0.3


def run_to_its_end(deployment: Deployment, *, by: User, out: Any) -> bool:
    """Run the org's queue until this one is done; whether somebody pressed Ctrl+C.

    Where another process runs the queue, wait for it.
    """
    with running(deployment.pk) as progress, _ctrl_c_cancels(progress):
        with bar_while(out, lambda: _how_far(deployment, progress)):
            _run_queue(deployment, progress, by=by, out=out)
        is_canceled = progress.canceled.is_set()
        if is_canceled:
            # It stopped by itself: this notes who wanted it to.
            cancel_deployment(deployment=deployment, by=by)
            deployment.refresh_from_db()
    return is_canceled


def _run_queue(deployment: Deployment, progress: Progress, *, by: User, out: Any) -> None:
    is_told = is_canceled = False
    while not deployment.is_done:
        if progress.canceled.is_set() and not is_canceled:
            cancel_deployment(deployment=deployment, by=by)
            is_canceled = True
        elif _runs_elsewhere(deployment.org_id):
            if not is_told and not out.isatty():
                out.write("Another deployment runs in this org; this one waits for it.")
            is_told = True
            sleep(_EVERY)
        elif claimed := claim(deployment.org_id):
            run(claimed)
        deployment.refresh_from_db()


def _runs_elsewhere(org: int) -> bool:
    """Whether a process that lives runs one. To claim() meanwhile could wait for long."""
    held = Deployment.objects.running(org).filter(lease_until__gt=timezone.now())
    return held.exists()


def _how_far(deployment: Deployment, progress: Progress) -> tuple[str, int, int]:
    if not progress.total:
        # Nothing is known but what the row says: another process runs it, or another one.
        return deployment.get_status_display(), 0, deployment.components_total
    verb = "Checking" if deployment.check_only else "Deploying"
    if progress.done <= progress.total:
        verb = "Reading"
    # Each component counts twice: when it is read, and when it is applied.
    return verb, progress.done // 2, progress.total


@contextmanager
def _ctrl_c_cancels(progress: Progress) -> Iterator[None]:
    """The first Ctrl+C cancels in good order; another one ends the process."""

    def cancel(*_: object) -> None:
        if progress.canceled.is_set():
            raise KeyboardInterrupt
        progress.canceled.set()

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
