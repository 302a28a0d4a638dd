"""Compile Apex without an org's database."""

import tomllib
from collections.abc import Mapping
from typing import Any

from tests.paths import ROOT
from tokenx.apex.compiled import Compiled
from tokenx.apex.compiling import compile_class
from tokenx.apex.ports import Ports
from tokenx.apex.problems import Severity
from tokenx.apex.tree import CompilationUnit
from tokenx.setup.apex_runs.queries import fields_of, parse_query

from .parsing import parser

FOLDER = ROOT / "tests" / "apex"
PORTS = Ports(parse_query, fields_of)

Error = tuple[int, int, str]
Units = Mapping[str, CompilationUnit | None]


def compile_code(
    code: str, classes: Mapping[str, CompilationUnit] | None = None
) -> Compiled:
    return compile_class(code, parser=parser(), classes=classes or {}, ports=PORTS)


def errors_in(
    code: str, classes: Mapping[str, CompilationUnit] | None = None
) -> list[Error]:
    """Compile code; return line, column, and message of its errors, but no warnings."""
    return [
        (problem.at.line, problem.at.column, problem.message)
        for problem in compile_code(code, classes).problems
        if problem.severity is Severity.ERROR
    ]


def read_cases(name: str) -> dict[str, list[dict[str, Any]]]:
    """Read one of the lists of errors in this folder."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def has_expected_error(errors: list[Error], case: dict[str, Any]) -> bool:
    """Say whether the errors are those of a case."""
    expected = (case["line"], case["column"], case["message"])
    return expected in errors if case.get("first_only") else errors == [expected]
