"""What the pages are compared with: an empty view, and 200 rows by primary key."""

import random
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import escape

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
