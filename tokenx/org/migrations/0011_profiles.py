"""Turn profiles into rows: each org gets the built-in ones, and its users point to them."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Lower

import tokenx.org.constraints
import tokenx.org.fields

BATCH = 1_000
BUILT_IN = {
    "admin": ("System Administrator", "system administrator"),
    "setup_viewer": ("Setup Viewer", "setup viewer"),
    "standard": ("Standard User", "standard user"),
    "api_only": (
        "Minimum Access - API Only Integrations",
        "minimum access - api only integrations",
    ),
}


def create_profiles(apps: Any, schema_editor: Any) -> None:
    profile = apps.get_model("org", "Profile")
    orgs = apps.get_model("org", "Org").objects.order_by("pk").values_list("pk", flat=True)
    rows = (
        profile(org_id=org, kind=kind, name=name, name_key=name_key)
        for org in orgs
        for kind, (name, name_key) in BUILT_IN.items()
    )
    profile.objects.bulk_create(rows, batch_size=BATCH)
    _check_constraints_now(schema_editor)


def point_to_profiles(apps: Any, schema_editor: Any) -> None:
    profile = apps.get_model("org", "Profile")
    users = apps.get_model("org", "User").objects
    for kind in BUILT_IN:
        rows = profile.objects.filter(org=OuterRef("org"), kind=kind).values("pk")
        users.filter(old_profile=kind).update(profile=Subquery(rows))
    _check_constraints_now(schema_editor)


def copy_kinds_back(apps: Any, schema_editor: Any) -> None:
    """Give users their old values; those with a custom profile become standard users."""
    profile = apps.get_model("org", "Profile")
    rows = profile.objects.filter(org=OuterRef("org"), pk=OuterRef("profile"))
    users = apps.get_model("org", "User").objects
    users.update(old_profile=Subquery(rows.values("kind")))
    users.filter(old_profile="").update(old_profile="standard")
    _check_constraints_now(schema_editor)


def _check_constraints_now(schema_editor: Any) -> None:
    """Check the changed rows: PostgreSQL can't alter a table before its rows are checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("org", "0010_compiled_classes")]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                (
                    "kind",
                    models.CharField(
                        max_length=20,
                        choices=[(kind, name) for kind, (name, _) in BUILT_IN.items()],
                        blank=True,
                        editable=False,
                    ),
                ),
                (
                    "name_key",
                    tokenx.org.fields.KeyField(max_length=200, editable=False),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="org.org",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["org", "name_key", "id"], name="profile_by_name")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("org", "id"), name="profile_in_org"),
                    models.UniqueConstraint(
                        F("org"),
                        Lower("name"),
                        name="profile_name_per_org",
                        violation_error_message=(
                            "Another profile already has this name."
                        ),
                    ),
                    models.UniqueConstraint(
                        fields=("org", "kind"),
                        condition=~Q(kind=""),
                        name="profile_built_in_per_org",
                    ),
                ],
            },
        ),
        migrations.RunPython(create_profiles, migrations.RunPython.noop),
        migrations.RenameField("User", "profile", "old_profile"),
        migrations.AddField(
            "User",
            "profile",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="org.profile",
            ),
        ),
        migrations.RunPython(point_to_profiles, copy_kinds_back),
        migrations.RemoveField("User", "old_profile"),
        migrations.AlterField(
            "User",
            "profile",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="org.profile",
            ),
        ),
        migrations.AddIndex(
            "User",
            models.Index(
                fields=["org", "profile", "name_key", "id"], name="user_by_profile"
            ),
        ),
        migrations.AddConstraint(
            "User",
            tokenx.org.constraints.SameOrg(field="profile", name="user_profile_in_org"),
        ),
    ]
