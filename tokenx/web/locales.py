"""Locales: how dates, times, and numbers look in a region. The words stay English.

The patterns are the short ones of Unicode's CLDR, which Salesforce's ICU formats come from,
with four-digit years, Western digits, and AM and PM.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

DEFAULT_LOCALE = "en_US"
# No-break spaces: a wide and a narrow one.
_SPACE, _THIN_SPACE = "\u00a0", "\u202f"
_FIELDS = {
    "D": "{0.day}",
    "DD": "{0.day:02}",
    "M": "{0.month}",
    "MM": "{0.month:02}",
    "YYYY": "{0.year}",
    "H": "{0.hour}",
    "HH": "{0.hour:02}",
    "h": "{1}",
    "mm": "{0.minute:02}",
    "ss": "{0.second:02}",
    "a": "{2}",
}
_FIELD = re.compile("DD?|MM?|YYYY|HH?|h|mm|ss|a")
_TIME = re.compile("(.)mm")


def _format_of(pattern: str) -> str:
    """Convert a pattern to a format for the moment, its hour of 12, and AM or PM."""
    return _FIELD.sub(lambda match: _FIELDS[match[0]], pattern)


@dataclass(frozen=True)
class Locale:
    """The formats of a region."""

    label: str
    date: str
    time: str
    group: str
    both: str = "date, time"
    # Some languages don't group numbers with four digits.
    grouped_from: int = 1_000
    # In India, groups above the thousands have two digits.
    has_lakhs: bool = False

    @property
    def decimal_mark(self) -> str:
        return "," if self.group in {".", _SPACE, _THIN_SPACE} else "."

    @cached_property
    def _formats(self) -> tuple[str, str, str]:
        """Return the formats of a date, a date with time, and one with seconds too."""
        date, time = _format_of(self.date), _format_of(self.time)
        precise_time = _format_of(_TIME.sub(r"\1mm\1ss", self.time))
        both = self.both.replace("date", date)
        return date, both.replace("time", time), both.replace("time", precise_time)

    def format_date(self, moment: datetime) -> str:
        return self._formats[0].format(moment)

    def format_time(self, moment: datetime) -> str:
        """Format the date and the time."""
        return self._formats[1].format(moment, *_hour_of_12(moment))

    def format_precise_time(self, moment: datetime) -> str:
        """Format the date, and the time with seconds."""
        return self._formats[2].format(moment, *_hour_of_12(moment))

    def format_number(self, number: int) -> str:
        if -self.grouped_from < number < self.grouped_from:
            return str(number)
        text = f"{number:,}"
        if self.has_lakhs:
            upper, last = text.replace(",", "")[:-3], text[-3:]
            text = re.sub(r"(?<=\d)(?=(\d\d)+$)", ",", upper) + f",{last}"
        return text.replace(",", self.group)


def _hour_of_12(moment: datetime) -> tuple[int, str]:
    return moment.hour % 12 or 12, "AM" if moment.hour < 12 else "PM"


_DOTS, _SLASHES = "DD.MM.YYYY", "DD/MM/YYYY"
_24, _12 = "HH:mm", "h:mm a"
_FIVE_DIGITS = 10_000

LOCALES = {
    "ar_AE": Locale("Arabic (United Arab Emirates)", "D/M/YYYY", _12, ","),
    "ar_SA": Locale("Arabic (Saudi Arabia)", "D/M/YYYY", _12, ","),
    "bg_BG": Locale(
        "Bulgarian (Bulgaria)", "D.MM.YYYY", "H:mm", _SPACE, grouped_from=_FIVE_DIGITS
    ),
    "cs_CZ": Locale("Czech (Czechia)", _DOTS, "H:mm", _SPACE, "date time"),
    "da_DK": Locale("Danish (Denmark)", _DOTS, "HH.mm", "."),
    "de_AT": Locale("German (Austria)", _DOTS, _24, _SPACE),
    "de_CH": Locale("German (Switzerland)", _DOTS, _24, "’"),
    "de_DE": Locale("German (Germany)", _DOTS, _24, "."),
    "el_GR": Locale("Greek (Greece)", "D/M/YYYY", _12, "."),
    "en_AU": Locale("English (Australia)", "D/M/YYYY", _12, ","),
    "en_CA": Locale("English (Canada)", "YYYY-MM-DD", _12, ","),
    "en_GB": Locale("English (United Kingdom)", _SLASHES, _24, ","),
    "en_IE": Locale("English (Ireland)", _SLASHES, _24, ","),
    "en_IN": Locale("English (India)", _SLASHES, _12, ",", has_lakhs=True),
    "en_NZ": Locale("English (New Zealand)", _SLASHES, _12, ","),
    "en_SG": Locale("English (Singapore)", "D/M/YYYY", _12, ","),
    "en_US": Locale("English (United States)", "M/D/YYYY", _12, ","),
    "en_ZA": Locale("English (South Africa)", "YYYY/MM/DD", _24, _SPACE),
    "es_AR": Locale("Spanish (Argentina)", "D/M/YYYY", _12, "."),
    "es_CL": Locale("Spanish (Chile)", "DD-MM-YYYY", _12, "."),
    "es_CO": Locale("Spanish (Colombia)", "D/MM/YYYY", _12, "."),
    "es_ES": Locale("Spanish (Spain)", "D/M/YYYY", "H:mm", ".", grouped_from=_FIVE_DIGITS),
    "es_MX": Locale("Spanish (Mexico)", _SLASHES, _12, ","),
    "et_EE": Locale("Estonian (Estonia)", _DOTS, _24, _SPACE, grouped_from=_FIVE_DIGITS),
    "fi_FI": Locale("Finnish (Finland)", "D.M.YYYY", "H.mm", _SPACE, "date time"),
    "fr_BE": Locale("French (Belgium)", "D/MM/YYYY", _24, _THIN_SPACE, "date time"),
    "fr_CA": Locale("French (Canada)", "YYYY-MM-DD", _24, _SPACE, "date time"),
    "fr_CH": Locale("French (Switzerland)", _DOTS, _24, _THIN_SPACE, "date time"),
    "fr_FR": Locale("French (France)", _SLASHES, _24, _THIN_SPACE, "date time"),
    "he_IL": Locale("Hebrew (Israel)", "D.M.YYYY", "H:mm", ","),
    "hi_IN": Locale("Hindi (India)", "D/M/YYYY", _12, ",", has_lakhs=True),
    "hr_HR": Locale("Croatian (Croatia)", "DD. MM. YYYY.", _24, ".", "date time"),
    "hu_HU": Locale(
        *("Hungarian (Hungary)", "YYYY. MM. DD.", "H:mm", _SPACE, "date time"),
        grouped_from=_FIVE_DIGITS,
    ),
    "id_ID": Locale("Indonesian (Indonesia)", _SLASHES, "HH.mm", "."),
    "it_CH": Locale("Italian (Switzerland)", _DOTS, _24, "’", grouped_from=_FIVE_DIGITS),
    "it_IT": Locale("Italian (Italy)", _SLASHES, _24, ".", grouped_from=_FIVE_DIGITS),
    "ja_JP": Locale("Japanese (Japan)", "YYYY/MM/DD", "H:mm", ",", "date time"),
    "ko_KR": Locale("Korean (South Korea)", "YYYY. M. D.", "a h:mm", ",", "date time"),
    "lt_LT": Locale("Lithuanian (Lithuania)", "YYYY-MM-DD", _24, _SPACE, "date time"),
    "lv_LV": Locale(
        "Latvian (Latvia)", _DOTS, _24, _SPACE, "date time", grouped_from=_FIVE_DIGITS
    ),
    "ms_MY": Locale("Malay (Malaysia)", "D/MM/YYYY", _12, ","),
    "nl_BE": Locale("Dutch (Belgium)", "D/MM/YYYY", _24, "."),
    "nl_NL": Locale("Dutch (Netherlands)", "DD-MM-YYYY", _24, "."),
    "no_NO": Locale("Norwegian (Norway)", _DOTS, _24, _SPACE),
    "pl_PL": Locale("Polish (Poland)", "D.MM.YYYY", _24, _SPACE, grouped_from=_FIVE_DIGITS),
    "pt_BR": Locale("Portuguese (Brazil)", _SLASHES, _24, "."),
    "pt_PT": Locale(
        "Portuguese (Portugal)", _SLASHES, _24, _SPACE, grouped_from=_FIVE_DIGITS
    ),
    "ro_RO": Locale("Romanian (Romania)", _DOTS, _24, "."),
    "ru_RU": Locale("Russian (Russia)", _DOTS, _24, _SPACE),
    "sk_SK": Locale("Slovak (Slovakia)", "D. M. YYYY", "H:mm", _SPACE, "date time"),
    "sl_SI": Locale(
        "Slovenian (Slovenia)", "D. M. YYYY", _24, ".", grouped_from=_FIVE_DIGITS
    ),
    "sv_SE": Locale("Swedish (Sweden)", "YYYY-MM-DD", _24, _SPACE, "date time"),
    "th_TH": Locale("Thai (Thailand)", "D/M/YYYY", _24, ",", "date time"),
    "tr_TR": Locale("Turkish (Türkiye)", "D.MM.YYYY", _24, ".", "date time"),
    "uk_UA": Locale("Ukrainian (Ukraine)", _DOTS, _24, _SPACE),
    "vi_VN": Locale("Vietnamese (Vietnam)", "D/M/YYYY", _24, ".", "time date"),
    "zh_CN": Locale("Chinese (China)", "YYYY/M/D", _24, ",", "date time"),
    "zh_HK": Locale("Chinese (Hong Kong SAR)", "D/M/YYYY", "a h:mm", ",", "date time"),
    "zh_TW": Locale("Chinese (Taiwan)", "YYYY/M/D", "a h:mm", ",", "date time"),
}
# For a select field: in order of their labels.
LOCALE_CHOICES = sorted(
    ((name, locale.label) for name, locale in LOCALES.items()), key=lambda pair: pair[1]
)
