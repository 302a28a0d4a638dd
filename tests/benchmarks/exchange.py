"""Token exchanges over HTTP, and an empty view on the same server.

    python -m tests.benchmarks.exchange

A server with `demo`'s threads runs in this process, with a database of its own on the disk.
The class of Apex is stubbed unless a line says otherwise; nothing else is. All times are
those of a client that keeps its connection.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

# The bars of the exchange: times an empty view, and the rate of many clients.
MOST_TIMES, LEAST_RATE = 12.0, 0.8
EMPTY = "/empty/"
# Of the longer class.
LINES = 100
TOKEN = "/services/oauth2/token"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokenx-exchange-") as folder:
        os.environ["TOKENX_DATA_DIR"] = folder
        os.environ["TOKENX_ALLOWED_HOSTS"] = "127.0.0.1"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        bodies = _orgs(8)
        [long] = _orgs(1, _long_class())
        with _server() as port:
            _compare(port, bodies, long, options.rounds)
            _load(port, bodies, options.seconds)


def _long_class() -> str:
    """Return a trusting class with 100 lines, which also checks what it's given."""
    from tests.oauth.exchanging import TRUSTING

    start, end = TRUSTING.strip().split("        Auth.UserData data", 1)
    missing = LINES - len(TRUSTING.strip().splitlines())
    lines = [
        f"        if (appName == '{number}') {{ return null; }}"
        for number in range(missing)
    ]
    return "\n".join([start.rstrip(), *lines, f"        Auth.UserData data{end}"])


def _orgs(number: int, body: str = "") -> list[str]:
    """Return the bodies of requests to several orgs."""
    from tests.factories import OrgFactory
    from tests.oauth.exchanging import TRUSTING, exchanging_org

    orgs = [exchanging_org(OrgFactory(), body or TRUSTING) for _ in range(number)]
    USERS.update({each.user.username: each.user for each in orgs})
    return [urlencode(each.parameters()) for each in orgs]


USERS: dict[str, Any] = {}


class _StubbedCall:
    """A handler whose class needs no time: the token is a username."""

    commits = False

    def __init__(self, result: Any, token: str) -> None:
        self.result, self.user = result, USERS[token]

    def validate(self) -> None:
        from tokenx.setup.apex_runs.run_handler import Validation

        self.result.validation = Validation(True)

    def find_user(self) -> None:
        pass

    def check_user(self) -> None:
        from tokenx.setup.apex_runs.user_changes import find_user

        self.result.user = find_user(self.user.org_id, self.user.pk)


@contextmanager
def _stubbed(result: Any, inputs: Any) -> Iterator[_StubbedCall]:
    yield _StubbedCall(result, inputs["token"])


@contextmanager
def _server() -> Iterator[int]:
    """Serve the application, and an empty view through the same middleware."""
    from django.conf import settings
    from django.http import HttpResponse
    from django.urls import path
    from waitress.server import create_server

    from tokenx import urls, wsgi
    from tokenx.org.permissions import open_to_all

    urls.urlpatterns.insert(0, path(EMPTY[1:], open_to_all(lambda r: HttpResponse())))
    server = create_server(
        wsgi.application, host="127.0.0.1", port=0, threads=settings.THREADS
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()


def _compare(port: int, bodies: list[str], long: str, rounds: int) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    empty = _median(lambda: _get(connection, EMPTY), rounds)
    with patch("tokenx.oauth.decisions.handlers.handler_call", _stubbed):
        stubbed = _median(lambda: _post(connection, bodies[0]), rounds)
    empty_again = _median(lambda: _get(connection, EMPTY), rounds)
    whole = _median(lambda: _post(connection, bodies[0]), rounds)
    hundred = _median(lambda: _post(connection, long), rounds)
    empty = (empty + empty_again) / 2
    times = stubbed / empty
    verdict = "met" if times <= MOST_TIMES else "MISSED"
    print(f"empty view                   {empty * 1000:7.2f} ms")
    print(f"exchange, class stubbed      {stubbed * 1000:7.2f} ms")
    print(f"  times the empty view       {times:7.1f}   bar {MOST_TIMES}   {verdict}")
    print(f"exchange, with a small class {whole * 1000:7.2f} ms")
    print(f"exchange, with {LINES} lines     {hundred * 1000:7.2f} ms")


def _load(port: int, bodies: list[str], seconds: float) -> None:
    with patch("tokenx.oauth.decisions.handlers.handler_call", _stubbed):
        one, errors_of_one = _rate(port, bodies[:1], 1, seconds)
        many, errors = _rate(port, bodies, 64, seconds)
    share = many / one
    is_met = share >= LEAST_RATE and not errors
    print(f"1 client                     {one:7.0f} per second, {errors_of_one} errors")
    print(f"64 clients in 8 orgs         {many:7.0f} per second, {errors} errors")
    print(
        f"  share of one client's rate {share:7.2f}   bar {LEAST_RATE}   "
        f"{'met' if is_met else 'MISSED'}"
    )


def _rate(port: int, bodies: list[str], clients: int, seconds: float) -> tuple[float, int]:
    """Return exchanges per second, and the number of other answers."""
    end, statuses = time.perf_counter() + seconds, Counter[int]()

    def work(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            status = _post(connection, bodies[number % len(bodies)], check=False)
            statuses[status] += 1

    threads = [threading.Thread(target=work, args=(each,)) for each in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - started
    return statuses[200] / taken, sum(statuses.values()) - statuses[200]


def _median(request: Callable[[], Any], rounds: int) -> float:
    request()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        request()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _get(connection: HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.status


def _post(connection: HTTPConnection, body: str, *, check: bool = True) -> int:
    connection.request("POST", TOKEN, body, HEADERS)
    response = connection.getresponse()
    content = response.read()
    if check and response.status != 200:
        raise SystemExit(f"The exchange failed: {content.decode()}")
    return response.status


if __name__ == "__main__":
    main()
