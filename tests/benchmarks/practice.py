"""Starting, resetting and removing a practice org, among few others and among many."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.training.test_practice_orgs import USUAL
from tokenx.org.models import Org, User
from tokenx.training import practice
from tokenx.training.removal import remove_org

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
    for what, (times, queries) in many.items():
        # The quickest round of each: the two were measured minutes apart.
        growth = min(times) / min(few[what][0])
        print(f"{what:7}{median(times):5.0f} ms {queries:5} queries {growth:6.2f} times")


def _measure(others: int, rounds: int) -> dict[str, tuple[list[float], int]]:
    """The rounds in ms, and the queries, of whole requests."""
    while Org.objects.count() < others:
        practice.start_practice_org(scenario="first-steps", name="")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    taken: dict[str, list[float]] = {"start": [], "reset": [], "remove": []}
    queries = dict.fromkeys(taken, 0)

    def timed(what: str, work: Callable[[], Any]) -> None:
        begun = perf_counter()
        work()
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
    return {what: (taken[what], queries[what]) for what in taken}
