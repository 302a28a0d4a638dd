"""What a server does when it starts, beside its first requests."""

import logging
from threading import Thread

from django.conf import settings
from django.db import DatabaseError, connection

from tokenx.metadata.deploy.queue import wake_all
from tokenx.training.scenarios.catalogue import scenarios
from tokenx.training.scenarios.people import first_people

from .actions import remove_expired

_log = logging.getLogger(__name__)


def start_up() -> Thread | None:
    """Tidy up after the last server, in a thread that ends; none, where tests import us."""
    if not settings.STARTS_UP:
        return None
    thread = Thread(target=_work, name="start-up", daemon=True)
    thread.start()
    return thread


def _work() -> None:
    try:
        wake_all()
        if removed := remove_expired():
            _log.info("Practice orgs that nobody used are removed: %s", removed)
        # Or the first who starts a practice org waits until names are made up.
        for scenario in scenarios().values():
            if scenario.is_light:
                first_people(scenario.people.seed, scenario.people.count)
    except DatabaseError:
        # Its tables may not be there yet: a page will say so better.
        _log.exception("The start-up check was given up")
    finally:
        connection.close()
