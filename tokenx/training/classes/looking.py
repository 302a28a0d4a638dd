"""A trainer looks into the org of somebody in a class, and can change nothing there.

The trainer's own session remembers whom they look at. For each request it is checked anew
that they may, and then the request is that of a Setup Viewer in the person's org: all
pages show that org as they show any, and need not know of this. The pages of the class
are always the trainer's own. docs/decisions/classes.md
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tokenx.org.models import Org, Profile, User
from tokenx.org.permissions import View, can_change_setup
from tokenx.training.models import Participant
from tokenx.web.htmx import go_to

from . import joining
from .actions import owner_of, record_visit

SESSION_KEY = "looking"
ONLY_LOOKING = "You look into the org of somebody else, and can change nothing there."


def for_trainers(view: View) -> View:
    """A page of the class itself: whoever looks into an org is their own self here."""
    view.is_for_trainers = True  # type: ignore[attr-defined]
    return view


def start_looking(request: HttpRequest, participant: Participant) -> bool:
    """From now on this session shows the person's org; False where it is gone."""
    trainer: Any = request.user
    stop_looking(request)
    owner = owner_of(participant)
    if owner is None:
        return False
    with transaction.atomic():
        display = f"{trainer.name}, who holds the class, began to look into the org"
        record_visit(owner, trainer, "beganLooking", display)
        request.session[SESSION_KEY] = participant.pk
    return True


def stop_looking(request: HttpRequest) -> Participant | None:
    """Back to the trainer's own org; whom they looked at, where there was somebody."""
    pk = request.session.pop(SESSION_KEY, None)
    trainer: Any = request.user
    if pk is None or not trainer.is_authenticated:
        return None
    rows = Participant.objects.select_related("classroom")
    participant = rows.filter(org=trainer.org_id, pk=pk).first()
    if participant and (owner := owner_of(participant)):
        display = f"{trainer.name}, who holds the class, ended looking into the org"
        record_visit(owner, trainer, "endedLooking", display)
    return participant


class ClassMiddleware:
    """Says of a request whose place in a class it is, and whom a trainer looks at."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.looking = request.trainer = request.participant = None
        if joining.SESSION_KEY in request.session:
            request.participant = SimpleLazyObject(lambda: joining.participant_of(request))
        return self.get_response(request)

    def process_view(
        self, request: Any, view: View, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if SESSION_KEY not in request.session or getattr(view, "is_for_trainers", False):
            return None
        if request.resolver_match.view_name == "org:sign-out":
            stop_looking(request)
        if getattr(view, "is_open_to_all", False):
            return None
        if not (found := _looked_at(request)):
            stop_looking(request)
            messages.warning(request, "You no longer look into that org.")
            return go_to(request, reverse("training:classroom-list"))
        request.trainer, (request.looking, request.user) = request.user, found
        changes = getattr(view, "needs_change_setup", False)
        if changes or request.method not in {"GET", "HEAD"}:
            raise PermissionDenied(ONLY_LOOKING)
        return None


def _looked_at(request: Any) -> tuple[Participant, User] | None:
    """Whom the session looks at, and as whom; nothing, where the right to it has ended.

    It takes an administrator of the org that the class belongs to, a person who is in it,
    and a class that has not ended.
    """
    trainer, pk = request.user, request.session[SESSION_KEY]
    if not trainer.is_authenticated or not can_change_setup(trainer):
        return None
    rows = Participant.objects.select_related("classroom")
    now = timezone.now()
    kept = rows.filter(org=trainer.org_id, pk=pk, classroom__ends_at__gt=now).first()
    owner = owner_of(kept) if kept else None
    if kept is None or owner is None:
        return None
    return kept, _onlooker(trainer, owner.org)


def _onlooker(trainer: User, org: Org) -> User:
    """A Setup Viewer of the org for one request. There is no such row in it, so whatever
    a page keeps for its owner, or would note as done by somebody, is not for the trainer.
    """
    return User(
        org=org,
        username=trainer.username,
        first_name=trainer.first_name,
        last_name=trainer.last_name,
        profile=Profile.SETUP_VIEWER,
    )
