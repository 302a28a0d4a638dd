"""The debug log of a run in an org."""

from collections.abc import Mapping
from datetime import datetime

from tokenx.apex.debug_log import LogUser, write_log
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.trace import Trace
from tokenx.org import record_ids
from tokenx.org.models import ApexClass, User
from tokenx.org.models.apex_class import API_VERSION


def log_text(
    *,
    user: User,
    trace: Trace,
    budget: Budget,
    started_at: datetime,
    levels: Mapping[str, str],
    api_version: str = API_VERSION,
    anonymous: str | None = None,
) -> str:
    """Return the log of a run as a user. `anonymous` is the code of an anonymous block."""
    return write_log(
        trace,
        budget,
        levels=levels,
        started_at=started_at,
        user=LogUser(
            id=record_ids.record_id(record_ids.USER, user.pk),
            username=user.username,
            time_zone=user.time_zone or "UTC",
        ),
        api_version=api_version,
        class_ids=_class_ids(user.org_id, trace),
        anonymous=anonymous,
    )


def _class_ids(org: int, trace: Trace) -> dict[str, str]:
    names = {event.class_name for event in trace.events} - {""}
    rows = ApexClass.objects.filter(org=org, name__in=names).values_list("name", "pk")
    return {
        name.lower(): record_ids.record_id(record_ids.APEX_CLASS, pk) for name, pk in rows
    }
