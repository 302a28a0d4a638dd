"""Starting, resetting, and removing a practice org, among few and many other orgs."""

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

# Bars in performance.md.
MOST_MS, MOST_QUERIES, MOST_GROWTH = 300, 60, 1.2


def run(rounds: int, others: int) -> None:
    """Measure among ten orgs, and then among `others` orgs."""
    call_command("migrate", verbosity=0)
    settings.SIGNUP, settings.PRACTICE_ORGS = "open", 1_000_000
    settings.ALLOWED_HOSTS = ["testserver"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "usual.toml").write_text(USUAL)
        settings.SCENARIOS_DIR = folder
        few = _measure(10, rounds)
        many = _measure(others, rounds)
    print(f"Bars: {MOST_MS} ms, {MOST_QUERIES} queries, {MOST_GROWTH} times among 10 orgs.")
    for action, cost in many.items():
        growth = cost.work / few[action].work
        print(f"{action:7}{cost.ms:5.0f} ms {cost.queries:5} queries {growth:6.2f} times")


class _Cost(NamedTuple):
    ms: float
    # CPU time, because the two measurements are minutes apart, and the machine's other load
    # changes in the meantime.
    work: float
    queries: int


def _measure(others: int, rounds: int) -> dict[str, _Cost]:
    """Return the costs of whole requests as medians over the rounds."""
    while Org.objects.count() < others:
        practice.start_practice_org(scenario="first-steps", name="")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    times: dict[str, list[float]] = {"start": [], "reset": [], "remove": []}
    cpu_times: dict[str, list[float]] = {action: [] for action in times}
    queries = dict.fromkeys(times, 0)

    def timed(action: str, work: Callable[[], Any]) -> None:
        start, cpu_start = perf_counter(), process_time()
        work()
        cpu_times[action].append(process_time() - cpu_start)
        times[action].append(1000 * (perf_counter() - start))

    def counted(action: str, work: Callable[[], Any]) -> None:
        with CaptureQueriesContext(connection) as captured:
            work()
        queries[action] = len(captured)

    form = {"scenario": "usual", "name": ""}
    for number in range(rounds + 1):
        # The last round counts queries instead, because counting takes time.
        measure = timed if number < rounds else counted
        client = Client()
        measure("start", lambda client=client: client.post("/practice/", form))
        measure("reset", lambda client=client: client.post("/training/reset/"))
        org = User.objects.get(pk=client.session["_auth_user_id"]).org
        measure("remove", lambda org=org: remove_org(org))
    return {
        action: _Cost(median(times[action]), median(cpu_times[action]), queries[action])
        for action in times
    }
