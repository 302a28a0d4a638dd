"""Wrong passwords: after some, each makes the next try wait, twice as long as the last.

Counted are tries for a username and tries from an address, in the database, which all
processes share. A try counts before its password is looked at, and a right password
takes that back: so many that come at once are not all let through.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import LoginFailure
from .models.user import normalize_username

# A class behind one router has one address.
FREE_FOR_USERNAME, FREE_FROM_ADDRESS = 5, 50
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
SWEPT_AFTER = timedelta(days=1)
_SALT = "tokenx.org.login_throttle"


class _Counted(NamedTuple):
    """What tries are counted by, and how many may be wrong before one has to wait."""

    key: str
    free: int


def begin(username: str, address: str) -> timedelta:
    """Count a try. Zero if it may be made; else how long it has to wait, uncounted."""
    return _begin(_counted(username, address))


def begin_code(address: str) -> timedelta:
    """The same for a try of a class's code, which is for no username."""
    return _begin(_from_address("code", address))


@transaction.atomic
def _begin(counted: list[_Counted]) -> timedelta:
    # In one order, so that no two wait for each other.
    rows = [(_locked(each.key), each.free) for each in sorted(counted)]
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
    """Take back the try that was right. The username begins anew; the address does not,
    or somebody with one password could go on guessing others.
    """
    now = timezone.now()
    own, *others = _counted(username, address)
    LoginFailure.objects.filter(key=own.key).delete()
    _take_back(others)
    LoginFailure.objects.filter(last_at__lt=now - SWEPT_AFTER).delete()


def succeed_code(address: str) -> None:
    """Take back the try of a code that was right."""
    _take_back(_from_address("code", address))


def _take_back(counted: list[_Counted]) -> None:
    if keys := [each.key for each in counted]:
        rows = LoginFailure.objects.filter(key__in=keys, count__gt=0)
        rows.update(count=F("count") - 1, closed_until=timezone.now())


def address_of(request: HttpRequest) -> str:
    """Where a request came from: behind a proxy, as the proxy says, which adds it last."""
    is_behind_proxy = bool(settings.SECURE_PROXY_SSL_HEADER)
    said = request.headers.get("X-Forwarded-For", "") if is_behind_proxy else ""
    return said.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def network_of(address: str) -> str:
    """What counts as one place: who has one IPv6 address has a whole /64 of them.

    Empty for this machine, which is a proxy's address; what is none counts as it stands.
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
    """The username's first."""
    own = _Counted(_key("username", normalize_username(username)), FREE_FOR_USERNAME)
    return [own, *_from_address("address", address)]


def _from_address(kind: str, address: str) -> list[_Counted]:
    network = network_of(address)
    return [_Counted(_key(kind, network), FREE_FROM_ADDRESS)] if network else []


def _key(kind: str, text: str) -> str:
    """Not the text itself: people type passwords where names belong."""
    return salted_hmac(_SALT, f"{kind} {text}", algorithm="sha256").hexdigest()


def _locked(key: str) -> LoginFailure:
    rows = LoginFailure.objects.select_for_update()
    return rows.get_or_create(key=key)[0]


def _wait(beyond: int) -> timedelta:
    """One second for the first that is beyond what is free, then twice as long each."""
    if beyond < 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST)
