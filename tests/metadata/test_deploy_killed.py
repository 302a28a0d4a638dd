"""Whenever a process ends, the org is as it was, or as it should be, and never between."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tests.metadata.to_and_fro import rows_of

ROWS = """
SELECT h.label, a.api_name, e.is_default
  FROM handlers_enablement e
  JOIN handlers_tokenexchangehandler h ON h.id = e.handler_id
  JOIN org_clientapp a ON a.id = e.app_id
"""
# By the last deployment that succeeded: what it was of, and how often it was begun.
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
UNSAID = """
SELECT count(*) FROM metadata_deployment d
 WHERE status = 'Succeeded' AND NOT EXISTS
       (SELECT 1 FROM metadata_componentmessage m WHERE m.deployment_id = d.id)
"""


@pytest.mark.sqlite
def test_a_process_killed_while_it_deploys_leaves_all_or_nothing(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("Killing the server of another database is that database's test.")
    env = {**os.environ, "TOKENX_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    deploying = [sys.executable, str(Path(__file__).parent / "deploying_process.py")]
    chance = random.Random(1)
    for _ in range(5):
        process = subprocess.Popen(deploying, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "finished what was left\n"
        process.stdout.readline()
        began = time.monotonic()
        process.stdout.readline()
        # Somewhere in the one that runs now.
        time.sleep(chance.random() * (time.monotonic() - began))
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()

        database = sqlite3.connect(tmp_path / "tokenx.sqlite3", isolation_level=None)
        ask = lambda sql, database=database: database.execute(sql).fetchall()
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        [(last,)] = ask(LAST)
        assert sorted(ask(ROWS)) == rows_of(last)
        assert ask(MISCOUNTED) == []
        assert ask(UNSAID) == [(0,)]
        [(newest,)] = ask("SELECT max(id) FROM metadata_deployment")
        assert ask(UNFINISHED % newest) == [(0,)]
        ask("UPDATE metadata_deployment SET lease_until = '2000-01-01 00:00:00'")
        database.close()
