"""Checks of the database's version."""

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def refuse_newer_database() -> None:
    """Refuse a database that a newer version of tokenx has changed."""
    loader = MigrationLoader(connection)
    newest = dict(loader.graph.leaf_nodes())
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    if any(app in newest and name > newest[app] for app, name in unknown):
        raise CommandError(
            "A newer version of tokenx has used this database. Upgrade tokenx, or set "
            "TOKENX_DATA_DIR to another folder."
        )
