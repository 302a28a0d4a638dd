"""Starting, resetting and removing a practice org, among few others and among many."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.training.practice.test_practice_orgs import USUAL
from tokenx.org.models import Org, User
from tokenx.training.practice import actions as practice
from tokenx.training.practice.removal import remove_org

# What performance.md asks for.
MOST_MS, MOST_QUERIES, MOST_GROWTH = 300, 60, 1.2


def run(rounds: int, others: int) -> None:
    """`others`: how many orgs there are the second time; the first time, ten."""
    call_command("migrate", verbosity=0)
    settings.SIGNUP, settings.PRACTICE_ORGS = "open", 1_000_000
    settings.ALLOWED_HOSTS = ["testserver"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "usual.toml").write_text(USUAL)
        settings.SCENARIOS_DIR = folder
        few = _measure(10, rounds)
        many = _measure(others, rounds)
    print(f"Bars: {MOST_MS} ms, {MOST_QUERIES} queries, {MOST_GROWTH} times among 10 orgs.")
    for what, cost in many.items():
        growth = cost.work / few[what].work
        print(f"{what:7}{cost.ms:5.0f} ms {cost.queries:5} queries {growth:6.2f} times")


class _Cost(NamedTuple):
    ms: float
    # Time of the processor: the two that are compared are measured minutes apart, and a
    # machine does other things meanwhile.
    work: float
    queries: int


def _measure(others: int, rounds: int) -> dict[str, _Cost]:
    """What whole requests cost, by the medians of the rounds."""
    while Org.objects.count() < others:
        practice.start_practice_org(scenario="first-steps", name="")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    taken: dict[str, list[float]] = {"start": [], "reset": [], "remove": []}
    worked: dict[str, list[float]] = {what: [] for what in taken}
    queries = dict.fromkeys(taken, 0)

    def timed(what: str, work: Callable[[], Any]) -> None:
        begun, had_worked = perf_counter(), process_time()
        work()
        worked[what].append(process_time() - had_worked)
        taken[what].append(1000 * (perf_counter() - begun))

    def counted(what: str, work: Callable[[], Any]) -> None:
        with CaptureQueriesContext(connection) as captured:
            work()
        queries[what] = len(captured)

    form = {"scenario": "usual", "name": ""}
    for number in range(rounds + 1):
        # The last round counts queries, which takes time itself.
        does = timed if number < rounds else counted
        client = Client()
        does("start", lambda client=client: client.post("/practice/", form))
        does("reset", lambda client=client: client.post("/training/reset/"))
        org = User.objects.get(pk=client.session["_auth_user_id"]).org
        does("remove", lambda org=org: remove_org(org))
    return {
        what: _Cost(median(taken[what]), median(worked[what]), queries[what])
        for what in taken
    }
