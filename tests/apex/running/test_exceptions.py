"""Exceptions: try, catch, finally, stacks, and exceptions of the org."""

from tokenx.apex.runtime.trace import ExceptionThrown, Trace

from . import fails, failure_of, make_run, run_apex, run_in, stack_of

FLOW = """
public class Flow {
    public static String log = '';
    public class Mine extends Exception {}
    public virtual class Deep extends Exception {
        public Integer code = 3;
        public Deep(Integer code) { this.code = code; }
        public Deep(String text, Integer code) { super(text); this.code = code; }
    }
    public class Other extends Exception {
        public override String getMessage() { return 'own'; }
    }
    public static Integer returnsThroughFinally() {
        try { return one(); } finally { log += 'finally '; }
    }
    public static Integer one() { log += 'one '; return 1; }
    public static Integer breaks() {
        Integer i = 0;
        while (true) {
            try { i++; if (i == 3) { break; } continue; } finally { log += 'f' + i + ' '; }
        }
        return i;
    }
    public static String rethrows() {
        try {
            try { throw new Mine('first'); }
            catch (Mine e) { throw new MathException('second'); }
            finally { log += 'inner '; }
        } catch (Exception e) { return e.getTypeName() + ' ' + e.getMessage(); }
    }
    public static void throwIt() {
        throw new Mine('from method');
    }
    public static Integer local() {
        try { Integer n = 1; throwIt(); } catch (Mine e) { Integer n = 2; return n; }
        return 0;
    }
}
"""
RESULTS = [
    ("return Flow.returnsThroughFinally() + Flow.log;", "1one finally "),
    ("return Flow.breaks() + Flow.log;", "3f1 f2 f3 "),
    ("return Flow.rethrows() + ' ' + Flow.log;", "System.MathException second inner "),
    ("return Flow.local();", 2),
    ("try { throw new Flow.Mine(); } catch (Flow.Mine e) { return e.getMessage(); }",
     "Script-thrown exception"),
    ("try { throw new Flow.Mine('m'); } catch (Flow.Mine e) { return e.getTypeName(); }",
     "Flow.Mine"),
    ("try { throw new Flow.Deep(7); } catch (Flow.Deep e) { return e.code; }", 7),
    ("try { throw new Flow.Deep('t', 8); } catch (Exception e) { return e.getMessage(); }",
     "t"),
    ("try { throw new Flow.Other(); } catch (Exception e) { return e.getMessage(); }",
     "own"),
    ("try { throw new Flow.Mine('m', new MathException('c')); } catch (Exception e) {"
     "return e.getCause().getMessage(); }", "c"),
    ("try { Flow.throwIt(); } catch (MathException e) { return 1; } catch (Flow.Mine e) {"
     "return 2; } catch (Exception e) { return 3; }", 2),
    ("try { Integer x = 1 / 0; } catch (Flow.Mine e) { return 1; } catch (Exception e) {"
     "return e.getMessage(); }", "Divide by 0"),
    ("Integer n = 0; try { Flow.throwIt(); } catch (Exception e) { n = 1; }"
     "finally { n += 10; } return n;", 11),
    ("Exception e = new Flow.Mine('kept'); return e instanceof Flow.Mine;", True),
    ("try { Flow.throwIt(); } catch (Exception e) { return e.getLineNumber(); }", 32),
    ("Exception e = new MathException('x'); return e.getMessage();", "x"),
    ("for (Integer i = 0; i < 3; i++) { try { if (i == 1) return i; } finally { i = i; } }"
     "return -1;", 1),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert run_apex(code, FLOW) == expected


def test_the_stack_has_one_line_for_each_call():
    code = "Integer x = 1;\nFlow.throwIt();"

    assert fails(code, FLOW) == "Flow.Mine: from method"
    assert stack_of(code, FLOW) == [
        "Class.Flow.throwIt: line 32, column 1",
        "AnonymousBlock: line 2, column 1",
    ]


STACK = """
public class Stack {
    public class Inner {
        public Inner() {
            Integer x = 1 / 0;
        }
        public void run() {
            String s;
            s.length();
        }
    }
    public static void make() {
        new Inner();
    }
    public Integer broken {
        get { return 1 / 0; }
    }
}
"""


def test_the_stack_names_constructors_and_inner_classes():
    assert stack_of("Stack.make();", STACK) == [
        "Class.Stack.Inner.<init>: line 5, column 1",
        "Class.Stack.make: line 13, column 1",
        "AnonymousBlock: line 1, column 1",
    ]


def test_a_rethrown_exception_keeps_its_stack():
    code = "try {\nFlow.throwIt();\n} catch (Exception e) {\nthrow e;\n}"

    assert stack_of(code, FLOW)[0] == "Class.Flow.throwIt: line 32, column 1"


def test_an_exception_has_the_stack_of_its_creation():
    code = "return new DmlException().getStackTraceString();"

    assert run_apex(code) == "AnonymousBlock: line 1, column 1"


def test_records_each_exception_once():
    trace = Trace()
    run = make_run(FLOW, trace=trace)

    run_in(run, "try { Flow.throwIt(); } catch (Exception e) { }\nreturn 1;")

    thrown = [each for each in trace.events if isinstance(each, ExceptionThrown)]
    assert [(each.class_name, each.line, each.text) for each in thrown] == [
        ("Flow", 32, "Flow.Mine: from method")
    ]


def test_a_limit_skips_catch_and_finally():
    code = "try { while (true) {} } catch (Exception e) { } finally { Flow.log = 'ran'; }"
    run = make_run(FLOW)

    text, _ = failure_of(run, lambda: run_in(run, code))

    assert text == "System.LimitException: Apex CPU time limit exceeded"
    assert "flow" not in run.types.loaded
