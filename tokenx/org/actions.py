"""Actions on Apex classes."""

from random import SystemRandom
from typing import Any, TypedDict, Unpack

from django.db import transaction

from . import apex, audit
from .models import ApexClass, Org, User

APEX_SECTION = "Apex Class"


class ClassFile(TypedDict, total=False):
    """The values of a class's metadata file."""

    api_version: str
    status: str
    file_details: dict[str, Any]


@transaction.atomic
def create_apex_class(
    *, name: str, body: str, by: User, **file: Unpack[ClassFile]
) -> ApexClass:
    """Add a class to the org.

    Raises ValidationError, by field, if the name is invalid or in use.
    """
    Org.objects.locked(by.org_id)
    apex_class = ApexClass(org_id=by.org_id, name=name, body=body, **file)
    apex_class.full_clean()
    apex_class.save()
    display = f"Created {name} Apex Class code"
    audit.record(by=by, action="createdApexClass", section=APEX_SECTION, display=display)
    return apex_class


def create_apex_class_template(*, by: User) -> ApexClass:
    """Add the template class of Create Token Exchange Handler, which rejects all tokens."""
    taken = set(ApexClass.objects.filter(org=by.org_id).values_list("name", flat=True))
    name = ""
    while not name or name in taken:
        name = f"AutocreatedTokenExchHandler{SystemRandom().randrange(10**9, 10**10)}"
    body = apex.TEMPLATE.format(name=name)
    return create_apex_class(name=name, body=body, by=by)
