"""Columns that mean the same on every database."""

from typing import Any

from django.db import models


class KeyField(models.CharField):
    """Folded text that sorts by code point, on PostgreSQL too.

    There, a column sorts by the database's language unless told otherwise, and a range
    such as `key >= 'an' AND key < 'an…'` would then not be the names that begin so.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
