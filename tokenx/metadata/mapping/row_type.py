"""The base of metadata types whose components are each one row of one table.

Each type says how a row becomes a file, and a file an action's arguments. Deployments,
retrievals, and snapshots treat all of them alike.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet

from tokenx.metadata.format.writer import write
from tokenx.org import record_ids
from tokenx.org.models import User

Pieces = Iterable[str | bytes]


class RowType:
    """A metadata type and its table, whose rows have a `name` and a `modified_at`."""

    definition: ClassVar[Any]
    model: ClassVar[Any]
    prefix: ClassVar[str]
    # The plural for messages, and the limit on rows.
    noun: ClassVar[str]
    limit: ClassVar[int]

    def rows(self) -> QuerySet[Any]:
        """Return the rows of all orgs."""
        rows: QuerySet[Any] = self.model.objects.all()
        return rows

    def definition_of(self, row: Any) -> Any:
        """Return the definition in the row's file."""
        raise NotImplementedError

    def definition_like(self, row: Any, wanted: Any) -> Any:
        """Return the row's definition to compare with a file's."""
        return self.definition_of(row)

    def contents_of(self, row: Any) -> list[Pieces]:
        """Return the contents of the row's files."""
        return [write(self.definition_of(row))]

    def values_of(self, definition: Any) -> dict[str, Any]:
        """Return the values of a file, which are the arguments of the actions."""
        raise NotImplementedError

    def create(self, *, name: str, by: User, **values: Any) -> Any:
        raise NotImplementedError

    def edit(self, row: Any, *, name: str, by: User, **values: Any) -> Any:
        raise NotImplementedError

    def delete(self, row: Any, by: User) -> None:
        raise NotImplementedError

    def apply(self, existing: Any, name: str, definition: Any, by: User) -> Any:
        """Create or change the row, and return it. Raises ValidationError."""
        values = self.values_of(definition)
        if existing is None:
            return self.create(name=name, by=by, **values)
        return self.edit(existing, name=existing.name, by=by, **values)

    def component_id(self, row: Any) -> str:
        return record_ids.record_id(self.prefix, row.pk)

    # --- Snapshots -------------------------------------------------------------------

    def has_key(self, row: Any) -> bool:
        """Tell whether the row has a private key, which no file contains."""
        return False

    def has_file(self, row: Any) -> bool:
        """Tell whether the row keeps what its values don't contain of a file."""
        return bool(getattr(row, "file_details", None))

    def forget_file(self, row: Any) -> None:
        """Keep only the values of a row that had no file."""
        if hasattr(row, "file_details"):
            row.file_details = {}

    def build(self, org: Any, name: str, definition: Any) -> Any:
        """Return the unsaved row of a file."""
        return self.model(org=org, name=name, **self.values_of(definition))

    def give_keys(self, rows: Iterable[Any], old_rows: Mapping[str, Any]) -> None:
        """Give restored rows their keys; `old_rows` are those before, by lowercase name."""
