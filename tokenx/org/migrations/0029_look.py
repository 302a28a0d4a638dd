from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("org", "0028_live_approvals")]

    operations = [
        migrations.AddField(
            "user",
            "theme",
            models.CharField(
                choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")],
                default="system",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "user",
            "look",
            models.CharField(
                choices=[("lightning", "Lightning"), ("cosmos", "SLDS 2 (Cosmos)")],
                default="lightning",
                max_length=10,
            ),
        ),
    ]
