"""Actions on demos: open an org from a snapshot link, and turn the presenter bar on."""

from django.db import transaction

from tokenx.org import audit
from tokenx.org.models import Org, User
from tokenx.training.models import OpenedSnapshot, PracticeOrg, Snapshot
from tokenx.training.practice.actions import reset_org, start_practice_org, why_not_reset
from tokenx.training.scenarios.catalogue import EMPTY
from tokenx.training.snapshots.actions import apply_snapshot


@transaction.atomic
def open_demo(*, snapshot: Snapshot, address: str) -> User:
    """Create a practice org from a snapshot, and return its owner to be logged in.

    The org counts toward the limits of practice orgs. Resetting it restores the snapshot.
    Raise LimitError, or ValidationError if the snapshot can no longer be read.
    """
    data = bytes(snapshot.data)
    owner = start_practice_org(scenario=EMPTY, name="", address=address)
    PracticeOrg.objects.filter(org=owner.org_id).update(scenario="")
    OpenedSnapshot.objects.create(org=owner.org, name=snapshot.name, data=data)
    apply_snapshot(data=data, by=owner)
    return owner


@transaction.atomic
def present(*, org: Org, is_on: bool, by: User) -> None:
    """Show or hide the presenter bar above Setup."""
    changed = Org.objects.filter(pk=org.pk, is_presented=not is_on)
    if changed.update(is_presented=is_on):
        display = f"Turned the presenter bar {'on' if is_on else 'off'}"
        audit.record(by=by, action="changedPresenter", section="Training", display=display)


def can_be_reset(org: Org) -> bool:
    """Return whether the org has an initial state that it can be reset to."""
    practice = PracticeOrg.objects.filter(org=org).first()
    return practice is not None and not why_not_reset(practice)


def reset_for_loop(*, org: Org, by: User) -> None:
    """Reset the org at the start of a tour loop, if it can be reset."""
    if can_be_reset(org):
        reset_org(org=org, by=by)
