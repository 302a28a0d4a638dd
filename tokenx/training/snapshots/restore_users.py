"""Replace the people of an org by those of a snapshot, and keep whoever can sign in."""

from typing import NamedTuple

from django.apps import apps
from django.db import models

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import Org, Profile, User
from tokenx.org.models.gram import Gram
from tokenx.training.models import PracticeOrg

from .document import Document, Person

_FIELDS = tuple(Person.__dataclass_fields__)
_WRITTEN = (*_FIELDS, "name_key", "last_key")
# What is replaced as a whole, and so needs nobody's care.
_REPLACED = (Gram, TokenExchangeHandler, Enablement)


class People(NamedTuple):
    """The users by the names of a document, and whether any are not as they were."""

    named: dict[str, User]
    changed: bool


def replace_users(*, org: Org, document: Document, by: User) -> People:
    """Make the users those of the document.

    Who has the same username stays the same row: a session, a password and a token of
    theirs go on. Nobody gets a password here. `by` stays an active administrator, and
    takes the place of the document's owner where neither is known to the other.
    """
    there = {user.username: user for user in User.objects.filter(org=org)}
    owners = {by.pk, *PracticeOrg.objects.filter(org=org).values_list("owner", flat=True)}
    staying = {u.username for u in there.values() if u.can_sign_in or u.pk in owners}
    named = {person.username for person in document.users}
    found: dict[str, User] = {}
    new, changed = [], []
    for person in document.users:
        is_owner = person.username == document.owner
        if is_owner and by.username not in named and person.username not in staying:
            found[person.username] = there[by.username]
            continue
        user = there.get(person.username) or User(org=org)
        before = [getattr(user, field) for field in _FIELDS]
        for field in _FIELDS:
            setattr(user, field, getattr(person, field))
        if user.pk == by.pk:
            user.profile, user.is_active = Profile.SYSTEM_ADMINISTRATOR, True
        user.set_keys()
        found[person.username] = user
        if user.pk is None:
            new.append(user)
        elif [getattr(user, field) for field in _FIELDS] != before:
            changed.append(user)
    staying |= {user.username for user in found.values()}
    gone = [user.pk for username, user in there.items() if username not in staying]
    if gone:
        _remove_with(User, org, gone)
    User.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN
    )
    User.objects.bulk_create(new)
    return People(found, bool(new or changed or gone))


def _remove_with(model: type[models.Model], org: Org, pks: list[int]) -> None:
    """Delete rows, and what is about nothing but them: what they did goes with them."""
    for other in apps.get_models():
        if issubclass(other, _REPLACED):
            continue
        for field in other._meta.fields:
            if field.related_model is not model:
                continue
            rows: models.QuerySet = other._default_manager.filter(
                **{"org": org, f"{field.name}__in": pks}
            )
            if field.null:
                rows.update(**{field.name: None})
            elif others := list(rows.values_list("pk", flat=True)):
                _remove_with(other, org, others)
    gone: models.QuerySet = model._default_manager.filter(org=org, pk__in=pks)
    gone._raw_delete(gone.db)
