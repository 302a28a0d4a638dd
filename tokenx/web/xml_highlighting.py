"""XML in colours, as the page of a handler's metadata shows it."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString

# A tag or a declaration. What is between two of them is a text.
_TAG = re.compile(r"<[^<>]*>")


def colour(xml: str) -> SafeString:
    """XML that we wrote, as HTML: its tags in one colour, its texts in another."""
    parts, end = [], 0
    for found in _TAG.finditer(xml):
        parts.append(_text(xml[end : found.start()]))
        kind = "c1" if found[0].startswith("<?") else "k"
        parts.append(f'<span class="{kind}">{escape(found[0])}</span>')
        end = found.end()
    return SafeString("".join([*parts, _text(xml[end:])]))


def _text(text: str) -> str:
    return f'<span class="s">{escape(text)}</span>' if text.strip() else escape(text)
