"""Alias, nickname, language, email encoding, and Federation ID of users."""

from typing import Any

from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat, Left, Lower, StrIndex, Substr

import tokenx.org.languages

DUPLICATE_USERNAME = (
    "Duplicate Username. The username already exists in this or another Salesforce "
    "organization. Usernames must be unique across all Salesforce organizations. To "
    "resolve, use a different username (it doesn't need to match the user's email address)."
)
IN_USE = "This Federation ID is already in use. Use a different Federation ID."


def generate_short_names(apps: Any, schema_editor: Any) -> None:
    """Give each user the alias and the nickname that new users get."""
    at = StrIndex("username", Value("@"))
    before_at = Substr("username", 1, F("at") - 1)
    users = apps.get_model("org", "User").objects.annotate(at=at)
    users.update(
        alias=Lower(Concat(Left("first_name", 1), Left("last_name", 4))),
        nickname=Left(Case(When(at__gt=1, then=before_at), default=F("username")), 40),
    )
    # PostgreSQL can't alter a table before its changed rows are checked.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _text(name: str, length: int, **options: Any) -> migrations.AddField:
    field = models.CharField(max_length=length, **options)
    has_default = options["default"] != ""
    return migrations.AddField("User", name, field, preserve_default=has_default)


def _with_message(name: str, **options: Any) -> migrations.AlterConstraint:
    constraint = models.UniqueConstraint(
        name=name, violation_error_message=DUPLICATE_USERNAME, **options
    )
    return migrations.AlterConstraint("User", name, constraint)


class Migration(migrations.Migration):
    dependencies = [("org", "0011_profiles")]

    operations = [
        _text("alias", 8, blank=True, default=""),
        _text("nickname", 40, blank=True, default=""),
        _text(
            "language",
            20,
            default="en_US",
            validators=[tokenx.org.languages.validate_language],
        ),
        _text(
            "email_encoding",
            20,
            default="UTF-8",
            validators=[tokenx.org.languages.validate_encoding],
        ),
        _text("federation_id", 512, blank=True, default="", verbose_name="Federation ID"),
        migrations.RunPython(generate_short_names, migrations.RunPython.noop),
        migrations.AddConstraint(
            "User",
            models.UniqueConstraint(
                fields=["org", "federation_id"],
                condition=~Q(federation_id=""),
                name="user_federation_id_per_org",
                violation_error_message=IN_USE,
            ),
        ),
        _with_message("user_username_per_org", fields=["org", "username"]),
        _with_message(
            "user_one_sign_in_per_username",
            fields=["username"],
            condition=Q(can_sign_in=True),
        ),
    ]
