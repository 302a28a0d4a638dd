"""Which objects there are, and what a caller may do with them."""

from tokenx.api.caller import Caller
from tokenx.soql.schema import SObject
from tokenx.soql.sobjects import SOBJECTS

from .values import CHANGEABLE, RefusedError, not_found


def known(entity: str) -> SObject:
    """The object of that name. Raises RefusedError for one that is not here."""
    found = SOBJECTS.get(entity.lower())
    if found is None:
        raise not_found()
    return found


def may_query(caller: Caller, entity: str = "") -> None:
    """Clients read the user and the org whatever the profile; the rest is Setup."""
    if entity.lower() not in {"user", "organization"}:
        caller.may_read()


def may_change(caller: Caller, entity: str) -> None:
    """Raises RefusedError for an object whose rows are changed elsewhere."""
    caller.may_change()
    name = known(entity).name
    if name.lower() not in CHANGEABLE:
        words = f"entity type {name} does not support create, update or delete"
        raise RefusedError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", words)
