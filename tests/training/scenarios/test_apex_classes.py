"""All Apex that comes with tokenx compiles, and its classes can be chosen for handlers."""

import re
from pathlib import Path

from tokenx.apex.compiled import CompileOutcome
from tokenx.apex.compiling import compile_class
from tokenx.org.apex import BASE, TEMPLATE
from tokenx.setup.apex_runs.queries import PORTS
from tokenx.setup.apex_runs.trees import parser
from tokenx.training.scenarios.apex_classes import FILES, KINDS, body_of
from tokenx.training.scenarios.catalogue import BUILT_IN, read_file

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"^```(?:apex|java)\n(.*?)^```", re.DOTALL | re.MULTILINE)
# The exercise is to repair this class.
BROKEN = {"class-of-a-tutorial.md": "Auth.TokenExchangeHandler"}


def compiled(body):
    return compile_class(body, parser=parser(), classes={}, ports=PORTS)


def assert_is_handler_class(body, name):
    result = compiled(body)

    assert [str(problem) for problem in result.problems] == []
    assert result.status == CompileOutcome.VALID
    assert result.name == name
    assert BASE in result.superclasses


def test_the_classes_of_all_scenarios_compile(subtests):
    for path in BUILT_IN.glob("*.toml"):
        for table in read_file(path).classes:
            with subtests.test(scenario=path.stem, name=table.name):
                body = table.body or body_of(table.name, table.kind)
                assert_is_handler_class(body, table.name)


def test_each_kind_compiles_with_any_name(subtests):
    for kind in KINDS:
        with subtests.test(kind=kind):
            result = compiled(body_of("Renamed", kind))

            assert result.problems == ()
            assert result.name == "Renamed"
            assert (BASE in result.superclasses) is (kind != "other")


def test_no_kind_accepts_a_token_without_the_tokens_user(subtests):
    for kind in FILES:
        with subtests.test(kind=kind):
            body = body_of("Any", kind)

            assert "TokenValidationResult(true)" not in body
            assert "new Auth.UserData(" in body
            assert "new Auth.TokenValidationResult(false," in body


def test_the_template_compiles():
    assert_is_handler_class(TEMPLATE.format(name="Mine"), "Mine")


def test_apex_in_documents_compiles(subtests):
    files = [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "tokenx").rglob("*.md"),
        *ROOT.glob("*.md"),
    ]
    for path in files:
        for code in CODE.findall(path.read_text("utf-8")):
            with subtests.test(file=path.name):
                messages = " ".join(problem.message for problem in compiled(code).problems)
                assert BROKEN.get(path.name, "") in messages
                assert bool(messages) is (path.name in BROKEN)
