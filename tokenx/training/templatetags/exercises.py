"""Template tags of exercises: the panel on every page of Setup, and Setup Home's card."""

import json
from typing import Any

from django import template
from django.template.context import RequestContext

from tokenx.training.exercises.next_exercise import NextExercise, next_exercise
from tokenx.training.exercises.panel import Panel, panel_of

register = template.Library()


@register.simple_tag(takes_context=True)
def exercise_panel(context: RequestContext) -> Panel | None:
    """Return the panel of the org's current exercise, if it has one."""
    return panel_of(context["request"])


@register.simple_tag(takes_context=True, name="next_exercise")
def next_exercise_of_org(context: RequestContext) -> NextExercise:
    """Return the exercise that Setup Home offers."""
    return next_exercise(context["request"].org)


@register.filter
def as_json(value: Any) -> str:
    """Convert a value to JSON for an attribute, which the template escapes."""
    return json.dumps(value) if value else ""
