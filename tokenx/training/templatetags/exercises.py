"""What the exercise panel needs on every page of Setup."""

import json
from typing import Any

from django import template
from django.template.context import RequestContext

from tokenx.training.exercises.panel import Panel, panel_of

register = template.Library()


@register.simple_tag(takes_context=True)
def exercise_panel(context: RequestContext) -> Panel | None:
    return panel_of(context["request"])


@register.filter
def as_json(value: Any) -> str:
    """For an attribute; the template escapes it."""
    return json.dumps(value) if value else ""
