"""Debug levels and trace flags in scenarios and on Reset."""

from datetime import timedelta

import pytest

from tests.factories import ApexLogFactory, OrgFactory, TraceFlagFactory
from tokenx.org.models import ApexLog, DebugLevel, TraceFlag
from tokenx.training.practice import actions as practice
from tokenx.training.scenarios import build
from tokenx.training.scenarios.catalogue import ScenarioError
from tokenx.training.scenarios.reader import read_scenario

LOGS = """\
label = "Logs"
description = "Logs."

[[users]]
username = "ada@mycompany.com"
last_name = "Ada"

[[debug_levels]]
name = "Finest_Apex"
levels = {apex_code = "FINEST", wave = "NONE"}

[[trace_flags]]
user = "Ada@mycompany.com"
debug_level = "finest_apex"
minutes = 90
"""


def test_a_scenario_has_debug_levels_and_trace_flags(admin):
    scenario = read_scenario(LOGS, slug="t", file="t.toml")

    build.fill(admin.org, scenario, owner=admin)

    level = DebugLevel.objects.get()
    assert (level.org, level.name, level.label) == (
        admin.org,
        "Finest_Apex",
        "Finest Apex",
    )
    assert (level.apex_code, level.wave, level.system, level.data_access) == (
        "FINEST",
        "NONE",
        "DEBUG",
        "NONE",
    )
    flag = TraceFlag.objects.get()
    assert (flag.traced_user.username, flag.debug_level) == ("ada@mycompany.com", level)
    assert (flag.status, flag.created_by, flag.is_from_setup) == ("Active", admin, True)
    assert flag.expires_at - flag.starts_at == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('"Finest_Apex"', '"2nd"'), "t.toml:9: name isn't valid: Start an API name"),
        (("apex_code", "apex"), "levels ('apex') isn't one of apex_code, apex_profiling"),
        (('"FINEST"', '"LOUD"'), "levels ('LOUD') isn't one of NONE, ERROR, WARN"),
        (("minutes = 90", "minutes = 0"), "t.toml:15: minutes must be at least 1"),
        (("minutes = 90", "minutes = 1441"), "t.toml:15: minutes must be at most 1,440"),
        (('"Ada@', '"Bob@'), "t.toml:13: user 'Bob@mycompany.com' isn't in this scenario"),
        (('"finest_apex"', '"fine"'), "debug_level 'fine' isn't in this scenario"),
        (
            (
                "[[trace_flags]]",
                '[[debug_levels]]\nname = "FINEST_APEX"\n\n[[trace_flags]]',
            ),
            "name finest_apex is already used",
        ),
    ],
)
def test_refuses_invalid_tables(change, problem):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(LOGS.replace(*change), slug="t", file="t.toml")

    assert problem in str(refused.value)


def test_a_user_is_traced_once():
    twice = LOGS + LOGS[LOGS.index("[[trace_flags]]") :]

    with pytest.raises(ScenarioError, match=r"user ada@mycompany.com is already used"):
        read_scenario(twice, slug="t", file="t.toml")


def test_reset_deletes_logs_and_trace_flags(db, settings):
    settings.SIGNUP = "open"
    owner = practice.start_practice_org(scenario="first-steps", name="Grace")
    TraceFlagFactory(org=owner.org, traced_user=owner)
    ApexLogFactory(org=owner.org, user=owner)
    elsewhere = [TraceFlagFactory(org=OrgFactory()), ApexLogFactory()]

    practice.reset_org(org=owner.org, by=owner)

    assert [TraceFlag.objects.get(), ApexLog.objects.get()] == elsewhere
    assert DebugLevel.objects.get() == elsewhere[0].debug_level
