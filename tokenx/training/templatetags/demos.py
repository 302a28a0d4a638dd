"""Template tags of the presenter bar and the tour bar, used on all pages."""

from typing import Any

from django import template

from tokenx.org.permissions import can_change_setup
from tokenx.training.demos.steps import SLUGS, STEPS, neighbors
from tokenx.training.models import PracticeOrg
from tokenx.training.practice.actions import original_state

register = template.Library()


@register.simple_tag(takes_context=True)
def presenter(context: dict[str, Any]) -> dict[str, Any] | None:
    """Return the presenter bar's values, or None for users with view-only access."""
    request = context["request"]
    if not can_change_setup(request.user):
        return None
    practice = PracticeOrg.objects.filter(org=request.org).first()
    label, _ = original_state(practice) if practice else ("", "")
    return {
        "state": label or request.org.name,
        "is_practice_org": practice is not None,
        "steps": STEPS.values(),
    }


@register.simple_tag(takes_context=True)
def tour_stop(context: dict[str, Any]) -> dict[str, Any] | None:
    """Return the page's step in the tour, or None outside the tour."""
    request = context["request"]
    step = STEPS.get(request.GET.get("tour", ""))
    if step is None or not can_change_setup(request.user):
        return None
    before, after = neighbors(step.slug)
    return {
        "step": step,
        "number": SLUGS.index(step.slug) + 1,
        "of": len(SLUGS),
        "before": before,
        "after": after,
        "is_last": step.slug == SLUGS[-1],
    }
