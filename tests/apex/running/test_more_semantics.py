"""Iterators, callbacks, properties, nested types, and switch in more depth."""

from . import fails, run_apex

MISC = """
public class Misc {
    public class Countdown implements Iterator<Integer>, Iterable<Integer> {
        private Integer left;
        public Countdown(Integer n) { left = n; }
        public Boolean hasNext() { return left > 0; }
        public Integer next() { return left--; }
        public Iterator<Integer> iterator() { return this; }
    }
    public class Ranked implements Comparable {
        public Integer rank;
        public Ranked(Integer rank) { this.rank = rank; }
        public Integer compareTo(Object other) { return rank - ((Ranked) other).rank; }
        public Boolean equals(Object other) { return ((Ranked) other).rank == rank; }
        public Integer hashCode() { return rank; }
    }
    public abstract class Base {
        public abstract String name { get; }
        public String hello() { return 'Hello ' + name; }
    }
    public class Person extends Base {
        public override String name { get { return 'Ada'; } }
    }
    public class Node { public Node next; public Integer value = 1; public List<Node> all; }
    public interface Greeter { String greet(String name); }
    public interface Polite extends Greeter { Boolean isPolite(); }
    public class English implements Polite {
        public String greet(String name) { return 'Hi ' + name; }
        public Boolean isPolite() { return true; }
    }
    public static String constantly { get { return 'static'; } }
    public static Integer stored { get; set; }
    public static Map<String, List<Integer>> cache = new Map<String, List<Integer>>();
    public static final Map<String, String> NAMES = new Map<String, String>{
        'a' => 'A', 'b' => constant() };
    private static String constant() { return 'B'; }
    public static Integer sum(List<Integer> numbers) {
        Integer total = 0;
        for (Integer each : numbers) total += each;
        return total;
    }
    public static Integer find(Integer wanted) {
        for (Integer i = 0; i < 10; i++) {
            for (Integer j : new List<Integer>{1, 2, 3}) {
                if (i * j == wanted) { return i; }
                if (j == 2) { continue; }
            }
        }
        return -1;
    }
    public static Integer classify(Object o) {
        switch on o {
            when Integer i { return i; }
            when String s { return s.length(); }
            when null { return -1; }
            when else { return -2; }
        }
    }
    public static Boolean isEven(Integer n) { return n == 0 || isOdd(n - 1); }
    public static Boolean isOdd(Integer n) { return n != 0 && isEven(n - 1); }
    public static String recurse(Integer n) { return n == 0 ? '' : recurse(n - 1) + n; }
    public static void fill(List<String> l) { l.add('x'); l = new List<String>(); }
}
"""
RESULTS = [
    ("Integer t = 0; for (Integer i : new Misc.Countdown(4)) { t += i; } return t;", 10),
    ("List<Misc.Ranked> l = new List<Misc.Ranked>{new Misc.Ranked(3), new Misc.Ranked(1)};"
     "l.sort(); return l[0].rank;", 1),
    ("return new Set<Misc.Ranked>{new Misc.Ranked(3), new Misc.Ranked(3)}.size();", 1),
    ("return new Misc.Ranked(3) == new Misc.Ranked(3);", True),
    ("return new Misc.Ranked(3) === new Misc.Ranked(3);", False),
    ("return new Misc.Person().hello();", "Hello Ada"),
    ("Misc.Base b = new Misc.Person(); return b.name;", "Ada"),
    ("Misc.Node n = new Misc.Node(); n.next = new Misc.Node(); n.next.value += 4;"
     "return n.next.value;", 5),
    ("Misc.Node n = new Misc.Node(); n.all = new List<Misc.Node>{n}; n.all[0].value++;"
     "return n.value;", 2),
    ("Misc.Greeter g = new Misc.English(); return g.greet('Bo');", "Hi Bo"),
    ("Object g = new Misc.English(); return g instanceof Misc.Greeter;", True),
    ("return Misc.constantly;", "static"),
    ("Misc.stored = 4; Misc.stored++; return Misc.stored;", 5),
    ("Misc.cache.put('a', new List<Integer>{1}); Misc.cache.get('a').add(2);"
     "return Misc.cache.get('a').size();", 2),
    ("return Misc.NAMES.get('b');", "B"),
    ("return Misc.sum(new List<Integer>{1, 2, 3});", 6),
    ("return Misc.find(12);", 4),
    ("return Misc.classify(7) + Misc.classify('abc') + Misc.classify(null)"
     "+ Misc.classify(true);", 7),
    ("return Misc.isEven(100);", True),
    ("return Misc.recurse(5);", "12345"),
    ("List<String> l = new List<String>(); Misc.fill(l); return l.size();", 1),
    ("Integer i = 0; Integer j = i++ + i++ * 2; return j;", 2),
    ("String s = 'x'; s += 1 + 2; return s;", "x3"),
    ("Long l = 5; l += 2; return l;", 7),
    ("Decimal d = 1; d += 0.5; return '' + d;", "1.5"),
    ("Object o = new List<Object>{1, 'a'}; return ((List<Object>) o).size();", 2),
    ("Map<String, Object> m = new Map<String, Object>{'k' => new Map<String, Object>{"
     "'n' => 5}}; return (Integer) ((Map<String, Object>) m.get('k')).get('n');", 5),
    ("List<List<Integer>> l = new List<List<Integer>>{new List<Integer>{1}};"
     "l[0][0] = 9; return l[0][0];", 9),
    ("Boolean a = true, b; return a || b;", True),
    ("String s = null; return s?.length() ?? 5;", 5),
    ("Integer x = 1; { Integer y = 2; x += y; } return x;", 3),
    ("Type t = Misc.Person.class; return t.getName();", "Misc.Person"),
    ("return (new Misc.Person()).name.length();", 3),
    ("return Misc.English.class == Type.forName('Misc.English');", True),
    ("return ((Misc.Greeter) Type.forName('Misc.English').newInstance()).greet('x');",
     "Hi x"),
    ("Misc.Node n = (Misc.Node) JSON.deserialize('{\"value\": 7, \"next\": {}}',"
     "Misc.Node.class); return n.value + n.next.value;", 8),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert run_apex(code, MISC) == expected


FAILURES = [
    ("Misc.Base b = (Misc.Base) (Object) new Misc.Node();",
     "System.TypeException: Invalid conversion from runtime type Misc.Node to Misc.Base"),
    ("Boolean a = false, b; Boolean c = a || b;",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Misc.Node n = new Misc.Node(); Integer i = n.next.value;",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Set<Integer> s = new Set<Integer>{1, 2}; for (Integer i : s) { s.add(i + 5); }",
     "System.FinalException: Cannot modify a collection while it is being iterated."),
    ("System.runAs(null) { }",
     "tokenx doesn't run `System.runAs` (line 1). It only runs in tests."),
    ("User a = new User(); merge a a;", "tokenx doesn't run `merge` (line 1)."),
    ("List<List<SObject>> l = [FIND 'x'];", "tokenx doesn't run `FIND` (line 1)."),
]  # fmt: skip


def test_failures(subtests):
    for code, expected in FAILURES:
        with subtests.test(code=code):
            assert fails(code, MISC) == expected
