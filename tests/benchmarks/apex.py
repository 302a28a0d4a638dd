"""Parsing and checking Apex, compared to a bare tokenizer of the same text."""

import gc
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tokenx.apex.compiling import compile_class, compile_unit
from tokenx.apex.parser import Parser
from tokenx.apex.tree import CompilationUnit
from tokenx.setup.apex_runs.queries import PORTS
from tokenx.setup.apex_runs.trees import Trees

from .ratios import report

TOKENS = re.compile(r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\\n])*'|\w+|\s+|.", re.DOTALL)
METHOD = """
    private User find{number}(String subject, Auth.JWT token) {{
        Map<String, Object> claims = new Map<String, Object>();
        for (String key : claims.keySet()) {{
            if (key == 'exp' && claims.get(key) instanceof Long) {{
                claims.put(key, (Long) claims.get(key) * 1000 - Datetime.now().getTime());
            }} else if (String.isBlank(key) || key.startsWith('x-{number}')) {{
                throw new IllegalArgumentException('Unknown claim: ' + key.trim());
            }}
        }}
        List<User> users = [
            SELECT Id, Username, Email FROM User
            WHERE Username = :subject.toLowerCase() AND IsActive = true LIMIT 1
        ];
        return users.isEmpty() ? null : users[0];
    }}
"""


def body_of(length: int) -> str:
    """Return a class of about this many characters."""
    methods, number = "", 0
    while len(methods) < length:
        methods += METHOD.format(number=number)
        number += 1
    return f"public with sharing class Benchmark {{{methods}}}\n"


def run(rounds: int) -> None:
    short, long = body_of(8_000), body_of(160_000)
    parser = Parser(None)
    trees = Trees(parser.parse)
    unit = trees.parsed(short).unit
    assert unit
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "apex"
        taken = _measure(
            {
                "floor": lambda: TOKENS.findall(short),
                "parse": lambda: parser.parse(short),
                "long": lambda: parser.parse(long),
                "check": lambda: _check(short, unit, parser),
                "compile": lambda: _compile(short, parser),
                "kept": lambda: trees.parsed(short),
                "build": lambda: Parser(None),
                "load": lambda: Parser(folder),
            },
            rounds,
        )
    speed = len(long) / statistics.median(taken["long"]) / 1000
    report("parsing 8 kB / splitting it", _ratio(taken, "parse", "floor"), 60)
    growth = _ratio(taken, "long", "parse") * len(short) / len(long)
    report("parsing 160 kB / 8 kB, per character", growth, 1.3, f"{speed:.0f} kB/s")
    report("checking / parsing", _ratio(taken, "check", "parse"), 2.0)
    report("compiling / parsing", _ratio(taken, "compile", "parse"), 3.0)
    report("finding a kept tree / parsing", _ratio(taken, "kept", "parse"), 0.02)
    report("loading saved tables / building them", _ratio(taken, "load", "build"), 0.25)


def _check(body: str, unit: CompilationUnit, parser: Parser) -> None:
    compiled = compile_unit(body, unit, parser=parser, classes={}, ports=PORTS)
    assert not compiled.problems, compiled.problems


def _compile(body: str, parser: Parser) -> None:
    compile_class(body, parser=parser, classes={}, ports=PORTS)


def _measure(
    functions: dict[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """Time all functions in turn in each round. The first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, do in functions.items():
            gc.collect()
            start = time.process_time()
            do()
            if number:
                taken[name].append(time.process_time() - start)
    return taken


def _ratio(taken: dict[str, list[float]], name: str, floor: str) -> float:
    pairs = zip(taken[name], taken[floor], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)
