"""Values of fields that aren't in a column of their own, as expressions of the ORM."""

from typing import Any

from django.db.models import BooleanField, Case, CharField, F, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Length, Substr, Trim

from tokenx.org.models import CompileStatus, PermittedUsers
from tokenx.org.models.user_field import OBJECT
from tokenx.web.locales import DEFAULT_LOCALE


def user_name(path: str) -> Any:
    return Trim(Concat(F(f"{path}first_name"), Value(" "), F(f"{path}last_name")))


def is_preauthorized(path: str) -> Any:
    chosen = Q(**{f"{path}permitted_users": PermittedUsers.PRE_AUTHORIZED})
    return Case(
        When(chosen, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def creates_contacts(path: str) -> Any:
    return Coalesce(f"{path}allows_contact_creation", Value(False))


def is_valid(path: str) -> Any:
    """Return false for a class with errors, or after a change of a class that it uses."""
    compiles = [CompileStatus.VALID, CompileStatus.NOT_RUNNABLE]
    valid = When(**{f"{path}compile_status__in": compiles}, then=Value(True))
    return Case(valid, default=Value(False), output_field=BooleanField())


def locale(path: str) -> Any:
    blank = When(**{f"{path}locale": ""}, then=Value(DEFAULT_LOCALE))
    return Case(blank, default=F(f"{path}locale"), output_field=CharField())


def developer_name(path: str) -> Any:
    """Return the part of User.Azure_Id__c between the object and the suffix."""
    start = len(OBJECT) + 2
    name = F(f"{path}name")
    return Substr(name, start, Length(name) - len("User.__c"))
