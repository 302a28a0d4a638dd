"""The object for the org itself: the fields that clients query when they log in."""

from typing import Any

from django.db.models import Value

from tokenx.org import record_ids
from tokenx.org.models import Org

from .schema import Expression, Field, SObject


def _constant(value: Any) -> Expression:
    return lambda _: Value(value)


ORGANIZATION = SObject(
    "Organization",
    (
        Field("Id", "id", "Organization ID", "pk", record_ids.ORG),
        Field("Name", "string", "Name", "name"),
        Field("InstanceName", "string", "Instance Name", _constant("TOKENX")),
        Field("IsSandbox", "boolean", "Is Sandbox", _constant(False)),
        Field("OrganizationType", "picklist", "Edition", _constant("Developer Edition")),
        Field("NamespacePrefix", "string", "Namespace Prefix", None),
        Field("TrialExpirationDate", "datetime", "Trial Expiration Date", None),
        Field("CreatedDate", "datetime", "Created Date", "created_at"),
    ),
    lambda org: Org.objects.filter(pk=org.pk),
    record_ids.ORG,
)
