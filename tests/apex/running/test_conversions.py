"""Conversions by assignments, casts, and instanceof."""

import pytest

from . import fails, run_apex

ANIMAL = "public virtual class Animal { }"
DOG = "public class Dog extends Animal { }"
CLASSES = (ANIMAL, DOG)


RETURNS = [
    ("Long x = 1; return x instanceof Long;", True),
    ("Decimal d = 1; return '' + d / 3;", "0." + "3" * 33),
    ("Double d = 1; return '' + d / 4;", "0.25"),
    ("Decimal d = 0.1d; return '' + d;", "0.1"),
    ("Object o = 1; return '' + (Decimal) o;", "1"),
    ("Object o = 1; return '' + (Double) o;", "1.0"),
    ("Object o = 1; return o instanceof Decimal;", True),
    ("Object o = 1.5; return o instanceof Integer;", False),
    ("Object o = 1.5; return o instanceof Double && o instanceof Decimal;", True),
    ("Object o = null; return o instanceof Object;", False),
    ("Object o = Date.today(); return o instanceof Datetime;", True),
    ("Object o = 'x'; return o instanceof Id;", False),
    ("Object o = new List<String>(); return o instanceof List<Object>;", True),
    ("Object o = new List<Object>(); return o instanceof List<String>;", False),
    ("Object o = new Set<String>(); return o instanceof Set<Object>;", False),
    ("Object o = new List<Dog>(); return o instanceof List<Animal>;", True),
    ("Object o = new Dog(); return o instanceof Animal;", True),
    ("Object o = new Animal(); return o instanceof Dog;", False),
    ("Object o = new User(); return o instanceof SObject;", True),
    ("Object o = new User(); return o instanceof Account;", False),
    ("Object o = new List<User>(); return o instanceof List<SObject>;", True),
    ("Id i = '005000000000001'; String s = i; return s.length();", 18),
    ("Id i = '005000000000001'; return i == '005000000000001AAA';", True),
    ("Datetime t = Date.newInstance(2026, 1, 1); return t.formatGmt('H:m');", "0:0"),
    ("Map<String, Object> m = new Map<String, Object>{'a' => new List<Object>{1}};"
     "return ((List<Object>) m.get('a')).size();", 1),
    ("Object o = new Map<String, Dog>(); return ((Map<String, Animal>) o).size();", 0),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            assert run_apex(code, *CLASSES) == expected


EXCEPTIONS = [
    ("Object o = 1.5; Integer i = (Integer) o;",
     "Invalid conversion from runtime type Decimal to Integer"),
    ("Object o = 1; String s = (String) o;",
     "Invalid conversion from runtime type Integer to String"),
    ("Object o = new Animal(); Dog d = (Dog) o;",
     "Invalid conversion from runtime type Animal to Dog"),
    ("SObject o = new Account(); User u = (User) o;",
     "Invalid conversion from runtime type SOBJECT:Account to SOBJECT:User"),
    ("Object o = new List<Object>(); Map<String, Object> m = (Map<String, Object>) o;",
     "Invalid conversion from runtime type List<ANY> to Map<String,ANY>"),
    ("Object o = 'true'; Boolean b = (Boolean) o;",
     "Invalid conversion from runtime type String to Boolean"),
]  # fmt: skip


def test_exceptions(subtests):
    for code, message in EXCEPTIONS:
        with subtests.test(code=code):
            assert fails(code, *CLASSES) == f"System.TypeException: {message}"


def test_casts_of_expressions_with_a_number_drop_digits():
    for code, expected in {
        "Long l = 7; return (Integer) (l / 2L);": 3,
        "return (Integer) (Datetime.newInstance(5000L).getTime() / 1000L);": 5,
        "return (Integer) Math.floor(2.9);": 2,
        "return (Integer) Math.abs(-3000000000L);": -1294967296,
        "Decimal d = 2.9; return (Integer) -d;": -2,
        "Decimal d = 2.9; return (Integer) d++;": 2,
        "Long l; return (Integer) (l = 4L);": 4,
        "Decimal d; return (Integer) (d ?? 1.5);": 1,
        "Boolean b = true; return (Integer) (b ? 1.5 : 2L);": 1,
        "Boolean b = false; return (Integer) (b ? null : 2.5);": 2,
        "List<Decimal> l = new List<Decimal>{1.5}; return (Integer) (l[0] + 1);": 2,
        "Date d = Date.newInstance(2026, 1, 2); return (Date) (d + 1) > d;": True,
    }.items():
        assert run_apex(code) == expected, code
    for code in (
        "Object o = 1.5; Integer i = (Integer) o;",
        "Object o = 1.5; Integer i = (Integer) (o ?? 2);",
        "Map<String, Object> m = new Map<String, Object>{'a' => 1.5};"
        "Integer i = (Integer) m.get('a');",
    ):
        message = "Invalid conversion from runtime type Decimal to Integer"
        assert fails(code) == f"System.TypeException: {message}", code


HOSTILE = [
    # A list that holds another one twice, and so on: 2 ** 40 elements as text.
    "Object o = 1; for (Integer i = 0; i < 40; i++) { o = new List<Object>{o, o}; }"
    "String s = '' + o;",
    "Object o = 1; Object p = 1; for (Integer i = 0; i < 40; i++) {"
    "o = new List<Object>{o, o}; p = new List<Object>{p, p}; } Boolean b = o == p;",
    "Object o = 1; for (Integer i = 0; i < 40; i++) { o = new List<Object>{o, o}; }"
    "Integer h = o.hashCode();",
    "List<Object> a = new List<Object>(); List<Object> b = new List<Object>();"
    "a.add(b); b.add(a); Boolean c = a == b;",
    "List<Object> a = new List<Object>(); a.add(a); Integer h = a.hashCode();",
    "Object o = 1; for (Integer i = 0; i < 5000; i++) { o = new List<Object>{o}; }"
    "String s = '' + o;",
    "String s = 'x'.repeat(1000000); List<String> l = new List<String>();"
    "for (Integer i = 0; i < 1000; i++) { l.add(s); } String t = String.join(l, '');",
    "String s = 'x'.repeat(1000000); List<String> l = new List<String>();"
    "for (Integer i = 0; i < 1000; i++) { l.add(s); } String t = '' + l;",
    "String s = 'ß'.repeat(1000000); while (true) { Boolean b = s == s + 'x'; }",
    "Decimal d = 1.1; while (true) { d = d * d; }",
]


@pytest.mark.slow
def test_hostile_values_end_the_run(subtests):
    for code in HOSTILE:
        with subtests.test(code=code):
            assert fails(code).partition(":")[0] in (
                "System.LimitException",
                "System.MathException",
            )
