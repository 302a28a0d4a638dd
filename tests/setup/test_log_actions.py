"""Trace flags, debug levels, and saved logs: actions, limits, and the audit trail."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.apex.log_parser import parse_log
from tests.factories import (
    ApexClassFactory,
    ApexLogFactory,
    DebugLevelFactory,
    OrgFactory,
    TraceFlagFactory,
    UserFactory,
)
from tokenx.apex.runtime import trace as events
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.trace import Trace
from tokenx.org import record_ids
from tokenx.org.models import ApexLog, AuditEntry, DebugLevel, TraceFlag
from tokenx.setup.actions import apex_logs, debug_levels, trace_flags

HOUR = timedelta(hours=1)


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


def create(user, level, by, **values):
    return trace_flags.create_trace_flag(
        user=user, debug_level=level, by=by, **{"is_from_setup": True, **values}
    )


@pytest.fixture
def level(org):
    return DebugLevelFactory(org=org, name="Fine")


@pytest.fixture
def person(org):
    return UserFactory(
        org=org, first_name="Grace", last_name="Hopper", time_zone="Asia/Kolkata"
    )


def a_trace(class_name="Okta"):
    trace = Trace()
    trace.add(events.UnitStarted(0, class_name, 0, "Okta.validateIncomingToken"))
    trace.add(events.Debugged(1, class_name, 3, "DEBUG", "hello"))
    trace.add(events.UnitFinished(2, class_name, 0, "Okta.validateIncomingToken"))
    return trace


def save(user, **values):
    values.setdefault("started_at", timezone.now())
    return apex_logs.save_log(
        user=user,
        trace=a_trace(),
        budget=Budget(steps=100),
        operation="OauthTokenExchangeApexExec",
        application="Browser",
        **values,
    )


# --- Trace flags ------------------------------------------------------------------------


def test_traces_a_user_from_now_on(admin, person, level):
    before = timezone.now()

    flag = create(person, level, admin)

    assert before <= flag.starts_at <= timezone.now()
    assert flag.expires_at - flag.starts_at == timedelta(hours=24)
    assert (flag.status, flag.created_by) == ("Active", admin)
    display = "Created USER_DEBUG trace flag for Grace Hopper with debug level Fine"
    assert trail() == [("createdTraceFlag", "Debug Logs", display)]


def test_refuses_impossible_times(admin, person, level, subtests):
    now = timezone.now()
    for starts, expires, message in [
        (now, now, "after the start date"),
        (now, now - HOUR, "after the start date"),
        (now - 2 * HOUR, now - HOUR, "in the future"),
        (now, now + timedelta(hours=24, seconds=1), "at most 24 hours after the start"),
    ]:
        with subtests.test(message), pytest.raises(ValidationError) as refused:
            create(person, level, admin, starts_at=starts, expires_at=expires)
        assert message in refused.value.message_dict["expires_at"][0]
    assert not TraceFlag.objects.exists()


def test_refuses_overlapping_flags_of_one_type(admin, person, level, subtests):
    now = timezone.now()
    flag = create(person, level, admin, starts_at=now + HOUR, expires_at=now + 2 * HOUR)
    for starts, expires, overlaps in [
        (now, now + HOUR, False),
        (now + 2 * HOUR, now + 3 * HOUR, False),
        (now, now + 1.5 * HOUR, True),
        (now + 1.2 * HOUR, now + 1.5 * HOUR, True),
        (now, now + 5 * HOUR, True),
    ]:
        with subtests.test(starts=starts, expires=expires):
            if overlaps:
                with pytest.raises(ValidationError, match="already being traced"):
                    create(person, level, admin, starts_at=starts, expires_at=expires)
            else:
                created = create(person, level, admin, starts_at=starts, expires_at=expires)
                created.delete()
    create(person, level, admin, log_type="DEVELOPER_LOG")
    create(admin, level, admin)
    edited = trace_flags.edit_trace_flag(flag=flag, expires_at=now + 1.5 * HOUR, by=admin)
    assert edited.expires_at == now + 1.5 * HOUR


def test_changes_and_deletes_a_flag(admin, level):
    flag = TraceFlagFactory(org=admin.org, debug_level=level, traced_user=admin)
    other = DebugLevelFactory(org=admin.org, name="Other")

    trace_flags.edit_trace_flag(flag=flag, by=admin)
    trace_flags.edit_trace_flag(flag=flag, debug_level=other, by=admin)
    trace_flags.delete_trace_flag(flag=flag, by=admin)
    trace_flags.delete_trace_flag(flag=flag, by=admin)

    assert [display for _, _, display in trail()] == [
        "Changed USER_DEBUG trace flag for Ada Admin with debug level Other",
        "Deleted USER_DEBUG trace flag for Ada Admin",
    ]
    with pytest.raises(ValidationError, match="already deleted"):
        trace_flags.edit_trace_flag(flag=flag, by=admin)


def test_an_org_has_a_limited_number_of_flags(admin, person, level, monkeypatch):
    monkeypatch.setattr(trace_flags, "MAX_TRACE_FLAGS", 1)
    old = timezone.now() - timedelta(days=9)
    TraceFlagFactory(org=admin.org, starts_at=old)
    TraceFlagFactory(starts_at=old)

    create(person, level, admin)

    with pytest.raises(ValidationError, match="already has 1 trace flags, the limit"):
        create(admin, level, admin)
    # The old flag was deleted, but not that of another org.
    assert TraceFlag.objects.filter(org=admin.org).count() == 1
    assert TraceFlag.objects.count() == 2


# --- Debug levels -----------------------------------------------------------------------


def test_creates_changes_and_deletes_a_debug_level(admin):
    level = debug_levels.create_debug_level(
        name="Fine", label="Fine logs", apex_code="FINE", by=admin
    )
    assert (level.apex_code, level.callout) == ("FINE", "NONE")
    assert level.levels["APEX_CODE"] == "FINE"

    debug_levels.edit_debug_level(level=level, by=admin)
    debug_levels.edit_debug_level(level=level, name="Finer", apex_code="FINER", by=admin)
    debug_levels.delete_debug_level(level=level, by=admin)
    debug_levels.delete_debug_level(level=level, by=admin)

    assert trail() == [
        ("createdDebugLevel", "Debug Logs", "Created debug level Fine"),
        ("changedDebugLevel", "Debug Logs", "Changed debug level Finer"),
        ("deletedDebugLevel", "Debug Logs", "Deleted debug level Fine"),
    ]


def test_refuses_an_invalid_debug_level(admin, level, subtests, monkeypatch):
    for field, value in [("name", "fine"), ("name", ""), ("label", ""), ("wave", "LOUD")]:
        values = {"name": "New", "label": "New", "wave": "INFO", field: value}
        with subtests.test(field=field), pytest.raises(ValidationError) as refused:
            debug_levels.create_debug_level(by=admin, **values)
        assert field in refused.value.message_dict
    TraceFlagFactory(org=admin.org, debug_level=level)
    with pytest.raises(ValidationError, match="Trace flags use Fine"):
        debug_levels.delete_debug_level(level=level, by=admin)
    monkeypatch.setattr(debug_levels, "MAX_DEBUG_LEVELS", 1)
    with pytest.raises(ValidationError, match="already has 1 debug levels"):
        debug_levels.create_debug_level(name="New", label="New", by=admin)
    assert DebugLevel.objects.get() == level


# --- Logs -------------------------------------------------------------------------------


def test_saves_the_log_of_a_traced_user(org, person):
    apex_class = ApexClassFactory(org=org, name="Okta")
    ApexClassFactory(org=OrgFactory(), name="Okta")
    TraceFlagFactory(org=org, traced_user=person)

    log = save(person)

    log.refresh_from_db()
    assert (log.org, log.user, log.status, log.location) == (
        org,
        person,
        "Success",
        "Monitoring",
    )
    assert log.expires_at - log.started_at == timedelta(days=7)
    assert (log.milliseconds, log.length) == (5, len(log.text.encode()))
    assert log.stored_size == len(log.body) < log.length
    parsed = parse_log(log.text)
    assert parsed.problems == []
    assert parsed.levels["APEX_CODE"] == "FINEST"
    class_id = record_ids.record_id(record_ids.APEX_CLASS, apex_class.pk)[:15]
    assert parsed.named("CODE_UNIT_STARTED")[0].fields[1] == class_id
    user_info = parsed.named("USER_INFO")[0].fields
    assert user_info[2:] == [
        person.username,
        "(GMT+05:30) India Standard Time (Asia/Kolkata)",
        "GMT+05:30",
    ]


def test_saves_no_log_without_an_active_flag(org, person):
    now = timezone.now()
    TraceFlagFactory(org=org, traced_user=person, starts_at=now + HOUR)
    TraceFlagFactory(org=org, traced_user=person, starts_at=now - HOUR)
    TraceFlagFactory(org=org)

    assert save(person) is None
    assert not ApexLog.objects.exists()


def test_the_newest_flag_counts(org, person):
    TraceFlagFactory(org=org, traced_user=person, debug_level__apex_code="INFO")
    newest = TraceFlagFactory(
        org=org, traced_user=person, log_type="DEVELOPER_LOG", is_from_setup=False
    )

    log = save(person, status="Attempt to de-reference\na null object" + "x" * 300)

    assert apex_logs.trace_flag_of(person) == newest
    assert (log.location, log.expires_at - log.started_at) == (
        "SystemLog",
        timedelta(hours=24),
    )
    assert log.status.startswith("Attempt to de-reference a null object")
    assert len(log.status) == 255


def test_old_logs_are_hidden_and_then_deleted(org, person):
    past = timezone.now() - timedelta(days=7)
    old = ApexLogFactory(org=org, user=person, started_at=past)
    elsewhere = ApexLogFactory(started_at=past)
    TraceFlagFactory(org=org, traced_user=person)
    assert not ApexLog.objects.kept().exists()

    log = save(person)

    assert set(ApexLog.objects.all()) == {log, elsewhere}
    assert old not in ApexLog.objects.all()


@pytest.mark.parametrize("limit", ["MAX_LOGS", "MAX_LOGS_SIZE"])
def test_a_full_org_saves_no_logs_and_traces_no_one(
    org, admin, person, level, monkeypatch, limit
):
    flag = TraceFlagFactory(org=org, traced_user=person)
    ApexLogFactory(org=org, user=person)
    ApexLogFactory()
    monkeypatch.setattr(trace_flags, limit, 1)

    assert save(person) is None
    with pytest.raises(ValidationError, match="debug logs have reached the limit"):
        create(admin, level, admin)
    with pytest.raises(ValidationError, match="Delete some logs first"):
        trace_flags.edit_trace_flag(flag=flag, debug_level=level, by=admin)

    assert apex_logs.delete_all_logs(by=admin) == 1
    assert save(person)
    assert ApexLog.objects.count() == 2


def test_a_log_that_doesnt_fit_isnt_saved(org, person, monkeypatch):
    TraceFlagFactory(org=org, traced_user=person)
    monkeypatch.setattr(apex_logs, "MAX_LOGS_SIZE", 10)

    assert save(person) is None


def test_deleting_logs_is_recorded(org, admin, person):
    log = ApexLogFactory(org=org, user=person)
    elsewhere = ApexLogFactory()

    apex_logs.delete_log(log=log, by=admin)
    apex_logs.delete_log(log=log, by=admin)
    ApexLogFactory(org=org)
    apex_logs.delete_all_logs(by=admin)
    apex_logs.delete_all_logs(by=admin)

    assert ApexLog.objects.get() == elsewhere
    assert [entry[2] for entry in trail()] == [
        f"Deleted debug log {log.record_id} of Grace Hopper",
        "Deleted all debug logs",
    ]
