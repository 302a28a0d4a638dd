"""Classes that use other classes of the org."""

from tests.apex.compiling import compile_code, errors_in, parser
from tokenx.apex.compiled import CompileOutcome

BASE = """public abstract class TokenHandler extends Auth.Oauth2TokenExchangeHandler {
    protected String issuer;
    private Integer count;
    public TokenHandler(String issuer) { this.issuer = issuer; }
    protected abstract Boolean accepts(Auth.JWT token);
    public static Integer total(List<Integer> numbers) { return numbers.size(); }
    public class Claim { public String name; }
    public enum Kind { FIRST, SECOND }
}
"""
CLASSES = {
    "tokenhandler": BASE,
    "checker": "public interface Checker { Boolean check(String token); }",
}


def units(codes=CLASSES):
    return {key: parser().parse(code).unit for key, code in codes.items()}


def handler(body):
    return (
        "public class MyHandler extends TokenHandler {\n"
        "    public MyHandler() { super('https://idp.example.com'); }\n"
        "    protected override Boolean accepts(Auth.JWT token) {\n"
        f"        {body}\n"
        "    }\n"
        "}\n"
    )


def test_extends_the_base_class_through_the_org():
    code = handler("return token.getIss() == issuer && new Claim().name == null;")
    compiled = compile_code(code, units())

    assert compiled.status is CompileOutcome.VALID
    assert compiled.superclasses == ("TokenHandler", "Auth.Oauth2TokenExchangeHandler")
    assert compiled.references == ("TokenHandler",)


def test_knows_members_of_other_classes(subtests):
    for body, message in {
        "return count == 1;": "Variable is not visible: TokenHandler.count",
        "return isuer == '';": "Variable does not exist: isuer",
        "return TokenHandler.total('a') == 1;": (
            "Method does not exist or incorrect signature: void total(String) "
            "from the type TokenHandler"
        ),
        "return TokenHandler.Kind.THIRD == null;": "Variable does not exist: THIRD",
        "TokenHandler.Missing x; return true;": "Invalid type: TokenHandler.Missing",
        "return new TokenHandler.Claim().nam == '';": "Variable does not exist: nam",
    }.items():
        with subtests.test(body=body):
            [(line, _, found)] = errors_in(handler(body), units())

            assert (line, found) == (4, message)


def test_abstract_methods_and_interfaces(subtests):
    for code, message in {
        "public class A extends TokenHandler { public A() { super('x'); } }": (
            "Class A must implement the abstract method: "
            "Boolean TokenHandler.accepts(Auth.JWT)"
        ),
        "public class A implements Checker { }": (
            "Class A must implement the method: Boolean Checker.check(String)"
        ),
        "public abstract class A extends TokenHandler { }": (
            "No default constructor available in super type: TokenHandler"
        ),
    }.items():
        with subtests.test(code=code):
            [(line, column, found)] = errors_in(code, units())

            assert (line, found) == (1, message)
            assert column == code.index("A ") + 1


def test_what_depends_on_a_broken_class_has_no_error():
    code = handler("return broken(1) || missing;")
    broken = units() | {"tokenhandler": None}

    assert errors_in(code, broken) == []
    assert compile_code(code, broken).superclasses == ("TokenHandler",)


def test_a_class_named_like_a_platform_type_hides_it():
    code = "public class A { Object f() { return Assert.that(1).isFine(); } }"
    others = {"assert": "public class Assert { }"}

    assert errors_in(code, units(others)) == []


def test_classes_that_extend_each_other():
    others = {"b": "public virtual class B extends A { }"}
    code = "public virtual class A extends B { void f() { this.g(); x = 1; } }"

    assert errors_in(code, units(others))[0] == (1, 22, "Circular definition: B")
