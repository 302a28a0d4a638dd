"""Integer, Long, Double, Decimal, Boolean, Id, Blob, and Math."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apex.running.fake_run import FakeRun
from tokenx.apex.library.registry import find_method
from tokenx.apex.platform import platform_type
from tokenx.apex.runtime.errors import LimitExceededError, ThrownError
from tokenx.apex.types import ApexType
from tokenx.apex.values import EnumConstant, Long

from . import fails, run_apex

RETURNS = [
    ("return Integer.valueOf('-12') + Integer.valueOf('+5');", -7),
    ("Object o = 3.7; return Integer.valueOf(o);", 3),
    ("return Long.valueOf('9223372036854775807') + 1 < 0;", True),
    ("return '' + Double.valueOf('1e3');", "1000.0"),
    ("return '' + Decimal.valueOf('1.50');", "1.50"),
    ("return '' + Decimal.valueOf(0.1d);", "0.1"),
    ("return Boolean.valueOf('TRUE') && !Boolean.valueOf('yes');", True),
    ("return 1234567.format();", "1,234,567"),
    ("return 1234567L.format();", "1,234,567"),
    ("Decimal d = -1234.5678; return d.format();", "-1,234.568"),
    ("Double d = 1261992; return d.format();", "1,261,992"),
    ("Double d = 2.5; return d.round() + d.intValue() + d.longValue();", 7),
    ("Decimal d = 2.5; return d.round();", 2),
    ("Decimal d = 2.5; return d.round(RoundingMode.HALF_UP);", 3),
    ("Decimal d = -2.5; return d.round(System.RoundingMode.CEILING);", -2),
    ("Decimal d = 1.2345; return '' + d.setScale(2);", "1.23"),
    ("Decimal d = 1.235; return '' + d.setScale(2);", "1.24"),
    ("Decimal d = 1.225; return '' + d.setScale(2);", "1.22"),
    ("Decimal d = 1.225; return '' + d.setScale(2, RoundingMode.HALF_UP);", "1.23"),
    ("Decimal d = 5; return '' + d.setScale(3);", "5.000"),
    ("Decimal d = 19; return '' + d.divide(100, 3);", "0.190"),
    ("Decimal d = 2; return '' + d.divide(3, 2, RoundingMode.DOWN);", "0.66"),
    ("Decimal d = 1.10; return d.precision() + ':' + d.scale();", "3:2"),
    ("Decimal d = 1.100; return '' + d.stripTrailingZeros();", "1.1"),
    ("Decimal d = 1.5; return '' + d.pow(3);", "3.375"),
    ("Decimal d = 0.00000001; return d.toPlainString() + ' ' + d;", "0.00000001 1E-8"),
    ("Decimal d = -1.5; return '' + d.abs() + d.doubleValue();", "1.5-1.5"),
    ("return Math.abs(-5) + Math.max(1, 2) + Math.min(1, 2);", 8),
    ("return Math.abs(-2147483647 - 1);", -2_147_483_648),
    ("return Math.mod(-7, 3) + ':' + Math.mod(7L, -3);", "-1:1"),
    ("return '' + Math.ceil(1.2) + Math.floor(-1.2);", "2-2"),
    ("return '' + Math.round(2.5) + Math.round(3.5) + Math.round(2.5d);", "243"),
    ("return Math.roundToLong(3000000000.4);", 3_000_000_000),
    ("return '' + Math.pow(2, 10) + ' ' + Math.sqrt(16.0d);", "1024.0 4.0"),
    ("return '' + Math.signum(-2.5d) + Math.rint(2.5d);", "-1.02.0"),
    ("return '' + Math.max(1.5, 2.0);", "2.0"),
    ("return Math.PI > 3.14 && Math.E > 2.71;", True),
    ("Double r = Math.random(); return r >= 0 && r < 1;", True),
    ("Id i = '005000000000001'; return i + ':' + i.to15();",
     "005000000000001AAA:005000000000001"),
    ("return '' + Id.valueOf('005000000000001aaa');", "005000000000001AAA"),
    ("return 'x' instanceof Id;", False),
    ("Object o = '005000000000001'; return o instanceof Id;", True),
    ("return Blob.valueOf('ä😀').size();", 6),
    ("return Blob.valueOf('ä😀').toString();", "ä😀"),
    ("return '' + Blob.valueOf('abc');", "Blob[3]"),
    ("return (Integer) 3.99;", 3),
    ("return (Integer) 2147483648L;", -2_147_483_648),
    ("return RoundingMode.UP.name() + RoundingMode.UP.ordinal();", "UP7"),
    ("return RoundingMode.valueOf('DOWN') == RoundingMode.DOWN;", True),
    ("return RoundingMode.values().size();", 8),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            assert run_apex(code) == expected


EXCEPTIONS = [
    ("Integer.valueOf('a');", "System.TypeException: Invalid integer: a"),
    ("Integer.valueOf('2147483648');",
     "System.TypeException: Invalid integer: 2147483648"),
    ("Integer.valueOf('٣');", "System.TypeException: Invalid integer: ٣"),
    ("Long.valueOf('1.5');", "System.TypeException: Invalid long: 1.5"),
    ("Double.valueOf('1_0');", "System.TypeException: Invalid double: 1_0"),
    ("Decimal.valueOf('1e100000');", "System.TypeException: Invalid decimal: 1e100000"),
    ("Decimal.valueOf('NaN');", "System.TypeException: Invalid decimal: NaN"),
    ("String s = null; Integer.valueOf(s);",
     "System.NullPointerException: Argument cannot be null."),
    ("Decimal d = 1.5; d.setScale(2000000000);",
     "System.MathException: Invalid scale: 2000000000"),
    ("Decimal d = 1.5; d.setScale(0, RoundingMode.UNNECESSARY);",
     "System.MathException: Rounding necessary"),
    ("Decimal d = 99; d.pow(32767);", "System.MathException: The Decimal is too large"),
    ("Decimal d = 1; d.divide(0, 2);", "System.MathException: Divide by 0"),
    ("Math.mod(1, 0);", "System.MathException: Divide by 0"),
    ("Id.valueOf('005');", "System.StringException: Invalid id: 005"),
    ("Id i = '0050000000001!';", "System.StringException: Invalid id: 0050000000001!"),
]  # fmt: skip


def test_exceptions(subtests):
    for code, message in EXCEPTIONS:
        with subtests.test(code=code):
            assert fails(code) == message


def test_a_blob_that_isnt_utf_8():
    function = find_method("Blob", "toString", 0, is_static=False)

    with pytest.raises(ThrownError) as caught:
        function(FakeRun(), b"\xff")

    assert caught.value.value.message == "BLOB is not a valid UTF-8 string"


NAMES = ["Integer", "Long", "Double", "Decimal", "Boolean", "Id", "Blob", "Math"]
SIGNATURES = [
    (name, signature, function)
    for name in NAMES
    for signatures in platform_type(name).methods.values()
    for signature in signatures
    if (
        function := find_method(
            name, signature.name, len(signature.parameters), is_static=signature.is_static
        )
    )
]
whole = st.integers(-(2**31), 2**31 - 1)
decimal = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("1E+2000"), Decimal("1E-2000"), Decimal(0), Decimal("-0.0")]
)
VALUES = {
    "Integer": whole,
    "Long": st.integers(-(2**63), 2**63 - 1).map(Long),
    "Double": st.floats(),
    "Decimal": decimal,
    "Boolean": st.booleans(),
    "String": st.text(max_size=8) | decimal.map(str) | st.floats().map(str),
    "Object": st.none() | decimal | whole | st.floats() | st.text(max_size=3),
    "Blob": st.binary(max_size=5),
    "Id": st.just("005000000000001AAA"),
    "RoundingMode": st.sampled_from(["UP", "HALF_EVEN", "UNNECESSARY"]).map(
        lambda name: EnumConstant(ApexType("RoundingMode"), name, 0)
    ),
}


@pytest.mark.slow
@given(st.data())
def test_only_apex_exceptions_occur(data):
    name, signature, function = data.draw(st.sampled_from(SIGNATURES))
    arguments = [
        data.draw(st.none() | VALUES.get(each.name, st.none()))
        for each in signature.parameters
    ]
    if not signature.is_static:
        arguments.insert(0, data.draw(VALUES[name]))
    try:
        function(FakeRun(), *arguments)
    except (ThrownError, LimitExceededError):
        return


def test_members_that_are_refused_by_name():
    missing = {
        f"{name}.{signature.name}"
        for name in NAMES
        for signatures in platform_type(name).methods.values()
        for signature in signatures
        if signature.name not in ("addError", "clone", "equals", "hashCode", "toString")
        and not any(
            found.name == signature.name and owner == name for owner, found, _ in SIGNATURES
        )
    }

    assert missing == {"Blob.toPdf"}
