"""Syntax highlighting for Apex and XML."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, String, Text

KEYWORDS = (
    "abstract|break|catch|class|continue|delete|do|else|enum|extends|false|final|"
    "finally|for|get|global|if|implements|insert|instanceof|interface|merge|new|"
    "null|on|override|private|protected|public|return|set|sharing|static|super|"
    "switch|testmethod|this|throw|transient|trigger|true|try|undelete|update|upsert|"
    "virtual|void|when|while|with|without"
)

# A tag or a declaration; everything between two of them is text.
_XML_TAG = re.compile(r"<[^<>]*>")


class ApexLexer(RegexLexer):
    """A lexer for keywords, strings, and comments that reads each character once.

    Pygments' Java lexer takes minutes for some input of 40 KB, and a class body can be any
    text.
    """

    name = "Apex"
    flags = re.IGNORECASE | re.DOTALL
    tokens = {
        "root": [
            (r"/\*.*?(?:\*/|\Z)", Comment.Multiline),
            (r"//[^\n]*", Comment.Single),
            (r"'(?:\\.|[^'\\\n])*'?", String),
            (rf"(?:{KEYWORDS})\b", Keyword),
            (r"\w+|\s+|.", Text),
        ]
    }


def highlight_apex(code: str) -> SafeString:
    """Return Apex as HTML. Line numbers stay the same, with empty lines at either end."""
    return SafeString(highlight(code, ApexLexer(stripnl=False), HtmlFormatter(nowrap=True)))


def highlight_apex_lines(code: str) -> list[SafeString]:
    """Return the lines of Apex as HTML, with their line breaks."""
    lines = highlight_apex(code).split("\n")[:-1]
    return [SafeString(f"{line}\n") for line in lines]


def highlight_xml(xml: str) -> SafeString:
    """Return XML that we wrote as HTML, with tags and text in different colors."""
    parts, end = [], 0
    for tag in _XML_TAG.finditer(xml):
        parts.append(_xml_text(xml[end : tag.start()]))
        kind = "c1" if tag[0].startswith("<?") else "k"
        parts.append(f'<span class="{kind}">{escape(tag[0])}</span>')
        end = tag.end()
    return SafeString("".join([*parts, _xml_text(xml[end:])]))


def _xml_text(text: str) -> str:
    return f'<span class="s">{escape(text)}</span>' if text.strip() else escape(text)
