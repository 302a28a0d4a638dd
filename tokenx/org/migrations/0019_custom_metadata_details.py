"""What queries need of custom metadata records, and no secrets in stored files."""

import django.core.validators
from django.db import migrations, models

import tokenx.org.models.stored_component


class Migration(migrations.Migration):
    dependencies = [("org", "0018_access_of_existing_apps")]

    operations = [
        migrations.AddField(
            "StoredComponent",
            "details",
            models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AlterField(
            "StoredComponent",
            "file",
            models.TextField(
                error_messages={"blank": "The file is empty."},
                validators=[
                    django.core.validators.MaxLengthValidator(
                        500000, "The file has more than 500,000 characters."
                    ),
                    tokenx.org.models.stored_component.validate_stored_file,
                ],
            ),
        ),
    ]
