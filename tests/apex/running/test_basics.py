"""Statements, operators, and calls."""

from . import fails, run_apex

RETURNS = [
    ("return 1 + 2 * 3;", 7),
    ("Integer x = 1; x += 4; x++; return x;", 6),
    ("Integer x = 2147483647; return x + 1;", -2147483648),
    ("return 7 / 2;", 3),
    ("String s = 'a' + 1 + null + true; return s;", "a1nulltrue"),
    ("Integer i = 0; while (i < 10) { i++; if (i == 5) break; } return i;", 5),
    ("Integer t = 0; for (Integer i = 0; i < 4; i++) { if (i == 1) continue; t += i; }"
     "return t;", 5),
    ("Integer i = 0; do { i++; } while (i < 3); return i;", 3),
    ("Integer t = 0; for (Integer i : new List<Integer>{1, 2}) { t += i; } return t;", 3),
    ("Boolean b = false && missing() == 1; return b;", False),
    ("return true ? 1 : 2;", 1),
    ("Object o = 'x'; return o instanceof String;", True),
    ("if (false) { return 1; } else if (true) { return 2; } else { return 3; }", 2),
    ("{ Integer a = 1; } String a = 'x'; return a;", "x"),
    ("try { Integer x = 1 / 0; } catch (MathException e) { return 'caught'; }", "caught"),
    ("return null ?? 'x';", "x"),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            result = run_apex(code)

            assert result == expected
            assert type(result) is type(expected)


MATH = """
public class Numbers {
    public static Integer calls = 0;
    private Integer start;
    public Numbers(Integer start) { this.start = start; }
    public static Integer fib(Integer n) {
        calls++;
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }
    public Integer add(Integer n) { return start + n; }
}
"""


def test_calls_static_and_instance_methods():
    code = "Numbers n = new Numbers(5); return n.add(Numbers.fib(10)) + Numbers.calls;"

    assert run_apex(code, MATH) == 5 + 55 + 177


def test_ends_with_a_null_pointer():
    assert fails("Integer x; x++;") == (
        "System.NullPointerException: Attempt to de-reference a null object"
    )
