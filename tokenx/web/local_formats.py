"""Dates, times, and numbers in the time zone and format of the person who views a page.

LocalFormatsMiddleware activates a user's settings. Without a time zone, the one in the
browser's cookie applies, and without a cookie it's UTC, which each time then names.
Everywhere else (the API, CSV files, commands), UTC and en_US apply.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.safestring import SafeString

from .locales import DEFAULT_LOCALE, LOCALES, Locale
from .time_zones import find_zone, gmt_offset, label_of

# static/js/time-zone.js sets it.
COOKIE = "time_zone"


class LocalFormats(NamedTuple):
    """A time zone and a locale. `suffix` names the zone if the person didn't choose it."""

    zone: tzinfo
    zone_name: str
    locale: Locale
    suffix: str = ""


_DEFAULT = LocalFormats(UTC, "UTC", LOCALES[DEFAULT_LOCALE], " UTC")
_active: ContextVar[LocalFormats] = ContextVar("local_formats", default=_DEFAULT)


class LocalFormatsMiddleware:
    """Activate a user's formats while a request is processed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            _active.set(_DEFAULT)
            timezone.deactivate()

    def process_view(self, request: HttpRequest, *view: object) -> None:
        # Clients of the API have no session, so don't look for its user.
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        # This can be a trainer's substitute, who has the trainer's settings.
        user: Any = request.user if has_session else None
        formats = _formats_for(
            getattr(user, "time_zone", "") or request.COOKIES.get(COOKIE, ""),
            getattr(user, "locale", ""),
        )
        _active.set(formats)
        timezone.activate(formats.zone)


def _formats_for(zone_name: str, locale_name: str) -> LocalFormats:
    locale = LOCALES.get(locale_name, _DEFAULT.locale)
    zone = find_zone(zone_name)
    if zone is None:
        return _DEFAULT._replace(locale=locale)
    return LocalFormats(zone, zone_name, locale)


def time_html(moment: datetime | None) -> SafeString:
    """Return a `<time>` element, whose title names the time zone; nothing for None."""
    return _time_html(moment, Locale.format_time)


def date_html(moment: datetime | None) -> SafeString:
    """Return a `<time>` element that shows only the date."""
    return _time_html(moment, Locale.format_date)


def zone_label() -> str:
    """Return the zone of the times on a page; nothing if the browser's isn't known yet."""
    formats = _active.get()
    return "" if formats.suffix else label_of(formats.zone_name)


def format_number(number: int) -> str:
    return _active.get().locale.format_number(number)


def format_size(size: int) -> str:
    """Format a number of bytes, such as 1.5 MB."""
    return filesizeformat(size).replace(".", _active.get().locale.decimal_mark)


def _time_html(
    moment: datetime | None, format_moment: Callable[[Locale, datetime], str]
) -> SafeString:
    if moment is None:
        return SafeString("")
    zone, zone_name, locale, suffix = _active.get()
    local = moment.astimezone(zone)
    # Nothing here needs escaping: formats, and the names of known zones.
    return SafeString(
        f'<time datetime="{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" '
        f'title="{locale.format_precise_time(local)} ({gmt_offset(local)}) {zone_name}">'
        f"{format_moment(locale, local)}{suffix}</time>"
    )
