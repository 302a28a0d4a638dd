"""Records and queries: fields, relationships, rows, and DML."""

from tests.apex.compiling import compile_code
from tokenx.apex.values import Id, QueryRows, Record

from . import FakeRecords, make_ports, outcome


def user(**fields):
    values = {name.lower(): value for name, value in fields.items()}
    return Record("User", values, is_queried=True)


PROFILE = Record("Profile", {"id": Id("00e000000000001AAA"), "name": "P"}, is_queried=True)
ADA = user(id=Id("005000000000001AAA"), username="ada", email="a@x.com", profile=PROFILE)
BOB = user(id=Id("005000000000002AAA"), username="bob", email=None, profile=PROFILE)
NO_ROWS = "System.QueryException: List has no rows for assignment to SObject"
NULL = "System.NullPointerException: Attempt to de-reference a null object"
QUERY = "[SELECT Id, Username, Email, Profile.Name FROM User]"

WITHOUT_QUERIES = [
    ("User u = new User(Email = 'a', IsActive = true); return u.Email + u.IsActive;",
     "atrue"),
    ("User u = new User(); return u.Email;", "null"),
    ("User u = new User(); return u.Id;", "null"),
    ("User u = new User(); u.Email = 'b'; return u.get('Email');", "b"),
    ("User u = new User(); u.put('email', 'b'); return u.EMAIL;", "b"),
    ("SObject s = new User(Email = 'c'); return (String) s.get('Email');", "c"),
    ("SObject s = new User(Email = 'c'); return ((User) s).Email;", "c"),
    ("SObject s = new User(); return s instanceof User;", "true"),
    ("SObject s = new User(); return s instanceof Account;", "false"),
    ("new User(Email = 'c')", "User:{Email=c}"),
    ("new User()", "User:{}"),
    ("User u = new User(Email = 'a'); return u.put('Email', 'b');", "a"),
    ("User u = new User(Email = 'a'); User v = u; v.Email = 'b'; return u.Email;", "b"),
    ("User u = new User(Email = 'a'); User v = u.clone(); v.Email = 'b'; return u.Email;",
     "a"),
    ("User u = new User(Id = '005000000000001'); return u.clone().Id;", "null"),
    ("User u = new User(Id = '005000000000001'); return u.clone(true).Id;",
     "005000000000001AAA"),
    ("new User(Email = 'a') == new User(Email = 'a')", "true"),
    ("User u = new User(Email = 'a'); return u.isSet('Email') + '' + u.isSet('Name');",
     "truefalse"),
    ("User u = new User(Email = 'a'); return u.getPopulatedFieldsAsMap();", "{Email=a}"),
    ("new User(IsActive = null).IsActive", "null"),
    ("User u = new User(); u.Profile = new Profile(Name = 'p'); return u.Profile.Name;",
     "p"),
    ("User u = new User(); return u.Profile.Name;", "null"),
    ("User u = new User(); return u.Profile?.Name;", "null"),
    ("User u = new User(); return u.Profile == null;", "true"),
    ("User u; return u?.Email;", "null"),
    ("User u; return u.Email;", NULL),
    ("User u; u.Email = 'a';", NULL),
    ("SObject s = new User(); s.put('Nope__c', 1);",
     "System.SObjectException: Invalid field Nope__c for User"),
    ("SObject s = new User(); return s.get('Nope__c');",
     "System.SObjectException: Invalid field Nope__c for User"),
    ("User u = new User(); u.put('IsActive', 'x');",
     "System.SObjectException: Illegal assignment from String to Boolean"),
    ("User u = new User(Id = 'x');", "System.StringException: Invalid id: x"),
]  # fmt: skip


def test_records(subtests):
    for code, expected in WITHOUT_QUERIES:
        with subtests.test(code=code):
            assert outcome(code) == expected


QUERIES = [
    (f"User u = {QUERY}; return u.Username;", [ADA], "ada"),
    (f"User u = {QUERY};", [], NO_ROWS),
    (f"User u = {QUERY};", [ADA, BOB],
     "System.QueryException: List has more than 1 row for assignment to SObject"),
    (f"List<User> l = {QUERY}; return l.size();", [ADA, BOB], "2"),
    (f"List<User> l = {QUERY}; return l.isEmpty() ? null : l[0];", [], "null"),
    (f"{QUERY}.size()", [ADA], "1"),
    (f"{QUERY}.isEmpty()", [], "true"),
    (f"{QUERY}[0].Email", [ADA], "a@x.com"),
    (f"{QUERY}[0].Email", [], "System.ListException: List index out of bounds: 0"),
    (f"{QUERY}.Username", [ADA], "ada"),
    (f"{QUERY}.Username", [], NO_ROWS),
    (f"{QUERY}?.Username", [], "null"),
    (f"{QUERY}?.Profile.Name", [], "null"),
    (f"{QUERY}?.Username", [ADA], "ada"),
    (f"User u = {QUERY} ?? new User(Email = 'new'); return u.Email;", [], "new"),
    (f"User u = {QUERY} ?? null; return u == null;", [], "true"),
    (f"String s = ''; for (User u : {QUERY}) {{ s += u.Username; }} return s;",
     [ADA, BOB], "adabob"),
    (f"Integer n = 0; for (List<User> l : {QUERY}) {{ n += l.size(); }} return n;",
     [ADA, BOB], "2"),
    (f"for (User u : {QUERY}) {{ return u.Email; }} return 'none';", [], "none"),
    (f"User u = {QUERY}; return u.Profile.Name;", [ADA], "P"),
    (f"User u = {QUERY}; return u.FirstName;", [ADA],
     "System.SObjectException: SObject row was retrieved via SOQL without querying the"
     " requested field: User.FirstName"),
    (f"User u = {QUERY}; return u.get('FirstName');", [ADA],
     "System.SObjectException: SObject row was retrieved via SOQL without querying the"
     " requested field: User.FirstName"),
    (f"User u = {QUERY}; return u.Email;", [BOB], "null"),
    (f"User u = {QUERY}; return u.Email.length();", [BOB], NULL),
    (f"Map<Id, User> m = new Map<Id, User>({QUERY});"
     " return m.get('005000000000001').Username;", [ADA, BOB], "ada"),
    (f"Map<Id, SObject> m = new Map<Id, SObject>({QUERY}); return m.size();", [ADA], "1"),
    (f"Set<Id> s = new Map<Id, User>({QUERY}).keySet(); return s;", [ADA],
     "{005000000000001AAA}"),
    (f"List<SObject> l = {QUERY}; return ((User) l[0]).Username;", [ADA], "ada"),
    (f"List<SObject> l = {QUERY}; return l[0].get('Username');", [ADA], "ada"),
    (f"Object o = {QUERY}; return ((List<User>) o).size();", [ADA], "1"),
    (f"User u = {QUERY}; return u.getSObject('Profile').get('Name');", [ADA], "P"),
    ("Integer n = [SELECT COUNT() FROM User]; return n;", [ADA, BOB], "2"),
    ("List<User> l = Database.query('SELECT Id FROM User'); return l.size();", [ADA], "1"),
    ("User u = Database.query('SELECT Username FROM User LIMIT 1'); return u.Username;",
     [ADA], "ada"),
    ("return Database.countQuery('SELECT COUNT() FROM User');", [ADA], "1"),
    (f"List<User> l = {QUERY}; return Limits.getQueries() + '/' + Limits.getLimitQueries()"
     " + '/' + Limits.getQueryRows();", [ADA, BOB], "1/100/2"),
    (f"try {{ User u = {QUERY}; }} catch (QueryException e) {{ return e.getMessage(); }}"
     " return '';", [], "List has no rows for assignment to SObject"),
    (f"List<User> l = {QUERY}; l.add(new User()); return l.size();", [ADA], "2"),
    (f"List<User> l = true ? {QUERY} : new List<User>(); return l.size();", [ADA], "1"),
    (f"User u; if (true) {{ u = {QUERY}[0]; }} return u.Username;", [ADA], "ada"),
    (f"List<String> names = new List<String>(); for (User u : {QUERY})"
     " names.add(u.Username); return String.join(names, ';');", [ADA, BOB], "ada;bob"),
]  # fmt: skip


def test_queries(subtests):
    for code, rows, expected in QUERIES:
        with subtests.test(code=code):
            ports = make_ports(records=FakeRecords(rows=rows))

            assert outcome(code, ports=ports) == expected


BINDS = [
    ("String n = 'ada'; List<User> l = [SELECT Id FROM User WHERE Username = :n];",
     {"n": "'ada'"}),
    ("String n = 'ada'; User u = [SELECT Id FROM User WHERE Username =:n LIMIT 1];",
     {"n": "'ada'"}),
    ("Set<String> n = new Set<String>{'a', 'b'};"
     " List<User> l = [SELECT Id FROM User WHERE Username IN :n];", {"n": "{a, b}"}),
    ("Integer x = 5; List<User> l = [SELECT Id FROM User LIMIT :x];", {"x": "5"}),
    ("Map<String, String> m = new Map<String, String>{'k' => 'v'};"
     " List<User> l = [SELECT Id FROM User WHERE Username = :UserInfo.getUserName()];",
     {"UserInfo.getUserName()": "'ada@example.com'"}),
    ("String n = 'ada';"
     " List<User> l = Database.query('SELECT Id FROM User WHERE Username = :n');",
     {"n": "'ada'"}),
    ("List<User> l = Database.queryWithBinds('SELECT Id FROM User WHERE Username = :n',"
     " new Map<String, Object>{'n' => 'x'}, AccessLevel.USER_MODE);", {"n": "'x'"}),
]  # fmt: skip


def test_binds(subtests):
    for code, expected in BINDS:
        with subtests.test(code=code):
            records = FakeRecords(answer=lambda text, binds: QueryRows("User", [ADA]))

            outcome(code, ports=make_ports(records=records))

            [(_, binds)] = records.queries
            assert set(binds) == set(expected)


CHANGES = [
    ("User u = new User(Email = 'a'); insert u; return u.Id != null;", "true"),
    ("User u = new User(Email = 'a'); Database.SaveResult r = Database.insert(u);"
     " return r.isSuccess() + '' + (r.getId() == u.Id);", "truetrue"),
    ("List<User> l = new List<User>{new User(), new User()}; insert l;"
     " return l[0].Id != l[1].Id;", "true"),
    ("List<User> l = new List<User>(); insert l; return Limits.getDmlRows();", "0"),
    ("User u = new User(Id = '005000000000001'); update u;"
     " return Limits.getDmlStatements();", "1"),
    ("User u; insert u;", NULL),
]  # fmt: skip


def test_changes(subtests):
    for code, expected in CHANGES:
        with subtests.test(code=code):
            assert outcome(code) == expected


GROUPS = "[SELECT Email e, COUNT(Id) total FROM User GROUP BY Email]"
AGGREGATES = {
    f"AggregateResult[] g = {GROUPS}; return (Integer) g[0].get('total') + 1;": "3",
    f"List<AggregateResult> g = {GROUPS}; return g[0].get('E');": "x",
    f"AggregateResult r = {GROUPS}; return r.get('TOTAL');": "2",
    f"for (AggregateResult r : {GROUPS}) {{ return r.get('e'); }} return null;": "x",
    f"SObject s = {GROUPS}[0]; return s.get('e') + '' + (s instanceof AggregateResult);":
        "xtrue",
    f"List<SObject> g = {GROUPS}; return g.size();": "1",
    f"AggregateResult r = {GROUPS}[0]; return r.get('nope');":
        "System.SObjectException: Invalid field nope for AggregateResult",
    f"Map<String, Object> m = {GROUPS}[0].getPopulatedFieldsAsMap(); return m;":
        "{e=x, total=2}",
}  # fmt: skip


def test_aggregates_are_records(subtests):
    row = Record("AggregateResult", {"e": "x", "total": 2}, is_queried=True)
    rows = QueryRows("AggregateResult", [row])
    for code, expected in AGGREGATES.items():
        records = FakeRecords(answer=lambda text, binds: rows)
        with subtests.test(code=code):
            assert outcome(code, ports=make_ports(records=records)) == expected
            body = code.replace("return ", "Object result = ")
            assert not compile_code(f"public class C {{ void m() {{ {body} }} }}").problems
