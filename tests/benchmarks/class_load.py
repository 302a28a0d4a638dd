"""`python -m tests.benchmarks.class_load`: fifty people of a class at once, on SQLite.

They join, and work through the first three exercises without a pause, over HTTP, on a
waitress of their own; the trainer's page looks again all the while. Then their panels look
again every two seconds for a while, as they do in browsers that are left open. At the end
each step of each person has to be in the database.
"""

import argparse
import http.client
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
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PORT = 8767
HANDLER = "MyTokenExchangeHandler"
FIRST, SECOND, THIRD = "find-the-page", "view-details", "enable-a-connected-app"
HTMX = {"HX-Request": "true"}
LOOKS_EVERY = 2  # seconds
RUN_AS = "token.exchange@mycompany.com"


class Browser:
    """Cookies, a connection that is kept, and how long each kind of request took."""

    def __init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        self.cookies: dict[str, str] = {}
        self.taken: list[tuple[str, float, int]] = []

    def get(self, path: str, kind: str = "page", **headers: str) -> str:
        return self._ask("GET", path, kind, None, headers)

    def post(self, path: str, kind: str, **form: object) -> str:
        headers = {
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            **HTMX,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, kind, urlencode(form), headers)

    def _ask(
        self, method: str, path: str, kind: str, body: str | None, headers: dict
    ) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        start = time.perf_counter()
        self.connection.request(method, path, body, {"Cookie": cookies, **headers})
        response = self.connection.getresponse()
        text = response.read().decode()
        self.taken.append((kind, time.perf_counter() - start, response.status))
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        if response.status not in {200, 204, 302}:
            print(method, path, response.status, text[:200])
        return text


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
    classroom, session = _open_class()
    server = subprocess.Popen(
        [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{PORT}",
         f"--threads={threads}", "tokenx.wsgi:application"]
    )  # fmt: skip
    try:
        _wait_for_server()
        browsers = [Browser() for _ in range(people)]
        failed: list[str] = []

        def person(number: int) -> None:
            try:
                _work(browsers[number], classroom.code, f"Person {number:02}")
            except Exception as error:
                failed.append(f"Person {number:02}: {error!r}")

        workers = [threading.Thread(target=person, args=[n]) for n in range(people)]
        trainer, is_over = Browser(), threading.Event()
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

    from tokenx.org.models import Profile
    from tokenx.training.classes import open_classroom
    from tokenx.training.factories import UserFactory

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
            return Browser().get("/join/") and None
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _work(browser: Browser, code: str, name: str) -> None:
    browser.get(f"/join/{code}/")
    browser.post("/join/", "join", code=code, name=name)
    browser.get("/")
    browser.get("/handlers/")
    answers = {FIRST: ["1", "Identity"], SECOND: ["MyOauthTokenExchangeHandler", "1"]}
    for exercise in [FIRST, SECOND]:
        if exercise != FIRST:
            browser.post(f"/training/exercises/{exercise}/start/", "start")
        browser.get(f"/handlers/{HANDLER}/")
        for question, answer in zip(_questions(exercise), answers[exercise], strict=True):
            url = f"/training/exercises/{exercise}/answer/"
            browser.post(url, "answer", question=question, answer=answer)
    browser.post(f"/training/exercises/{THIRD}/start/", "start")
    app, run_as = _keys(name)
    browser.get(f"/handlers/{HANDLER}/enable-app/?kind=connected")
    browser.post(
        f"/handlers/{HANDLER}/enable-app/?kind=connected", "enable", app=app, run_as=run_as
    )
    browser.get("/training/exercise-state/", "check", **HTMX)


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


def _questions(exercise: str) -> list[str]:
    from tokenx.training.exercises import exercises

    return list(exercises()[exercise].questions)


def _keys(name: str) -> tuple[int, int]:
    """What a person chooses in the wizard."""
    from django.db import connection

    from tokenx.org.models import ClientApp, User
    from tokenx.training.models import Participant

    org = Participant.objects.get(name=name).practice_org_id
    app = ClientApp.objects.get(org=org, api_name="TokenExchangeApp1")
    run_as = User.objects.get(org=org, username=RUN_AS)
    connection.close()
    return app.pk, run_as.pk


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
    from tokenx.handlers.models import Enablement
    from tokenx.training.class_results import results_of

    results = results_of(classroom)
    lost = [f"{people - len(results)} people"] if len(results) != people else []
    lost += [
        f"{result.participant}: {result.done} of 3"
        for result in results
        if result.done != 3
    ]
    enabled = Enablement.objects.filter(app__api_name="TokenExchangeApp1").count()
    if enabled != people:
        lost.append(f"{enabled} of {people} enabled apps")
    return lost


if __name__ == "__main__":
    main()
