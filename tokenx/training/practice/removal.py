"""Removal of expired practice orgs, of any org, or of an org's contents."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from tokenx.org.models import Org, Profile, User
from tokenx.setup.actions.profiles import delete_profiles
from tokenx.training.models import Classroom, Participant, Snapshot


def remove_expired() -> int:
    """Remove expired orgs, and return their number."""
    removed = 0
    expired = {"expires_at__lt": timezone.now()}
    for pk in list(Org.objects.filter(**expired).values_list("pk", flat=True)):
        with transaction.atomic():
            # Its owner might have just returned to it.
            org = Org.objects.select_for_update().filter(pk=pk, **expired).first()
            if org:
                remove_org(org)
                removed += 1
    return removed


@transaction.atomic
def remove_org(org: Org) -> None:
    """Delete the org and all of its rows, including the audit trail.

    Foreign keys are checked when the transaction ends, so the order doesn't matter.
    """
    Participant.objects.filter(practice_org=org).update(practice_org=None)
    for model in _models():
        _delete(model, org)
    org.delete()


@transaction.atomic
def clear_org(org: Org, *, owner: User) -> None:
    """Delete the org's contents, except for users who sign in and training data.

    The owner stays, and so do others who sign in with a password. The owner takes over
    the classes and snapshots of deleted users.
    """
    Snapshot.objects.filter(org=org).exclude(created_by=owner).update(created_by=owner)
    Classroom.objects.filter(org=org).exclude(trainer=owner).update(trainer=owner)
    for model in _models():
        if model in {User, Profile} or model._meta.app_label == Snapshot._meta.app_label:
            continue
        _delete(model, org)
    users = User.objects.filter(org=org, can_sign_in=False).exclude(pk=owner.pk)
    users._raw_delete(users.db)
    # The scenario's users might have the Federation IDs of those who stay.
    User.objects.filter(org=org).exclude(federation_id="").update(federation_id="")
    delete_profiles(org, Profile.objects.filter(org=org).custom())
    org.is_strict = org.has_user_grams = org.has_app_grams = False
    org.save(update_fields=["is_strict", "has_user_grams", "has_app_grams"])


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if any(field.name == "org" for field in model._meta.fields):
            yield model


def _delete(model: type[models.Model], org: Org) -> None:
    rows: models.QuerySet = model._default_manager.filter(org=org)
    rows._raw_delete(rows.db)
