"""Safe conversion of Markdown to HTML."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# CommonMark, with HTML shown as text and without images, which have no source here.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def _render_fence(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Make wide code scrollable by keyboard."""
    fence = RendererHTML.fence(renderer, tokens, index, options, env)
    return fence.replace("<pre>", '<pre class="code" tabindex="0">', 1)


_MARKDOWN.add_render_rule("fence", _render_fence)


def html(markdown: str) -> SafeString:
    """Render Markdown as HTML."""
    # The library escapes all text and renders no HTML of its own.
    return mark_safe(_MARKDOWN.render(markdown.strip()))  # noqa: S308


def inline_html(markdown: str) -> SafeString:
    """Render a single paragraph without its tags."""
    return mark_safe(_MARKDOWN.renderInline(markdown.strip()))  # noqa: S308
