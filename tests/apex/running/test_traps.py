"""Semantics that interpreters often miss: docs/salesforce/apex.md."""

from decimal import Decimal

from tokenx.apex.values import Id, Record

from . import FakeRecords, fails, make_ports, make_run, run_apex, run_in

SIMPLE = [
    ("return 'Abc' == 'aBC';", True),
    ("return 'a' != 'A';", False),
    ("return 'Abc'.equals('abc');", False),
    ("return new Set<String>{'a', 'A'}.size();", 2),
    ("return new Map<String, Integer>{'a' => 1}.get('A');", None),
    ("INTEGER Value = 3; return vaLUE;", 3),
    ("return 7 / 2;", 3),
    ("return -7 / 2;", -3),
    ("return Math.mod(-7, 3);", -1),
    ("return 2147483647 + 1;", -2147483648),
    ("return -2147483647 - 1;", -2147483648),
    ("return 2147483647 * 2L;", 4294967294),
    ("Long l = 9223372036854775807L; l++; return l;", -9223372036854775808),
    ("Long l = 1000000 * 1000000; return l;", -727379968),
    ("Decimal d = 7; return d / 2;", Decimal("3.5")),
    ("Integer i = null; String s = 'a' + i; return s;", "anull"),
    ("String s; s += 'a'; return s;", "nulla"),
    ("String s; return s + null;", "nullnull"),
    ("return null + 'a';", "nulla"),
    ("return 1 + 2 + 'a' + 1 + 2;", "3a12"),
    ("Integer i = 5; return i++ + ++i;", 12),
    ("Integer[] a = new Integer[]{1, 2}; a[0] = 5; a[1] += 3; a[1]++;"
     "return a[0] * a[1];", 30),
    ("return new String[3].size();", 3),
    ("return ((Integer) 3.7) + 0;", 3),
    ("Object o = 3; return (Integer) o;", 3),
    ("return 1 == 1.0;", True),
    ("return null == null;", True),
    ("String s; return s == null;", True),
    ("Boolean b = !(1 > 2); return b;", True),
    ("return 5 & 3 | 8;", 9),
    ("return 1 << 33;", 2),
    ("return -1 >>> 28;", 15),
    ("Integer x = 5; x <<= 2; x |= 1; x ^= 3; return x;", 22),
    ("List<Integer> a = new List<Integer>{1}; List<Integer> b = a; b.add(2);"
     "return a.size();", 2),
    ("return new List<Integer>{1, 2} == new List<Integer>{1, 2};", True),
    ("return 'x' instanceof String;", True),
    ("Object o; return o instanceof String;", False),
    ("String t = 'b'; switch on t { when 'B' { return 1; } when 'a', 'b' { return 2; }"
     "when else { return 3; } }", 2),
    ("Integer t = 7; switch on t { when 1 { return 1; } when else { return 3; } }", 3),
    ("Integer t; switch on t { when null { return 1; } when else { return 3; } }", 1),
    ("Long t = 4; switch on t { when 4L { return 1; } when else { return 3; } }", 1),
    ("Object t = 'x'; switch on t { when Integer i { return i; }"
     "when String s { return s; } }", "x"),
    ("SObject t = new User(Email = 'e'); switch on t { when Account a { return 1; }"
     "when User u { return u.Email; } }", "e"),
    ("switch on Auth.OAuth2TokenExchangeType.JWT { when ID_TOKEN { return 1; }"
     "when jwt, SAML_2 { return 2; } }", 2),
    ("Integer s = 0; for (Integer i = 0, j = 10; i < j; i++, j--) { s++; } return s;", 5),
    ("Integer i = 0; for (;;) { if (++i > 4) break; } return i;", 5),
    ("for (String s : new Set<String>{'b', 'a'}) { return s; } return null;", "b"),
    ("Integer i = 0; while (i < 5) { i++; if (i < 5) continue; } return i;", 5),
    ("Id i = '005000000000001'; return i;", Id("005000000000001AAA")),
    ("Integer i = 3; return i.format();", "3"),
]  # fmt: skip


def test_results(subtests):
    for code, expected in SIMPLE:
        with subtests.test(code=code):
            assert run_apex(code) == expected


NULL_POINTER = "NullPointerException: Attempt to de-reference a null object"
FAILURES = [
    ("String s; s.length();", NULL_POINTER),
    ("Integer i; i = i + 1;", NULL_POINTER),
    ("User u; String s = u.Email;", NULL_POINTER),
    ("Boolean b; if (b) {}", NULL_POINTER),
    ("List<String> l; for (String s : l) {}", NULL_POINTER),
    ("throw null;", NULL_POINTER),
    ("Integer i = 1 / 0;", "MathException: Divide by 0"),
    ("List<Integer> l = new List<Integer>(); Integer i = l[1];",
     "ListException: List index out of bounds: 1"),
    ("List<Integer> l = new List<Integer>(); l[0] = 1;",
     "ListException: List index out of bounds: 0"),
    ("Object o = 'a'; Integer i = (Integer) o;",
     "TypeException: Invalid conversion from runtime type String to Integer"),
    ("Id i = 'x';", "StringException: Invalid id: x"),
    ("List<Integer> l = new List<Integer>{1, 2}; for (Integer i : l) { l.add(3); }",
     "FinalException: Cannot modify a collection while it is being iterated."),
]  # fmt: skip


def test_exceptions(subtests):
    for code, expected in FAILURES:
        with subtests.test(code=code):
            assert fails(code) == f"System.{expected}"


# --- Queries ------------------------------------------------------------------------


def user(**fields):
    values = {name.lower(): value for name, value in fields.items()}
    return Record("User", values, is_queried=True)


def querying(*rows):
    return make_ports(records=FakeRecords(rows=list(rows)))


ONE = user(id=Id("005000000000001AAA"), username="ada", profile=None)
QUERIES = [
    ("User u = [SELECT Id FROM User]; return u.Username;", "ada"),
    ("User u; u = [SELECT Id FROM User]; return u.Username;", "ada"),
    ("List<User> l = [SELECT Id FROM User]; return l.size();", 1),
    ("List<User> l; l = [SELECT Id FROM User]; return l[0].Username;", "ada"),
    ("return [SELECT Id FROM User].Username;", "ada"),
    ("return [SELECT Id FROM User][0].Username;", "ada"),
    ("return [SELECT Id FROM User].size();", 1),
    ("return [SELECT COUNT() FROM User];", 1),
    ("Integer n = 0; for (User u : [SELECT Id FROM User]) { n++; } return n;", 1),
    ("for (List<User> l : [SELECT Id FROM User]) { return l.size(); } return 0;", 1),
    ("SObject s = [SELECT Id FROM User]; return s instanceof User;", True),
    ("Object o = [SELECT Id FROM User]; return o instanceof List<User>;", True),
    ("User u = [SELECT Id FROM User]; return u.Profile.Name;", None),
    ("User u = [SELECT Id FROM User]; return u.Profile?.Name;", None),
    ("return new User().Profile.Name;", None),
    ("return Take.row([SELECT Id FROM User]);", "ada"),
    ("return Take.rows([SELECT Id FROM User]);", 1),
    ("return Take.find().Username;", "ada"),
    ("return Take.findAll().size();", 1),
    ("User u = [SELECT Id FROM User] ?? null; return u.Username;", "ada"),
]  # fmt: skip
TAKE = """
public class Take {
    public static String row(User u) { return u.Username; }
    public static Integer rows(List<User> l) { return l.size(); }
    public static User find() { return [SELECT Id FROM User]; }
    public static List<User> findAll() { return [SELECT Id FROM User]; }
}
"""


def test_a_query_is_a_list_or_a_row(subtests):
    for code, expected in QUERIES:
        with subtests.test(code=code):
            assert run_apex(code, TAKE, ports=querying(ONE)) == expected


def test_a_query_without_rows_is_null_after_two_question_marks():
    code = "User u = [SELECT Id FROM User] ?? null; return u;"

    assert run_apex(code, ports=querying()) is None


def test_a_query_for_one_row_needs_one_row():
    code = "User u = [SELECT Id FROM User];"

    assert fails(code, ports=querying()) == (
        "System.QueryException: List has no rows for assignment to SObject"
    )
    assert fails(code, ports=querying(ONE, ONE)) == (
        "System.QueryException: List has more than 1 row for assignment to SObject"
    )


def test_reading_a_field_that_was_not_queried_throws():
    code = "User u = [SELECT Id FROM User]; String s = u.Email;"

    assert fails(code, ports=querying(ONE)) == (
        "System.SObjectException: SObject row was retrieved via SOQL without querying "
        "the requested field: User.Email"
    )


def test_binds_are_expressions():
    ports = querying()
    code = """
        String name = 'ada';
        User given = new User(Email = 'ada@example.com');
        List<User> found = [
            SELECT Id FROM User WHERE Username = :name AND Email =: given.Email
        ];
    """

    run_apex(code, ports=ports)

    assert ports.records.queries[0][1] == {"name": "ada", "given.Email": "ada@example.com"}


def test_records():
    run = make_run()
    code = """
        User u = new User(FirstName = 'Ada', email = 'a');
        u.Email = u.EMAIL + 'b';
        u.Employee_Id__c = '7';
        User same = u;
        same.LastName = 'L';
        return u.FirstName + u.Email + u.LastName + u.employee_id__C + u.Username;
    """

    assert run_in(run, code) == "AdaabL7null"


def test_labels_and_custom_metadata():
    record = Record("Setting__mdt", {"developername": "Main", "url__c": "https://x"}, True)
    ports = make_ports()
    ports.configuration.labels["greeting"] = "Hello"
    ports.configuration.metadata["setting__mdt"] = [record]

    assert run_apex("return Label.Greeting + System.Label.greeting;", ports=ports) == (
        "HelloHello"
    )
    code = "Setting__mdt s = Setting__mdt.getInstance('Main'); return s.Url__c;"
    assert run_apex(code, ports=ports) == "https://x"
    assert run_apex("return Setting__mdt.getAll().size();", ports=ports) == 1
    assert fails("return Label.Other;", ports=ports).startswith(
        "tokenx doesn't run `Label.Other` (line 1)."
    )
