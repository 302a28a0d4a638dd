"""What training puts on pages of other packages, which know nothing of it."""

from typing import Any

from django import template
from django.urls import reverse

from tokenx.org.login_throttle import address_of
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import original_state, personal_token
from tokenx.training.practice.forms import StartPracticeOrgForm
from tokenx.training.sign_up import is_sign_up_open

register = template.Library()


@register.simple_tag(takes_context=True)
def start_practice_org_form(context: dict[str, Any]) -> StartPracticeOrgForm | None:
    """The form for it, where practice orgs are started on this server."""
    if not is_sign_up_open():
        return None
    return StartPracticeOrgForm(address=address_of(context["request"]))


@register.simple_tag(takes_context=True)
def practice_org(context: dict[str, Any]) -> dict[str, Any] | None:
    """What the card about the org says; nothing, where it is made of nothing."""
    request = context["request"]
    practice = PracticeOrg.objects.filter(org=request.org).first()
    if practice is None:
        return None
    # Others who look at the org have no use for what signs its owner in.
    is_own = practice.owner_id == request.user.pk and request.org.expires_at
    label, description = original_state(practice)
    path = reverse("training:open-practice-org", args=[personal_token(practice)])
    return {
        "label": label,
        "description": description,
        "expires_at": request.org.expires_at,
        "link": request.build_absolute_uri(path) if is_own else "",
    }
