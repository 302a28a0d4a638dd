"""Migrates a database of its own, as an upgrade does."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.fixture
def migrate(tmp_path):
    def run(target):
        environment = os.environ | {
            "TOKENX_DATA_DIR": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tokenx.settings",
        }
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "org", target]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    return run
