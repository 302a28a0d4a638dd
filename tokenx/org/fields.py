"""Model fields: keys that sort alike on every database, and foreign keys within an org."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.related_descriptors import (
    ForwardManyToOneDescriptor,
    ReverseManyToOneDescriptor,
)
from django.db.models.lookups import Exact


class KeyField(models.CharField):
    """Folded text that sorts by code point, on PostgreSQL too.

    There, a column sorts by the database's language unless told otherwise, and a range
    such as `key >= 'an' AND key < 'an…'` would then not be the names that begin so.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class _WithinOrg(ForwardManyToOneDescriptor):
    """The row that a foreign key points to; prefetching names the org, too."""

    def get_prefetch_querysets(
        self,
        instances: list[Any],
        querysets: list[models.QuerySet] | None = None,
    ) -> Any:
        queryset = querysets[0] if querysets else self.get_queryset(instance=instances[0])
        queryset = queryset.filter(org_id__in={instance.org_id for instance in instances})
        return super().get_prefetch_querysets(instances, [queryset])


class _WithinOrgReverse(ReverseManyToOneDescriptor):
    """The rows that point to a row; every query of this manager names the org."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        manager = super().__get__(instance, cls)
        if instance is not None:
            manager.core_filters["org_id"] = instance.org_id
        return manager


class OrgForeignKey(models.ForeignKey):
    """A foreign key to a row of the same org.

    Every join, access, and prefetch through it compares `org_id` as well as the ID, so
    a query can't leave its org, and indexes that begin with the org serve it. The
    database enforces the key through a `SameOrg` constraint instead of Django's own
    foreign key. Prefetching the reverse side isn't supported.
    """

    forward_related_accessor_class = _WithinOrg
    related_accessor_class = _WithinOrgReverse

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **options: Any) -> None:
        options = {"db_constraint": False, "db_index": False, **options}
        super().__init__(to, on_delete, **options)

    def deconstruct(self) -> Any:
        """Describe it as Django's own class: for the database, there's no difference."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def validate(self, value: Any, model_instance: Any) -> None:
        """Refuse an ID that no row of the org has."""
        models.Field.validate(self, value, model_instance)
        if value is None:
            return
        rows = self.remote_field.model._base_manager.filter(org_id=model_instance.org_id)
        if not rows.filter(pk=value).exists():
            raise ValidationError("This record is in another org.", code="invalid")

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        if alias is None or related_alias is None:
            return None
        org: Any = self.model._meta.get_field("org")
        return Exact(org.get_col(alias), org.get_col(related_alias))

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        return {"org_id": instance.org_id}
