"""The objects that clients can request, and what a caller can do with each."""

from tokenx.api.caller import Caller
from tokenx.org.models import Org
from tokenx.org.permissions import can_view_setup
from tokenx.soql.custom_fields import sobjects_of
from tokenx.soql.custom_metadata import SUFFIX
from tokenx.soql.parser import parse
from tokenx.soql.schema import SObject
from tokenx.soql.sobjects import SOBJECTS

from .values import CHANGEABLE, RestError, not_found

# Clients read these with any profile. Of LoginHistory, users read only their own rows.
_FOR_EVERYONE = {"user", "organization", "loginhistory"}


def find_entity(name: str, org: Org | None = None) -> SObject:
    """Return the named object; raise a RestError if it's unknown.

    With an org, User has the org's custom fields, and custom metadata types are known.
    """
    is_own = name.lower() == "user" or name.lower().endswith(SUFFIX)
    known = sobjects_of(org) if org and is_own else SOBJECTS
    sobject = known.get(name.lower())
    if sobject is None:
        raise not_found()
    return sobject


def check_can_read(caller: Caller, entity: str = "") -> None:
    """Raise a Fault if the caller can't read the object's rows.

    Clients read the user and the org with any profile; the other objects belong to Setup.
    """
    if entity.lower() not in _FOR_EVERYONE:
        caller.check_can_view()


def check_can_query(caller: Caller, text: str) -> None:
    """Raise a Fault if the caller can't run a query, or SoqlError if it's invalid.

    A query within a query can be about any object.
    """
    if can_view_setup(caller.user):
        return
    is_nested = text.lower().count("select") > 1
    check_can_read(caller, "" if is_nested else str(parse(text).entity))


def check_can_change(caller: Caller, entity: str) -> None:
    """Raise a RestError if the object's rows can't be changed over REST."""
    caller.check_can_change()
    name = find_entity(entity).name
    if name.lower() not in CHANGEABLE:
        message = f"entity type {name} does not support create, update or delete"
        raise RestError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
