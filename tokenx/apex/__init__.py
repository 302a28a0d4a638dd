"""The Apex language: lexer, parser, and checker.

Nothing here uses Django, reads the clock, or opens a file that the caller didn't name.
"""
