"""The test database before a browser test: empty, or with a fresh demo org."""

import sqlite3
from collections.abc import Callable

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from tokenx.training.scenarios.demo_org import build_demo_org

from .steps import PASSWORD


class Database:
    """Known states of the test database.

    Building the demo org and emptying its tables takes about 0.2 s. On SQLite, each
    state is therefore kept in memory and copied back in milliseconds.
    """

    def __init__(self) -> None:
        self._copies: dict[str, sqlite3.Connection] = {}

    def clear(self) -> None:
        self._put("empty", empty)

    def build_demo_org(self) -> None:
        self._put("demo", build)

    def _put(self, state: str, build: Callable[[], object]) -> None:
        cache.clear()
        connection.ensure_connection()
        if state in self._copies:
            self._copies[state].backup(connection.connection)
            return
        build()
        if connection.vendor == "sqlite":
            self._copies[state] = sqlite3.connect(":memory:")
            connection.connection.backup(self._copies[state])


def empty() -> None:
    call_command("flush", interactive=False, verbosity=0)


def build() -> None:
    empty()
    build_demo_org(password=PASSWORD)
