"""Demos: an org of a snapshot for whoever has the link, and the presenter's bar."""

from django.db import transaction

from tokenx.org import audit
from tokenx.org.models import Org, User
from tokenx.training.models import OpenedSnapshot, PracticeOrg, Snapshot
from tokenx.training.practice.actions import reset_org, start_practice_org, why_not_reset
from tokenx.training.scenarios.catalogue import EMPTY
from tokenx.training.snapshots.actions import apply_snapshot


@transaction.atomic
def open_demo(*, snapshot: Snapshot, address: str) -> User:
    """Make a practice org in the snapshot's state; its owner, to be signed in.

    It counts as one that was started on the sign-in page, and resetting it goes back to
    that state. Raises LimitError, and ValidationError where the snapshot can no longer be
    read.
    """
    data = bytes(snapshot.data)
    owner = start_practice_org(scenario=EMPTY, name="", address=address)
    PracticeOrg.objects.filter(org=owner.org_id).update(scenario="")
    OpenedSnapshot.objects.create(org=owner.org, name=snapshot.name, data=data)
    apply_snapshot(data=data, by=owner)
    return owner


@transaction.atomic
def present(*, org: Org, is_on: bool, by: User) -> None:
    """Put the presenter's bar above Setup, or take it away."""
    changed = Org.objects.filter(pk=org.pk, is_presented=not is_on)
    if changed.update(is_presented=is_on):
        words = f"Turned the presenter bar {'on' if is_on else 'off'}"
        audit.record(by=by, action="changedPresenter", section="Training", display=words)


def can_be_reset(org: Org) -> bool:
    """Whether it began in a state that a page may put it back to."""
    made = PracticeOrg.objects.filter(org=org).first()
    return made is not None and not why_not_reset(made)


def begin_again(*, org: Org, by: User) -> None:
    """What a loop of the tour begins with; nothing, where the org cannot be reset."""
    if can_be_reset(org):
        reset_org(org=org, by=by)
