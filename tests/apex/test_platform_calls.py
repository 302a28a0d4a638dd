"""Each member of the platform's types compiles, and each misspelled one is an error."""

import re
from collections.abc import Iterator

import pytest

from tokenx.apex.checker import check_all
from tokenx.apex.parser import Parser
from tokenx.apex.platform import PlatformType, Signature, platform_types
from tokenx.apex.ports import Ports, QueryShape
from tokenx.apex.types import ApexType

PORTS = Ports(lambda text: QueryShape(("User",), ()), lambda name: None)
# Types for the parameters of generic types, and for what depends on the object.
ARGUMENTS = {"T": "String", "K": "String", "V": "Integer", "?": "Object"}
TYPES = [each for each in platform_types() if each.name != "Trigger"]
# The types for which an unknown member must be an error.
CLOSED = """
    String Integer Long Double Decimal Boolean Date Datetime Time Id Blob List Set Map JSON
    JSONParser JSONGenerator Http HttpRequest HttpResponse Crypto EncodingUtil Math UserInfo
    System Exception Auth.JWT Auth.JWTUtil Auth.TokenValidationResult Auth.UserData
    Auth.Oauth2TokenExchangeHandler
"""
# The checker stops after this many errors.
MOST_ERRORS = 50


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(None)


def code_of(type_: ApexType) -> str:
    return re.sub(
        r"(?<![\w.])(T|K|V|\?)(?![\w.])", lambda match: ARGUMENTS[match[0]], str(type_)
    )


def method(parameters: list[str], result: ApexType, value: str) -> str:
    """Return a method of one line that evaluates an expression."""
    names = ", ".join(f"{each} a{at}" for at, each in enumerate(parameters))
    returns = code_of(result)
    statement = f"{value};" if returns == "void" else f"{returns} result = {value};"
    return f"void f({names}) {{ {statement} }}"


def use(declared: PlatformType, signature: Signature, name: str) -> str:
    parameters = [code_of(each) for each in signature.parameters]
    arguments = [f"a{at}" for at in range(len(parameters))]
    if signature.is_static:
        receiver = declared.name
    else:
        receiver = f"a{len(parameters)}"
        parameters.append(code_of(declared.type))
    call = f"{receiver}.{name}({', '.join(arguments)})"
    return method(parameters, signature.returns, call)


def uses(declared: PlatformType, end: str = "") -> Iterator[str]:
    """Yield a method for each member, whose name gets an end that misspells it."""
    for same_name in declared.methods.values():
        for signature in same_name:
            yield use(declared, signature, signature.name + end)
    for each in declared.properties.values():
        receiver = declared.name if each.is_static else "a0"
        yield method([code_of(declared.type)], each.type, f"{receiver}.{each.name}{end}")


def constructions(declared: PlatformType) -> Iterator[str]:
    me = code_of(declared.type)
    for signature in () if declared.is_abstract else declared.constructors:
        parameters = [code_of(each) for each in signature.parameters]
        arguments = ", ".join(f"a{at}" for at in range(len(parameters)))
        yield method(parameters, declared.type, f"new {me}({arguments})")


def accepts(parser: Parser, lines: list[str]) -> list[bool]:
    """Compile classes whose methods are a line each, and say which lines have no error."""
    accepted = []
    for start in range(0, len(lines), MOST_ERRORS):
        some = lines[start : start + MOST_ERRORS]
        numbered = [line.replace(" f(", f" f{at}(", 1) for at, line in enumerate(some)]
        unit = parser.parse("\n".join(["public class Uses {", *numbered, "}"])).unit
        assert unit
        problems = check_all(unit, classes={}, ports=PORTS).problems
        refused = {each.at.line - 2 for each in problems if each.severity == "error"}
        accepted += [at not in refused for at in range(len(some))]
    return accepted


def test_each_member_compiles(parser):
    lines = [line for each in TYPES for line in (*uses(each), *constructions(each))]

    refused = [
        line
        for line, is_fine in zip(lines, accepts(parser, lines), strict=True)
        if not is_fine
    ]

    assert len(lines) > 3000
    assert not refused


def test_each_misspelled_member_is_an_error(parser):
    lines = [
        line for each in TYPES if each.name in CLOSED.split() for line in uses(each, "x")
    ]

    accepted = [
        line for line, is_fine in zip(lines, accepts(parser, lines), strict=True) if is_fine
    ]

    assert len(lines) > 600
    assert not accepted
