"""Ratios of the pages' times to their floors, measured in one run."""

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
# Prefixes and parts of names: frequent, rare, and absent, with one or more characters.
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
    """A URL, a signed-in client, and the median time in each round."""

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
    """Visit all targets in turn in each round. The first round warms up."""
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
    """Compare the handler's page and the fragment with more rows to an empty view."""
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


def _after(org: str, index: int) -> str:
    """Return the URL of the rows after an index in the list."""
    owner = User.objects.get(username=administrator_of(org)).org
    rows = Enablement.objects.filter(org=owner).by_app()
    key, pk = rows.values_list("app_key", "id")[index]
    return f"{HANDLER}?after={quote(f'name~{key}~{pk}')}"


def user_search(rounds: int) -> None:
    """Compare 40 patterns among few and many users to 200 rows by primary key."""
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
    worst_growth, most_expensive = max(growth, key=growth.get), max(costs, key=costs.get)
    report(
        "user lookup, growth small to large, median",
        statistics.median(growth.values()),
        1.15,
        f"{len(growth)} patterns with equal rows",
    )
    report("user lookup, growth, worst", growth[worst_growth], 2.0, repr(worst_growth))
    report(
        "user lookup, large / 200 rows by key, median",
        statistics.median(costs.values()),
        1.5,
    )
    report(
        "user lookup, large / 200 rows by key, worst",
        costs[most_expensive],
        1.5,
        repr(most_expensive),
    )


def app_search(rounds: int) -> None:
    """Search 100,000 apps, of which 10,000 are enabled."""
    floor = Target("/pk200/", Client())
    client = signed_in("small", **{"HX-Request": "true"})
    patterns = ["", "dev", "device 005", "9", "0099999", "zzz"]
    url = f"{HANDLER}lookup/apps/connected/?q="
    targets = {text: Target(url + quote(text), client) for text in patterns}
    measure([floor, *targets.values()], rounds)
    for text, target in targets.items():
        note = f"{target.options} options"
        report(f"app lookup {text!r} / 200 rows by key", ratio(target, floor), 1.5, note)
