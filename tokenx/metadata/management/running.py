"""Run a deployment from a terminal, with a progress bar and Ctrl+C to cancel."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

from django.utils import timezone
from rich.console import Console

from tokenx.metadata.deploy.actions import cancel_deployment
from tokenx.metadata.deploy.progress import Progress, running
from tokenx.metadata.deploy.queue import claim, run
from tokenx.metadata.models import Deployment
from tokenx.org.management.console import followed_by_bar, print_line
from tokenx.org.models import User

_POLL_SECONDS = 0.3


def run_to_completion(deployment: Deployment, *, by: User, console: Console) -> bool:
    """Run the org's queue until this deployment is done; return whether Ctrl+C was pressed.

    While another process runs the queue, wait for it.
    """
    with running(deployment.pk) as progress, _ctrl_c_cancels(progress):
        with followed_by_bar(console, lambda: _read_progress(deployment, progress)):
            _run_queue(deployment, progress, by=by, console=console)
        is_canceled = progress.canceled.is_set()
        if is_canceled:
            # The deployment stopped itself. Record the user who canceled it.
            cancel_deployment(deployment=deployment, by=by)
            deployment.refresh_from_db()
    return is_canceled


def _run_queue(
    deployment: Deployment, progress: Progress, *, by: User, console: Console
) -> None:
    is_waiting = is_canceled = False
    while not deployment.is_done:
        if progress.canceled.is_set() and not is_canceled:
            cancel_deployment(deployment=deployment, by=by)
            is_canceled = True
        elif _runs_elsewhere(deployment.org_id):
            if not is_waiting and not console.is_interactive:
                print_line(console, "Waiting for another deployment in this org.")
            is_waiting = True
            sleep(_POLL_SECONDS)
        elif claimed := claim(deployment.org_id):
            run(claimed)
        deployment.refresh_from_db()


def _runs_elsewhere(org: int) -> bool:
    """Return whether another live process runs a deployment; claim() could block then."""
    held = Deployment.objects.running(org).filter(lease_until__gt=timezone.now())
    return held.exists()


def _read_progress(deployment: Deployment, progress: Progress) -> tuple[str, int, int]:
    if not progress.total:
        # The row knows as much as this process: another process or deployment is running.
        return deployment.get_status_display(), 0, deployment.components_total
    verb = "Checking" if deployment.check_only else "Deploying"
    if progress.done <= progress.total:
        verb = "Reading"
    # Each component counts twice: when it's read and when it's applied.
    return verb, progress.done // 2, progress.total


@contextmanager
def _ctrl_c_cancels(progress: Progress) -> Iterator[None]:
    """Cancel the deployment on the first Ctrl+C, and end the process on the second."""

    def cancel(*_: object) -> None:
        if progress.canceled.is_set():
            raise KeyboardInterrupt
        progress.canceled.set()

    previous_handler = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous_handler)
