"""Template tags that need no {% load %}."""

from functools import cache

from django import template
from django.forms import BoundField, Form
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tokenx.web import highlighting
from tokenx.web.display import display_attributes
from tokenx.web.local_formats import (
    date_html,
    format_number,
    format_size,
    time_html,
    zone_label,
)
from tokenx.web.navigation import GROUPS
from tokenx.web.places import place_of
from tokenx.web.template_rows import compact
from tokenx.web.text import count_of, is_right_to_left

register = template.Library()
register.simple_tag(display_attributes, takes_context=True)
register.filter(count_of)
register.simple_tag(place_of)
register.filter("setup_date", date_html)
register.filter("setup_number", format_number)
register.filter("setup_size", format_size)
register.filter("setup_time", time_html)
register.simple_tag(zone_label)


@register.filter
def invalid_fields(form: Form) -> list[BoundField]:
    """Return the visible fields that have errors, in the order of the form."""
    return [field for field in form.visible_fields() if field.errors]


@register.simple_tag
@cache
def icon(name: str, classes: str = "slds-button__icon") -> SafeString:
    """Render an icon of assets.py by its name. Text next to it says what it means."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
@cache
def constant(template_name: str) -> SafeString:
    """Render a part once that's the same on every page and for every user."""
    return render_to_string(template_name)


@register.simple_tag
@cache
def setup_tree(current: str = "") -> SafeString:
    """Render the Setup tree with the current node open; cached for all users."""
    context = {"groups": GROUPS, "current": current}
    return compact(render_to_string("_setup_tree.html", context))


@register.simple_tag
def url_with_query(view_name: str, *args: object, **query: object) -> str:
    """Return a view's URL with a query string."""
    return reverse(view_name, args=args, query=query)


@register.simple_tag
def highlight_apex(body: str) -> SafeString:
    """Highlight Apex."""
    return highlighting.highlight_apex(body)


@register.simple_tag
def highlight_xml(xml: str) -> SafeString:
    """Highlight XML."""
    return highlighting.highlight_xml(xml)


@register.filter
def split(text: str) -> list[str]:
    """Split a text at commas."""
    return [part.strip() for part in text.split(",")]


@register.filter
def isolate(value: object) -> str:
    """Return typed text for a sentence, where right-to-left text keeps its direction."""
    text = str(value)
    return format_html("<bdi>{}</bdi>", text) if is_right_to_left(text) else text
