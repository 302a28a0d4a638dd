"""Ratios of the pages to their floors, side by side in one run."""

import statistics
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.test import Client, override_settings

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

from .data import administrator_of

HANDLER = "/handlers/MyTokenExchangeHandler/"
# Prefixes and parts of names: frequent, rare and absent, of one letter and of many.
PATTERNS = [
    *["a", "s", "m", "j", "q", "x", "é", "smi", "chr", "joh", "bla", "christopher"],
    *["johnson", "kowalsk", "integ", "o'b", "zzz", "van", "d", "de"],
    *["*a", "*e", "*q", "*x", "*an", "*er", "*qz", "*ø", "*ion", "*mar", "*xav", "*tion"],
    *["*integration", "*blazkova", "*anna s", "*er schm", "*zzzz", "*annmar", "*ericha"],
    "* d",
]
REQUESTS = 12


@dataclass
class Target:
    """A URL, for somebody, and its median time in each round."""

    url: str
    client: Client
    status: int = 200
    size: int = 0
    options: int = 0

    def __post_init__(self) -> None:
        self.rounds: list[float] = []

    def visit(self, times: int) -> float:
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            response = self.client.get(self.url)
            content = response.content
            taken.append(time.perf_counter() - start)
        assert response.status_code == self.status, f"{self.url}: {response.status_code}"
        self.size, self.options = len(content), content.count(b'role="option"')
        return statistics.median(taken)


def measure(targets: list[Target], rounds: int) -> None:
    """Visit all targets in turn, round after round; the first round warms up."""
    for number in range(rounds + 1):
        for target in targets:
            taken = target.visit(REQUESTS if number else 4)
            if number:
                target.rounds.append(taken)


def ratio(target: Target, floor: Target) -> float:
    pairs = zip(target.rounds, floor.rounds, strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def signed_in(org: str, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(User.objects.get(username=administrator_of(org)))
    return client


def report(name: str, value: float, bar: float, note: str = "") -> None:
    verdict = "met" if value <= bar else "MISSED"
    print(f"{name:58} {value:6.2f}   bar {bar:5.2f}   {verdict:6}  {note}")


def run(rounds: int, only: str) -> None:
    with override_settings(ROOT_URLCONF="tests.benchmarks.floors", ALLOWED_HOSTS=["*"]):
        for part in (pages, user_search, app_search):
            if only in part.__name__:
                part(rounds)


def pages(rounds: int) -> None:
    """The handler's page and the fragment of more rows, to an empty view."""
    hello = Target("/hello/", Client())
    page = Target(HANDLER, signed_in("small"))
    more = Target(_after("small", 5_000), signed_in("small", **{"HX-Request": "true"}))
    tiny = Target(f"{HANDLER}", signed_in("tiny", **{"HX-Request": "true"}))
    count = User.objects.get(username=administrator_of("large")).org
    total = Enablement.objects.filter(org=count).count()
    end = Target(_after("large", total - 60), signed_in("large", **{"HX-Request": "true"}))
    measure([hello, page, more, tiny, end], rounds)
    report(
        "page, 50 of 10,000 enabled apps / hello",
        ratio(page, hello),
        10,
        f"{page.size:,} B",
    )
    report("50 more rows / hello", ratio(more, hello), 6, f"{more.size:,} B")
    report("rows at the end of the large list / first of 100", ratio(end, tiny), 1.3)


def _after(org: str, place: int) -> str:
    """The URL of the rows after one place of the list."""
    owner = User.objects.get(username=administrator_of(org)).org
    rows = Enablement.objects.filter(org=owner).by_app()
    key, pk = rows.values_list("app_key", "id")[place]
    return f"{HANDLER}?after={quote(f'name~{key}~{pk}')}"


def user_search(rounds: int) -> None:
    """40 patterns among few and among many users, to 200 rows by primary key."""
    floor = Target("/pk200/", Client())
    small, large = (
        {
            pattern: Target(f"/lookup/users/?q={quote(pattern)}", client)
            for pattern in PATTERNS
        }
        for client in (signed_in("small"), signed_in("large"))
    )
    measure([floor, *small.values(), *large.values()], rounds)
    growth: dict[str, Any] = {
        pattern: ratio(large[pattern], small[pattern])
        for pattern in PATTERNS
        if large[pattern].options == small[pattern].options
    }
    costs = {pattern: ratio(large[pattern], floor) for pattern in PATTERNS}
    worst, dearest = max(growth, key=growth.get), max(costs, key=costs.get)
    report(
        "user look-up, growth small to large, median",
        statistics.median(growth.values()),
        1.15,
        f"{len(growth)} patterns with equal rows",
    )
    report("user look-up, growth, worst", growth[worst], 2.0, repr(worst))
    report(
        "user look-up, large / 200 rows by key, median",
        statistics.median(costs.values()),
        1.5,
    )
    report(
        "user look-up, large / 200 rows by key, worst", costs[dearest], 1.5, repr(dearest)
    )


def app_search(rounds: int) -> None:
    """Apps to enable among 100,000, of which 10,000 are enabled."""
    floor = Target("/pk200/", Client())
    client = signed_in("small", **{"HX-Request": "true"})
    patterns = ["", "dev", "device 005", "9", "0099999", "zzz"]
    url = f"{HANDLER}lookup/apps/connected/?q="
    targets = {text: Target(url + quote(text), client) for text in patterns}
    measure([floor, *targets.values()], rounds)
    for text, target in targets.items():
        note = f"{target.options} options"
        report(f"app look-up {text!r} / 200 rows by key", ratio(target, floor), 1.5, note)
