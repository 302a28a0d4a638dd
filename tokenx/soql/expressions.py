"""The extent of an Apex expression in a query, without parsing it.

An operand is a literal, a name, a `new`, or something in brackets, with its members, calls,
and indexes. Operands and operators alternate; SOQL's keywords are neither.
"""

import re

STRING = r"'''.*?'''|'(?:[^'\\]|\\.)*'?"
COMMENT = r"/\*.*?(?:\*/|\Z)|//[^\n]*"
_SPACE = rf"(?:\s|{COMMENT})*+"
_SIMPLE = rf"{STRING}|[0-9]+(?:\.[0-9]+)?[a-z]?|[a-z_]\w*"
# A clause of SOQL ends an expression in parentheses; any other word makes it a cast.
_CLAUSE = r"ALL\s+ROWS|AND|FOR|GROUP\s+BY|HAVING|LIMIT|OFFSET|OR|ORDER\s+BY|UPDATE|WITH"
_OPERATORS = r">>>|<<|>>|[=!]==|[=!<>]=|&&|\|\||\?\?|[+\-*/%&|^<>?:]|instanceof\b"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)


_SIGNS = _compiled(rf"(?:{_SPACE}(?:\+\+|--|[-+!~]))*+{_SPACE}")
_OPERAND = _compiled(
    rf"(?P<open>[(\[])|new{_SPACE}[a-z_][\w.]*(?P<generic>\s*<)?|{_SIMPLE}"
)
_CAST = _compiled(rf"{_SPACE}(?!(?:{_CLAUSE})\b)(?:\(|{_SIMPLE})")
_PART = _compiled(rf"{_SPACE}(?:\??\.{_SPACE}[a-z_]\w*|\+\+|--|(?P<open>[(\[{{]))")
_OPERATOR = _compiled(rf"{_SPACE}(?:{_OPERATORS})")
_BRACKETS = _compiled(rf"{COMMENT}|{STRING}|[()\[\]{{}}]")
_ANGLES = re.compile("[<>]")


def start_of_expression(text: str, at: int) -> int:
    """Return the index of the first character that is neither a space nor a comment."""
    spaces = re.compile(_SPACE, re.DOTALL).match(text, at)
    return spaces.end() if spaces else at


def end_of_expression(text: str, at: int) -> int | None:
    """Return the index after the Apex expression that begins here, or None."""
    end = None
    while (operand := _operand(text, at)) is not None:
        end = operand
        operator = _OPERATOR.match(text, end)
        if not operator:
            break
        at = operator.end()
    return end


def _operand(text: str, at: int) -> int | None:
    """Return the index after an operand with its casts and signs, or None."""
    while True:
        signs = _SIGNS.match(text, at)
        operand = _OPERAND.match(text, signs.end() if signs else at)
        if not operand:
            return None
        end: int | None = operand.end()
        if operand["generic"]:
            end = _closing(text, operand.end() - 1, _ANGLES, "<", ">")
        elif operand["open"]:
            end = _closing(text, operand.end() - 1)
            if end and operand["open"] == "(" and _CAST.match(text, end):
                at = end
                continue
        return end and _after_parts(text, end)


def _after_parts(text: str, at: int) -> int | None:
    """Return the index after the members, calls, and indexes of an operand, or None."""
    end: int | None = at
    while end and (part := _PART.match(text, end)):
        end = _closing(text, part.end() - 1) if part["open"] else part.end()
    return end


def _closing(
    text: str,
    at: int,
    brackets: re.Pattern[str] = _BRACKETS,
    opening: str = "([{",
    closing: str = ")]}",
) -> int | None:
    """Return the index after the bracket that closes the one here, or None."""
    depth = 0
    for found in brackets.finditer(text, at):
        depth += (found.group() in opening) - (found.group() in closing)
        if depth == 0:
            return found.end()
    return None
