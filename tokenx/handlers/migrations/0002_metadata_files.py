"""What only metadata files say, and who defined a handler, and when."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

import tokenx.org.constraints


def take_from_last_change(apps, schema_editor):
    """Of handlers that are there already, the first change that is known is the last one."""
    handlers = apps.get_model("handlers", "TokenExchangeHandler")
    handlers.objects.update(created_at=F("modified_at"), created_by=F("modified_by"))


class Migration(migrations.Migration):

    dependencies = [("handlers", "0001_initial"), ("org", "0003_metadata_files")]

    operations = [
        migrations.AddField(
            "TokenExchangeHandler",
            "allows_contact_creation",
            models.BooleanField("Allow contact creation", blank=True, null=True),
        ),
        migrations.AddField(
            "TokenExchangeHandler",
            "is_protected",
            models.BooleanField("Protected Component", blank=True, null=True),
        ),
        migrations.AddField(
            "TokenExchangeHandler",
            "created_at",
            models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            "TokenExchangeHandler",
            "created_by",
            models.ForeignKey(
                "org.User",
                django.db.models.deletion.DO_NOTHING,
                related_name="+",
                db_constraint=False,
                db_index=False,
                null=True,
            ),
        ),
        migrations.RunPython(take_from_last_change, migrations.RunPython.noop),
        migrations.AlterField(
            "TokenExchangeHandler",
            "created_by",
            models.ForeignKey(
                "org.User",
                django.db.models.deletion.DO_NOTHING,
                related_name="+",
                db_constraint=False,
                db_index=False,
            ),
        ),
        migrations.AddConstraint(
            "TokenExchangeHandler",
            tokenx.org.constraints.SameOrg(
                field="created_by", name="handler_created_by_in_org"
            ),
        ),
    ]
