from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metadata", "0002_retrieval")]

    operations = [
        migrations.AddField(
            "ComponentMessage",
            "is_from_tokenx",
            models.BooleanField(default=False),
        ),
    ]
