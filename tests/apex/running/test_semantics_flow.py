"""Statements: switch, loops, try and finally, and null-safe operators."""

from . import outcome

FLOW = """
public class Flow {
    public static String log = '';
    public enum Season { WINTER, SPRING, SUMMER, FALL }
    public class Custom extends Exception {}
    public class Other extends Exception {}
    public class Node {
        public Node next;
        public String name = 'n';
        public Node self() { log += 's'; return this; }
        public Node none() { log += 'n'; return null; }
    }
    public static Integer overrides() {
        try { return 1; } finally { return 2; }
    }
    public static Integer swallows() {
        try { throw new Custom('lost'); } finally { return 3; }
    }
    public static Integer keeps() {
        Integer i = 1;
        try { return i; } finally { i = 5; }
    }
    public static Integer fromCatch() {
        try { throw new Custom('a'); }
        catch (Custom e) { return 1; } finally { log += 'f'; }
    }
    public static Integer breaksOut() {
        Integer n = 0;
        for (Integer i = 0; i < 5; i++) {
            try { n++; return 10; } finally { if (n < 3) { continue; } else { break; } }
        }
        return n;
    }
    public static String order() {
        String s = '';
        try {
            try { s += 'a'; throw new Custom('x'); }
            finally { s += 'b'; }
        } catch (Custom e) { s += 'c'; }
        finally { s += 'd'; }
        return s;
    }
    public static String season(Season s) {
        switch on s {
            when WINTER { return 'cold'; }
            when SPRING, SUMMER { return 'warm'; }
            when null { return 'none'; }
            when else { return 'else'; }
        }
    }
    public static String seasonWithoutNull(Season s) {
        switch on s {
            when WINTER { return 'cold'; }
            when else { return 'else'; }
        }
    }
    public static String record(SObject s) {
        switch on s {
            when User u { return 'user ' + u.Email; }
            when Account a { return 'account ' + a.Name; }
            when null { return 'none'; }
            when else { return 'else'; }
        }
    }
    public static String text(String s) {
        String r = '';
        switch on s {
            when 'a', 'b' { r = 'ab'; }
            when '' { r = 'empty'; }
            when null { r = 'null'; }
        }
        return r;
    }
    public static Node missing() { throw new Custom('evaluated'); }
    public static Boolean note(String s, Boolean b) { log += s; return b; }
}
"""
RESULTS = [
    # switch
    ("Flow.season(Flow.Season.WINTER)", "cold"),
    ("Flow.season(Flow.Season.SUMMER)", "warm"),
    ("Flow.season(Flow.Season.FALL)", "else"),
    ("Flow.season(null)", "none"),
    ("Flow.seasonWithoutNull(null)", "else"),
    ("Flow.record(new User(Email = 'e'))", "user e"),
    ("Flow.record(new Account(Name = 'n'))", "account n"),
    ("Flow.record(new Contact())", "else"),
    ("Flow.record(null)", "none"),
    ("Flow.text('b')", "ab"),
    ("Flow.text('')", "empty"),
    ("Flow.text(null)", "null"),
    ("Flow.text('B')", ""),
    ("Flow.text('x')", ""),
    ("Integer n = 0; switch on 3 { when 1, 2 { n = 1; } when -1 { n = 2; } } return n;",
     "0"),
    ("Integer i = -1; switch on i { when -1 { return 'minus'; } } return '';", "minus"),
    ("String s = ''; for (Integer i = 0; i < 3; i++) { switch on i { when 1 { continue; } }"
     " s += i; } return s;", "02"),
    ("String s = ''; for (Integer i = 0; i < 3; i++) { switch on i { when 1 { break; } }"
     " s += i; } return s;", "0"),
    # Loops
    ("Integer n = 0; do { n++; } while (n < 3); return n;", "3"),
    ("Integer n = 0; do { n++; if (n == 2) continue; } while (n < 3); return n;", "3"),
    ("Integer n = 5; do { n++; } while (false); return n;", "6"),
    ("Integer n = 0; for (Integer i = 0; i < 5; i++) { if (i == 2) continue; n += i; }"
     " return n;", "8"),
    ("Integer n = 0; for (Integer i = 0; i < 3; i++) { for (Integer j = 0; j < 3; j++) {"
     " if (j == 1) break; n++; } } return n;", "3"),
    ("Integer max = 3; Integer n = 0; for (Integer i = 0; i < max; i++) {"
     " if (i == 1) max = 5; n++; } return n;", "5"),
    ("Integer i; for (i = 0; i < 3; i++) {} return i;", "3"),
    ("Integer i = 0; while (true) { if (i++ > 2) break; } return i;", "4"),
    ("Integer n = 0; for (Integer i = 10; i > 0; i -= 3) n++; return n;", "4"),
    ("for (String s : new List<String>()) { return 1; } return 0;", "0"),
    ("String r = ''; for (Integer i : new Set<Integer>{3, 1}) r += i; return r;", "31"),
    ("String r = ''; for (String s : 'b,a'.split(',')) { s += '!'; r += s; } return r;",
     "b!a!"),
    # try, catch, and finally
    ("Flow.overrides()", "2"),
    ("Flow.swallows()", "3"),
    ("Flow.keeps()", "1"),
    ("Flow.fromCatch() + Flow.log", "1f"),
    ("Flow.breaksOut()", "3"),
    ("Flow.order()", "abcd"),
    ("try { Integer i = 1 / 0; } catch (NullPointerException e) { return 1; }"
     " catch (MathException e) { return 2; } return 3;", "2"),
    ("try { throw new Flow.Custom('a'); } catch (Flow.Other e) { return 1; }"
     " catch (Exception e) { return e.getMessage(); } return 3;", "a"),
    ("try { throw new Flow.Custom('first'); } finally { throw new Flow.Other('second'); }",
     "Flow.Other: second"),
    ("try { throw new Flow.Custom('x'); } catch (Exception e) { throw e; }",
     "Flow.Custom: x"),
    ("try { throw new Flow.Custom('in'); } catch (Exception e) {"
     " throw new Flow.Other('out: ' + e.getMessage(), e); }", "Flow.Other: out: in"),
    ("String s; try { s.length(); } catch (Exception e) { return e.getTypeName(); }"
     " return '';", "System.NullPointerException"),
    # Conditions
    ("Flow.note('a', false) && Flow.note('b', true) ? '' : Flow.log", "a"),
    ("Flow.note('a', true) || Flow.note('b', true) ? Flow.log : ''", "a"),
    ("Flow.note('a', false) || Flow.note('b', false) ? '' : Flow.log", "ab"),
    ("Boolean b; return b == true;", "false"),
    ("Boolean b; return b != true;", "true"),
    ("Boolean b; return b == null ? 'null' : 'set';", "null"),
    ("1 < 2 ? 'a' : 2 < 1 ? 'b' : 'c'", "a"),
    ("if (false) return 1; else if (true) return 2; else return 3;", "2"),
    # Null-safe operators
    ("Flow.Node n; return n?.name;", "null"),
    ("Flow.Node n; return n?.next.next.name;", "null"),
    ("Flow.Node n; return n?.self().self().name;", "null"),
    ("Flow.Node n = new Flow.Node(); return n?.self()?.name;", "n"),
    ("Flow.Node n = new Flow.Node(); return n.next?.name == null;", "true"),
    ("Flow.Node n = new Flow.Node(); Object o = n?.none()?.self()?.name; return Flow.log;",
     "n"),
    ("String s; return s?.length();", "null"),
    ("String s; return s?.trim().toLowerCase() + 'x';", "nullx"),
    ("String s = ' A '; return s?.trim()?.toLowerCase();", "a"),
    ("List<String> l; return l?.size();", "null"),
    ("List<String> l; return l?.isEmpty() == false;", "false"),
    ("Map<String, Map<String, String>> m = new Map<String, Map<String, String>>();"
     " return m.get('a')?.get('b');", "null"),
    ("Map<String, Object> m = new Map<String, Object>();"
     " return ((String) m.get('x'))?.length();", "null"),
    ("Flow.Node n = new Flow.Node(); return n.next.name;",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Integer i; return i ?? 5;", "5"),
    ("String a; String b; return a ?? b ?? 'c';", "c"),
    ("String a = ''; return a ?? 'b';", ""),
    ("Flow.Node n; return n?.name ?? 'none';", "none"),
    ("String s; String t = 'a' + (s ?? 'b'); return t;", "ab"),
    ("String s; s = s ?? 'd'; return s;", "d"),
    ("Flow.Node n = new Flow.Node(); Object o = n ?? Flow.missing(); return 'ok';", "ok"),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert outcome(code, FLOW) == expected
