"""What a trainer does with a class: open, end and delete it, and look after its people.

It belongs to the trainer's org, and every administrator of that org looks after it.
docs/decisions/classes.md
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
# Letters and digits that nobody takes for another one, read aloud or from a screen.
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 8
IN_A_CLASS = "This org is for practice in a class, and opens none itself."
ENDED = "This class has ended."


def is_in_a_class(org: Org) -> bool:
    """Whether somebody in a class works in the org."""
    return Participant.objects.filter(practice_org=org).exists()


@transaction.atomic
def open_classroom(
    *, name: str, scenario: str, path: str, ends_at: datetime, by: User
) -> Classroom:
    """Open a class that people can join until it ends.

    Raises ValidationError where the name cannot be read, the time is none, or the org
    cannot have another class.
    """
    name = clean_name_field(name)
    org = Org.objects.locked(by.org_id)
    if is_in_a_class(org):
        raise ValidationError(IN_A_CLASS)
    # To the end of its last day.
    left = ends_at - timezone.now()
    if left <= timedelta(0):
        raise ValidationError({"ends_on": "This day has passed."})
    if left > LONGEST + timedelta(days=1):
        raise ValidationError({"ends_on": f"A class lasts up to {LONGEST.days} days."})
    now = timezone.now()
    if Classroom.objects.filter(org=org, ends_at__gt=now).count() >= OPEN_AT_ONCE:
        raise ValidationError(f"{OPEN_AT_ONCE} classes are open. End one of them first.")
    made = Classroom(
        org=org, trainer=by, name=name, scenario=scenario, path=path, ends_at=ends_at
    )
    _save_with_code(made)
    display = f"Opened the class {name}, which ends on {ends_at:%Y-%m-%d}"
    audit.record(by=by, action="openedClass", section=SECTION, display=display)
    return made


def _save_with_code(made: Classroom) -> None:
    while True:
        made.code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                return made.save()
        except IntegrityError:  # One of a hundred thousand million is taken.
            continue


@transaction.atomic
def end_classroom(*, classroom: Classroom, by: User) -> None:
    """End the class now. Nobody joins any more, and its trainer looks into no org."""
    now = timezone.now()
    running = Classroom.objects.filter(org=by.org_id, pk=classroom.pk, ends_at__gt=now)
    if running.update(ends_at=now):
        display = f"Ended the class {classroom.name}"
        audit.record(by=by, action="endedClass", section=SECTION, display=display)


@transaction.atomic
def delete_classroom(*, classroom: Classroom, by: User) -> None:
    """Forget an ended class, and the names in it. People's orgs stay until they expire.

    Raises ValidationError while people can still join it.
    """
    if classroom.is_open:
        raise ValidationError("This class is open. End it first.")
    classroom.participants.filter(org=by.org_id).delete()
    Classroom.objects.filter(org=by.org_id, pk=classroom.pk).delete()
    display = f"Deleted the class {classroom.name}"
    audit.record(by=by, action="deletedClass", section=SECTION, display=display)


@transaction.atomic
def send_note(*, participant: Participant, text: str, by: User) -> None:
    """Put a note where the person sees it. It takes the place of the one before."""
    _must_be_open(participant)
    participant.note, participant.note_at = text, timezone.now()
    participant.note_read_at = None
    participant.save(update_fields=["note", "note_at", "note_read_at"])


def read_note(*, participant: Participant) -> None:
    """The person has read it: it is not shown again."""
    unread = Participant.objects.filter(
        org=participant.org_id, pk=participant.pk, note_at=participant.note_at
    )
    unread.filter(note_read_at=None).update(note_read_at=timezone.now())


def reset_participant(*, participant: Participant, by: User) -> None:
    """Put the person's org back to its scenario; the exercise that is open begins anew.

    Raises ValidationError where the class has ended, or the org cannot be put back.
    """
    _must_be_open(participant)
    owner = owner_of(participant)
    if owner is None:
        raise ValidationError(f"The org of {participant.name} is gone.")
    current = find_exercise(owner.org.exercise)
    try:
        with transaction.atomic():
            owner = reset_org(org=owner.org, by=by)
            if current:
                start_exercise(org=owner.org, exercise=current, by=owner)
    except ScenarioError as error:
        reason = "The scenario of this class has gone, or is wrong now."
        raise ValidationError(reason) from error


@transaction.atomic
def remove_participant(*, participant: Participant, by: User) -> None:
    """Take a person out of the class. The org stays theirs until it expires."""
    Participant.objects.filter(org=by.org_id, pk=participant.pk).delete()
    display = f"Removed {participant.name} from the class {participant.classroom.name}"
    audit.record(by=by, action="removedFromClass", section=SECTION, display=display)


def owner_of(participant: Participant) -> User | None:
    """Whoever the person is in their org; nobody, where the org is gone."""
    if participant.practice_org_id is None:
        return None
    rows = PracticeOrg.objects.select_related("owner__org")
    found = rows.filter(org=participant.practice_org_id).first()
    return found.owner if found else None


def record_visit(owner: User, trainer: User, action: str, display: str) -> None:
    """Note in the person's own org what the trainer did there."""
    audit.record(
        by=owner,
        action=action,
        section=SECTION,
        display=display,
        delegate=trainer.username,
    )


def _must_be_open(participant: Participant) -> None:
    if not participant.classroom.is_open:
        raise ValidationError(ENDED)
