"""Jobs that a server runs when it starts, concurrently with its first requests."""

import logging
from threading import Thread

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

_log = logging.getLogger(__name__)
_jobs: list[str] = []


def run_at_start(*jobs: str) -> None:
    """Register functions by their dotted names.

    Each app registers its own functions when it's ready. They're imported only when a
    server starts, which keeps commands fast.
    """
    _jobs.extend(job for job in jobs if job not in _jobs)


def start_up() -> Thread | None:
    """Run the registered jobs in one thread. Return None where settings turn them off."""
    if not settings.STARTS_UP:
        return None
    thread = Thread(target=_run_jobs, name="start-up", daemon=True)
    thread.start()
    return thread


def _run_jobs() -> None:
    try:
        for job in _jobs:
            import_string(job)()
    except DatabaseError:
        # The tables might not exist yet. A page reports that better.
        _log.exception("The start-up jobs were stopped by a database error")
    finally:
        connection.close()
