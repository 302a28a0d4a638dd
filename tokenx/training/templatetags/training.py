"""Template tags for pages of other packages, which don't import training."""

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
    """Return the form if people can start practice orgs on this server."""
    if not is_sign_up_open():
        return None
    return StartPracticeOrgForm(address=address_of(context["request"]))


@register.simple_tag(takes_context=True)
def practice_org(context: dict[str, Any]) -> dict[str, Any] | None:
    """Return the contents of the practice org's card, or None in other orgs."""
    request = context["request"]
    practice = PracticeOrg.objects.filter(org=request.org).first()
    if practice is None:
        return None
    # The personal link logs in as the owner, so only the owner sees it.
    is_own = practice.owner_id == request.user.pk and request.org.expires_at
    label, description = original_state(practice)
    path = reverse("training:open-practice-org", args=[personal_token(practice)])
    return {
        "label": label,
        "description": description,
        "expires_at": request.org.expires_at,
        "link": request.build_absolute_uri(path) if is_own else "",
    }
