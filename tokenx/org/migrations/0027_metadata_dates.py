"""Read the values of custom metadata records again: dates have a type of their own."""

from typing import Any

from django.db import migrations

from tokenx.org.custom_metadata import details_of

BATCH = 100


def read_again(apps: Any, schema_editor: Any) -> None:
    """Set the details of all records."""
    model = apps.get_model("org", "StoredComponent")
    batch = []
    for row in model.objects.filter(type="CustomMetadata").iterator(chunk_size=BATCH):
        row.details = details_of(row.file)
        batch.append(row)
        if len(batch) == BATCH:
            model.objects.bulk_update(batch, ["details"])
            batch = []
    model.objects.bulk_update(batch, ["details"])


class Migration(migrations.Migration):
    dependencies = [("org", "0026_app_settings")]

    operations = [migrations.RunPython(read_again, migrations.RunPython.noop)]
