"""Runs of handler classes on good tokens of simulated issuers, without the network.

The times are CPU times of this process, so waiting isn't counted. Rows are rolled back.
"""

import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import OrgFactory, UserFactory
from tokenx.org.models import ApexClass, BuiltInProfile, User
from tokenx.setup.apex_runs.run_handler import HandlerRun, run_handler
from tokenx.setup.forms.run_apex_class import RunApexClassForm
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import DEMO, find_scenario

from .apex import METHOD

# Milliseconds.
MOST_RUN, MOST_COLD = 5, 80
LONG, COLD = 280, 8_000
_MANY_LINES = "MyOauthTokenExchangeHandler"


class _UndoError(Exception):
    """Rolls the benchmark back."""


def run(rounds: int, profiled: str = "") -> None:
    call_command("migrate", verbosity=0)
    try:
        with transaction.atomic():
            _run(rounds, profiled)
            raise _UndoError
    except _UndoError:
        pass


def _run(rounds: int, profiled: str) -> None:
    admin = UserFactory(org=OrgFactory(), profile=BuiltInProfile.SYSTEM_ADMINISTRATOR)
    scenario = find_scenario(DEMO)
    people = scenario.people.model_copy(update={"count": 300})
    build.fill(admin.org, scenario.model_copy(update={"people": people}), owner=admin)
    calls = {
        row.name: _call_of(row, admin) for row in ApexClass.objects.filter(org=admin.org)
    }
    usual = ApexClass.objects.get(org=admin.org, name=_MANY_LINES)
    long = _longer(usual, "LongHandler", lambda body: body.count("\n") >= LONG - 16)
    calls["LongHandler"] = _call_of(long, admin)
    cold = _longer(usual, "ColdHandler", lambda body: len(body) >= COLD)
    is_first = _timed(_call_of(cold, admin))
    print(f"{'first run in the process, 8 kB':44}{is_first:7.1f} ms")
    if profiled:
        _profile(calls[profiled], rounds)
        return
    times: dict[str, list[float]] = {name: [] for name in [*calls, "Cold"]}
    for number in range(rounds + 1):
        for name, call in calls.items():
            taken = _timed(call)
            if number:
                times[name].append(taken)
        cold = _renewed(cold, number)
        times["Cold"].append(_timed(_call_of(cold, admin)))
    for name, call in calls.items():
        lines = ApexClass.objects.get(org=admin.org, name=name).body.count("\n")
        with CaptureQueriesContext(connection) as queries:
            found = call()
        note = f"{lines} lines, {found.budget.steps} steps, {len(queries)} queries"
        _report(name, statistics.median(times[name]), MOST_RUN, note)
    _report("8 kB that wasn't read before", statistics.median(times["Cold"]), MOST_COLD)


def _longer(row: ApexClass, name: str, is_long: Callable[[str], bool]) -> ApexClass:
    """Return a class with more methods."""
    body, number = row.body.replace(row.name, name).rstrip().removesuffix("}"), 0
    while not is_long(body):
        body += METHOD.format(number=number)
        number += 1
    return ApexClass.objects.create(org=row.org, name=name, body=f"{body}}}\n")


def _renewed(row: ApexClass, number: int) -> ApexClass:
    """Return the class with another text, which no one has parsed or compiled."""
    row.delete()
    return ApexClass.objects.create(
        org=row.org, name=row.name, body=f"// {number}\n{row.body}"
    )


def _call_of(row: ApexClass, admin: User) -> Callable[[], HandlerRun]:
    """Return a run of the class with the inputs that its page proposes."""
    form = RunApexClassForm(apex_class=row, user=admin)
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, False)}
    bound = RunApexClassForm(data, apex_class=row, user=admin)
    assert bound.is_valid(), bound.errors
    inputs = bound.inputs()
    assert inputs

    def call() -> HandlerRun:
        return run_handler(org=admin.org, apex_class=row, **vars(inputs))

    return call


def _timed(call: Callable[[], HandlerRun]) -> float:
    gc.collect()
    start = time.process_time()
    found = call()
    taken = (time.process_time() - start) * 1_000
    assert found.is_successful, found.refusal
    return taken


def _report(name: str, value: float, bar: float, note: str = "") -> None:
    verdict = "met" if value <= bar else "MISSED"
    print(f"{name:44}{value:7.1f} ms  bar {bar:3}  {verdict:6}  {note}")


def _profile(call: Callable[[], HandlerRun], rounds: int) -> None:
    call()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        call()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    pstats.Stats(profile).sort_stats("cumtime").print_stats(70)
