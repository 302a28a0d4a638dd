"""Apex in colours, as the page of a class shows it."""

import re

from django.utils.safestring import SafeString
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, String, Text

WORDS = (
    "abstract|break|catch|class|continue|delete|do|else|enum|extends|false|final|"
    "finally|for|get|global|if|implements|insert|instanceof|interface|merge|new|"
    "null|on|override|private|protected|public|return|set|sharing|static|super|"
    "switch|testmethod|this|throw|transient|trigger|true|try|undelete|update|upsert|"
    "virtual|void|when|while|with|without"
)


class ApexLexer(RegexLexer):
    """Finds words, texts and comments, and looks at each character once.

    Pygments' lexer for Java takes minutes for some texts of 40 KB, and a class may be
    any text.
    """

    name = "Apex"
    flags = re.IGNORECASE | re.DOTALL
    tokens = {
        "root": [
            (r"/\*.*?(?:\*/|\Z)", Comment.Multiline),
            (r"//[^\n]*", Comment.Single),
            (r"'(?:\\.|[^'\\\n])*'?", String),
            (rf"(?:{WORDS})\b", Keyword),
            (r"\w+|\s+|.", Text),
        ]
    }


def colour(code: str) -> SafeString:
    """The code as HTML. Lines keep their number, empty ones at either end too."""
    return SafeString(highlight(code, ApexLexer(stripnl=False), HtmlFormatter(nowrap=True)))
