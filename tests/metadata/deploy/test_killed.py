"""A process killed during a deployment leaves the org unchanged or fully deployed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.database import copy_test_database

from .round_trip import rows_of

ROWS = """
SELECT h.label, a.api_name, e.is_default
  FROM handlers_enablement e
  JOIN handlers_tokenexchangehandler h ON h.id = e.handler_id
  JOIN org_clientapp a ON a.id = e.app_id
"""
# The source of the last successful deployment.
LAST = """
SELECT s.name FROM metadata_deployment d JOIN metadata_source s ON s.id = d.source_id
 WHERE d.status = 'Succeeded' ORDER BY d.id DESC LIMIT 1
"""
MISCOUNTED = """
SELECT label FROM handlers_tokenexchangehandler h
 WHERE connected_count !=
       (SELECT count(*) FROM handlers_enablement e WHERE e.handler_id = h.id)
"""
UNFINISHED = """
SELECT count(*) FROM metadata_deployment
 WHERE status IN ('Pending', 'InProgress') AND id < %s
"""
WITHOUT_MESSAGES = """
SELECT count(*) FROM metadata_deployment d
 WHERE status = 'Succeeded' AND NOT EXISTS
       (SELECT 1 FROM metadata_componentmessage m WHERE m.deployment_id = d.id)
"""


@pytest.mark.sqlite
@pytest.mark.parametrize("times", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_a_process_killed_while_it_deploys_leaves_all_or_nothing(db, tmp_path, times):
    path = copy_test_database(tmp_path)
    env = {**os.environ, "TOKENX_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    deploying = [sys.executable, str(Path(__file__).parent / "deploying_process.py")]
    chance = random.Random(1)
    for _ in range(times):
        process = subprocess.Popen(deploying, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "finished interrupted deployments\n"
        process.stdout.readline()
        began = time.monotonic()
        process.stdout.readline()
        # Kill it during the current deployment.
        time.sleep(chance.random() * (time.monotonic() - began))
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()

        database = sqlite3.connect(path, isolation_level=None)
        ask = lambda sql, database=database: database.execute(sql).fetchall()
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        [(last,)] = ask(LAST)
        assert sorted(ask(ROWS)) == rows_of(last)
        assert ask(MISCOUNTED) == []
        assert ask(WITHOUT_MESSAGES) == [(0,)]
        [(newest,)] = ask("SELECT max(id) FROM metadata_deployment")
        assert ask(UNFINISHED % newest) == [(0,)]
        ask("UPDATE metadata_deployment SET lease_until = '2000-01-01 00:00:00'")
        database.close()
