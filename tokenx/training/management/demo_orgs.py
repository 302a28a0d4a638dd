"""The org that `demo` and `serve` build: whole, or built again after an interruption."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.management.base import CommandError
from rich.console import Console

from tokenx.environment import ADMIN_PASSWORD
from tokenx.org.management.console import is_confirmed, print_line, progress_bars
from tokenx.org.models import User
from tokenx.training.practice.removal import remove_org
from tokenx.training.scenarios import large
from tokenx.training.scenarios.catalogue import (
    DEMO,
    Scenario,
    ScenarioError,
    find_scenario,
    names,
    scenarios,
)
from tokenx.training.scenarios.demo_org import build_demo_org, sign_in_name

LARGE = "large"


@dataclass(frozen=True)
class BuiltOrg:
    """The org's administrator, and the password if it's new and was generated."""

    administrator: User
    password: str = ""


def scenario_names() -> list[str]:
    return list(dict.fromkeys([DEMO, LARGE, *scenarios(), *names()]))


def check_scenario(slug: str) -> None:
    """Raise CommandError if the scenario doesn't exist or has problems."""
    if slug not in scenario_names():
        listed = ", ".join(scenario_names())
        raise CommandError(f"No scenario is named {slug}. Select one of these: {listed}.")
    if slug != LARGE:
        _scenario(slug)


def find_or_build(
    slug: str, *, console: Console, resets: bool, asks: bool, new_password: bool
) -> BuiltOrg:
    """Return the scenario's org. Build it if it doesn't exist or isn't whole."""
    with _only_builder(console):
        usernames = [sign_in_name(start, slug) for start in ("admin", "viewer")]
        administrators = User.objects.filter(username=usernames[0], can_sign_in=True)
        if resets:
            for user in administrators:
                _delete(user, console, is_asked=asks and sys.stdin.isatty())
        if administrator := administrators.first():
            return _existing(administrator, usernames, new_password=new_password)
        return _build(slug, console)


def _existing(administrator: User, usernames: list[str], *, new_password: bool) -> BuiltOrg:
    """Return the existing org, with another password if one was asked for."""
    given = ADMIN_PASSWORD.read()
    generated = secrets.token_urlsafe(9) if new_password and not given else ""
    password = given or generated
    if password and (generated or not administrator.check_password(password)):
        # Both users who log in have the same password, as in a new org.
        users = User.objects.filter(org=administrator.org, username__in=usernames)
        for user in users.filter(can_sign_in=True):
            user.set_password(password)
            user.save()
        administrator.refresh_from_db()
    return BuiltOrg(administrator, generated)


def _build(slug: str, console: Console) -> BuiltOrg:
    scenario = None if slug == LARGE else _scenario(slug)
    if not scenario and (removed := large.remove_unfinished()):
        print_line(
            console, f"The last build of “{removed}” was interrupted. It starts again."
        )
    name = scenario.label if scenario else large.NAME
    print_line(console, f"Building the org “{name}”…")
    console.file.flush()
    given = ADMIN_PASSWORD.read()
    password = given or secrets.token_urlsafe(9)
    if scenario:
        administrator = build_demo_org(scenario, password=password)
    else:
        with progress_bars(console) as show_progress:
            administrator = large.build(password=password, progress=show_progress)
    return BuiltOrg(administrator, "" if given else password)


def _delete(user: User, console: Console, *, is_asked: bool) -> None:
    question = f"Delete the org “{user.org}” and everything in it?"
    if is_asked and not is_confirmed(console, question):
        raise CommandError("The org wasn't deleted.")
    remove_org(user.org)


def _scenario(slug: str) -> Scenario:
    try:
        return find_scenario(slug)
    except ScenarioError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _only_builder(console: Console) -> Iterator[None]:
    """Wait until no other process builds an org in this data folder.

    Otherwise, an unfinished org couldn't be told from one that's being built.
    """
    with open(settings.DATA_DIR / "build.lock", "a", opener=_private) as file:
        _lock(file, console)
        yield


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lock(file: IO[str], console: Console) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print_line(console, "Another process is building an org. Waiting for it…")
        console.file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
