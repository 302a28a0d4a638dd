"""A migrated SQLite database that every test process copies instead of migrating its own.

Migrating takes seconds, which every worker and every run of a single test would pay. The
template's name contains a hash of all migrations, so a changed migration builds a new one.
PostgreSQL migrates as usual.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from tests.paths import ROOT

TEMPLATES = ROOT / ".data" / "test-templates"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Replace pytest-django's fixture: copy the template, or build it first."""
    with django_db_blocker.unblock():
        template = _template() if connection.vendor == "sqlite" else None
        if template and template.exists():
            shutil.copyfile(template, connection.creation._get_test_db_name())
        is_copy = bool(template and template.exists())
        databases = setup_databases(
            verbosity=0, interactive=False, keepdb=is_copy, serialized_aliases=[]
        )
        if template and not is_copy:
            _save(template)
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


def copy_migrated_database(target: Path) -> None:
    """Copy the migrated database for a process that would otherwise migrate its own."""
    if (template := _template()).exists():
        shutil.copyfile(template, target)


def _template() -> Path:
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted((ROOT / "tokenx").rglob("migrations/*.py")):
        digest.update(path.read_bytes())
    return TEMPLATES / f"{digest.hexdigest()[:16]}.sqlite3"


def _save(template: Path) -> None:
    """Copy the new test database. Two workers can do so concurrently; the last one wins."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    template.parent.mkdir(parents=True, exist_ok=True)
    for old in template.parent.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    handle, copy = tempfile.mkstemp(dir=template.parent, suffix=".new")
    os.close(handle)
    shutil.copyfile(connection.settings_dict["NAME"], copy)
    Path(copy).replace(template)
