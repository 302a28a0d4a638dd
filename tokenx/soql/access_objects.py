"""The objects for permission sets: what they are, who has them, and which apps.

sobjects.py lists them with the other objects.
"""

from django.db.models import Value

from tokenx.org import record_ids
from tokenx.org.models import (
    AppPermissionSet,
    ClientApp,
    PermissionSet,
    PermissionSetAssignment,
)

from .schema import Field, Relationship, SObject

PERMISSION_SET = SObject(
    "PermissionSet",
    (
        Field("Id", "id", "Permission Set ID", "pk", record_ids.PERMISSION_SET),
        Field("Name", "string", "Permission Set Name", "name"),
        Field("Label", "string", "Permission Set Label", "label"),
        Field("Description", "string", "Description", "description"),
        Field("NamespacePrefix", "string", "Namespace Prefix", None),
        Field("IsCustom", "boolean", "Is Custom", lambda _: Value(True)),
        # Salesforce has one for each profile, too.
        Field("IsOwnedByProfile", "boolean", "Is Owned By Profile", lambda _: Value(False)),
        Field("Type", "picklist", "Permission Set Type", lambda _: Value("Regular")),
        Field("LastModifiedDate", "datetime", "Last Modified Date", "modified_at"),
        Field("SystemModstamp", "datetime", "System Modstamp", "modified_at"),
    ),
    lambda org: PermissionSet.objects.filter(org=org),
    record_ids.PERMISSION_SET,
)


def access_objects(user: SObject) -> tuple[SObject, ...]:
    """Return the objects for permission sets, which refer to the object for users."""
    permission_set = Relationship("PermissionSet", PERMISSION_SET, "permission_set__")
    parent = Relationship("Parent", PERMISSION_SET, "permission_set__")
    assignment = SObject(
        "PermissionSetAssignment",
        (
            Field(
                "Id",
                "id",
                "PermissionSetAssignment ID",
                "pk",
                record_ids.PERMISSION_SET_ASSIGNMENT,
            ),
            Field("AssigneeId", "reference", "Assignee ID", "user_id", record_ids.USER),
            Field(
                "PermissionSetId",
                "reference",
                "PermissionSet ID",
                "permission_set_id",
                record_ids.PERMISSION_SET,
            ),
            # tokenx has no groups, and assignments don't expire.
            Field("PermissionSetGroupId", "reference", "Group ID", None, "0PG"),
            Field("ExpirationDate", "datetime", "Expiration Date", None),
            Field("IsActive", "boolean", "Is Active", lambda _: Value(True)),
        ),
        lambda org: PermissionSetAssignment.objects.filter(org=org),
        record_ids.PERMISSION_SET_ASSIGNMENT,
        (Relationship("Assignee", user, "user__"), permission_set),
    )
    # Of connected apps only: the object for external client apps isn't known.
    setup_entity_access = SObject(
        "SetupEntityAccess",
        (
            Field("Id", "id", "SetupEntityAccess ID", "pk", record_ids.SETUP_ENTITY_ACCESS),
            Field(
                "ParentId",
                "reference",
                "Parent ID",
                "permission_set_id",
                record_ids.PERMISSION_SET,
            ),
            Field(
                "SetupEntityId",
                "reference",
                "Setup Entity ID",
                "app_id",
                record_ids.CONNECTED_APP,
            ),
            Field(
                "SetupEntityType",
                "picklist",
                "Setup Entity Type",
                lambda _: Value("ConnectedApplication"),
            ),
        ),
        lambda org: AppPermissionSet.objects.filter(
            org=org, app__kind=ClientApp.Kind.CONNECTED
        ),
        record_ids.SETUP_ENTITY_ACCESS,
        (parent,),
    )
    return PERMISSION_SET, assignment, setup_entity_access
