"""Joining a class: with its code and a name, without an account, into an org of one's own.

A browser stays in the class by its session. Another one comes in by the personal link,
which is signed and names the row of the person: where the row is gone, so is the way in.
"""

from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth import login
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tokenx.org import login_throttle as attempts
from tokenx.org.forms import in_words
from tokenx.org.models import User
from tokenx.org.permissions import PRACTICE_LASTS
from tokenx.training.exercises import find_exercise, paths
from tokenx.training.exercises.actions import start_exercise
from tokenx.training.models import COME_BACK_SALT, Classroom, Participant
from tokenx.training.practice.actions import LimitError, start_practice_org
from tokenx.training.scenarios.catalogue import ScenarioError

from .actions import CODE_LENGTH, ENDED, owner_of

MOST = 300
NAME_LENGTH = 60
UNKNOWN = "No class has this code. Ask your trainer for it."
SCENARIO_GONE = "What the orgs of this class are made from has gone. Tell your trainer."
FULL = f"This class is full: {MOST} people are in it."
# Where the session says whom it belongs to: the org and the key of a participant.
SESSION_KEY = "participant"


class Joined(NamedTuple):
    participant: Participant
    owner: User


def classroom_of_code(code: str, address: str) -> Classroom:
    """The class with the code. Wrong ones make the next try from the address wait.

    Raises ValidationError, by field, for a code that is none, and for an ended class.
    """
    if wait := attempts.begin_code(address):
        raise ValidationError(
            {"code": f"Too many codes were wrong. Wait {in_words(wait)}, and try again."}
        )
    found = Classroom.objects.filter(code=clean_code(code)).first()
    if found is None:
        raise ValidationError({"code": UNKNOWN})
    attempts.succeed_code(address)
    if not found.is_open:
        raise ValidationError({"code": ENDED})
    return found


def clean_code(typed: str) -> str:
    """Letters and digits only: people type it in small letters, and in groups."""
    kept = "".join(filter(str.isalnum, typed)).upper()
    return kept if len(kept) == CODE_LENGTH else ""


def join_class(*, classroom: Classroom, name: str) -> Joined:
    """Give somebody a place in the class, and an org made from its scenario.

    The place is taken first, and quickly: whoever else joins does not wait for the org.
    Raises ValidationError where the class is full or has ended, or no org can be made.
    """
    participant = _take_place(classroom, name)
    try:
        with transaction.atomic():
            owner = start_practice_org(
                scenario=classroom.scenario,
                name=participant.name,
                classroom_name=classroom.name,
            )
            _prepare(owner, classroom)
            participant.practice_org = owner.org
            participant.save(update_fields=["practice_org"])
    except Exception as error:
        participant.delete()
        if isinstance(error, LimitError):
            raise ValidationError(str(error)) from error
        if isinstance(error, ScenarioError):
            raise ValidationError(SCENARIO_GONE) from error
        raise
    return Joined(participant, owner)


@transaction.atomic
def _take_place(classroom: Classroom, name: str) -> Participant:
    rows = Classroom.objects.select_for_update(no_key=True)
    locked = rows.filter(org=classroom.org_id, pk=classroom.pk).first()
    if locked is None or not locked.is_open:
        raise ValidationError(ENDED)
    people = locked.participants.filter(org=locked.org_id)
    names = set(people.values_list("name", flat=True))
    if people.count() >= MOST:
        raise ValidationError(FULL)
    return Participant.objects.create(
        org_id=locked.org_id, classroom=locked, name=told_apart(name, names)
    )


def _prepare(owner: User, classroom: Classroom) -> None:
    """The first exercise is open, and the org outlasts the class."""
    org = owner.org
    org.expires_at = classroom.ends_at + PRACTICE_LASTS
    org.save(update_fields=["expires_at"])
    path = paths().get(classroom.path)
    first = find_exercise(path.exercises[0]) if path and path.exercises else None
    if first:
        start_exercise(org=org, exercise=first, by=owner)


def told_apart(name: str, taken: set[str]) -> str:
    """The name, with a number where somebody has it already: Ada (2)."""
    others = {each.casefold() for each in taken}
    number, free = 1, name
    while free.casefold() in others:
        number += 1
        free = f"{name} ({number})"
    return free


def participant_of_token(token: str) -> Participant | None:
    """Whose personal link it is; nobody's, if it is none of ours or they were removed."""
    try:
        return _participant(signing.Signer(salt=COME_BACK_SALT).unsign_object(token))
    except signing.BadSignature:
        return None


def participant_of(request: HttpRequest) -> Participant | None:
    """Who works in this browser; nobody, where it is somebody else's org by now."""
    found = _participant(request.session.get(SESSION_KEY))
    user = request.user
    if found is None or not user.is_authenticated:
        return None
    return found if found.practice_org_id == user.org_id else None


def come_in(request: HttpRequest, participant: Participant) -> bool:
    """Sign the person in to their own org; False where it is gone, or the class ended."""
    owner = owner_of(participant)
    if owner is None or not participant.classroom.is_open:
        return False
    login(request, owner)
    request.session[SESSION_KEY] = [participant.org_id, participant.pk]
    left = participant.classroom.ends_at - timezone.now()
    request.session.set_expiry(max(left, timedelta(hours=1)))
    return True


def _participant(keys: object) -> Participant | None:
    match keys:
        case [int(org_id), int(pk)]:
            rows = Participant.objects.select_related("classroom")
            return rows.filter(org=org_id, pk=pk).first()
    return None
