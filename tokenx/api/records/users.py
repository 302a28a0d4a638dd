"""Users over REST, created and changed with the actions that Setup uses."""

from typing import Any

from tokenx.api.caller import Caller
from tokenx.org import record_ids
from tokenx.org.models import Profile, User
from tokenx.setup.actions import users as actions

from .references import find_reference
from .values import IS_ACTIVE, PROFILE, USER_TEXTS, require_fields


def create_user_record(caller: Caller, values: dict[str, Any]) -> str:
    """Create a user and return its ID. The action names the fields that are missing."""
    details = _details(caller, {name: value for name, value in values.items() if value})
    user = actions.create_user(by=caller.user, **details)
    if values.get(IS_ACTIVE) is False:
        actions.deactivate_user(user=user, by=caller.user)
    return record_ids.record_id(record_ids.USER, user.pk)


def update_user_record(caller: Caller, user: User, values: dict[str, Any]) -> None:
    """Change the given fields of a user."""
    require_fields(values, [name for name in actions.REQUIRED if name in values])
    details: Any = {name: getattr(user, name) for name in actions.EDITABLE}
    details |= _details(caller, values)
    actions.edit_user(user=user, by=caller.user, **details)
    if IS_ACTIVE in values and values[IS_ACTIVE] != user.is_active:
        change = actions.activate_user if values[IS_ACTIVE] else actions.deactivate_user
        change(user=user, by=caller.user)


def _details(caller: Caller, values: dict[str, Any]) -> Any:
    details = {USER_TEXTS[name]: values[name] for name in USER_TEXTS if name in values}
    if PROFILE in values:
        profiles, prefix = Profile.objects.all(), record_ids.PROFILE
        details["profile"] = find_reference(
            caller, profiles, prefix, values[PROFILE], PROFILE
        )
    return details
