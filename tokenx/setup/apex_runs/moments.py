"""Points in time as Apex has them."""

from datetime import UTC, datetime

_MILLISECOND = 1_000


def as_datetime_or_null(moment: datetime | None) -> datetime | None:
    """Return a Datetime of Apex, or null."""
    return as_datetime(moment) if moment else None


def as_datetime(moment: datetime) -> datetime:
    """Return a Datetime of Apex: in UTC, with whole milliseconds."""
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // _MILLISECOND * _MILLISECOND)
