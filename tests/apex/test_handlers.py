"""Handler classes that an outsider wrote, typical mistakes in them, and ordinary Apex."""

from .compiling import (
    FOLDER,
    compile_code,
    errors_in,
    has_expected_error,
    parser,
    read_cases,
)

HANDLERS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((FOLDER / "handlers").glob("outside_*.cls"))
}
CASES = read_cases("handlers/outside_errors.toml")


def test_compiles_handlers(subtests):
    for name in HANDLERS:
        with subtests.test(name=name):
            compiled = compile_code(HANDLERS[name])

            assert not errors_in(HANDLERS[name])
            assert "Auth.Oauth2TokenExchangeHandler" in compiled.superclasses


def test_finds_typical_mistakes(subtests):
    for case in CASES["error"]:
        with subtests.test(handler=case["class"], mistake=case["name"]):
            errors = errors_in(HANDLERS[case["class"]].replace(case["old"], case["new"]))

            assert has_expected_error(errors, case), errors


def test_accepts_odd_but_valid_changes(subtests):
    for case in CASES["valid"]:
        with subtests.test(handler=case["class"], change=case["name"]):
            code = HANDLERS[case["class"]].replace(case["old"], case["new"])

            assert not errors_in(code)


def test_compiles_ordinary_classes_that_use_each_other(subtests):
    bodies = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((FOLDER / "ordinary").glob("*.cls"))
    }
    units = {name.lower(): parser().parse(body).unit for name, body in bodies.items()}

    for name, body in bodies.items():
        with subtests.test(name=name):
            assert not errors_in(body, units)
