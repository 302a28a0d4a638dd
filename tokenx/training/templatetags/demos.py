"""What demos put on pages of other packages: the presenter's bar, and that of the tour."""

from typing import Any

from django import template

from tokenx.org.permissions import can_change_setup
from tokenx.training.demos.steps import SLUGS, STEPS, neighbours
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import original_state

register = template.Library()


@register.simple_tag(takes_context=True)
def presenter(context: dict[str, Any]) -> dict[str, Any] | None:
    """What the presenter's bar shows; nothing for who may only look."""
    request = context["request"]
    if not can_change_setup(request.user):
        return None
    made = PracticeOrg.objects.filter(org=request.org).first()
    label, _ = original_state(made) if made else ("", "")
    return {
        "state": label or request.org.name,
        "is_made": made is not None,
        "steps": STEPS.values(),
    }


@register.simple_tag(takes_context=True)
def tour_stop(context: dict[str, Any]) -> dict[str, Any] | None:
    """Where in the tour a page is; nothing, where it is in none."""
    request = context["request"]
    step = STEPS.get(request.GET.get("tour", ""))
    if step is None or not can_change_setup(request.user):
        return None
    before, after = neighbours(step.slug)
    return {
        "step": step,
        "number": SLUGS.index(step.slug) + 1,
        "of": len(SLUGS),
        "before": before,
        "after": after,
        "is_last": step.slug == SLUGS[-1],
    }
