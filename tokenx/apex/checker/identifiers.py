"""Checks the names that a class gives to its types, members, and variables."""

import re

from ..tree import Position
from .report import Report

_LONGEST = 255
_LONGEST_CLASS = 40
_RESERVED_WORDS = """
    blob boolean currency date datetime decimal double integer long set sobject string time
    activate any array autonomous begin bigdecimal bulk byte case cast char collect
    commit const default desc end exception exit export float goto group having hint
    import inner int into join loop number object of outer package parallel pragma
    retrieve rollback short sort super switch synchronized system then this transaction
    when
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_RESERVED_TYPES = {"apexpages", "page"}
_VALID = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


def check_name(report: Report, at: Position, name: str) -> None:
    """Report the name of a variable, field, or method's parameter that isn't valid."""
    if not _VALID.fullmatch(name):
        report.error(at, f"Invalid character in identifier: {name}")
    elif name.lower() in _RESERVED:
        report.error(at, f"Identifier name is reserved: {name}")
    elif len(name) > _LONGEST:
        report.error(at, f"Identifier name is too long: {name}")


def check_method_name(report: Report, at: Position, name: str) -> None:
    """Report an invalid name of a method, which can be a reserved word."""
    if name.lower() not in _RESERVED:
        check_name(report, at, name)


def check_type_name(report: Report, at: Position, name: str, *, is_top_level: bool) -> None:
    """Report an invalid name of a class, interface, or enum."""
    if name.lower() in _RESERVED_TYPES:
        report.error(at, f"Identifier type is reserved: {name}")
    elif is_top_level and len(name) > _LONGEST_CLASS:
        report.error(at, f"Identifier name is too long: {name}")
    else:
        check_name(report, at, name)
