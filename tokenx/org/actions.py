"""Actions on Apex classes. They store what the compiler found; they don't compile."""

from collections.abc import Collection, Iterable
from random import SystemRandom
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from tokenx.apex.compiled import Compiled

from . import apex, audit
from .models import ApexClass, Org, User
from .models.apex_class import CompileStatus

APEX_SECTION = "Apex Class"


class ClassFile(TypedDict, total=False):
    """The values of a class's metadata file."""

    api_version: str
    status: str
    file_details: dict[str, Any]


@transaction.atomic
def create_apex_class(
    *,
    name: str,
    body: str,
    compiled: Compiled | None = None,
    classes_state: tuple[Any, ...] = (),
    resets_dependents: bool = True,
    by: User,
    **file: Unpack[ClassFile],
) -> ApexClass:
    """Add a class to the org, with the result of compiling it.

    Without a result, the class isn't compiled yet. The same is true if another class
    changed since `classes_state`. Classes that refer to the name are reset, unless the
    caller resets them itself.

    Raises ValidationError, by field, if the name is invalid or in use.
    """
    Org.objects.locked(by.org_id)
    apex_class = ApexClass(org_id=by.org_id, name=name, body=body, **file)
    is_current = is_state_current(by.org_id, classes_state)
    apex_class.set_compiled(compiled if is_current else None)
    apex_class.add_known_superclasses()
    apex_class.full_clean()
    apex_class.save()
    if resets_dependents:
        reset_dependents(org=by.org_id, names=[name], kept=[apex_class.pk])
    display = f"Created {name} Apex Class code"
    audit.record(by=by, action="createdApexClass", section=APEX_SECTION, display=display)
    return apex_class


def is_state_current(org: int, classes_state: tuple[Any, ...]) -> bool:
    """Tell whether no class of the org changed since; the org is locked."""
    return not classes_state or ApexClass.objects.state_of(org) == classes_state


def create_apex_class_template(*, by: User) -> ApexClass:
    """Add the template class of Create Token Exchange Handler, which rejects all tokens."""
    taken = set(ApexClass.objects.filter(org=by.org_id).values_list("name", flat=True))
    name = ""
    while not name or name in taken:
        name = f"AutocreatedTokenExchHandler{SystemRandom().randrange(10**9, 10**10)}"
    body, compiled = apex.template_of(name)
    return create_apex_class(
        name=name, body=body, compiled=compiled, resets_dependents=False, by=by
    )


@transaction.atomic
def store_compiled(
    *, org: int, classes: Iterable[ApexClass], state: tuple[Any, ...]
) -> None:
    """Store the results that the classes have taken, unless a class changed since.

    It isn't a change by a user: the results follow from the code. Raise OperationalError
    if a deployment or another change has the org's lock.
    """
    classes = list(classes)
    if not classes:
        return
    Org.objects.locked(org, waits=False)
    if is_state_current(org, state):
        rows = ApexClass.objects.filter(org=org)
        rows.bulk_update(classes, ApexClass.COMPILE_FIELDS, batch_size=100)


def reset_classes_that_mention(*, org: int, text: str) -> None:
    """Mark the classes whose code mentions a changed field as not compiled yet."""
    _reset(ApexClass.objects.filter(org=org, body__icontains=text))


def _reset(classes: QuerySet[ApexClass]) -> None:
    classes.update(
        compile_status=CompileStatus.NOT_COMPILED, compiled_hash="", compile_problems=[]
    )


def reset_dependents(*, org: int, names: Iterable[str], kept: Collection[int] = ()) -> None:
    """Mark the classes that refer to changed ones as not compiled yet.

    Those that are kept were compiled with the changes. The base classes stay known: a
    handler that uses the class keeps it.
    """
    dependents = set(ApexClass.objects.dependents_of(org, names)) - set(kept)
    if dependents:
        _reset(ApexClass.objects.filter(org=org, pk__in=dependents))
