"""URL converters for names in URLs."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class KeyConverter(StringConverter):
    """A name without a NUL, which PostgreSQL refuses even in a condition."""

    regex = r"[^/\x00]+"


register_converter(KeyConverter, "key")
