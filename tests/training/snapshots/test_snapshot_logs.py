"""Debug levels are in snapshots; trace flags and debug logs aren't."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError

from tests.factories import (
    ApexLogFactory,
    DebugLevelFactory,
    OrgFactory,
    TraceFlagFactory,
    UserFactory,
)
from tokenx.org.models import ApexLog, DebugLevel, TraceFlag
from tokenx.training.snapshots.actions import (
    apply_snapshot,
    restore_snapshot,
    save_snapshot,
)

from .zips import files_of, packed

PRINTED = "the class printed a secret token"


def test_a_snapshot_has_debug_levels_but_no_logs(admin):
    level = DebugLevelFactory(org=admin.org, name="Fine", apex_code="FINE")
    TraceFlagFactory(org=admin.org, traced_user=admin, debug_level=level)
    log = ApexLogFactory(org=admin.org, user=admin, text=PRINTED)
    elsewhere = TraceFlagFactory()

    snapshot = save_snapshot(org=admin.org, name="Before", by=admin)

    with ZipFile(BytesIO(snapshot.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert not any(PRINTED.encode() in content for content in files.values())
    [entry] = json.loads(files["org.json"])["debug_levels"]
    assert (entry["name"], entry["levels"]["apex_code"]) == ("Fine", "FINE")

    level.apex_code = "NONE"
    level.save()
    DebugLevelFactory(org=admin.org, name="Later")
    restore_snapshot(snapshot=snapshot, by=admin)

    [restored] = DebugLevel.objects.filter(org=admin.org)
    assert (restored.pk, restored.apex_code) == (level.pk, "FINE")
    assert restored.modified_at == level.modified_at
    # Tracing ends, and logs are kept.
    assert TraceFlag.objects.get() == elsewhere
    assert ApexLog.objects.get() == log
    again = save_snapshot(org=admin.org, name="After", by=admin)
    assert bytes(again.data) == bytes(snapshot.data)


def test_logs_of_deleted_users_are_deleted(admin):
    snapshot = save_snapshot(org=admin.org, name="Before", by=admin)
    person = UserFactory(org=admin.org)
    TraceFlagFactory(org=admin.org, traced_user=admin, created_by=person)
    ApexLogFactory(org=admin.org, user=person)

    restore_snapshot(snapshot=snapshot, by=admin)

    assert not TraceFlag.objects.exists()
    assert not ApexLog.objects.exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "2nd"}, "debug_levels[0].name"),
        ({"label": ""}, "debug_levels[0].label is empty"),
        ({"levels": {"apex": "INFO"}}, "debug_levels[0].levels"),
        ({"levels": {"apex_code": "LOUD"}}, "debug_levels[0].levels"),
    ],
)
def test_refuses_invalid_debug_levels(admin, change, problem):
    DebugLevelFactory(org=admin.org, name="Fine")
    files = files_of(save_snapshot(org=admin.org, name="Before", by=admin))
    document = json.loads(files["org.json"])
    document["debug_levels"][0] |= change
    files["org.json"] = json.dumps(document).encode()
    other = UserFactory(org=OrgFactory(), profile="admin")

    with pytest.raises(ValidationError) as refused:
        apply_snapshot(data=packed(files), by=other)

    assert problem in " ".join(refused.value.messages)
