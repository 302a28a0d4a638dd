"""Template tags of the exercise panel, used on every page of Setup."""

import json
from typing import Any

from django import template
from django.template.context import RequestContext

from tokenx.training.exercises.panel import Panel, panel_of

register = template.Library()


@register.simple_tag(takes_context=True)
def exercise_panel(context: RequestContext) -> Panel | None:
    """Return the panel of the org's current exercise, if it has one."""
    return panel_of(context["request"])


@register.filter
def as_json(value: Any) -> str:
    """Convert a value to JSON for an attribute, which the template escapes."""
    return json.dumps(value) if value else ""
