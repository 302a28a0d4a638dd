"""Classes, enums, types, exceptions, casts, and overloads."""

from . import outcome

KINDS = """
public virtual class Kinds {
    public static List<String> log = new List<String>();
    public static Integer early = late;
    public static Integer late = 4;
    static { log.add('static ' + late); }
    public static Integer lazy {
        get { if (lazy == null) { log.add('lazy'); lazy = 9; } return lazy; }
        private set;
    }
    public enum Color { RED, Green, BLUE_2 }
    public interface Greeter { String greet(String name); }
    public interface Loud extends Greeter { String shout(); }
    public abstract class Base implements Greeter {
        protected String prefix = 'Hi ';
        public virtual String greet(String name) { return prefix + name + tail(); }
        protected abstract String tail();
        public override String toString() { return 'Base:' + tail(); }
    }
    public class Small extends Base {
        protected override String tail() { return '.'; }
    }
    public class Big extends Base implements Loud {
        public Big() { prefix = 'HI '; }
        protected override String tail() { return '!'; }
        public override String greet(String name) { return super.greet(name) + '!'; }
        public String shout() { return greet('YOU'); }
    }
    public class Counter {
        public Integer reads = 0;
        public Integer value { get { reads++; return value; } set; }
        public Integer doubled { get { return value == null ? 0 : value * 2; } }
        public Counter(Integer value) { this.value = value; }
        public Counter() { this(7); }
        public Counter add(Integer n) { value += n; return this; }
    }
    public class Pair implements Comparable {
        public String a; public Integer b;
        public Pair(String a, Integer b) { this.a = a; this.b = b; }
        public Integer compareTo(Object other) { return b - ((Pair) other).b; }
        public Boolean equals(Object other) {
            return other instanceof Pair && ((Pair) other).a == a;
        }
        public Integer hashCode() { return a.hashCode(); }
    }
    public class ByName implements Comparator<Pair> {
        public Integer compare(Pair x, Pair y) { return x.a.compareTo(y.a); }
    }
    public class Range implements Iterator<Integer>, Iterable<Integer> {
        Integer n = 0;
        public Boolean hasNext() { return n < 3; }
        public Integer next() { return n++; }
        public Iterator<Integer> iterator() { return this; }
    }
    public class Fields { public String a; public Integer b = 2; Boolean c; }
    public class InnerException extends Exception {}
    public virtual class Deep extends Exception {
        public Integer code;
        public Deep(Integer code) { this('code ' + code); this.code = code; }
    }
    public class Deeper extends Deep { public Deeper() { super(5); } }
    public static String f(Id i) { return 'Id'; }
    public static String f(String s) { return 'String'; }
    public static String f(SObject s) { return 'SObject'; }
    public static String f(List<SObject> s) { return 'List<SObject>'; }
    public static String f(Object o) { return 'Object'; }
    public static String g(Integer i) { return 'Integer'; }
    public static String g(Long l) { return 'Long'; }
    public static String g(Double d) { return 'Double'; }
    public static String h(Base b) { return 'Base'; }
    public static String h(Small s) { return 'Small'; }
    public static String k(Object o) { return 'Object'; }
    public static String k(Greeter g) { return 'Greeter'; }
    public static void change(List<Integer> l, Integer i) { l.add(i); i = 9; l = null; }
    public static String nameOf(String name) { String log = name; return log; }
    public static void raise(String text) {
        throw new InnerException(text);
    }
    public static String wrap() {
        try { raise('in'); } catch (Exception e) {
            Exception w = new InnerException('out', e);
            return w.getMessage() + '|' + w.getCause().getMessage() + '|'
                + w.getCause().getTypeName();
        }
        return '';
    }
}
"""
RESULTS = [
    # Static members
    ("Kinds.early", "null"),
    ("Kinds.late", "4"),
    ("Kinds.log", "(static 4)"),
    ("Kinds.lazy + Kinds.lazy + ' ' + Kinds.log", "18 (static 4, lazy)"),
    ("Kinds.nameOf('x') + Kinds.log.size()", "x1"),
    ("kinds.LATE", "4"),
    ("Kinds.late++; return Kinds.late;", "5"),
    # Dispatch
    ("Kinds.Greeter g = new Kinds.Small(); return g.greet('a');", "Hi a."),
    ("Kinds.Base b = new Kinds.Big(); return b.greet('a');", "HI a!!"),
    ("Kinds.Loud l = new Kinds.Big(); return l.shout() + l.greet('b');",
     "HI YOU!!HI b!!"),
    ("'' + new Kinds.Small()", "Base:."),
    ("String.valueOf(new Kinds.Big())", "Base:!"),
    ("new List<Object>{new Kinds.Small()}", "(Base:.)"),
    ("Object o = new Kinds.Big(); return o instanceof Kinds.Greeter;", "true"),
    ("Object o = new Kinds.Small(); return o instanceof Kinds.Loud;", "false"),
    ("Object o = new Kinds.Small(); return o instanceof Kinds.Base;", "true"),
    ("Kinds.Base b; return b instanceof Kinds.Base;", "false"),
    ("List<Kinds.Base> l = new List<Kinds.Small>{new Kinds.Small()};"
     " return l[0].greet('');", "Hi ."),
    # Properties and constructors
    ("Kinds.Counter c = new Kinds.Counter(); return c.value + c.value + ' ' + c.reads;",
     "14 2"),
    ("Kinds.Counter c = new Kinds.Counter(1); return c.add(2).add(3).doubled;", "12"),
    ("Kinds.Counter c = new Kinds.Counter(null); return c.doubled;", "0"),
    ("Kinds.Counter c = new Kinds.Counter(); c.value++; return c.value;", "8"),
    ("new Kinds.Fields()", "Fields:[a=null, b=2, c=null]"),
    ("new Kinds.Fields() == new Kinds.Fields()", "false"),
    ("Kinds.Fields f = new Kinds.Fields(); Kinds.Fields g = f; return f == g && f === g;",
     "true"),
    ("List<Integer> l = new List<Integer>(); Integer i = 1; Kinds.change(l, i);"
     " return '' + l + i;", "(1)1"),
    # Equality and order
    ("new Kinds.Pair('a', 1) == new Kinds.Pair('a', 2)", "true"),
    ("new Kinds.Pair('a', 1) === new Kinds.Pair('a', 1)", "false"),
    ("new Kinds.Pair('a', 1) != new Kinds.Pair('b', 1)", "true"),
    ("new Set<Kinds.Pair>{new Kinds.Pair('a', 1), new Kinds.Pair('a', 2)}.size()", "1"),
    ("new List<Kinds.Pair>{new Kinds.Pair('a', 1)}.contains(new Kinds.Pair('a', 9))",
     "true"),
    ("List<Kinds.Pair> l = new List<Kinds.Pair>{new Kinds.Pair('a', 2),"
     " new Kinds.Pair('b', 1)}; l.sort(); return l[0].a;", "b"),
    ("List<Kinds.Pair> l = new List<Kinds.Pair>{new Kinds.Pair('b', 2),"
     " new Kinds.Pair('a', 1)}; l.sort(new Kinds.ByName()); return l[0].a;", "a"),
    ("Iterator<Integer> i = new Kinds.Range(); String s = '';"
     " while (i.hasNext()) s += i.next(); return s;", "012"),
    ("String s = ''; for (Integer i : new Kinds.Range()) s += i; return s;", "012"),
    # Overloads
    ("Kinds.f('005000000000001AAA')", "String"),
    ("Id i = '005000000000001AAA'; return Kinds.f(i);", "Id"),
    ("Kinds.f(new User())", "SObject"),
    ("Kinds.f(new List<User>())", "List<SObject>"),
    ("Kinds.f(1)", "Object"),
    ("Kinds.f(new List<String>())", "Object"),
    ("SObject s = new User(); return Kinds.f(s.Id);", "Id"),
    ("Object o = new User(); return Kinds.f(o);", "Object"),
    ("Map<String, Object> m = new Map<String, Object>{'a' => 'b'};"
     " return Kinds.f(m.get('a'));", "Object"),
    ("Kinds.f((String) new Map<String, Object>{'a' => 'b'}.get('a'))", "String"),
    ("Kinds.f(JSON.deserializeUntyped('\"a\"'))", "Object"),
    ("Object o = 'a'; return Kinds.f(o ?? 'b');", "Object"),
    ("Object o = 'a'; return Kinds.f(true ? o : 'b');", "Object"),
    ("Object o; return Kinds.f(o);", "Object"),
    ("Kinds.f(true ? 'a' : 'b')", "String"),
    ("Kinds.f('a' + 1)", "String"),
    ("Kinds.f('a,b'.split(',')[0])", "String"),
    ("Kinds.g(1)", "Integer"),
    ("Kinds.g(1L)", "Long"),
    ("Kinds.g(1 + 1L)", "Long"),
    ("Kinds.g(1.5d)", "Double"),
    ("Kinds.h(new Kinds.Small())", "Small"),
    ("Kinds.h(new Kinds.Big())", "Base"),
    ("Kinds.Base b = new Kinds.Small(); return Kinds.h(b);", "Base"),
    ("Kinds.k(new Kinds.Small())", "Greeter"),
    ("Kinds.k('x')", "Object"),
    # Enums
    ("Kinds.Color.values()", "(RED, Green, BLUE_2)"),
    ("Kinds.Color.RED.ordinal() + Kinds.Color.BLUE_2.ordinal()", "2"),
    ("Kinds.Color.Green.name()", "Green"),
    ("Kinds.color.GREEN", "Green"),
    ("Kinds.Color.valueOf('RED') == Kinds.Color.RED", "true"),
    ("Kinds.Color c; return c == null;", "true"),
    ("String.valueOf(Kinds.Color.RED)", "RED"),
    ("Kinds.Color.RED + '!'", "RED!"),
    ("Kinds.Color.RED == Kinds.Color.Green", "false"),
    ("new Map<Kinds.Color, Integer>{Kinds.Color.RED => 1}.get(Kinds.Color.RED)", "1"),
    ("for (Kinds.Color c : Kinds.Color.values()) { if (c.name() == 'green')"
     " { return c.ordinal(); } } return -1;", "1"),
    ("Auth.OAuth2TokenExchangeType t = Auth.OAuth2TokenExchangeType.JWT;"
     " return t.name() + t;", "JWTJWT"),
    ("Kinds.Color c; return c.name();",
     "System.NullPointerException: Attempt to de-reference a null object"),
    # Types
    ("Type.forName('Kinds.Small').getName()", "Kinds.Small"),
    ("Type.forName('kinds')", "Kinds"),
    ("Type.forName('Missing')", "null"),
    ("Kinds.Small.class.getName()", "Kinds.Small"),
    ("((Kinds.Base) Type.forName('Kinds.Small').newInstance()).greet('x')", "Hi x."),
    ("Kinds.Small.class == Type.forName('Kinds.Small')", "true"),
    ("Type t = List<String>.class; return t.getName();", "List<String>"),
    ("String.class", "String"),
    # Casts
    ("Object o = new Kinds.Small(); return ((Kinds.Greeter) o).greet('a');", "Hi a."),
    ("Kinds.Base b = new Kinds.Small(); return ((Kinds.Big) b).shout();",
     "System.TypeException: Invalid conversion from runtime type Kinds.Small to Kinds.Big"),
    ("Object o = null; String s = (String) o; return s;", "null"),
    ("Object o = 'a'; return (List<String>) o;",
     "System.TypeException: Invalid conversion from runtime type String to List<String>"),
    ("Object o = 'a'; return (Kinds.Base) o;",
     "System.TypeException: Invalid conversion from runtime type String to Kinds.Base"),
    ("SObject s = new User(); return ((Account) s).Name;",
     "System.TypeException: Invalid conversion from runtime type SOBJECT:User to"
     " SOBJECT:Account"),
    ("Object o = new List<Object>{'a'}; return (List<String>) o;",
     "System.TypeException: Invalid conversion from runtime type List<ANY> to"
     " List<String>"),
    # Exceptions
    ("new Kinds.InnerException('m').getMessage()", "m"),
    ("new Kinds.InnerException('m').getTypeName()", "Kinds.InnerException"),
    ("new Kinds.InnerException('m')", "Kinds.InnerException: m"),
    ("new Kinds.InnerException().getMessage()", "Script-thrown exception"),
    ("new Kinds.InnerException('m').getCause()", "null"),
    ("Kinds.wrap()", "out|in|Kinds.InnerException"),
    ("new Kinds.Deeper().code + new Kinds.Deeper().getMessage()", "5code 5"),
    ("try { throw new Kinds.Deeper(); } catch (Kinds.Deep e) { return e.code; }", "5"),
    ("Exception e = new Kinds.InnerException('a'); e.setMessage('b');"
     " return e.getMessage();", "b"),
    ("Exception e = new Kinds.InnerException('a');"
     " e.initCause(new MathException('c')); return e.getCause().getMessage();", "c"),
    ("try { Kinds.raise('x'); } catch (Exception e) { return e.getStackTraceString(); }",
     "Class.Kinds.raise: line 77, column 1\nAnonymousBlock: line 1, column 1"),
    ("try { Kinds.raise('x'); } catch (Exception e) { return e.getLineNumber(); }", "77"),
    ("Kinds.raise('x');", "Kinds.InnerException: x"),
    ("throw new IllegalArgumentException('bad');",
     "System.IllegalArgumentException: bad"),
    ("throw new System.SecurityException('s');", "System.SecurityException: s"),
    ("throw new AuraHandledException('a');",
     "System.AuraHandledException: Script-thrown exception"),
    ("try { throw new QueryException('q'); } catch (System.QueryException e)"
     " { return e.getTypeName() + e.getMessage(); }", "System.QueryExceptionq"),
    # Assertions
    ("System.assert(false);", "System.AssertException: Assertion Failed"),
    ("System.assert(false, 'why');", "System.AssertException: Assertion Failed: why"),
    ("System.assertEquals(1, 2);",
     "System.AssertException: Assertion Failed: Expected: 1, Actual: 2"),
    ("System.assertEquals('a', null, 'why');",
     "System.AssertException: Assertion Failed: why: Expected: a, Actual: null"),
    ("Assert.areEqual(1, 1L);", "null"),
    ("Assert.fail('no');", "System.AssertException: Assertion Failed: no"),
    ("try { System.assert(false); } catch (Exception e) { } return 1;",
     "System.AssertException: Assertion Failed"),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert outcome(code, KINDS) == expected
