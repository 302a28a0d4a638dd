"""`manage.py demo --host 0.0.0.0`: others can open the printed address."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time

import pytest

from tests.paths import ROOT
from tests.template_database import copy_migrated_database
from tokenx.training.demos.addresses import hosts_of


@pytest.mark.parametrize(
    ("listens_on", "hosts"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("192.0.2.7", ["192.0.2.7"]),
        ("::1", ["[::1]"]),
        ("trainer.example", ["trainer.example"]),
    ],
)
def test_a_server_is_reached_by_the_address_it_listens_on(listens_on, hosts):
    assert hosts_of(listens_on) == hosts


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_a_server_that_listens_everywhere_is_reached_by_the_machines_names(everywhere):
    hosts = hosts_of(everywhere)

    assert socket.gethostname().lower() in hosts
    assert hosts[-1] == "localhost"
    assert everywhere not in hosts


@pytest.fixture(scope="module")
def demo_output(tmp_path_factory, django_db_setup):
    """Return the port and the output of a running demo server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data = tmp_path_factory.mktemp("demo")
    copy_migrated_database(data / "tokenx.sqlite3")
    environment = os.environ | {
        "TOKENX_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "tokenx.settings",
    }
    environment.pop("TOKENX_ALLOWED_HOSTS", None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--scenario=empty", "--host=0.0.0.0",
         f"--port={port}"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        lines = iter(process.stdout.readline, "Press Ctrl+C to stop.\n")
        yield port, "".join(lines)
    finally:
        process.terminate()
        process.communicate()


def status(port, host):
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/sign-in/", headers={"Host": host})
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("The server doesn't respond.")


@pytest.mark.sqlite
def test_only_the_printed_address_is_served(demo_output):
    port, output = demo_output
    [address] = re.findall(r"Log in as \S+ at http://(\S+)/sign-in/", output)

    assert address == f"{hosts_of('0.0.0.0')[0]}:{port}"
    assert status(port, address) == 200
    assert status(port, f"{socket.gethostname()}:{port}") == 200
    assert status(port, f"elsewhere.example:{port}") == 400
