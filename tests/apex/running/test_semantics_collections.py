"""Lists, sets, and maps: equality, keys, order, and failures."""

from . import outcome

IDS = "Id a = '005000000000001AAA'; "
RESULTS = [
    # Lists
    ("new List<Integer>{1, 2} == new List<Integer>{1, 2}", "true"),
    ("new List<Integer>{1, 2} == new List<Integer>{2, 1}", "false"),
    ("List<String> l; return l == null;", "true"),
    ("new List<String>{'b', null, 'a'}.contains('a')", "true"),
    ("new List<String>{'a'}.contains('A')", "false"),
    ("new List<String>{'a', 'b'}.indexOf('b')", "1"),
    ("new List<String>{'a'}.indexOf('x')", "-1"),
    ("List<Integer> l = new List<Integer>{3, 1, 2}; l.sort(); return l;", "(1, 2, 3)"),
    ("List<String> l = new List<String>{'b', 'a', null}; l.sort(); return l;",
     "(null, a, b)"),
    ("List<String> l = new List<String>{'a', 'B', 'C'}; l.sort(); return l;", "(B, C, a)"),
    ("List<Decimal> l = new List<Decimal>{1.5, -1, 1.05}; l.sort(); return l;",
     "(-1, 1.05, 1.5)"),
    ("List<Date> l = new List<Date>{Date.newInstance(2026, 2, 1),"
     " Date.newInstance(2025, 2, 1)}; l.sort(); return l[0].year();", "2025"),
    ("List<Integer> l = new List<Integer>{1, 2, 3}; Integer r = l.remove(0);"
     " return r + '' + l;", "1(2, 3)"),
    ("List<Integer> l = new List<Integer>{1}; l.add(0, 5); return l;", "(5, 1)"),
    ("List<Integer> l = new List<Integer>{1}; l.set(0, 5); return l;", "(5)"),
    ("List<Integer> l = new List<Integer>{1}; l.addAll(l); return l;", "(1, 1)"),
    ("List<Integer> l = new List<Integer>{1}; List<Integer> m = l.clone(); m.add(2);"
     " return l;", "(1)"),
    ("List<Integer> l = new List<Integer>{1, 2, 3, 4};"
     " for (Integer i = l.size() - 1; i >= 0; i--) { if (Math.mod(l[i], 2) == 0)"
     " { l.remove(i); } } return l;", "(1, 3)"),
    ("List<Integer> l = new List<Integer>{1, 2, 3};"
     " for (Integer i = 0; i < l.size(); i++) { if (i == 0) { l.add(4); } } return l;",
     "(1, 2, 3, 4)"),
    ("Integer[] l = new Integer[2]; return l;", "(null, null)"),
    ("Integer[] l = new Integer[]{}; l.add(1); return l;", "(1)"),
    ("List<List<String>> l = new List<List<String>>{new List<String>{'a'}};"
     " return l[0][0];", "a"),
    ("String[] parts = 'a,b'.split(','); return parts[1] + parts.size();", "b2"),
    ("List<Integer> l = new List<Integer>(new Set<Integer>{1, 1, 2}); return l;", "(1, 2)"),
    ("List<Object> l = new List<Object>{1, 'a', null, 2.5}; return l;",
     "(1, a, null, 2.5)"),
    ("Object o = new List<String>{'a'}; return o instanceof List<String>;", "true"),
    ("Object o = new List<String>{'a'}; return o instanceof List<Integer>;", "false"),
    ("Object o = new List<String>{'a'}; return o instanceof List<Object>;", "true"),
    ("List<Object> l = new List<String>{'a'}; return l[0];", "a"),
    ("Object o = JSON.deserializeUntyped('[1]'); return o instanceof List<Object>;",
     "true"),
    ("Object o = JSON.deserializeUntyped('[\"a\"]');"
     " return String.join((List<Object>) o, ',');", "a"),
    ("List<User> l = new List<User>{new User(Email = 'a')};"
     " List<User> c = l.deepClone(); c[0].Email = 'b'; return l[0].Email;", "a"),
    ("List<User> l = new List<User>{new User(Email = 'a')};"
     " List<User> c = l.clone(); c[0].Email = 'b'; return l[0].Email;", "b"),
    ("Iterator<Integer> i = new List<Integer>{7, 8}.iterator(); i.next();"
     " return i.next() + '' + i.hasNext();", "8false"),
    ("Integer n = 0; for (Integer i : new Integer[]{1, 2, 3}) { n += i; } return n;", "6"),
    ("new List<Integer>().isEmpty()", "true"),
    ("List<Integer> l = new List<Integer>{1}; l.clear(); return l.size();", "0"),
    ("List<Long> l = new List<Long>{1}; Object o = l[0]; return o instanceof Long;",
     "true"),
    ("List<Decimal> l = new List<Decimal>(); l.add(1); l.add(1.50); return l;",
     "(1, 1.50)"),
    # Sets
    ("new Set<String>{'a', 'A', 'a'}.size()", "2"),
    ("new Set<String>{null}.contains(null)", "true"),
    ("Set<String> s = new Set<String>{'a'}; return '' + s.add('a') + s.add('b');",
     "falsetrue"),
    ("Set<String> s = new Set<String>{'a'}; return '' + s.remove('x') + s.remove('a');",
     "falsetrue"),
    ("new Set<String>{'a', 'b'}.equals(new Set<String>{'b', 'a'})", "true"),
    ("new Set<String>{'a'}.containsAll(new Set<String>{'a', 'b'})", "false"),
    ("Set<Integer> s = new Set<Integer>{1, 2}; s.retainAll(new List<Integer>{2});"
     " return s;", "{2}"),
    ("Set<Integer> s = new Set<Integer>{1, 2};"
     " return '' + s.addAll(new Set<Integer>{2}) + s.removeAll(new Set<Integer>{1});",
     "falsetrue"),
    (IDS + "Set<Id> s = new Set<Id>{a}; return s.contains('005000000000001');", "true"),
    (IDS + "Set<Id> s = new Set<Id>{a, '005000000000001'}; return s.size();", "1"),
    ("Set<String> s = new Set<String>{'005000000000001AAA'};"
     " return s.contains('005000000000001');", "false"),
    (IDS + "Set<String> s = new Set<String>{a}; return s.contains('005000000000001AAA');",
     "true"),
    (IDS + "return a == '005000000000001';", "true"),
    (IDS + "String s = a; return s;", "005000000000001AAA"),
    (IDS + "String s = a; return s.length();", "18"),
    (IDS + "return String.valueOf(a).substring(0, 3);", "005"),
    ("new Set<Object>{1, '1'}.size()", "2"),
    ("new Set<List<Integer>>{new List<Integer>{1}, new List<Integer>{1}}.size()", "1"),
    ("Set<Date> s = new Set<Date>{Date.newInstance(2026, 1, 1)};"
     " return s.contains(Date.newInstance(2026, 1, 1));", "true"),
    # Maps
    ("new Map<String, Integer>{'a' => 1}.get('b')", "null"),
    ("new Map<String, Integer>{'a' => 1}.containsKey('A')", "false"),
    ("new Map<String, Integer>{'a' => 1}.containsKey(null)", "false"),
    ("new Map<String, Integer>{'a' => 1}.get(null)", "null"),
    ("Map<String, Integer> m = new Map<String, Integer>(); m.put(null, 1);"
     " return m.get(null);", "1"),
    ("Map<String, Integer> m = new Map<String, Integer>(); return m.put('a', 1);", "null"),
    ("Map<String, Integer> m = new Map<String, Integer>{'a' => 1}; return m.put('a', 2);",
     "1"),
    ("Map<String, Integer> m = new Map<String, Integer>{'a' => 1, 'a' => 2}; return m;",
     "{a=2}"),
    ("Map<String, Integer> m = new Map<String, Integer>{'a' => 1}; return m.remove('x');",
     "null"),
    ("Map<String, Integer> m = new Map<String, Integer>{'a' => 1}; m.keySet().clear();"
     " return m.size();", "0"),
    ("Map<Integer, String> m = new Map<Integer, String>{1 => 'a'}; return m.get(1);", "a"),
    ("Map<Long, String> m = new Map<Long, String>{1 => 'a'}; return m.get(1);", "a"),
    ("Map<Decimal, String> m = new Map<Decimal, String>{1 => 'a'}; return m.get(1);", "a"),
    ("Map<String, List<String>> m = new Map<String, List<String>>();"
     " for (String s : new List<String>{'ab', 'ac', 'b'}) { String k = s.left(1);"
     " if (!m.containsKey(k)) m.put(k, new List<String>()); m.get(k).add(s); } return m;",
     "{a=(ab, ac), b=(b)}"),
    ("Map<String, Integer> m = new Map<String, Integer>{'z' => 1, 'a' => 2};"
     " String s = ''; for (String k : m.keySet()) s += k + m.get(k); return s;", "z1a2"),
    ("new Map<String, String>(new Map<String, String>{'a' => 'b'})", "{a=b}"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped('{\"A\":1}');"
     " return '' + m.get('a') + m.get('A');", "null1"),
    ("Map<String, Object> m = new Map<String, Object>{'a' => new List<Object>{1}};"
     " return ((List<Object>) m.get('a'))[0];", "1"),
    ("Map<String, Object> m = new Map<String, String>{'a' => 'b'};"
     " return m.get('a');", "b"),
    ("Object o = new Map<String, String>(); return o instanceof Map<String, Object>;",
     "true"),
    (IDS + "Map<Id, User> m = new Map<Id, User>(new List<User>{new User(Id = a)});"
     " return m.get('005000000000001').Id;", "005000000000001AAA"),
    (IDS + "Map<String, User> m = new Map<String, User>(new List<User>{new User(Id = a)});"
     " return m.keySet();", "{005000000000001AAA}"),
    ("new Map<String, Integer>{'a' => 1} == new Map<String, Integer>{'a' => 1}", "true"),
    ("Map<String, Integer> m = new Map<String, Integer>{'a' => 1};"
     " List<Integer> v = m.values(); v.add(2); return m.size();", "1"),
    ("Map<System.RoundingMode, Integer> m ="
     " new Map<System.RoundingMode, Integer>{RoundingMode.UP => 1};"
     " return m.get(System.RoundingMode.UP);", "1"),
    ("Map<User, Integer> m = new Map<User, Integer>{new User(Email = 'a') => 1};"
     " return m.get(new User(Email = 'a'));", "1"),
    # Failures
    ("List<Integer> l = new List<Integer>{1}; return l[1];",
     "System.ListException: List index out of bounds: 1"),
    ("return new List<Integer>()[0];", "System.ListException: List index out of bounds: 0"),
    ("List<Integer> l = new List<Integer>{1}; return l[-1];",
     "System.ListException: List index out of bounds: -1"),
    ("List<Integer> l = new List<Integer>(); l.remove(0);",
     "System.ListException: List index out of bounds: 0"),
    ("List<Integer> l; l.add(1);",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Map<String, Integer> m; m.put('a', 1);",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Set<String> s = new Set<String>{'a'}; for (String t : s) { s.remove(t); }",
     "System.FinalException: Cannot modify a collection while it is being iterated."),
    ("Integer n = new Map<String, Integer>().get('a'); return n + 1;",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Object o = new Map<String, Object>(); return (List<Object>) o;",
     "System.TypeException: Invalid conversion from runtime type Map<String,ANY> to"
     " List<ANY>"),
    ("Object o = new List<Object>(); return (Map<String, Object>) o;",
     "System.TypeException: Invalid conversion from runtime type List<ANY> to"
     " Map<String,ANY>"),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert outcome(code) == expected
