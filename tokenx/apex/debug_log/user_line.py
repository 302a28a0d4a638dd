"""The user in a debug log, with the time zone as Java names it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Java's names of the abbreviations that time zones have.
_NAMES = {
    "ACDT": "Australian Central Daylight Time",
    "ACST": "Australian Central Standard Time",
    "ADT": "Atlantic Daylight Time",
    "AEDT": "Australian Eastern Daylight Time",
    "AEST": "Australian Eastern Standard Time",
    "AKDT": "Alaska Daylight Time",
    "AKST": "Alaska Standard Time",
    "AST": "Atlantic Standard Time",
    "AWST": "Australian Western Standard Time",
    "BST": "British Summer Time",
    "CAT": "Central Africa Time",
    "CDT": "Central Daylight Time",
    "CEST": "Central European Summer Time",
    "CET": "Central European Standard Time",
    "CST": "Central Standard Time",
    "EAT": "Eastern Africa Time",
    "EDT": "Eastern Daylight Time",
    "EEST": "Eastern European Summer Time",
    "EET": "Eastern European Standard Time",
    "EST": "Eastern Standard Time",
    "GMT": "Greenwich Mean Time",
    "HKT": "Hong Kong Standard Time",
    "HST": "Hawaii-Aleutian Standard Time",
    "JST": "Japan Standard Time",
    "KST": "Korean Standard Time",
    "MDT": "Mountain Daylight Time",
    "MSK": "Moscow Standard Time",
    "MST": "Mountain Standard Time",
    "NDT": "Newfoundland Daylight Time",
    "NST": "Newfoundland Standard Time",
    "NZDT": "New Zealand Daylight Time",
    "NZST": "New Zealand Standard Time",
    "PDT": "Pacific Daylight Time",
    "PKT": "Pakistan Standard Time",
    "PST": "Pacific Standard Time",
    "SAST": "South Africa Standard Time",
    "UTC": "Coordinated Universal Time",
    "WEST": "Western European Summer Time",
    "WET": "Western European Standard Time",
}
# An abbreviation can mean something else in other parts of the world.
_NAMES_BY_REGION = {
    ("Asia", "CST"): "China Standard Time",
    ("Asia", "IST"): "India Standard Time",
    ("Asia/Jerusalem", "IST"): "Israel Standard Time",
    ("Asia/Jerusalem", "IDT"): "Israel Daylight Time",
    ("Asia/Manila", "PST"): "Philippine Standard Time",
    ("Europe", "IST"): "Irish Standard Time",
}


@dataclass(frozen=True, slots=True)
class LogUser:
    """The user whose log it is; `time_zone` is an IANA name."""

    id: str
    username: str
    time_zone: str = "UTC"

    @property
    def zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def fields(self, moment: datetime) -> str:
        """Return the fields of the USER_INFO event."""
        local = moment.astimezone(self.zone)
        zone_id = getattr(self.zone, "key", "UTC")
        offset = _offset(local)
        # For no offset, Java's pattern XXX gives Z.
        short = offset if local.utcoffset() else "GMTZ"
        name = f"({offset}) {_name_of(zone_id, local)} ({zone_id})"
        return f"[EXTERNAL]|{self.id[:15]}|{self.username}|{name}|{short}"


def _name_of(zone_id: str, local: datetime) -> str:
    abbreviation = local.tzname() or ""
    region = zone_id.partition("/")[0]
    for key in ((zone_id, abbreviation), (region, abbreviation)):
        if key in _NAMES_BY_REGION:
            return _NAMES_BY_REGION[key]
    return _NAMES.get(abbreviation, _offset(local))


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"GMT{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
