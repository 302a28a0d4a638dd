"""Make the nicknames of an org's users unique: the user who was created first keeps it."""

from typing import Any

from django.db import migrations, models
from django.db.models import Count, Q
from django.db.models.functions import Lower

LENGTH = 40
DUPLICATE_NICKNAME = (
    "Duplicate Nickname. Another user has already selected this nickname. Please select "
    "another."
)


def number_duplicates(apps: Any, schema_editor: Any) -> None:
    """Add a number to the nicknames that other users of the org have."""
    users = apps.get_model("org", "User").objects
    named = users.exclude(nickname="").annotate(lowered=Lower("nickname"))
    groups = named.values("org", "lowered").annotate(count=Count("pk")).filter(count__gt=1)
    repeated: dict[int, set[str]] = {}
    for group in groups.order_by():
        repeated.setdefault(group["org"], set()).add(group["lowered"])
    for org, lowered in repeated.items():
        own = named.filter(org=org)
        taken = set(own.values_list("lowered", flat=True))
        numbers: dict[str, int] = {}
        for user in own.order_by("pk").only("pk", "org", "nickname").iterator():
            base = user.nickname
            if user.lowered not in lowered:
                continue
            if user.lowered not in numbers:
                numbers[user.lowered] = 1
                continue
            nickname = base
            while nickname.lower() in taken:
                numbers[user.lowered] += 1
                number = str(numbers[user.lowered])
                nickname = base[: LENGTH - len(number)] + number
            taken.add(nickname.lower())
            users.filter(org=org, pk=user.pk).update(nickname=nickname)
    # PostgreSQL can't alter a table before its changed rows are checked.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("org", "0019_custom_metadata_details")]

    operations = [
        migrations.RunPython(number_duplicates, migrations.RunPython.noop),
        migrations.AddConstraint(
            "User",
            models.UniqueConstraint(
                models.F("org"),
                Lower("nickname"),
                condition=~Q(nickname=""),
                name="user_nickname_per_org",
                violation_error_message=DUPLICATE_NICKNAME,
            ),
        ),
    ]
