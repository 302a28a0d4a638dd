"""Tags that every template has without loading them."""

from datetime import datetime
from functools import cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tokenx.web.highlighting import colour
from tokenx.web.navigation import GROUPS
from tokenx.web.template_rows import compact
from tokenx.web.xml_highlighting import colour as colour_xml

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, classes: str = "slds-button__icon") -> SafeString:
    """An icon of assets.py, by its name there. What it means is said in words beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
@cache
def constant(template_name: str) -> SafeString:
    """A part that is the same on every page and for everybody, rendered once."""
    return render_to_string(template_name)


@register.simple_tag
@cache
def setup_tree(current: str = "") -> SafeString:
    """The Setup tree, with the current node open. The same for everybody, so kept."""
    context = {"groups": GROUPS, "current": current}
    return compact(render_to_string("_setup_tree.html", context))


@register.simple_tag
def highlight_apex(body: str) -> SafeString:
    """Apex with its words, texts and comments in colours."""
    return colour(body)


@register.simple_tag
def highlight_xml(xml: str) -> SafeString:
    """XML with its tags and texts in colours."""
    return colour_xml(xml)


@register.filter
def setup_time(moment: datetime | None) -> str:
    """A moment as Setup writes it in the United States: 11/3/2026, 4:05 PM."""
    if moment is None:
        return ""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year}, {hour}:{moment.minute:02} {half}"
