"""Floors to compare with: an empty view, 200 rows by primary key, a bare deployment."""

import random
import sqlite3
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import escape

from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.org.models import User
from tokenx.org.permissions import open_to_all


@open_to_all
def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


@cache
def _keys() -> list[int]:
    return list(User.objects.order_by("pk").values_list("pk", flat=True)[:100_000])


@open_to_all
def pk200(request: HttpRequest) -> HttpResponse:
    users = User.objects.filter(pk__in=random.sample(_keys(), 200))
    rows = users.values_list("id", "first_name", "last_name", "username")
    return HttpResponse(
        "".join(
            f'<li role="option" data-id="{pk}">{escape(first)} {escape(last)} '
            f"<span>{escape(username)}</span></li>"
            for pk, first, last, username in rows
        )
    )


urlpatterns = [
    path("hello/", hello),
    path("pk200/", pk200),
    path("", include("tokenx.urls")),
]


class BareTable:
    """A deployment's floor: lxml parses the file, and a table without keys gets the rows.

    lxml isn't a dependency of tokenx. Only this benchmark needs it.
    """

    ELEMENTS = ("apexExecutionUser", "connectedApp", "externalClientApp", "isDefault")

    def __init__(self, path: Path) -> None:
        from lxml import etree

        self.parse = etree.fromstring
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            "PRAGMA journal_mode=wal; PRAGMA synchronous=normal;"
            "CREATE TABLE IF NOT EXISTS bare (run_as, connected, external, is_default)"
        )

    def clear(self) -> None:
        self.database.execute("DELETE FROM bare")

    def deploy(self, file: bytes) -> None:
        tags = [f"{{{NAMESPACE}}}{name}" for name in self.ELEMENTS]
        root = self.parse(file)
        rows = (
            [each.findtext(tag) for tag in tags]
            for each in root.iter(f"{{{NAMESPACE}}}enablements")
        )
        self.database.execute("BEGIN")
        self.database.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", rows)
        self.database.execute("COMMIT")
