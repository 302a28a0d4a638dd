"""What a key in a URL may hold."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class KeyConverter(StringConverter):
    """A name of something; PostgreSQL refuses a NUL even in what it is asked for."""

    regex = r"[^/\x00]+"


register_converter(KeyConverter, "key")
