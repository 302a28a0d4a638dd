"""The login throttle: after some failed attempts, each doubles the wait before the next.

Attempts are counted by username and by network address, in the database that all processes
share. An attempt counts before its password is checked, and a correct password takes that
back. That way, concurrent attempts aren't all let through.
"""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import LoginFailure
from .models.user import normalize_username
from .search.prepared import prepared

# A whole class can share one router's address.
FREE_FOR_USERNAME, FREE_FROM_ADDRESS = 5, 50
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
SWEPT_AFTER = timedelta(days=1)
SECOND = timedelta(seconds=1)
_SALT = "tokenx.org.login_throttle"


class _Counted(NamedTuple):
    """A key to count attempts by, and the number of failures before the first wait."""

    key: str
    free: int


def begin(username: str, address: str) -> timedelta:
    """Count an attempt and return zero, or return the remaining wait without counting."""
    return _begin(_counted(username, address))


def begin_code(address: str) -> timedelta:
    """Count an attempt to enter a class code, by address only."""
    return _begin(_from_address("code", address))


@transaction.atomic
def _begin(counted: list[_Counted]) -> timedelta:
    # Lock in one order to avoid deadlocks.
    rows = [(_lock_failure(key), free) for key, free in sorted(counted)]
    if not rows:
        return timedelta(0)
    now = timezone.now()
    wait = max(row.closed_until for row, _ in rows) - now
    if wait > timedelta(0):
        return wait
    for row, free in rows:
        is_old = row.last_at < now - FORGOTTEN_AFTER
        row.count = 1 if is_old else row.count + 1
        row.last_at, row.closed_until = now, now + _wait(row.count - free)
        row.save()
    return timedelta(0)


@transaction.atomic
def succeed(username: str, address: str) -> None:
    """Take back the successful attempt, and reset the username's count.

    The address's count isn't reset. Otherwise, someone with one password could keep
    guessing others.
    """
    now = timezone.now()
    own, *others = _counted(username, address)
    LoginFailure.objects.filter(key=own.key).delete()
    _take_back(others)
    LoginFailure.objects.filter(last_at__lt=now - SWEPT_AFTER).delete()


def succeed_code(address: str) -> None:
    """Take back the attempt with the correct code."""
    _take_back(_from_address("code", address))


def remaining_waits(keys: Mapping[str, str]) -> dict[str, timedelta]:
    """Return the wait after counted failures for the key of each of up to two kinds.

    It's zero for an empty key.
    """
    kinds = {_key(kind, key): kind for kind, key in keys.items() if key}
    waits = dict.fromkeys(keys, timedelta(0))
    if not kinds:
        return waits
    now = timezone.now()
    first, last = next(iter(kinds)), next(reversed(kinds))
    for row in _failures(first, last):
        waits[kinds[row.key]] = max(row.closed_until - now, timedelta(0))
    return waits


@prepared
def _failures(first: str, last: str) -> QuerySet:
    return LoginFailure.objects.filter(key__in=[first, last])


def count_failure(kind: str, key: str) -> None:
    """Count a failure under a key; an empty key counts nothing."""
    if key:
        _begin([_Counted(_key(kind, key), FREE_FROM_ADDRESS)])


def _take_back(counted: list[_Counted]) -> None:
    if keys := [key for key, _ in counted]:
        rows = LoginFailure.objects.filter(key__in=keys, count__gt=0)
        rows.update(count=F("count") - 1, closed_until=timezone.now())


def address_of(request: HttpRequest) -> str:
    """Return the client's address; behind a proxy, the one that the proxy appended."""
    is_behind_proxy = bool(settings.SECURE_PROXY_SSL_HEADER)
    forwarded = request.headers.get("X-Forwarded-For", "") if is_behind_proxy else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def network_of(address: str) -> str:
    """Return the network that counts as one client: for IPv6, the /64.

    Returns an empty string for this machine, which is a proxy's address. Text that isn't an
    address is returned unchanged.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return ""
    return str(ip_network((ip, 64), strict=False) if isinstance(ip, IPv6Address) else ip)


def _counted(username: str, address: str) -> list[_Counted]:
    """Return the counter of the username, then that of the address."""
    own = _Counted(_key("username", normalize_username(username)), FREE_FOR_USERNAME)
    return [own, *_from_address("address", address)]


def _from_address(kind: str, address: str) -> list[_Counted]:
    network = network_of(address)
    return [_Counted(_key(kind, network), FREE_FROM_ADDRESS)] if network else []


def _key(kind: str, text: str) -> str:
    """Hash the text: people type passwords into username fields."""
    return salted_hmac(_SALT, f"{kind} {text}", algorithm="sha256").hexdigest()


def _lock_failure(key: str) -> LoginFailure:
    rows = LoginFailure.objects.select_for_update()
    return rows.get_or_create(key=key)[0]


def _wait(beyond: int) -> timedelta:
    """Return one second for the first failure beyond the limit, then double it."""
    if beyond < 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST)
