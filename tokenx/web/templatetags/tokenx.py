"""Template tags that need no {% load %}."""

from datetime import datetime
from functools import cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tokenx.web import highlighting
from tokenx.web.navigation import GROUPS
from tokenx.web.template_rows import compact
from tokenx.web.text import count_of

register = template.Library()
register.filter(count_of)


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
def setup_time(moment: datetime | None) -> str:
    """Format a time as Setup does in the United States: 11/3/2026, 4:05 PM."""
    if moment is None:
        return ""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year}, {hour}:{moment.minute:02} {half}"
