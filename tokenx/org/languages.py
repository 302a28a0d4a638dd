"""Languages and email encodings that a user can have. Pages stay English.

See docs/salesforce/product.md, User fields.
"""

from django.core.exceptions import ValidationError

DEFAULT_LANGUAGE = "en_US"
DEFAULT_ENCODING = "UTF-8"
LANGUAGES = {
    "zh_CN": "Chinese (Simplified)",
    "zh_TW": "Chinese (Traditional)",
    "da": "Danish",
    "nl_NL": "Dutch",
    "en_US": "English",
    "fi": "Finnish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "no": "Norwegian",
    "pt_BR": "Portuguese (Brazil)",
    "ru": "Russian",
    "es": "Spanish",
    "es_MX": "Spanish (Mexico)",
    "sv": "Swedish",
    "th": "Thai",
}
ENCODINGS = {
    "UTF-8": "Unicode (UTF-8)",
    "ISO-8859-1": "General US & Western Europe (ISO-8859-1, ISO-LATIN-1)",
    "Shift_JIS": "Japanese (Shift-JIS)",
    "ISO-2022-JP": "Japanese (JIS)",
    "EUC-JP": "Japanese (EUC)",
    "ks_c_5601-1987": "Korean (ks_c_5601-1987)",
    "Big5": "Traditional Chinese (Big5)",
    "GB2312": "Simplified Chinese (GB2312)",
}


def validate_language(name: str) -> None:
    if name not in LANGUAGES:
        message = "Enter a language from the list on the user's page, such as en_US or de."
        raise ValidationError(message)


def validate_encoding(name: str) -> None:
    if name not in ENCODINGS:
        message = "Enter an encoding from the list on the user's page, such as UTF-8."
        raise ValidationError(message)
