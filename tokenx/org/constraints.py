"""The SameOrg constraint: a row points only to rows of its own org."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.ddl_references import Statement


class SameOrg(models.BaseConstraint):
    """A foreign key by (org, id), so that no row can point into another org.

    The field's own foreign key is left out of the database (`db_constraint=False`):
    this one says more, its index begins with the org, and its two columns are what
    distributes a table by org. See docs/decisions/tenancy.md.
    """

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor == "postgresql":
            self.create_sql(model, schema_editor)
            return ""
        return self._sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        # At the end of the migration, like Django's own foreign keys: what this one
        # points to may get its unique constraint in the same migration.
        schema_editor.deferred_sql.append(
            Statement(
                "ALTER TABLE %(table)s ADD %(constraint)s",
                table=schema_editor.quote_name(model._meta.db_table),
                constraint=self._sql(model, schema_editor),
            )
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = "default",
    ) -> None:
        if exclude and self.field in exclude:
            return
        target = getattr(instance, self.field, None)
        if target is not None and target.org_id != instance.org_id:  # type: ignore[attr-defined]
            raise ValidationError({self.field: "This record is in another org."})

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SameOrg):
            return (self.field, self.name) == (other.field, other.name)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.field, self.name))

    def _sql(self, model: type[models.Model], schema_editor: Any) -> str:
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self._key(model)}"

    def _key(self, model: type[models.Model]) -> str:
        field = model._meta.get_field(self.field)
        target = field.related_model._meta.db_table  # type: ignore[union-attr]
        return (
            f'FOREIGN KEY ("org_id", "{field.column}") '  # type: ignore[union-attr]
            f'REFERENCES "{target}" ("org_id", "id") DEFERRABLE INITIALLY DEFERRED'
        )
