"""The tables of a scenario file for debug levels and trace flags. Logs come from runs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, Field

from tokenx.apex.debug_log import DEFAULT_LEVELS, LEVELS
from tokenx.org.models import DebugLevel, LogType, Org, TraceFlag, User
from tokenx.org.models.trace_flag import LEVEL_FIELDS, LOG_CATEGORIES
from tokenx.training.strict_models import StrictModel, refuse

from .tables import Text

MAX_MINUTES = 24 * 60


def _check_levels(levels: dict[str, str]) -> dict[str, str]:
    for name, level in levels.items():
        if name not in LEVEL_FIELDS:
            raise refuse(f"isn't one of {', '.join(LEVEL_FIELDS)}", name[:80])
        if level not in LEVELS:
            raise refuse(f"isn't one of {', '.join(LEVELS)}", level[:80])
    return levels


class DebugLevelTable(StrictModel):
    """A debug level. Categories that it doesn't name have the levels of test runs."""

    name: Text
    label: Text = ""
    levels: Annotated[dict[str, str], AfterValidator(_check_levels)] = {}

    def build(self, org: Org) -> DebugLevel:
        defaults = {each: DEFAULT_LEVELS[name] for each, name in LOG_CATEGORIES.items()}
        label = self.label or self.name.replace("_", " ")
        levels = {**defaults, **self.levels}
        return DebugLevel(org=org, name=self.name, label=label, **levels)


class TraceFlagTable(StrictModel):
    """A user who is traced for some minutes, from the time when the org is built."""

    user: Text
    debug_level: Text
    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)] = MAX_MINUTES


def create_log_settings(
    org: Org, scenario: Any, users_by_name: Mapping[str, User], owner: User
) -> None:
    """Create the debug levels and trace flags of a scenario, as if made in Setup."""
    levels = DebugLevel.objects.bulk_create(
        table.build(org) for table in scenario.debug_levels
    )
    by_name = {level.name.lower(): level for level in levels}
    now = timezone.now()
    TraceFlag.objects.bulk_create(
        TraceFlag(
            org=org,
            traced_user=users_by_name[table.user.lower()],
            debug_level=by_name[table.debug_level.lower()],
            log_type=LogType.USER_DEBUG,
            starts_at=now,
            expires_at=now + timedelta(minutes=table.minutes),
            is_from_setup=True,
            created_by=owner,
        )
        for table in scenario.trace_flags
    )
