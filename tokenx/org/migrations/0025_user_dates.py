"""Add when a user was created and changed: for users who exist, when their org was."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def date_like_the_org(apps: Any, schema_editor: Any) -> None:
    """Set the dates of all users to those of their orgs."""
    org = apps.get_model("org", "Org").objects.filter(pk=OuterRef("org"))
    created = Subquery(org.values("created_at")[:1])
    apps.get_model("org", "User").objects.update(created_at=created, modified_at=created)


class Migration(migrations.Migration):
    dependencies = [("org", "0024_token_exchange")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="user",
            name="modified_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunPython(date_like_the_org, migrations.RunPython.noop),
    ]
