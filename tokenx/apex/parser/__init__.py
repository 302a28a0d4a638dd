"""Reads Apex: text to tokens, and tokens to a tree or syntax errors."""

from .declared import declared_name, declared_superclass
from .parser import Parsed, Parser

__all__ = ["Parsed", "Parser", "declared_name", "declared_superclass"]
