"""The objects for debug logs, which only the Tooling API has."""

from typing import Any

from tokenx.org import record_ids
from tokenx.org.models import ApexLog, DebugLevel, LogLocation, LogType, TraceFlag
from tokenx.org.models.trace_flag import LEVEL_CHOICES

from .schema import Field, Relationship, SObject
from .sobjects import SOBJECTS, USER

# The levels of a debug level, and their columns.
LEVELS = {
    "ApexCode": "apex_code",
    "ApexProfiling": "apex_profiling",
    "Callout": "callout",
    "DataAccess": "data_access",
    "Database": "database",
    "Nba": "nba",
    "System": "system",
    "Validation": "validation",
    "Visualforce": "visualforce",
    "Wave": "wave",
    "Workflow": "workflow",
}


def _stamps(created: str, modified: str) -> tuple[Field, ...]:
    return (
        Field("CreatedDate", "datetime", "Created Date", created),
        Field("LastModifiedDate", "datetime", "Last Modified Date", modified),
        Field("SystemModstamp", "datetime", "System Modstamp", modified),
    )


def _user(name: str, label: str, source: str) -> Field:
    return Field(name, "reference", label, source, record_ids.USER)


def _choices(values: Any) -> tuple[tuple[str, str], ...]:
    return tuple((value, label) for value, label in values)


DEBUG_LEVEL = SObject(
    "DebugLevel",
    (
        Field("Id", "id", "Debug Level ID", "pk", record_ids.DEBUG_LEVEL),
        Field("DeveloperName", "string", "Name", "name"),
        Field("MasterLabel", "string", "Label", "label"),
        Field("Language", "picklist", "Language", None),
        *(
            Field(name, "picklist", name, source, choices=_choices(LEVEL_CHOICES))
            for name, source in LEVELS.items()
        ),
        *_stamps("created_at", "modified_at"),
    ),
    lambda org: DebugLevel.objects.filter(org=org),
    record_ids.DEBUG_LEVEL,
)

TRACE_FLAG = SObject(
    "TraceFlag",
    (
        Field("Id", "id", "Trace Flag ID", "pk", record_ids.TRACE_FLAG),
        _user("TracedEntityId", "Traced Entity ID", "traced_user_id"),
        Field(
            "DebugLevelId",
            "reference",
            "Debug Level ID",
            "debug_level_id",
            record_ids.DEBUG_LEVEL,
        ),
        Field(
            "LogType", "picklist", "Log Type", "log_type", choices=_choices(LogType.choices)
        ),
        Field("StartDate", "datetime", "Start Date", "starts_at"),
        Field("ExpirationDate", "datetime", "Expiration Date", "expires_at"),
        _user("CreatedById", "Created By ID", "created_by_id"),
        *_stamps("created_at", "modified_at"),
    ),
    lambda org: TraceFlag.objects.filter(org=org),
    record_ids.TRACE_FLAG,
    (
        Relationship("TracedEntity", USER, "traced_user__"),
        Relationship("DebugLevel", DEBUG_LEVEL, "debug_level__"),
        Relationship("CreatedBy", USER, "created_by__"),
    ),
)

APEX_LOG = SObject(
    "ApexLog",
    (
        Field("Id", "id", "Debug Log ID", "pk", record_ids.APEX_LOG),
        Field("Application", "string", "Application", "application"),
        Field("DurationMilliseconds", "int", "Duration (ms)", "milliseconds"),
        Field(
            "Location",
            "picklist",
            "Location",
            "location",
            choices=_choices(LogLocation.choices),
        ),
        Field("LogLength", "int", "Log Size (bytes)", "length"),
        _user("LogUserId", "Log User ID", "user_id"),
        Field("Operation", "string", "Operation", "operation"),
        Field("Request", "string", "Request", "request"),
        Field("RequestIdentifier", "string", "Request Identifier", "request_identifier"),
        Field("StartTime", "datetime", "Start Time", "started_at"),
        Field("Status", "string", "Status", "status"),
        Field("LastModifiedDate", "datetime", "Last Modified Date", "started_at"),
        Field("SystemModstamp", "datetime", "System Modstamp", "started_at"),
    ),
    lambda org: ApexLog.objects.filter(org=org).kept(),
    record_ids.APEX_LOG,
    (Relationship("LogUser", USER, "user__"),),
    owner="user_id",
)

LOG_OBJECTS = {each.name.lower(): each for each in (APEX_LOG, DEBUG_LEVEL, TRACE_FLAG)}
TOOLING_OBJECTS = {**SOBJECTS, **LOG_OBJECTS}
