"""Permission set assignments over REST, with the actions that Setup uses.

`sf org assign permset` creates them.
"""

from typing import Any

from tokenx.api.caller import Caller
from tokenx.org import record_ids
from tokenx.org.models import PermissionSet, User
from tokenx.setup.actions import permission_sets as actions

from .references import find_reference
from .values import ASSIGNEE, PERMISSION_SET, require_fields


def create_assignment_record(caller: Caller, values: dict[str, Any]) -> str:
    """Assign a permission set to a user, and return the ID of the assignment."""
    require_fields(values, [ASSIGNEE, PERMISSION_SET])
    users, sets = User.objects.all(), PermissionSet.objects.without_files()
    user = find_reference(caller, users, record_ids.USER, values[ASSIGNEE], ASSIGNEE)
    permission_set = find_reference(
        caller, sets, record_ids.PERMISSION_SET, values[PERMISSION_SET], PERMISSION_SET
    )
    assignment = actions.assign_permission_set(
        permission_set=permission_set, user=user, by=caller.user
    )
    return record_ids.record_id(record_ids.PERMISSION_SET_ASSIGNMENT, assignment.pk)
