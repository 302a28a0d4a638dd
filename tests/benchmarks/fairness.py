"""The pages and saves of one org while code of others loops.

    python -m tests.benchmarks.fairness

It starts `manage.py demo` with a data directory of its own and creates nine practice orgs.
In eight of them, clients post anonymous Apex that loops to the CPU limit, and post again
when it ends. The ninth org's list of handlers is timed before and all the while. Then, code
of one org loops, and the ninth org saves a setting: while the code only loops, and while it
has changed a user, so that on SQLite, it has the only write lock.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from itertools import cycle
from urllib.parse import quote

from tests.paths import ROOT

from .browser import Browser

LOOP = "Integer i = 0; while (true) { i++; }"
CHANGE_AND_LOOP = (
    "User u = [SELECT Id FROM User WHERE Id = :UserInfo.getUserId()]; "
    f"u.FirstName = 'Loop'; update u; {LOOP}"
)
LIST, SETTING = "/handlers/", "/strict-mode/switch/"
# Seconds.
MOST_PAGE, MOST_SAVE = 1.0, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8898)
    parser.add_argument("--orgs", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokenx-fairness-") as folder:
        os.environ["TOKENX_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"
        _measure(options.port, options.orgs, options.seconds)


def _measure(port: int, orgs: int, seconds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    owners = [_owner() for _ in range(orgs + 1)]
    tokens = [_token(owner) for owner in owners[1:]]
    reader = Browser(port)
    reader.cookies["sessionid"] = _session(owners[0])
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo", f"--port={port}"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        _report("pages, idle", _times(reader, seconds / 3))
        with _looping(port, tokens, LOOP):
            late = _report(f"pages, {orgs} orgs loop", _times(reader, seconds))
        _judge(late, MOST_PAGE)
        _report("saves, idle", _times_of_saves(reader, seconds / 3))
        for name, code in {"loops": LOOP, "changes and loops": CHANGE_AND_LOOP}.items():
            with _looping(port, tokens[:1], code):
                late = _report(f"saves, one org {name}", _times_of_saves(reader, seconds))
            _judge(late, MOST_SAVE)
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _looping(port: int, tokens: list[str], code: str) -> Iterator[None]:
    """Run code again and again for each token, and print how the runs ended."""
    is_over, statuses = threading.Event(), Counter[int]()
    workers = [
        threading.Thread(target=_loop, args=(port, token, code, is_over, statuses))
        for token in tokens
    ]
    for worker in workers:
        worker.start()
    time.sleep(1)
    try:
        yield
    finally:
        is_over.set()
        for worker in workers:
            worker.join()
    print(f"runs: {dict(statuses)}")


def _owner():
    from tokenx.training.practice.actions import start_practice_org

    return start_practice_org(scenario="first-steps", name="")


def _session(user) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _token(user) -> str:
    from tokenx.org.models import MadeBy
    from tokenx.org.sessions import create_access_token

    return create_access_token(
        user=user,
        name="fairness",
        lifetime=timedelta(days=1),
        by=user,
        context=MadeBy.COMMAND,
    ).secret


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            Browser(port).get("/sign-in/")
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start.")


def _times(browser: Browser, seconds: float) -> list[float]:
    """Get the list again and again, with short pauses, as a person would."""
    browser.taken.clear()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        browser.get(LIST)
        time.sleep(0.05)
    return sorted(taken for _, taken, _ in browser.taken)


def _times_of_saves(browser: Browser, seconds: float) -> list[float]:
    """Save a setting again and again, with short pauses."""
    browser.get(LIST)
    browser.taken.clear()
    end, states = time.perf_counter() + seconds, cycle(["on", "off"])
    while time.perf_counter() < end:
        browser.post(SETTING, "save", to=next(states))
        time.sleep(0.05)
    return sorted(taken for _, taken, _ in browser.taken)


def _loop(
    port: int, token: str, code: str, is_over: threading.Event, statuses: Counter[int]
) -> None:
    """Run code that loops; after a 503, wait as the answer asks for."""
    path = f"/services/data/v67.0/tooling/executeAnonymous?anonymousBody={quote(code)}"
    while not is_over.is_set():
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        statuses[response.status] += 1
        if response.status == 200:
            assert b"CPU time limit" in body, body
        else:
            time.sleep(int(response.headers.get("Retry-After") or 0))


def _report(name: str, times: list[float]) -> float:
    late = times[int(0.95 * len(times))]
    middle, worst = statistics.median(times), times[-1]
    print(
        f"{name:32} {len(times):4} requests, p50 {middle * 1e3:6.0f} ms, "
        f"p95 {late * 1e3:6.0f} ms, most {worst * 1e3:6.0f} ms"
    )
    return late


def _judge(late: float, bar: float) -> None:
    verdict = "met" if late <= bar else "MISSED"
    print(f"p95 {late:.2f} s   bar {bar:.2f} s   {verdict}", flush=True)


if __name__ == "__main__":
    main()
