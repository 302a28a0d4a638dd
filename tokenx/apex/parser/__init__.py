"""Reads Apex: text to tokens, and tokens to a tree or syntax errors."""

from .anonymous import AnonymousBlock
from .declared import declared_name, declared_superclass
from .parser import Parsed, ParsedBlock, Parser

__all__ = [
    "AnonymousBlock",
    "Parsed",
    "ParsedBlock",
    "Parser",
    "declared_name",
    "declared_superclass",
]
