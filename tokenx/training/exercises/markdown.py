"""Markdown as HTML that may stand in a page: without anything of its own that runs."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# CommonMark, where HTML is text. Pictures would have to come from somewhere.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def _fence(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Code that is wider than the page scrolls, by keyboard as well."""
    written = RendererHTML.fence(renderer, tokens, place, options, env)
    return written.replace("<pre>", '<pre class="code" tabindex="0">', 1)


_MARKDOWN.add_render_rule("fence", _fence)


def html(markdown: str) -> SafeString:
    # The library escapes all text, and knows no HTML.
    return mark_safe(_MARKDOWN.render(markdown.strip()))  # noqa: S308


def inline_html(markdown: str) -> SafeString:
    """A single paragraph, without its tags."""
    return mark_safe(_MARKDOWN.renderInline(markdown.strip()))  # noqa: S308
