"""What files say of classes and apps besides what is used here."""

from django.db import migrations, models

import tokenx.org.callback_urls


class Migration(migrations.Migration):

    dependencies = [("org", "0002_grams_without_rowid")]

    operations = [
        migrations.AddField(
            "ApexClass",
            "api_version",
            models.CharField(default="67.0", editable=False, max_length=10),
        ),
        migrations.AddField(
            "ApexClass",
            "status",
            models.CharField(default="Active", editable=False, max_length=20),
        ),
        migrations.AddField(
            "ApexClass",
            "kept",
            models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            "ClientApp",
            "kept",
            models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AlterField(
            "ClientApp",
            "callback_url",
            models.CharField(
                "Callback URL",
                blank=True,
                max_length=2000,
                validators=[tokenx.org.callback_urls.validate_callback_urls],
            ),
        ),
    ]
