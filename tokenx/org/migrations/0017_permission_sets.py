"""Add permission sets, their users, and the profiles and permission sets of apps."""

from typing import Any

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import tokenx.org.api_names
import tokenx.org.constraints


def _id() -> Any:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _org() -> Any:
    return models.ForeignKey(
        db_index=False,
        editable=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="org.org",
    )


def _key(to: str) -> Any:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [("org", "0016_stored_components")]

    operations = [
        migrations.CreateModel(
            name="PermissionSet",
            fields=[
                ("id", _id()),
                (
                    "name",
                    models.CharField(
                        error_messages={"blank": "Enter an API name."},
                        max_length=80,
                        validators=[tokenx.org.api_names.validate_api_name],
                        verbose_name="API Name",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        error_messages={"blank": "Enter a label."}, max_length=80
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=255)),
                (
                    "file",
                    models.TextField(
                        blank=True,
                        editable=False,
                        validators=[
                            django.core.validators.MaxLengthValidator(
                                500000, "The file has more than 500,000 characters."
                            )
                        ],
                    ),
                ),
                (
                    "modified_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False
                    ),
                ),
                ("org", _org()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["org", "label", "id"], name="permission_set_by_label"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org", "id"), name="permission_set_in_org"
                    ),
                    models.UniqueConstraint(
                        models.F("org"),
                        django.db.models.functions.text.Lower("name"),
                        name="permission_set_name_per_org",
                        violation_error_message=(
                            "Another permission set already has this API name."
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PermissionSetAssignment",
            fields=[
                ("id", _id()),
                ("org", _org()),
                ("user", _key("org.user")),
                ("permission_set", _key("org.permissionset")),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["org", "permission_set", "user"], name="assignment_of_set"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org", "user", "permission_set"),
                        name="permission_set_once_per_user",
                        violation_error_message=(
                            "This user already has this permission set."
                        ),
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="user", name="assignment_user_in_org"
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="permission_set", name="assignment_set_in_org"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AppProfile",
            fields=[
                ("id", _id()),
                ("org", _org()),
                ("app", _key("org.clientapp")),
                ("profile", _key("org.profile")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["org", "profile", "app"], name="app_of_profile")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org", "app", "profile"),
                        name="app_profile_once_per_app",
                        violation_error_message="This app already has this profile.",
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="app", name="app_profile_app_in_org"
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="profile", name="app_profile_profile_in_org"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AppPermissionSet",
            fields=[
                ("id", _id()),
                ("org", _org()),
                ("app", _key("org.clientapp")),
                ("permission_set", _key("org.permissionset")),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["org", "permission_set", "app"],
                        name="app_of_permission_set",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org", "app", "permission_set"),
                        name="app_permission_set_once_per_app",
                        violation_error_message=(
                            "This app already has this permission set."
                        ),
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="app", name="app_permission_set_app_in_org"
                    ),
                    tokenx.org.constraints.SameOrg(
                        field="permission_set", name="app_permission_set_set_in_org"
                    ),
                ],
            },
        ),
    ]
