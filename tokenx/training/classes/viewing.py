"""Read-only access of a trainer to a participant's org.

The trainer's session holds the participant's key. Each request checks the trainer's rights
again, and then runs as a Setup Viewer in the participant's org. Pages show that org without
special code. Class pages always use the trainer's own org. See docs/decisions/classes.md.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tokenx.org.models import BuiltInProfile, Org, Profile, User
from tokenx.org.permissions import View, can_change_setup
from tokenx.training.models import Participant
from tokenx.web.htmx import go_to

from . import joining
from .actions import owner_of, record_visit

SESSION_KEY = "looking"
READ_ONLY = "You're viewing a participant's org, which is read-only."


def for_trainers(view: View) -> View:
    """Mark a view as a class page, where trainers always act as themselves."""
    view.is_for_trainers = True  # type: ignore[attr-defined]
    return view


def start_viewing(request: HttpRequest, participant: Participant) -> bool:
    """Show the participant's org in this session. Return False if it was deleted."""
    trainer: Any = request.user
    stop_viewing(request)
    owner = owner_of(participant)
    if owner is None:
        return False
    with transaction.atomic():
        display = f"{trainer.name}, the trainer of the class, started viewing the org"
        record_visit(owner, trainer, "beganLooking", display)
        request.session[SESSION_KEY] = participant.pk
    return True


def stop_viewing(request: HttpRequest) -> Participant | None:
    """Return to the trainer's own org. Return the participant who was viewed, if any."""
    pk = request.session.pop(SESSION_KEY, None)
    trainer: Any = request.user
    if pk is None or not trainer.is_authenticated:
        return None
    rows = Participant.objects.select_related("classroom")
    participant = rows.filter(org=trainer.org_id, pk=pk).first()
    if participant and (owner := owner_of(participant)):
        display = f"{trainer.name}, the trainer of the class, stopped viewing the org"
        record_visit(owner, trainer, "endedLooking", display)
    return participant


class ClassMiddleware:
    """Add the participant, the trainer, and the viewed participant to a request."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.viewed_participant = request.trainer = request.participant = None
        if joining.SESSION_KEY in request.session:
            request.participant = SimpleLazyObject(lambda: joining.participant_of(request))
        return self.get_response(request)

    def process_view(
        self, request: Any, view: View, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if SESSION_KEY not in request.session or getattr(view, "is_for_trainers", False):
            return None
        if request.resolver_match.view_name == "org:sign-out":
            stop_viewing(request)
        if getattr(view, "is_open_to_all", False):
            return None
        if not (viewed := _viewed_participant(request)):
            stop_viewing(request)
            messages.warning(request, "You can no longer view that org.")
            return go_to(request, reverse("training:classroom-list"))
        request.trainer = request.user
        request.viewed_participant, request.user = viewed
        changes = getattr(view, "needs_change_setup", False)
        if changes or request.method not in {"GET", "HEAD"}:
            raise PermissionDenied(READ_ONLY)
        return None


def _viewed_participant(request: Any) -> tuple[Participant, User] | None:
    """Return the viewed participant and the viewer, or None without the right to view.

    The trainer must be an administrator of the class's org, the participant must still be
    in the class, and the class must be open.
    """
    trainer, pk = request.user, request.session[SESSION_KEY]
    if not trainer.is_authenticated or not can_change_setup(trainer):
        return None
    rows = Participant.objects.select_related("classroom")
    now = timezone.now()
    participant = rows.filter(org=trainer.org_id, pk=pk, classroom__ends_at__gt=now).first()
    owner = owner_of(participant) if participant else None
    if participant is None or owner is None:
        return None
    return participant, _viewer(trainer, owner.org)


def _viewer(trainer: User, org: Org) -> User:
    """Create a Setup Viewer of the org for one request.

    The user isn't in the database, so pages show nothing personal of the org's owner, and
    can't store anything in the viewer's name.
    """
    kind = BuiltInProfile.SETUP_VIEWER
    return User(
        org=org,
        username=trainer.username,
        first_name=trainer.first_name,
        last_name=trainer.last_name,
        profile=Profile(org=org, kind=kind, name=kind.label),
        time_zone=trainer.time_zone,
        locale=trainer.locale,
        theme=trainer.theme,
        look=trainer.look,
    )
