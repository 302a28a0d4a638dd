"""The shapes of the public handler classes: docs/salesforce/apex.md."""

from tests.apex.compiling import FOLDER, compile_code
from tokenx.apex.compiled import CompileOutcome

BASE = "Auth.Oauth2TokenExchangeHandler"
SHAPES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((FOLDER / "handlers").glob("*.cls"))
    if not path.stem.startswith("outside_")
}


def test_has_the_nine_shapes():
    assert len(SHAPES) == 9


def test_compiles(subtests):
    for name in sorted(SHAPES.keys() - {"other_base", "own_keys"}):
        with subtests.test(name=name):
            compiled = compile_code(SHAPES[name])

            assert compiled.problems == ()
            assert compiled.status is CompileOutcome.VALID
            assert compiled.superclasses == (BASE,)


def test_a_custom_field_is_unknown_here():
    compiled = compile_code(SHAPES["own_keys"])

    assert compiled.status is CompileOutcome.NOT_RUNNABLE
    assert [(problem.at, problem.message) for problem in compiled.problems] == [
        (
            (37, 55),
            "tokenx doesn't know User.Directory_Address__c (line 37). "
            "The class is saved, but a run ends when it reaches this code.",
        )
    ]


def test_warns_of_another_base_class():
    compiled = compile_code(SHAPES["other_base"])

    [warning] = compiled.problems
    assert warning.message.startswith(
        "Auth.ExternalClientAppOauthHandler never calls validateIncomingToken. "
        "Extend Auth.Oauth2TokenExchangeHandler"
    )
    assert BASE not in compiled.superclasses


def test_overrides_a_single_method():
    compiled = compile_code(SHAPES["key_only"])

    assert "getUserForTokenSubject" not in SHAPES["key_only"]
    assert compiled.status is CompileOutcome.VALID
