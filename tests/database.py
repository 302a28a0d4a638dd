"""SQLite databases for tests that start processes of tokenx."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

NAME = "tokenx.sqlite3"


def copy_test_database(folder: Path) -> Path:
    """Copy the test database to a data directory: migrated, and without rows."""
    path = folder / NAME
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
    return path


@contextmanager
def connected_to(path: Path) -> Iterator[None]:
    """Use another database for the block's rows, which are committed."""
    settings = connection.settings_dict
    connection.close()
    settings["NAME"], name = str(path), settings["NAME"]
    try:
        yield
    finally:
        connection.close()
        settings["NAME"] = name
