"""The rows that fields of a record refer to."""

from typing import Any

from tokenx.api.caller import Caller
from tokenx.org import record_ids

from .values import RestError


def find_reference(
    caller: Caller, rows: Any, prefix: str, record_id: str, field: str
) -> Any:
    """Return the row of the caller's org that a field refers to."""
    pk = record_ids.pk_of(prefix, record_id)
    if pk is None:
        message = f"{field}: id value of incorrect type: {record_id[:20]}"
        raise RestError("MALFORMED_ID", message, field)
    if row := rows.filter(org=caller.org, pk=pk).first():
        return row
    message = "invalid cross reference id"
    raise RestError("INVALID_CROSS_REFERENCE_KEY", message, field)
