"""Store what the compiler found about each Apex class.

Existing classes aren't compiled yet. Their base class is read from their declaration, as
before, so that handlers can still use them.
"""

import re
from typing import Any

from django.db import migrations, models
from django.db.models import Q

BATCH = 1_000
BASE = "auth.oauth2tokenexchangehandler"
_COMMENTS_AND_STRINGS = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|'(?:\\.|[^'\\\n])*'?", re.DOTALL
)
_CLASS = re.compile(
    r"\bclass\s+\w+(?:\s+extends\s+(?P<base>\w+(?:\s*\.\s*\w+)*))?", re.IGNORECASE
)


def read_base_classes(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("org", "ApexClass")
    rows = model.objects.filter(body__icontains="extends").only("pk", "body")
    batch = []
    for row in rows.iterator(chunk_size=BATCH):
        row.superclasses = _superclasses_in(row.body)
        row.is_handler_class = [each.lower() for each in row.superclasses] == [BASE]
        batch.append(row)
        if len(batch) >= BATCH:
            model.objects.bulk_update(batch, ["superclasses", "is_handler_class"])
            batch = []
    model.objects.bulk_update(batch, ["superclasses", "is_handler_class"])


def _superclasses_in(body: str) -> list[str]:
    found = _CLASS.search(_COMMENTS_AND_STRINGS.sub(" ", body))
    base = re.sub(r"\s", "", found["base"] or "") if found else ""
    return [base] if base else []


class Migration(migrations.Migration):
    dependencies = [("org", "0009_time_zone_and_locale")]

    operations = [
        migrations.AddField(
            "ApexClass",
            "compile_status",
            models.CharField(
                max_length=20,
                choices=[
                    ("not_compiled", "Not compiled yet"),
                    ("valid", "Compiled"),
                    ("invalid", "Has compile errors"),
                    ("not_runnable", "Not runnable here"),
                ],
                default="not_compiled",
                editable=False,
            ),
        ),
        migrations.AddField(
            "ApexClass",
            "compiled_hash",
            models.CharField(blank=True, max_length=64, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "ApexClass",
            "compile_problems",
            models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            "ApexClass",
            "superclasses",
            models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            "ApexClass",
            "is_handler_class",
            models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            "ApexClass",
            "referenced_classes",
            models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddConstraint(
            "ApexClass",
            models.CheckConstraint(
                condition=Q(compile_status="not_compiled", compiled_hash="")
                | (
                    Q(compile_status__in=["valid", "invalid", "not_runnable"])
                    & ~Q(compiled_hash="")
                ),
                name="apex_class_compile_status",
            ),
        ),
        migrations.AddIndex(
            "ApexClass",
            models.Index(
                fields=["org", "compile_status"], name="apex_class_by_compile_status"
            ),
        ),
        migrations.RunPython(read_base_classes, migrations.RunPython.noop),
    ]
