"""Fuzz the Apex parser and checker.

    python tests/fuzz/fuzz_apex.py --seconds 1800 --corpus .data/fuzz_apex

See fuzzing.py. Invalid UTF-8 becomes lone surrogates, because code is text.
"""

import os
import re
import sys

import django
from fuzzing import ROOT, fuzz, instrumented

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

with instrumented():
    from tests.apex.compiling import compile_code, parser

FOLDERS = ["tests/apex", "tokenx/training/scenarios/classes"]
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.cls")]
WORDS = """
abstract as before break catch class continue delete do else enum extends final finally for
get global if implements inherited insert instanceof interface List Map merge new null on
override private public return select set sharing static super switch System.runAs( this
throw transient trigger true try undelete update upsert user virtual void when while with
( ) { } [ ] [] ; , . ?. ? : = += == != < > <= >= << >> >>> => ! ~ + - * / & | ^ && || ??
++ --
@ ' \\' \\u00e9 \\q \'\'\' " # % // /* */ 1 2147483648 1L 1.5d .5 a< a<b> (A) [SELECT [FIND
Id String Integer Object User
"""
SIGNS = ["\0", "\n", "\r\n", "\t", " ", "\xa0", "\ufeff", "\u00e9", "\U0001f642"]
MOST_PROBLEMS = 60
LONGEST_MESSAGE = 2_000
# Walking a tree must leave room for what called the walk.
sys.setrecursionlimit(800)


def check(data: bytes) -> object:
    """Check that any text compiles, or has problems at places in it. Return their kinds."""
    text = data.decode(errors="surrogateescape")
    parsed = parser().parse(text)
    assert (parsed.unit is None) == bool(parsed.problems)
    compiled = compile_code(text)
    lines = text.split("\n")
    assert len(compiled.problems) < MOST_PROBLEMS or not parsed.problems
    for problem in compiled.problems:
        assert 0 < len(problem.message) < LONGEST_MESSAGE
        assert 1 <= problem.at.line <= len(lines), problem
        assert 1 <= problem.at.column <= len(lines[problem.at.line - 1]) + 1, problem
    assert list(parsed.problems) == sorted(parsed.problems, key=lambda problem: problem.at)
    return frozenset(re.sub("'.*'", "", problem.message) for problem in compiled.problems)


if __name__ == "__main__":
    samples = [path.read_bytes()[:4096] for path in FILES]
    fuzz(check, samples, [word.encode() for word in [*WORDS.split(), *SIGNS]])
