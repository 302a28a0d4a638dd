"""Metadata types whose components are each one row of one table.

Each type says how a row becomes a file, and a file an action's arguments. Deployments,
retrievals, and snapshots treat all of them alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tokenx.metadata.format.definitions import RemoteSiteDefinition
from tokenx.org import record_ids
from tokenx.org.models import RemoteSite, User
from tokenx.setup.actions import remote_sites

_REMOTE_SITE_FIELDS = ("url", "is_active", "description", "disables_protocol_security")


@dataclass(frozen=True, kw_only=True)
class RowType:
    """A metadata type and its table, whose rows have a `name` and a `modified_at`."""

    definition: Any
    model: Any
    prefix: str
    # The plural for messages, and the limit on rows.
    noun: str
    limit: int
    definition_of: Callable[[Any], Any]
    # The values of columns, which are also the arguments of the actions.
    values_of: Callable[[Any], dict[str, Any]]
    create: Callable[..., Any]
    # Called with the row, its name, the values, and the user.
    edit: Callable[..., Any]
    delete: Callable[..., Any]

    def component_id(self, row: Any) -> str:
        return record_ids.record_id(self.prefix, row.pk)

    def apply(self, existing: Any, name: str, definition: Any, by: User) -> Any:
        """Create or change the row, and return it. Raises ValidationError."""
        values = self.values_of(definition)
        if existing is None:
            return self.create(name=name, by=by, **values)
        return self.edit(existing, name=existing.name, by=by, **values)

    def build(self, org: Any, name: str, definition: Any) -> Any:
        """Return the unsaved row of a file."""
        return self.model(org=org, name=name, **self.values_of(definition))


def _remote_site_definition(site: RemoteSite) -> RemoteSiteDefinition:
    values: Any = {field: getattr(site, field) for field in _REMOTE_SITE_FIELDS}
    return RemoteSiteDefinition(**values | {"description": site.description or None})


def _remote_site_values(definition: RemoteSiteDefinition) -> dict[str, Any]:
    values = {field: getattr(definition, field) for field in _REMOTE_SITE_FIELDS}
    return values | {"description": definition.description or ""}


ROW_TYPES = {
    row_type.definition.type_name: row_type
    for row_type in (
        RowType(
            definition=RemoteSiteDefinition,
            model=RemoteSite,
            prefix=record_ids.REMOTE_SITE,
            noun="remote sites",
            limit=remote_sites.MAX_REMOTE_SITES,
            definition_of=_remote_site_definition,
            values_of=_remote_site_values,
            create=remote_sites.create_remote_site,
            edit=lambda site, **values: remote_sites.edit_remote_site(site=site, **values),
            delete=lambda site, by: remote_sites.delete_remote_site(site=site, by=by),
        ),
    )
}
