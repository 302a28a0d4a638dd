"""A trainer's actions: open, end, and delete a class, and help its participants.

A class belongs to the trainer's org, and every administrator of that org can manage it.
See docs/decisions/classes.md.
"""

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import Org, User
from tokenx.training.exercises import find_exercise
from tokenx.training.exercises.actions import start_exercise
from tokenx.training.models import Classroom, Participant, PracticeOrg
from tokenx.training.names import clean_name_field
from tokenx.training.practice.actions import reset_org
from tokenx.training.scenarios.catalogue import ScenarioError

SECTION = "Training"
LONGEST = timedelta(days=90)
OPEN_AT_ONCE = 20
# Characters that can't be confused with others, read aloud or on a screen.
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 8
IN_A_CLASS = "Participants of a class can't open classes."
ENDED = "This class has ended."


def is_in_a_class(org: Org) -> bool:
    """Return whether a participant of a class works in the org."""
    return Participant.objects.filter(practice_org=org).exists()


@transaction.atomic
def open_classroom(
    *, name: str, scenario: str, path: str, ends_at: datetime, by: User
) -> Classroom:
    """Open a class that people can join until it ends.

    Raise ValidationError if the name or the end is invalid, or if the org can't have
    another class.
    """
    name = clean_name_field(name)
    org = Org.objects.locked(by.org_id)
    if is_in_a_class(org):
        raise ValidationError(IN_A_CLASS)
    # A class lasts until the end of its last day.
    left = ends_at - timezone.now()
    if left <= timedelta(0):
        raise ValidationError({"ends_on": "Enter a day in the future."})
    if left > LONGEST + timedelta(days=1):
        raise ValidationError({"ends_on": f"Enter a day in the next {LONGEST.days} days."})
    now = timezone.now()
    if Classroom.objects.filter(org=org, ends_at__gt=now).count() >= OPEN_AT_ONCE:
        raise ValidationError(
            f"You can have up to {OPEN_AT_ONCE} open classes. End one of them first."
        )
    classroom = Classroom(
        org=org, trainer=by, name=name, scenario=scenario, path=path, ends_at=ends_at
    )
    _save_with_code(classroom)
    display = f"Opened the class {name}, which ends on {ends_at:%Y-%m-%d}"
    audit.record(by=by, action="openedClass", section=SECTION, display=display)
    return classroom


def _save_with_code(classroom: Classroom) -> None:
    while True:
        classroom.code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                return classroom.save()
        except IntegrityError:  # The code is taken, which is very rare.
            continue


@transaction.atomic
def end_classroom(*, classroom: Classroom, by: User) -> None:
    """End the class now. No one can join, and the trainer can't view orgs anymore."""
    now = timezone.now()
    running = Classroom.objects.filter(org=by.org_id, pk=classroom.pk, ends_at__gt=now)
    if running.update(ends_at=now):
        display = f"Ended the class {classroom.name}"
        audit.record(by=by, action="endedClass", section=SECTION, display=display)


@transaction.atomic
def delete_classroom(*, classroom: Classroom, by: User) -> None:
    """Delete an ended class and its participants' names, but not their orgs.

    Raise ValidationError while people can still join.
    """
    if classroom.is_open:
        raise ValidationError("This class is open. End it first.")
    classroom.participants.filter(org=by.org_id).delete()
    Classroom.objects.filter(org=by.org_id, pk=classroom.pk).delete()
    display = f"Deleted the class {classroom.name}"
    audit.record(by=by, action="deletedClass", section=SECTION, display=display)


@transaction.atomic
def send_note(*, participant: Participant, text: str, by: User) -> None:
    """Show a note to the participant, replacing the previous one."""
    _require_open(participant)
    participant.note, participant.note_at = text, timezone.now()
    participant.note_read_at = None
    participant.save(update_fields=["note", "note_at", "note_read_at"])


def read_note(*, participant: Participant) -> None:
    """Mark the note as read, so that it isn't shown again."""
    unread = Participant.objects.filter(
        org=participant.org_id, pk=participant.pk, note_at=participant.note_at
    )
    unread.filter(note_read_at=None).update(note_read_at=timezone.now())


def reset_participant(*, participant: Participant, by: User) -> None:
    """Reset the participant's org to its scenario, and restart the current exercise.

    Raise ValidationError if the class has ended or the org can't be reset.
    """
    _require_open(participant)
    owner = owner_of(participant)
    if owner is None:
        raise ValidationError(f"{participant.name}'s org was deleted.")
    current = find_exercise(owner.org.exercise)
    try:
        with transaction.atomic():
            owner = reset_org(org=owner.org, by=by)
            if current:
                start_exercise(org=owner.org, exercise=current, by=owner)
    except ScenarioError as error:
        reason = "This class's scenario was deleted or is no longer valid."
        raise ValidationError(reason) from error


@transaction.atomic
def remove_participant(*, participant: Participant, by: User) -> None:
    """Remove a participant from the class. They keep their org until it expires."""
    Participant.objects.filter(org=by.org_id, pk=participant.pk).delete()
    display = f"Removed {participant.name} from the class {participant.classroom.name}"
    audit.record(by=by, action="removedFromClass", section=SECTION, display=display)


def owner_of(participant: Participant) -> User | None:
    """Return the participant's user in their org, or None if the org was deleted."""
    if participant.practice_org_id is None:
        return None
    rows = PracticeOrg.objects.select_related("owner__org")
    practice = rows.filter(org=participant.practice_org_id).first()
    return practice.owner if practice else None


def record_visit(owner: User, trainer: User, action: str, display: str) -> None:
    """Record in the participant's audit trail what the trainer did there."""
    audit.record(
        by=owner,
        action=action,
        section=SECTION,
        display=display,
        delegate=trainer.username,
    )


def _require_open(participant: Participant) -> None:
    if not participant.classroom.is_open:
        raise ValidationError(ENDED)
