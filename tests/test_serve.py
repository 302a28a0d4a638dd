"""`manage.py serve` and builds of `demo` as processes: limits, SIGTERM, and kill."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from tests.paths import ROOT
from tests.template_database import copy_migrated_database
from tokenx.web.limits import MAX_BODY

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
BODY = b"grant_type=unknown&padding=" + b"x" * 2_000


@pytest.fixture
def data(tmp_path, django_db_setup):
    copy_migrated_database(tmp_path / "tokenx.sqlite3")
    return tmp_path


@contextmanager
def started(data, *arguments):
    """Run the real command, and kill it at the end."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TOKENX_")}
    environment |= {
        "TOKENX_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "tokenx.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process, pattern):
    """Return the match in the first line that has one."""
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"No line matches {pattern}.")


def connection_to(process):
    port = read_until(process, r"Serving at http://127\.0\.0\.1:(\d+)")[1]
    return socket.create_connection(("127.0.0.1", int(port)), timeout=30)


def wait_for_users(database):
    """Wait until the build has written its first users."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        for _ in range(600):
            [(count,)] = connection.execute("SELECT count(*) FROM org_user")
            if count > 100:
                return
            time.sleep(0.1)
    raise AssertionError("No users were written.")


def head(length):
    return (
        "POST /services/oauth2/token HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def test_sigterm_finishes_the_request_in_flight(data):
    with started(data, "serve", "--port=0") as process:
        connection = connection_to(process)
        connection.sendall(head(len(BODY)) + BODY[:100])
        connection.settimeout(1)
        with pytest.raises(TimeoutError):  # The server has the request, and waits.
            connection.recv(1)
        connection.settimeout(30)

        process.send_signal(signal.SIGTERM)
        connection.sendall(BODY[100:])

        assert b"unsupported_grant_type" in connection.makefile("rb").read()
        assert process.wait(timeout=30) == 0


def test_too_large_bodies_are_refused_before_they_are_sent(data):
    with started(data, "serve", "--port=0") as process:
        connection = connection_to(process)

        connection.sendall(head(MAX_BODY + 1))

        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 413 ")


def test_a_killed_build_is_started_again(data):
    build = ["demo", "--scenario=large", "--no-serve"]
    with started(data, *build) as process:
        read_until(process, "Building the org")
        wait_for_users(data / "tokenx.sqlite3")

    with started(data, *build) as process:
        read_until(process, "was interrupted. It starts again.")
