"""Turns the events of a run into the text of Salesforce's debug logs.

See docs/salesforce/oauth.md, "Log format".
"""

from .levels import CATEGORIES, DEFAULT_LEVELS, LEVELS, logs
from .user_line import LogUser
from .writer import MAX_SIZE, write_log

__all__ = [
    "CATEGORIES",
    "DEFAULT_LEVELS",
    "LEVELS",
    "MAX_SIZE",
    "LogUser",
    "logs",
    "write_log",
]
