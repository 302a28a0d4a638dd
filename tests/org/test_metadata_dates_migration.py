"""The migration that reads the values of custom metadata records again."""

from importlib import import_module

from django.apps import apps

from tests.factories import StoredComponentFactory
from tokenx.org.models import StoredComponent, StoredType

migration = import_module("tokenx.org.migrations.0027_metadata_dates")
RECORD = """<?xml version="1.0" encoding="UTF-8"?>
<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <label>Staff</label>
  <values><field>Since__c</field><value xsi:type="xsd:date">2026-11-30</value></values>
</CustomMetadata>"""


def test_dates_get_their_type_and_other_components_stay(db, monkeypatch):
    monkeypatch.setattr(migration, "BATCH", 2)
    old = {"before": True}
    records = [
        StoredComponentFactory(
            type=StoredType.CUSTOM_METADATA, name=f"Key.No{number}", file=RECORD
        )
        for number in range(3)
    ]
    other = StoredComponentFactory()

    StoredComponent.objects.update(details=old)

    migration.read_again(apps, None)

    for row in [*records, other]:
        row.refresh_from_db()
    assert other.details == old
    for row in records:
        assert "2026-11-30" in str(row.details)
        assert "date" in str(row.details)
