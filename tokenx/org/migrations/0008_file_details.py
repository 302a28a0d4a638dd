"""Rename the details of metadata files, and the keys in them."""

from typing import Any

from django.db import migrations

BATCH = 1_000
KEYS = {"kept": "unknown", "said": "present"}


def rename_keys(apps: Any, keys: dict[str, str]) -> None:
    for name in ["ApexClass", "ClientApp"]:
        model = apps.get_model("org", name)
        batch = []
        for row in model.objects.exclude(file_details={}).iterator(chunk_size=BATCH):
            row.file_details = {
                file: {keys.get(key, key): value for key, value in details.items()}
                for file, details in row.file_details.items()
            }
            batch.append(row)
            if len(batch) >= BATCH:
                model.objects.bulk_update(batch, ["file_details"])
                batch = []
        model.objects.bulk_update(batch, ["file_details"])


def to_new_keys(apps: Any, schema_editor: Any) -> None:
    rename_keys(apps, KEYS)


def to_old_keys(apps: Any, schema_editor: Any) -> None:
    rename_keys(apps, {new: old for old, new in KEYS.items()})


class Migration(migrations.Migration):
    dependencies = [("org", "0007_messages")]

    operations = [
        migrations.RenameField("ApexClass", "kept", "file_details"),
        migrations.RenameField("ClientApp", "kept", "file_details"),
        migrations.RunPython(to_new_keys, to_old_keys),
    ]
