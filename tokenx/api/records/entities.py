"""The objects that clients can request, and what a caller can do with each."""

from tokenx.api.caller import Caller
from tokenx.soql.schema import SObject
from tokenx.soql.sobjects import SOBJECTS

from .values import CHANGEABLE, RestError, not_found


def find_entity(name: str) -> SObject:
    """Return the named object; raise a RestError if it's unknown."""
    sobject = SOBJECTS.get(name.lower())
    if sobject is None:
        raise not_found()
    return sobject


def check_can_read(caller: Caller, entity: str = "") -> None:
    """Raise a Fault if the caller can't read the object's rows.

    Clients read the user and the org with any profile; the other objects belong to Setup.
    """
    if entity.lower() not in {"user", "organization"}:
        caller.check_can_view()


def check_can_change(caller: Caller, entity: str) -> None:
    """Raise a RestError if the object's rows can't be changed over REST."""
    caller.check_can_change()
    name = find_entity(entity).name
    if name.lower() not in CHANGEABLE:
        message = f"entity type {name} does not support create, update or delete"
        raise RestError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
