# ruff: noqa: E501 (a line has all code of a sample, so that it can be found and copied)
"""Hostile code, by the way in which it ends. See test_hostile_code.py."""

CPU = "System.LimitException: Apex CPU time limit exceeded"
HEAP = "System.LimitException: Apex heap size too large: "
DEPTH = "System.LimitException: Maximum stack depth reached: 1001"

_BIG = "String b = 'x'; while (b.length() < 2000000) b += b; "
_LIST = (
    "List<Integer> l = new List<Integer>{1}; for (Integer i = 0; i < 15; i++) l.addAll(l); "
)
_NESTED = "List<Object> l = new List<Object>{'x'}; for (Integer i = 0; i < 40; i++) l = new List<Object>{l, l}; "
_KEYED = "public override Integer hashCode() { return 1; } "

ENDED_BY_STEPS = {
    "a growing list": "List<Integer> l = new List<Integer>(); while (true) l.add(1);",
    "a growing map": "Map<Integer, Integer> m = new Map<Integer, Integer>(); Integer i = 0; while (true) m.put(i++, i);",
    "an exception in finally": "void f() { try { Integer i = 1 / 0; } finally { Integer i = 1 / 0; } }".join(["class A { public ", " } while (true) try { new A().f(); } catch (Exception e) { }"]),
    "throwing large texts": _BIG + "while (true) try { throw new IllegalArgumentException(b); } catch (Exception e) { }",
    "text of nested lists": _NESTED + "String s = '' + l;",
    "JSON of nested lists": _NESTED + "JSON.serialize(l);",
    "hash of nested lists": _NESTED + "l.hashCode();",
    "equal nested lists": _NESTED + "List<Object> m = l; " + _NESTED.replace("l =", "n =").replace("{l, l}", "{n, n}") + "Boolean b = l == n;",
    "objects with one hash": f"class A {{ public Boolean equals(Object o) {{ return false; }} {_KEYED}}} Set<A> s = new Set<A>(); while (true) s.add(new A());",
    "many digests": "Blob k = Blob.valueOf('x'.repeat(2000000)); while (true) Crypto.generateDigest('SHA-512', k);",
    "many macs": "Blob k = Blob.valueOf('x'.repeat(2000000)); while (true) Crypto.generateMac('hmacSHA512', k, k);",
    "replacing by expressions": _BIG + "while (true) b.replaceAll('(x)(x)', '$2$1');",
    "short matches that read all": _BIG + "Matcher m = Pattern.compile('x.*?y|x').matcher(b); while (m.find()) { }",
    "compiling expressions": "Integer i = 0; while (true) Pattern.compile('a' + i++ + '(b|c){1,500}');",
    "blank texts": "String b = ' '; while (b.length() < 2000000) b += b; while (true) String.isBlank(b);",
    "trimming": "String b = ' '; while (b.length() < 2000000) b += b; while (true) b.trim();",
    "swapping the case": _BIG + "while (true) b.swapCase();",
    "characters": _LIST + "while (true) String.fromCharArray(l);",
    "surrogates": "String b = '\\ud83d\\ude00'; while (b.length() < 1000000) b += b; while (true) b.substring(1, b.length() - 1);",
    "names of types": "while (true) Type.forName('Map<String,'.repeat(50) + 'x' + '>'.repeat(50));",
    "formats of times": "while (true) Datetime.now().format('yyyy'.repeat(1000));",
    "debugging large texts": _BIG + "while (true) System.debug(b);",
    "a comparator that loops": "class C implements Comparator<Integer> { public Integer compare(Integer a, Integer b) { while (true) { } } } new List<Integer>{3, 1, 2}.sort(new C());",
    "a finally that loops": "try { while (true) { } } finally { while (true) { } }",
    "wide JSON": "JSON.deserializeUntyped('[' + '1,'.repeat(1000000) + '1]');",
    "a chain of causes": "Exception e = new NullPointerException(); while (true) e = new IllegalArgumentException('x', e);",
    "an iterable without an end": "class I implements Iterable<Integer>, Iterator<Integer> { public Iterator<Integer> iterator() { return this; } public Boolean hasNext() { return true; } public Integer next() { return 1; } } for (Integer i : new I()) { }",
    "times in a zone": "while (true) Datetime.now().format('yyyy-MM-dd EEEE', 'America/Lima');",
    "namespaces": "Dom.Document d = new Dom.Document(); while (true) d.load('<a>' + '<x:b xmlns:x=\"u\"/>'.repeat(10000) + '</a>');",
}  # fmt: skip

# With the bytes of the request that's refused.
REFUSED_BY_SIZE = {
    "repeat": ("'x'.repeat(2000000000);", 2_000_000_000),
    "leftPad": ("'x'.leftPad(2147483647);", 2_147_483_647),
    "array": ("Integer[] a = new Integer[2147483647];", 17_179_869_192),
}

# With the steps that were counted before the work, which didn't start.
REFUSED_BY_STEPS = {
    "a long format": ("Datetime.now().format('yyyy'.repeat(500000));", 1_002_007),
    "many placeholders": ("String.format('{0}'.repeat(1000000), new List<Object>{'xxxxxxxx'});", 303_007),
}  # fmt: skip

WITH_ANOTHER_END = {
    "a doubling string": ("String s = 'x'; while (true) s = s + s;", HEAP),
    "a doubling list": ("List<Integer> l = new List<Integer>{1}; while (true) l.addAll(l);", HEAP),
    "a large search": (_BIG + "b.replaceAll('(.{1,30}){1,3}y', '');", "System.LimitException: Regex too complicated"),
    "a list in itself": ("List<Object> l = new List<Object>(); l.add(l); l.hashCode();", DEPTH),
    "endless equals": (f"class A {{ public Boolean equals(Object o) {{ return new A() == o; }} {_KEYED}}} Boolean b = new A() == new A();", DEPTH),
    "endless toString": ("class A { public override String toString() { return '' + new A(); } } String s = '' + new A();", DEPTH),
    "endless constructors": ("class A { A n; A() { n = new A(); } } A a = new A();", DEPTH),
    "endless properties": ("class A { public A b { get { return new A().b; } } } A a = new A().b;", DEPTH),
    "deep JSON": ("JSON.deserializeUntyped('['.repeat(500000));", "System.JSONException: "),
    "an XML bomb": ("new Dom.Document().load('<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>');", "System.XmlException: "),
    "deep XML": ("new Dom.Document().load('<a>'.repeat(200000));", "System.XmlException: "),
    "a huge scale": ("Decimal d = 1; d = d.setScale(2147483647);", "System.MathException: "),
    "a huge power": ("Decimal d = 99; d = d.pow(2147483647);", "System.MathException: "),
    "a far time": ("Datetime.newInstance(9223372036854775807L);", "System.TypeException: "),
}  # fmt: skip


def ends(name: str) -> str:
    """Return a sample that the step limit ends."""
    return ENDED_BY_STEPS[name]
