from typing import Any

from django.apps import apps
from django.db import connection, models, transaction


class OrgQuerySet(models.QuerySet["Org"]):
    def locked(self, pk: int, *, waits: bool = True) -> "Org":
        """Lock the org until this transaction ends, and return it.

        Actions that create or rename something call it first, so that checking whether a
        name is in use is safe. Rows that point to the org can still be added. Without
        `waits`, raise OperationalError if another transaction has the lock.
        """
        return self.select_for_update(no_key=True, nowait=not waits).get(pk=pk)

    def shared(self, pk: int) -> None:
        """Take a shared lock: `locked()` waits until this transaction ends.

        Transactions that change one app's handlers share it. A deployment locks handlers
        before apps, and without this lock the two could deadlock. SQLite has one writer
        and needs no lock.
        """
        if connection.features.has_select_for_update:
            table = connection.ops.quote_name(self.model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM {table} WHERE id = %s FOR SHARE", [pk])  # noqa: S608


class Org(models.Model):
    """A tenant; everything else belongs to exactly one org."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    # Hides what Salesforce's documentation says Setup doesn't have.
    is_strict = models.BooleanField("Strict mode", default=False)
    # An unused practice org is deleted after this time; other orgs never are.
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The exercise in the side panel; set by training/.
    exercise = models.CharField(max_length=80, blank=True, editable=False)
    # Whether the presenter bar is shown.
    is_presented = models.BooleanField(default=False, editable=False)
    # Set once the org is too large to search by walking; see search/grams.py.
    has_user_grams = models.BooleanField(default=False)
    has_app_grams = models.BooleanField(default=False)

    objects = OrgQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="org_by_expiry")]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the org; a new one gets the built-in profiles."""
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            profiles: Any = apps.get_model("org", "Profile")
            profiles.objects.create_built_in(self)


class OrgRow(models.Model):
    """The base of every table that belongs to an org.

    Updates, deletions, and reloads of a single row name the row's org, and never change
    it. Indexes begin with the org, so its column needs no index of its own.
    """

    org = models.ForeignKey(
        Org, models.DO_NOTHING, related_name="+", db_index=False, editable=False
    )

    class Meta:
        abstract = True

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any, **kwargs: Any
    ) -> Any:
        # Django offers no public way to add to the condition of an update.
        base_qs = base_qs.filter(org_id=self.org_id)
        values = [value for value in values if value[0].name != "org"]
        return super()._do_update(base_qs, using, pk_val, values, *args, **kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> Any:
        rows = type(self)._base_manager.using(using).filter(org_id=self.org_id)
        return rows.filter(pk=self.pk).delete()

    def refresh_from_db(
        self, using: Any = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        if from_queryset is None:
            from_queryset = type(self)._base_manager.db_manager(using)
        # A reload that fetches the org itself can't name it.
        if "org_id" in self.__dict__:
            from_queryset = from_queryset.filter(org_id=self.org_id)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
