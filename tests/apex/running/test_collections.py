"""List, Set, Map, and what each object has."""

from . import fails, run_apex

POINT = """
public class Point implements Comparable {
    public Integer x; public String name;
    public Point(Integer x) { this.x = x; }
    public Integer compareTo(Object other) { return x - ((Point) other).x; }
    public Boolean equals(Object other) {
        return other instanceof Point && ((Point) other).x == x;
    }
    public override Integer hashCode() { return x; }
}
"""
BY_NAME = """
public class ByName implements Comparator<Point> {
    public Integer compare(Point a, Point b) { return a.name.compareTo(b.name); }
}
"""
COUNTDOWN = """
public class Countdown implements Iterable<Integer>, Iterator<Integer> {
    Integer left;
    public Countdown(Integer left) { this.left = left; }
    public Iterator<Integer> iterator() { return this; }
    public Boolean hasNext() { return left > 0; }
    public Integer next() { return left--; }
}
"""
PLAIN = "public class Plain { public Integer a = 1; String b; }"
LIST = "List<Integer> l = new List<Integer>{3, 1, 2}; "
MAP = "Map<String, Integer> m = new Map<String, Integer>{'a' => 1, 'b' => 2}; "


RETURNS = [
    (LIST + "l.add(4); return '' + l;", "(3, 1, 2, 4)"),
    (LIST + "l.add(0, 9); return '' + l;", "(9, 3, 1, 2)"),
    (LIST + "l.add(3, 9); return '' + l;", "(3, 1, 2, 9)"),
    (LIST + "l.addAll(new Set<Integer>{7, 8}); return '' + l;", "(3, 1, 2, 7, 8)"),
    (LIST + "l.addAll(l); return l.size();", 6),
    (LIST + "l.clear(); return l.isEmpty();", True),
    (LIST + "List<Integer> c = l.clone(); c.add(1); return l.size();", 3),
    (LIST + "return l.contains(2) && !l.contains(5);", True),
    (LIST + "return l.indexOf(2);", 2),
    (LIST + "return l.get(0) + l[1];", 4),
    (LIST + "l.set(0, 9); l[1] = 8; return '' + l;", "(9, 8, 2)"),
    (LIST + "return l.remove(0) + ':' + l;", "3:(1, 2)"),
    (LIST + "l.sort(); return '' + l;", "(1, 2, 3)"),
    (LIST + "return l.equals(new List<Integer>{3, 1, 2});", True),
    (LIST + "return l == new List<Integer>{3, 1, 2};", True),
    (LIST + "return l === l.clone();", False),
    (LIST + "return l.hashCode() == l.clone().hashCode();", True),
    (LIST + "Iterator<Integer> i = l.iterator(); Integer t = 0;"
     "while (i.hasNext()) { t += i.next(); } return t;", 6),
    ("return '' + new List<String>(new Set<String>{'a'});", "(a)"),
    ("return new List<String>().size();", 0),
    ("List<Long> l = new List<Long>{1}; l.add(2); return l[1] instanceof Long;", True),
    ("List<String> l = new List<String>{'b', null, 'A', 'a'}; l.sort(); return '' + l;",
     "(null, A, a, b)"),
    ("return new List<String>{'a'}.contains('A');", False),
    ("List<List<String>> l = new List<List<String>>{new List<String>{'a'}};"
     "return l.contains(new List<String>{'a'});", True),
    ("List<Point> l = new List<Point>{new Point(2), new Point(1)}; l.sort();"
     "return l[0].x;", 1),
    ("Point a = new Point(1); a.name = 'b'; Point b = new Point(2); b.name = 'a';"
     "List<Point> l = new List<Point>{a, b}; l.sort(new ByName()); return l[0].x;", 2),
    ("return new List<Point>{new Point(5)}.indexOf(new Point(5));", 0),
    ("return '' + new List<Integer>(new Countdown(3));", "(3, 2, 1)"),
    ("Integer t = 0; for (Integer i : new Countdown(3)) { t += i; } return t;", 6),
    ("return String.join(new Countdown(3), '-');", "3-2-1"),
    ("return '' + new Set<Integer>{1, 2, 1};", "{1, 2}"),
    ("Set<String> s = new Set<String>{'a'}; return '' + s.add('a') + s.add('A');",
     "falsetrue"),
    ("Set<Integer> s = new Set<Integer>{1, 2, 3}; s.removeAll(new List<Integer>{1, 9});"
     "return '' + s;", "{2, 3}"),
    ("Set<Integer> s = new Set<Integer>{1, 2, 3}; s.retainAll(new Set<Integer>{3, 9});"
     "return '' + s;", "{3}"),
    ("return new Set<Integer>{1, 2}.containsAll(new List<Integer>{2, 1});", True),
    ("return new Set<Integer>{1, 2} == new Set<Integer>{2, 1};", True),
    ("return new Set<Point>{new Point(1), new Point(1)}.size();", 1),
    ("return new Set<Plain>{new Plain(), new Plain()}.size();", 2),
    ("return new Set<Decimal>{1.0, 1.00}.size();", 2),
    ("return new Set<Object>{1, 1L, '1', 1.0, true}.size();", 5),
    (MAP + "return '' + m;", "{a=1, b=2}"),
    (MAP + "return m.put('a', 5) + ':' + m.get('a') + m.get('A');", "1:5null"),
    (MAP + "return m.put('c', 5) == null && m.containsKey('c');", True),
    (MAP + "return m.remove('a') + ':' + m.size();", "1:1"),
    (MAP + "return '' + m.keySet() + m.values();", "{a, b}(1, 2)"),
    (MAP + "m.keySet().remove('a'); return m.size();", 1),
    (MAP + "Map<String, Integer> n = m.clone(); n.clear(); return m.size();", 2),
    (MAP + "m.putAll(new Map<String, Integer>{'b' => 3, 'c' => 4}); return '' + m;",
     "{a=1, b=3, c=4}"),
    (MAP + "return m == new Map<String, Integer>{'b' => 2, 'a' => 1};", True),
    ("Map<Point, String> m = new Map<Point, String>{new Point(1) => 'a'};"
     "return m.get(new Point(1));", "a"),
    ("Map<Id, User> m = new Map<Id, User>(new List<User>{"
     "new User(Id = '005000000000001AAA')}); return m.keySet().size();", 1),
    ("Map<Id, String> m = new Map<Id, String>{'005000000000001AAA' => 'x'};"
     "return m.get('005000000000001');", "x"),
    ("return '' + new Plain();", "Plain:[a=1, b=null]"),
    ("Plain p = new Plain(); Plain q = p.clone(); q.a = 5; return p.a + ':' + q.a;",
     "1:5"),
    ("Plain p = new Plain(); return p.equals(p) && !p.equals(new Plain());", True),
    ("Object o = 1; return o.equals(1) && o.toString() == '1' && o.hashCode() == 1;",
     True),
    ("List<Object> l = new List<Object>(); l.add(l); return '' + l;",
     "((already output))"),
    ("return UUID.fromString('0F0F0F0F-0000-4000-8000-000000000000').toString();",
     "0f0f0f0f-0000-4000-8000-000000000000"),
    ("return UUID.randomUUID().toString().length();", 36),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            result = run_apex(code, POINT, BY_NAME, COUNTDOWN, PLAIN)

            assert result == expected


EXCEPTIONS = [
    (LIST + "l.get(3);", "System.ListException: List index out of bounds: 3"),
    (LIST + "Integer x = l[-1];", "System.ListException: List index out of bounds: -1"),
    (LIST + "l.add(9, 1);", "System.ListException: List index out of bounds: 9"),
    (LIST + "l.remove(3);", "System.ListException: List index out of bounds: 3"),
    (LIST + "for (Integer i : l) { l.add(i); }",
     "System.FinalException: Cannot modify a collection while it is being iterated."),
    (MAP + "for (String k : m.keySet()) { m.remove(k); }",
     "System.FinalException: Cannot modify a collection while it is being iterated."),
    (MAP + "m.keySet().add('x');", "System.FinalException: Collection is read-only"),
    ("List<Plain> l = new List<Plain>{new Plain(), new Plain()}; l.sort();",
     "System.ListException: One or more of the items in this list is not Comparable."),
    ("Object o = new List<String>{'a'}; List<Integer> l = (List<Integer>) o;",
     "System.TypeException: Invalid conversion from runtime type List<String> to "
     "List<Integer>"),
    ("Object o = new Map<String, Object>(); List<Object> l = (List<Object>) o;",
     "System.TypeException: Invalid conversion from runtime type Map<String,ANY> to "
     "List<ANY>"),
    ("Object o = 'a'; Integer i = (Integer) o;",
     "System.TypeException: Invalid conversion from runtime type String to Integer"),
    ("Set<Id> s = new Set<Id>(); s.add('x');",
     "System.StringException: Invalid id: x"),
    ("new Map<Id, User>(new List<User>{new User()});",
     "System.ListException: Row with null Id at index: 0"),
    ("List<Integer> l = null; new Set<Integer>().addAll(l);",
     "System.NullPointerException: Argument cannot be null."),
]  # fmt: skip


def test_exceptions(subtests):
    for code, message in EXCEPTIONS:
        with subtests.test(code=code):
            assert fails(code, POINT, PLAIN) == message


def test_a_key_in_another_map_of_maps():
    code = """
    Map<String, Map<String, Integer>> m = new Map<String, Map<String, Integer>>();
    for (String k : new List<String>{'a', 'b', 'a'}) {
        if (!m.containsKey(k)) { m.put(k, new Map<String, Integer>()); }
        m.get(k).put('n', m.get(k).size());
    }
    return '' + m;
    """

    assert run_apex(code) == "{a={n=1}, b={n=0}}"
