"""The names of an app's profiles and permission sets in its files."""

from collections.abc import Iterable, Sequence

from tokenx.org.models import PermissionSet, Profile

Row = Profile | PermissionSet


def from_commas(text: str) -> tuple[str, ...]:
    """Return the names in a text that separates them by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def names_of(rows: Sequence[Row], in_file: Iterable[str]) -> tuple[str, ...]:
    """Return the names to write; those in the app's file, if they name the same rows.

    A file can spell a name in several ways, and have the names in any order.
    """
    names = tuple(in_file)
    rows_by_name = {name.lower(): row.pk for row in rows for name in _names(row)}
    found = [rows_by_name.get(name.strip().lower()) for name in names]
    if len(found) == len(rows) and set(found) == {row.pk for row in rows}:
        return names
    return tuple(_names(row)[0] for row in rows)


def to_commas(rows: Sequence[Row], in_file: str) -> str:
    """Return the text to write; that in the app's file, if it names the same rows."""
    names = from_commas(in_file)
    written = names_of(rows, names)
    return in_file if written == names else ",".join(written)


def _names(row: Row) -> tuple[str, ...]:
    """Return the row's name in files, and its other names."""
    if isinstance(row, Profile):
        return row.metadata_name, row.name
    return (row.name,)
