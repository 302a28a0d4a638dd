"""The load of a class: fifty people work concurrently on SQLite.

    python -m tests.benchmarks.class_load

They join, and do all exercises of the path in Setup without a pause, on a separate server.
The trainer's page polls all the while. Afterward, the participants' panels poll every two
seconds, as in browsers that stay open. At the end, the database must contain each exercise
of each person.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from datetime import timedelta

from .browser import HTMX, Browser

PORT = 8767
POLL_INTERVAL = 2  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--watched", type=int, default=20, help="seconds of open panels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokenx-class-") as folder:
        os.environ["TOKENX_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"
        _load(options.people, options.threads, options.watched)


def _load(people: int, threads: int, watched: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # The apps can be imported only now.
    from .class_path import Person

    classroom, session = _open_class()
    server = subprocess.Popen(
        [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{PORT}",
         f"--threads={threads}", "tokenx.wsgi:application"]
    )  # fmt: skip
    try:
        _wait_for_server()
        browsers = [Browser(PORT) for _ in range(people)]
        failures: list[str] = []

        def work(number: int) -> None:
            try:
                person = Person(browsers[number])
                person.join(classroom.code, f"Person {number:02}")
                person.work()
            except Exception as error:
                failures.append(f"Person {number:02}: {error!r}")

        workers = [threading.Thread(target=work, args=[n]) for n in range(people)]
        trainer, is_over = Browser(PORT), threading.Event()
        trainer.cookies["sessionid"] = session
        watcher = threading.Thread(target=_watch, args=[trainer, classroom.pk, is_over])
        start = time.perf_counter()
        for worker in [watcher, *workers]:
            worker.start()
        for worker in workers:
            worker.join()
        took = time.perf_counter() - start
        _poll_panels(browsers, watched)
        is_over.set()
        watcher.join()
    finally:
        server.terminate()
        server.wait()
    _report(browsers, trainer, took)
    print(f"failed: {failures or 'none'}, lost steps: {_lost(classroom, people) or 'none'}")


def _open_class():
    """Open a class, and return it with its trainer's session."""
    from django.test import Client
    from django.utils import timezone

    from tests.factories import UserFactory
    from tokenx.org.models import BuiltInProfile
    from tokenx.training.classes.actions import open_classroom

    trainer = UserFactory(profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    client = Client()
    client.force_login(trainer)
    ends_at = timezone.now() + timedelta(days=1)
    classroom = open_classroom(
        name="Fifty", scenario="first-steps", path="all", ends_at=ends_at, by=trainer
    )
    return classroom, client.cookies["sessionid"].value


def _wait_for_server() -> None:
    for _ in range(200):
        try:
            return Browser(PORT).get("/join/") and None
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _poll_panels(browsers: list[Browser], seconds: int) -> None:
    """Poll each person's panel at different times. Nothing changes, so nothing is sent."""
    end = time.perf_counter() + seconds

    def poll(browser: Browser, number: int) -> None:
        state = browser.get("/training/exercise-state/", "check", **HTMX)
        poll_url = re.search(r'hx-get="([^"]+seen=\w+)"', state)
        time.sleep(POLL_INTERVAL * number / len(browsers))
        while poll_url and time.perf_counter() < end:
            start = time.perf_counter()
            browser.get(poll_url[1], "panel", **HTMX)
            time.sleep(max(0, POLL_INTERVAL - (time.perf_counter() - start)))

    panels = [
        threading.Thread(target=poll, args=each)
        for each in zip(browsers, range(len(browsers)), strict=True)
    ]
    for panel in panels:
        panel.start()
    for panel in panels:
        panel.join()


def _watch(trainer: Browser, classroom: int, is_over: threading.Event) -> None:
    """Poll the class page every three seconds."""
    url, seen = f"/training/classes/{classroom}/", "x"
    while not is_over.wait(3):
        trainer.get(f"{url}?seen={seen}", "class page", **HTMX)


def _report(browsers: list[Browser], trainer: Browser, took: float) -> None:
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    statuses: Counter[int] = Counter()
    for browser in [*browsers, trainer]:
        for kind, seconds, status in browser.taken:
            by_kind[kind].append(seconds * 1e3)
            statuses[status] += 1
    working = [seconds for kind in by_kind if kind != "panel" for seconds in by_kind[kind]]
    total = len(working)
    print(f"{len(browsers)} people, {total} requests in {took:.1f} s: {total / took:.0f}/s")
    print(f"responses: {dict(statuses)}")
    for kind, times in by_kind.items():
        times.sort()
        late = times[int(0.99 * len(times))]
        middle = statistics.median(times)
        print(f"{kind:10} {len(times):5}  p50 {middle:7.0f} ms  p99 {late:7.0f} ms")


def _lost(classroom, people: int) -> list[str]:
    """Return the people and exercises that are missing from the database."""
    from tokenx.training.classes.results import results_of

    results = results_of(classroom)
    missing = [f"{people - len(results)} people"] if len(results) != people else []
    return missing + [
        f"{result.participant}: {result.done} of {len(result.steps)}"
        for result in results
        if not result.has_finished
    ]


if __name__ == "__main__":
    main()
