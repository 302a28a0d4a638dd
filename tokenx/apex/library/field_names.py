"""The names of a record's fields as the platform writes them."""

from ..runtime.api import Run
from ..values import Record


def names_of_fields(run: Run, record: Record) -> dict[str, str]:
    """Return the names of a record's fields by the lower-case names that it has."""
    known = run.ports.records.field_names(record.object_name) or {}
    return {key: known.get(key, key) for key in record.fields}
