"""The commands as processes: exit statuses, pipes, encodings, and Ctrl+C."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from time import monotonic, sleep

import pytest

from tests.database import connected_to, copy_test_database
from tests.factories import UserFactory
from tests.paths import ROOT
from tokenx.org.models import BuiltInProfile

from .commands import SUFFIX, fill, handler_file, put

pytestmark = pytest.mark.sqlite

MANAGE = ROOT / "manage.py"
META = b"""<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>62.0</apiVersion>
    <status>Active</status>
</ApexClass>
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory, django_db_setup, django_db_blocker):
    """Create a data directory whose database has one org."""
    data = tmp_path_factory.mktemp("data")
    with django_db_blocker.unblock(), connected_to(copy_test_database(data)):
        admin = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
        fill(admin.org, admin)
    return data


def environment(data, **more):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    return {**inherited, "TOKENX_DATA_DIR": str(data), **more}


def manage(data, *arguments, env=(), **options):
    command = [sys.executable, MANAGE, *map(str, arguments)]
    env = environment(data, **dict(env))
    return subprocess.run(command, env=env, capture_output=True, check=False, **options)


def rows(data, query):
    """Query the database that the process uses."""
    with sqlite3.connect(data / "tokenx.sqlite3") as database:
        return database.execute(query).fetchall()


def test_the_exit_status_is_that_of_the_command(data, tmp_path):
    bad = put(tmp_path, f"Bad{SUFFIX}", handler_file("Bad", "Nowhere"))

    failed = manage(data, "deploy", bad, "--json")
    refused = manage(data, "deploy", tmp_path / "gone", "--json")

    assert failed.returncode == 1
    assert json.loads(failed.stdout)["status"] == "Failed"
    assert not failed.stderr
    assert refused.returncode == 2
    assert not refused.stdout
    assert b"No such file or directory" in refused.stderr


def test_one_command_pipes_into_another(data):
    retrieved = manage(data, "retrieve", "Fleet", "--to", "-")
    compared = manage(data, "diff", "-", input=retrieved.stdout)
    deployed = manage(data, "deploy", "-", "--json", input=retrieved.stdout)

    assert retrieved.returncode == compared.returncode == deployed.returncode == 0
    assert compared.stdout == b"Compared 1 component: 1 unchanged.\n"
    assert json.loads(deployed.stdout)["success"] is True


def test_the_output_fits_any_encoding(data, tmp_path):
    path = put(tmp_path, f"Odd{SUFFIX}", handler_file("Odd", label="日本語\u202e"))

    ran = manage(data, "diff", path, env={"PYTHONIOENCODING": "ascii"})

    assert ran.returncode == 1
    assert b"  + masterLabel: \\u65e5\\u672c\\u8a9e\\u202e\n" in ran.stdout


def test_refuses_a_database_without_tables(tmp_path):
    ran = manage(tmp_path, "deploy", "-", "--json")

    assert ran.returncode == 2
    assert not ran.stdout
    assert b"The database isn't up to date. Run `manage.py migrate`" in ran.stderr


def test_ctrl_c_cancels_a_deployment(data, tmp_path):
    for number in range(1_500):
        name = f"Made{number}"
        put(tmp_path, f"classes/{name}.cls", f"public class {name} {{}}".encode())
        put(tmp_path, f"classes/{name}.cls-meta.xml", META)
    last = rows(data, "SELECT max(id) FROM metadata_deployment")[0][0] or 0
    query = (
        f"SELECT status FROM metadata_deployment WHERE id > {last} AND components_total > 0"
    )

    process = subprocess.Popen(
        [sys.executable, MANAGE, "deploy", tmp_path],
        env=environment(data),
        stdout=subprocess.PIPE,
    )
    start = monotonic()
    while not rows(data, query) and monotonic() - start < 60:
        sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert out == b"Canceled. Nothing was changed.\n"
    assert process.returncode == 130
    assert rows(data, query) == [("Canceled",)]
    assert not rows(data, "SELECT 1 FROM org_apexclass WHERE name LIKE 'Made%'")
