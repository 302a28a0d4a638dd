"""Checks of a server that runs: its database, its tables, and its org."""

from functools import cache

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from .models import Org

NO_DATABASE = "The database isn't available."
OUTDATED = "The database isn't up to date. Run `manage.py migrate`."
NO_ORG = "The org isn't built yet."


def reason_not_ready() -> str:
    """Return why the server can't show an org, or an empty string if it can."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        if not _latest_migrations() <= applied.keys():
            return OUTDATED
        return "" if _has_org() else NO_ORG
    except Error:
        return NO_DATABASE


def _has_org() -> bool:
    """Tell whether an org is built. Practice orgs, and orgs whose build isn't over, expire.

    Where people can start practice orgs, the server is useful without another org.
    """
    return settings.SIGNUP != "closed" or Org.objects.filter(expires_at=None).exists()


@cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of each app. They're applied after all others."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
