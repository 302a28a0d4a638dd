from django.db import connection, models


class OrgQuerySet(models.QuerySet["Org"]):
    def locked(self, pk: int) -> "Org":
        """The org; nobody else names anything in it until this transaction ends.

        Actions that make or rename what has a name call it first, so that "is it taken?"
        is safe to ask. Rows that point to the org can still be added.
        """
        return self.select_for_update(no_key=True).get(pk=pk)

    def shared(self, pk: int) -> None:
        """Keep who wants the org locked waiting until this transaction ends.

        Many can share it at once. What changes one app's handlers does, because a
        deployment locks handlers before apps: without it, the two could wait for each
        other. SQLite has one writer, and needs no lock.
        """
        if connection.features.has_select_for_update:
            table = connection.ops.quote_name(self.model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM {table} WHERE id = %s FOR SHARE", [pk])  # noqa: S608


class Org(models.Model):
    """A tenant: everything else belongs to exactly one."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    # Hides what the real Setup is documented not to have (facts/salesforce.md 3.3).
    is_strict = models.BooleanField("Strict fidelity", default=False)
    # A practice org goes when it was not used until then; others never do.
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The exercise that the panel beside Setup shows; training/ sees to it.
    exercise = models.CharField(max_length=80, blank=True, editable=False)
    # Whether the presenter's bar is above Setup.
    is_presented = models.BooleanField(default=False, editable=False)
    # Set once the org has grown past what can be searched by walking; see search.py.
    has_user_grams = models.BooleanField(default=False)
    has_app_grams = models.BooleanField(default=False)

    objects = OrgQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="org_by_expiry")]

    def __str__(self) -> str:
        return self.name


def org_key() -> "models.ForeignKey[Org, Org]":
    """The `org` column of every table. Indexes begin with it, so it needs none alone."""
    return models.ForeignKey(
        Org, models.DO_NOTHING, related_name="+", db_index=False, editable=False
    )
