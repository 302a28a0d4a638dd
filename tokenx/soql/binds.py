"""Binds: the Apex expressions in a query, such as `:ids` and `:account.Name`.

Where a bind ends, only Apex can tell. So the expressions are found first, and masked with
characters that the grammar reads as one token. Positions stay the same.
"""

import re

from .expressions import COMMENT, STRING, end_of_expression, start_of_expression
from .tree import BindExpression

# The character behind a masked bind's colon.
MASK = "\x01"
_PART = re.compile(
    rf"(?P<comment>{COMMENT})|{STRING}"
    r"|[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
    r"|\b(?:LAST|NEXT)_N_\w+\s*:\s*[+-]?[0-9]+|\bN_\w+_AGO\s*:\s*[+-]?[0-9]+"
    r"|(?P<bind>:)",
    re.DOTALL | re.IGNORECASE,
)


def mask_binds(text: str) -> tuple[str, tuple[BindExpression, ...]]:
    """Return the query with its binds masked and its comments blanked, and the binds."""
    found: list[BindExpression] = []
    parts: list[str] = []
    done = 0
    while part := _PART.search(text, done):
        parts.append(text[done : part.start()])
        end = part.end()
        if part["bind"] and (after := end_of_expression(text, end)):
            start, end = start_of_expression(text, end), after
            found.append(BindExpression(text[start:end], start))
            parts.append(":" + MASK * (end - part.start() - 1))
        elif part["bind"]:
            # The query is invalid from here on. A mask in it is no bind.
            return "".join(parts) + text[part.start() :].replace(MASK, "\0"), tuple(found)
        elif part["comment"]:
            parts.append(re.sub(r"[^\n]", " ", part.group()))
        else:
            parts.append(part.group())
        done = end
    return "".join(parts) + text[done:], tuple(found)
