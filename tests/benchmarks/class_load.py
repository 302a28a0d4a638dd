"""`python -m tests.benchmarks.class_load`: fifty people of a class at once, on SQLite.

They join, and work through all exercises of the path without a pause, by the pages of
Setup, on a waitress of their own; the trainer's page looks again all the while. Then their
panels look again every two seconds for a while, as in browsers that are left open. At the
end each exercise of each person has to be in the database.
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
LOOKS_EVERY = 2  # seconds


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
    # Only now are the apps there to be imported.
    from .class_path import Person

    classroom, session = _open_class()
    server = subprocess.Popen(
        [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{PORT}",
         f"--threads={threads}", "tokenx.wsgi:application"]
    )  # fmt: skip
    try:
        _wait_for_server()
        browsers = [Browser(PORT) for _ in range(people)]
        failed: list[str] = []

        def work(number: int) -> None:
            try:
                person = Person(browsers[number])
                person.join(classroom.code, f"Person {number:02}")
                person.work()
            except Exception as error:
                failed.append(f"Person {number:02}: {error!r}")

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
        _leave_open(browsers, watched)
        is_over.set()
        watcher.join()
    finally:
        server.terminate()
        server.wait()
    _report(browsers, trainer, took)
    print(f"failed: {failed or 'nobody'}, lost steps: {_lost(classroom, people) or 'none'}")


def _open_class():
    """A class, and the session of its trainer."""
    from django.test import Client
    from django.utils import timezone

    from tests.factories import UserFactory
    from tokenx.org.models import Profile
    from tokenx.training.classes.actions import open_classroom

    trainer = UserFactory(profile=Profile.SYSTEM_ADMINISTRATOR)
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


def _leave_open(browsers: list[Browser], seconds: int) -> None:
    """The panels of all, each at its own moment: nothing changes, so nothing is sent."""
    end = time.perf_counter() + seconds

    def leave(browser: Browser, number: int) -> None:
        state = browser.get("/training/exercise-state/", "check", **HTMX)
        address = re.search(r'hx-get="([^"]+seen=\w+)"', state)
        time.sleep(LOOKS_EVERY * number / len(browsers))
        while address and time.perf_counter() < end:
            start = time.perf_counter()
            browser.get(address[1], "panel", **HTMX)
            time.sleep(max(0, LOOKS_EVERY - (time.perf_counter() - start)))

    panels = [
        threading.Thread(target=leave, args=each)
        for each in zip(browsers, range(len(browsers)), strict=True)
    ]
    for panel in panels:
        panel.start()
    for panel in panels:
        panel.join()


def _watch(trainer: Browser, classroom: int, is_over: threading.Event) -> None:
    """The page of the class, which looks again every three seconds."""
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
    print(f"answers: {dict(statuses)}")
    for kind, times in by_kind.items():
        times.sort()
        late = times[int(0.99 * len(times))]
        middle = statistics.median(times)
        print(f"{kind:10} {len(times):5}  p50 {middle:7.0f} ms  p99 {late:7.0f} ms")


def _lost(classroom, people: int) -> list[str]:
    """What should be in the database, and is not."""
    from tokenx.training.classes.results import results_of

    results = results_of(classroom)
    lost = [f"{people - len(results)} people"] if len(results) != people else []
    return lost + [
        f"{result.participant}: {result.done} of {len(result.steps)}"
        for result in results
        if not result.has_finished
    ]


if __name__ == "__main__":
    main()
