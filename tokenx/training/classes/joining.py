"""Joining a class with a code and a name, without an account.

The session keeps a browser in the class. In another browser, participants use their
personal link. It's signed and contains the participant's key, so it stops working when
the participant is deleted.
"""

from datetime import timedelta

from django.contrib.auth import login
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tokenx.org import login_throttle
from tokenx.org.expiry import PRACTICE_LASTS
from tokenx.org.forms import in_words
from tokenx.org.models import User
from tokenx.training.exercises import find_exercise, paths
from tokenx.training.exercises.actions import start_exercise
from tokenx.training.models import COME_BACK_SALT, Classroom, Participant
from tokenx.training.practice.actions import LimitError, start_practice_org
from tokenx.training.scenarios.catalogue import ScenarioError

from .actions import CODE_LENGTH, ENDED, owner_of

MOST = 300
NAME_LENGTH = 60
UNKNOWN = "We couldn't find a class with this code. Ask your trainer for the code."
SCENARIO_GONE = "This class's scenario is no longer available. Ask your trainer."
FULL = f"This class is full. It already has {MOST} participants."
# The session key for the org and the key of a participant.
SESSION_KEY = "participant"


def classroom_of_code(code: str, address: str) -> Classroom:
    """Find a class by its code. Incorrect codes throttle the address.

    Raise ValidationError, by field, for an unknown code or an ended class.
    """
    if wait := login_throttle.begin_code(address):
        raise ValidationError(
            {"code": f"Too many incorrect codes. Wait {in_words(wait)} and try again."}
        )
    classroom = Classroom.objects.filter(code=clean_code(code)).first()
    if classroom is None:
        raise ValidationError({"code": UNKNOWN})
    login_throttle.succeed_code(address)
    if not classroom.is_open:
        raise ValidationError({"code": ENDED})
    return classroom


def clean_code(text: str) -> str:
    """Normalize a code that was entered in lowercase or in groups."""
    code = "".join(filter(str.isalnum, text)).upper()
    return code if len(code) == CODE_LENGTH else ""


def join_class(*, classroom: Classroom, name: str) -> Participant:
    """Add a participant to the class, with an org of its scenario.

    Reserve the place in a short transaction so that building the org doesn't block others.
    Raise ValidationError if the class is full or has ended, or if the org can't be built.
    """
    participant = _reserve_place(classroom, name)
    try:
        with transaction.atomic():
            owner = start_practice_org(
                scenario=classroom.scenario,
                name=participant.name,
                classroom_name=classroom.name,
            )
            _prepare_org(owner, classroom)
            participant.practice_org = owner.org
            participant.save(update_fields=["practice_org"])
    except Exception as error:
        participant.delete()
        if isinstance(error, LimitError):
            raise ValidationError(str(error)) from error
        if isinstance(error, ScenarioError):
            raise ValidationError(SCENARIO_GONE) from error
        raise
    return participant


@transaction.atomic
def _reserve_place(classroom: Classroom, name: str) -> Participant:
    rows = Classroom.objects.select_for_update(no_key=True)
    locked = rows.filter(org=classroom.org_id, pk=classroom.pk).first()
    if locked is None or not locked.is_open:
        raise ValidationError(ENDED)
    others = locked.participants.filter(org=locked.org_id)
    names = set(others.values_list("name", flat=True))
    if others.count() >= MOST:
        raise ValidationError(FULL)
    return Participant.objects.create(
        org_id=locked.org_id, classroom=locked, name=unique_name(name, names)
    )


def _prepare_org(owner: User, classroom: Classroom) -> None:
    """Start the first exercise, and keep the org for some time after the class ends."""
    org = owner.org
    org.expires_at = classroom.ends_at + PRACTICE_LASTS
    org.save(update_fields=["expires_at"])
    path = paths().get(classroom.path)
    first = find_exercise(path.exercises[0]) if path and path.exercises else None
    if first:
        start_exercise(org=org, exercise=first, by=owner)


def unique_name(name: str, taken: set[str]) -> str:
    """Add a number to a name that is taken: Ada (2)."""
    others = {other.casefold() for other in taken}
    number, unique = 1, name
    while unique.casefold() in others:
        number += 1
        unique = f"{name} ({number})"
    return unique


def participant_of_token(token: str) -> Participant | None:
    """Return the participant of a personal link, or None if it isn't valid anymore."""
    try:
        return _find_participant(signing.Signer(salt=COME_BACK_SALT).unsign_object(token))
    except signing.BadSignature:
        return None


def participant_of(request: HttpRequest) -> Participant | None:
    """Return the participant of this session if the user is still in their org."""
    participant = _find_participant(request.session.get(SESSION_KEY))
    user = request.user
    if participant is None or not user.is_authenticated:
        return None
    return participant if participant.practice_org_id == user.org_id else None


def log_in_participant(request: HttpRequest, participant: Participant) -> bool:
    """Log the participant in to their org, unless it was deleted or the class ended."""
    owner = owner_of(participant)
    if owner is None or not participant.classroom.is_open:
        return False
    login(request, owner)
    request.session[SESSION_KEY] = [participant.org_id, participant.pk]
    left = participant.classroom.ends_at - timezone.now()
    request.session.set_expiry(max(left, timedelta(hours=1)))
    return True


def _find_participant(keys: object) -> Participant | None:
    match keys:
        case [int(org_id), int(pk)]:
            rows = Participant.objects.select_related("classroom")
            return rows.filter(org=org_id, pk=pk).first()
    return None
