"""Deploying and exporting 1,000 and 10,000 enabled apps, compared to their floors.

Run as a separate module, it prints the memory growth in bytes of parsing, deploying, or
exporting 10,000 apps.
"""

import gc
import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db import connection

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    IntegrationUserFactory,
    UserFactory,
)
from tokenx.handlers.actions import delete_handler
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.deploy import queue
from tokenx.metadata.deploy.actions import Options, queue_deployment, receive_source
from tokenx.metadata.deploy.engine import read_all
from tokenx.metadata.deploy.progress import Progress
from tokenx.metadata.format.writer import write
from tokenx.metadata.mapping.from_org import rows_of
from tokenx.metadata.models import Status
from tokenx.metadata.package.archive import open_files
from tokenx.metadata.package.manifests import read_packages
from tokenx.metadata.retrieve.retrieve import write_handler
from tokenx.org.models import BuiltInProfile, ClientApp, User

from .floors import BareTable
from .metadata import MEMORY_BAR, handler, peak
from .ratios import report

ADMINISTRATOR = "admin@deploys.example"
NAME = "MyTokenExchangeHandler"
COMPARED = {"first": "floor", "unchanged": "floor", "export": "cursor"}
# One query takes most of the time of a small export.
BARS = {1_000: (6.0, 3.5, 3.0), 10_000: (8.0, 8.0, 3.0)}


def build() -> User:
    """Create an org with 10,000 apps that are ready, and execution users."""
    call_command("migrate", verbosity=0)
    if administrator := User.objects.filter(username=ADMINISTRATOR).first():
        return administrator
    by = UserFactory(username=ADMINISTRATOR, profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    ApexClassFactory(org=by.org, name="MyOauthTokenExchangeHandler")
    for number in range(50):
        IntegrationUserFactory(org=by.org, username=f"bot{number}@x.example")
    apps = []
    for number in range(max(BARS)):
        app = ClientAppFactory.build(org=by.org, label=f"App {number}")
        app.api_name = f"App_{number}"
        app.set_keys()
        apps.append(app)
    ClientApp.objects.bulk_create(apps, batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return by


def run(rounds: int) -> None:
    by = build()
    floor = BareTable(Path(os.environ["TOKENX_DATA_DIR"]) / "bare.sqlite3")
    for size, bars in BARS.items():
        file = "".join(write(handler(size))).encode()
        steps = {
            "floor": partial(floor.deploy, file),
            "first": partial(deploy, by, file),
            "unchanged": partial(deploy, by, file),
            "cursor": read_rows,
            "export": export,
        }
        times: dict[str, list[Times]] = {name: [] for name in steps}
        for _ in range(rounds):
            remove(by)
            floor.clear()
            for name, do in steps.items():
                times[name].append(timed(do))
        for (name, floor_name), bar in zip(COMPARED.items(), bars, strict=True):
            elapsed, cpu = (
                ratio(times[name], times[floor_name], clock) for clock in (0, 1)
            )
            milliseconds = statistics.median(each.elapsed for each in times[name]) * 1e3
            note = f"{milliseconds:,.1f} ms, {cpu:.2f} in CPU time"
            report(f"{name}, {size:,} enabled apps / {floor_name}", elapsed, bar, note)
    remove(by)
    for action in ("parsing", "deploying", "exporting"):
        growth = int(_growth(action)) / 1e6
        report(f"{action} {max(BARS):,}, MB of memory", growth, MEMORY_BAR / 1e6)


class Times(NamedTuple):
    """The seconds that a step took. Other load affects CPU time less."""

    elapsed: float
    cpu: float


def timed(do: Callable[[], object]) -> Times:
    gc.collect()
    start, start_cpu = time.perf_counter(), time.process_time()
    do()
    return Times(time.perf_counter() - start, time.process_time() - start_cpu)


def ratio(ours: list[Times], floors: list[Times], clock: int) -> float:
    """Return the median of the ratios of each round, by one of the two clocks."""
    pairs = zip(ours, floors, strict=True)
    return statistics.median(one[clock] / floor[clock] for one, floor in pairs)


def deploy(by: User, file: bytes) -> None:
    """Deploy a file as the page and the API do."""
    name = f"{NAME}.oauthtokenexchangehandler"
    source = receive_source(stream=io.BytesIO(file), name=name, by=by)
    deployment = queue_deployment(source=source, options=Options(), by=by)
    queue.run_queue(by.org_id)
    deployment.refresh_from_db()
    assert deployment.status == Status.SUCCEEDED, deployment.error_message


def deployed_handler() -> TokenExchangeHandler:
    return TokenExchangeHandler.objects.select_related("apex_class").get(
        developer_name=NAME,
        org__in=User.objects.filter(username=ADMINISTRATOR).values("org"),
    )


def remove(by: User) -> None:
    for each in TokenExchangeHandler.objects.filter(org=by.org):
        delete_handler(handler=each, by=by)


def export() -> None:
    for piece in write_handler(deployed_handler()):
        piece.encode()


def read_rows() -> None:
    """Read the rows of an export without writing a file."""
    rows = rows_of(deployed_handler()).values_list(
        "app_kind", "app__api_name", "run_as__username", "is_default"
    )
    statement, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for _ in iter(lambda: cursor.fetchmany(2_000), []):
            pass


def parse(path: str) -> None:
    with Path(path).open("rb") as stream:
        archive = open_files([(f"{NAME}.oauthtokenexchangehandler", stream)])
        read = read_all(read_packages(archive), Progress())
        assert not read.components[0].problems


def _growth(action: str) -> str:
    path = Path(os.environ["TOKENX_DATA_DIR"]) / "large.oauthtokenexchangehandler"
    path.write_bytes("".join(write(handler(max(BARS)))).encode())
    command = [sys.executable, "-m", "tests.benchmarks.deploys", action, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    action, path = sys.argv[1:]
    by = build()
    # Exclude SQLite's memory map and cache, whose sizes are bounded.
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA mmap_size=0")
        cursor.execute("PRAGMA cache_size=-2000")
    begin = peak()
    if action == "parsing":
        parse(path)
    elif action == "deploying":
        deploy(by, Path(path).read_bytes())
    else:
        export()
    print(peak() - begin)
