"""Query locators, with which clients fetch the next 2,000 records of a query.

A locator is the signed query, so the server stores nothing between calls. The next records
are counted from the start, among the rows at that time.
"""

import re
from datetime import timedelta
from typing import NamedTuple

from django.core import signing

from tokenx.org.models import Org

from .tree import SoqlError

BATCH = 2_000
_SALT = "tokenx.soql.run"
# Salesforce keeps a query locator this long.
_LASTS = timedelta(days=2)


class Locator(NamedTuple):
    """A query, the number of all its records, and the index of the next one."""

    text: str
    total: int
    start: int


def create_locator(org: Org, text: str, *, total: int, start: int) -> str:
    signed = signing.dumps([org.pk, text, total], salt=_SALT, compress=True)
    return f"{signed}-{start}"


def read_locator(org: Org, locator: str) -> Locator:
    """Read one of the org's locators. Raise SoqlError if it's invalid or has expired."""
    signed, _, start = locator.rpartition("-")
    try:
        pk, text, total = signing.loads(signed, salt=_SALT, max_age=_LASTS)
    except (signing.BadSignature, UnicodeEncodeError):
        raise _invalid_locator() from None
    if pk != org.pk or not re.fullmatch("[0-9]{1,9}", start):
        raise _invalid_locator()
    return Locator(text, total, int(start))


def _invalid_locator() -> SoqlError:
    return SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator")
