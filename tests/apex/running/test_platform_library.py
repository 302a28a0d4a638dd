"""Snippets of Apex that use the platform's library, and their results."""

from tokenx.apex.runtime.trace import Debugged, Trace
from tokenx.apex.values import Id, QueryRows, Record

from . import FakeRecords, fails, make_ports, make_run, outcome, run_apex, run_in

HASH = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
MAC = "78da91511e675587f5b9df78bedebaf5560da2abb88162ee875dcdf744951d9e"


EXPRESSIONS = [
    ("EncodingUtil.base64Encode(Blob.valueOf('hi?'))", "aGk/"),
    ("EncodingUtil.base64Decode('aGk').toString()", "hi"),
    ("EncodingUtil.base64Decode('aG\\nk=').toString()", "hi"),
    ("EncodingUtil.convertToHex(Blob.valueOf('az'))", "617a"),
    ("EncodingUtil.convertFromHex('617A').toString()", "az"),
    ("EncodingUtil.urlEncode('a b&ü~*', 'UTF-8')", "a+b%26%C3%BC%7E*"),
    ("EncodingUtil.urlDecode('a+b%26%C3%BC', 'UTF-8')", "a b&ü"),
    (
        "EncodingUtil.convertToHex("
        "Crypto.generateDigest('SHA-256', Blob.valueOf('a')))",
        HASH,
    ),
    (
        "EncodingUtil.convertToHex("
        "Crypto.generateMac('hmacSHA256', Blob.valueOf('a'), Blob.valueOf('k')))",
        MAC,
    ),
    (
        "Crypto.verifyHMac('HmacSHA512', Blob.valueOf('a'), Blob.valueOf('k'), "
        "Crypto.generateMac('hmacSHA512', Blob.valueOf('a'), Blob.valueOf('k')))",
        True,
    ),
    ("Crypto.generateAesKey(128).size()", 16),
    ("new Url('https://u@host:8443/a/b?q=1#r').getHost()", "host"),
    ("new Url('https://u@host:8443/a/b?q=1#r').getPort()", 8443),
    ("new Url('https://u@host:8443/a/b?q=1#r').getFile()", "/a/b?q=1"),
    ("new Url('https://u@host:8443/a/b?q=1#r').getUserInfo()", "u"),
    ("new Url('https://host').getPort()", -1),
    ("new Url(new Url('https://a.b/c/d'), '../e').toExternalForm()", "https://a.b/e"),
    ("Url.getOrgDomainUrl().toExternalForm()", "https://example.my.salesforce.com"),
    ("UserInfo.getName() + UserInfo.getUserId()", "Ada Lovelace005000000000001AAA"),
    ("UserInfo.getTimeZone().getID()", "America/Los_Angeles"),
    ("UserInfo.isMultiCurrencyOrganization()", False),
    ("Limits.getQueries() + '/' + Limits.getLimitQueries()", "0/100"),
    ("Limits.getLimitHeapSize() + Limits.getLimitCpuTime()", 6_010_000),
    ("Test.isRunningTest() || FeatureManagement.checkPermission('x')", False),
    ("String.valueOf(System.today())", "2026-11-30"),
    ("System.currentTimeMillis()", 1_796_040_000_000),
    ("System.equals('a', 'A')", False),
    ("System.equals(null, null)", True),
    ("Type.forName('Nope') == null", True),
    ("Type.forName('List<String>').getName()", "List<String>"),
    ("Exception.class.isAssignableFrom(DmlException.class)", True),
    ("DmlException.class.isAssignableFrom(Exception.class)", False),
    ("Request.getCurrent().getQuiddity().name()", "ANONYMOUS"),
    ("new Version(1, 2).compareTo(new Version(1, 3))", -1),
    ("new JSONException('x', new MathException('y')).getCause().getMessage()", "y"),
    ("new MathException().getMessage()", "Script-thrown exception"),
    ("new MathException('m').getTypeName()", "System.MathException"),
    ("JSON.serialize(new User(Email = 'x', IsActive = true))",
     '{"attributes":{"type":"User"},"Email":"x","IsActive":true}'),
    ("JSON.serialize(new Map<String, Object>{'a' => null, 'b' => new Set<Integer>{1}})",
     '{"a":null,"b":[1]}'),
    ("((Map<String, Object>) JSON.deserializeUntyped('{\"a\":[1]}')).get('a') "
     "instanceof List<Object>", True),
    ("(List<Integer>) JSON.deserialize('[1,2]', List<Integer>.class) != null", True),
    ("new User(Id = '005000000000001AAA', Email = 'a').clone().Id", None),
    ("new User(Email = 'a').getPopulatedFieldsAsMap().containsKey('Email')", True),
    ("new User(Email = 'a').get('email')", "a"),
    ("new User().isSet('Email')", False),
]  # fmt: skip


def test_expressions(subtests):
    for expression, value in EXPRESSIONS:
        with subtests.test(expression=expression, value=value):
            assert run_apex(f"return {expression};") == value


FAILURES = [
    ("System.assert(false);", "System.AssertException: Assertion Failed"),
    ("System.assert(1 > 2, 'why');", "System.AssertException: Assertion Failed: why"),
    (
        "System.assertEquals(1, 2, 'why');",
        "System.AssertException: Assertion Failed: why: Expected: 1, Actual: 2",
    ),
    (
        "Assert.areEqual('a', 'A');",
        "System.AssertException: Assertion Failed: Expected: a, Actual: A",
    ),
    (
        "System.assertNotEquals(1, 1);",
        "System.AssertException: Assertion Failed: Same value: 1",
    ),
    (
        "try { Assert.fail('x'); } catch (Exception e) { return 1; } "
        "finally { return 2; }",
        "System.AssertException: Assertion Failed: x",
    ),
    (
        "EncodingUtil.base64Decode('a-b');",
        "System.StringException: Unrecognized base64 character: -",
    ),
    (
        "EncodingUtil.convertFromHex('abc');",
        "System.InvalidParameterValueException: input string must be an even number of "
        "characters long, but was 3",
    ),
    (
        "EncodingUtil.convertFromHex('ag');",
        "System.InvalidParameterValueException: Illegal hexadecimal character g at "
        "index 1",
    ),
    (
        "EncodingUtil.base64Encode(null);",
        "System.NullPointerException: Argument cannot be null.",
    ),
    (
        "Crypto.generateDigest('SHA-999', Blob.valueOf('a'));",
        "System.SecurityException: SHA-999 MessageDigest not available",
    ),
    (
        "Crypto.sign('RSA-SHA256', Blob.valueOf('x'), Blob.valueOf('key'));",
        "System.SecurityException: Invalid Crypto Key",
    ),
    (
        "new User().put('Nope', 1);",
        "System.SObjectException: Invalid field Nope for User",
    ),
    (
        "new User().put('IsActive', 'x');",
        "System.SObjectException: Illegal assignment from String to Boolean",
    ),
    (
        "Exception e = new MathException('x'); e.initCause(new JSONException('a')); "
        "e.initCause(new JSONException('b'));",
        "System.IllegalStateException: Can't overwrite cause",
    ),
    ("new User().getQuickActionName();",
     "tokenx doesn't run `SObject.getQuickActionName` (line 1)."),
    (
        "String s = '['; s = s.repeat(3000000); JSON.deserializeUntyped(s);",
        "System.JSONException: The document is nested more than 1,000 levels deep",
    ),
    (
        "List<Object> l = new List<Object>(); l.add(l); JSON.serialize(l);",
        "System.JSONException: The value is nested more than 1,000 levels deep",
    ),
]  # fmt: skip


def test_failures(subtests):
    for statements, message in FAILURES:
        with subtests.test(statements=statements):
            assert fails(statements) == message


def test_debug_shows_ten_elements_of_a_collection():
    trace = Trace()
    run_apex(
        "List<Integer> l = new List<Integer>(); for (Integer i = 0; i < 12; i++) l.add(i);"
        "System.debug(l); System.debug(LoggingLevel.ERROR, 'x'); System.debug(null);",
        trace=trace,
    )

    events = [event for event in trace.events if isinstance(event, Debugged)]
    assert [(each.level, each.text) for each in events] == [
        ("DEBUG", "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)"),
        ("ERROR", "x"),
        ("DEBUG", "null"),
    ]


def test_xml_is_read_and_written():
    code = (
        "Dom.Document d = new Dom.Document();"
        'd.load(\'<a xmlns:s="urn:s" x="1"><s:b>hi</s:b><!--c--><b/>t</a>\');'
        "Dom.XmlNode r = d.getRootElement();"
        "return r.getName() + r.getAttributeValue('x', null) + '|'"
        "+ r.getChildElement('b', 'urn:s').getText() + r.getChildElements().size()"
        "+ r.getChildren().size() + r.getText() + '|' + d.toXmlString();"
    )

    assert run_apex(code) == (
        'a1|hi24t|<?xml version="1.0" encoding="UTF-8"?>'
        '<a xmlns:s="urn:s" x="1"><s:b>hi</s:b><!--c--><b/>t</a>'
    )


def test_xml_that_the_code_made_is_escaped():
    code = (
        "Dom.Document d = new Dom.Document();"
        "Dom.XmlNode r = d.createRootElement('Envelope', 'urn:e', 's');"
        "r.addChildElement('Body', 'urn:e', 's').addTextNode('a<b&');"
        "r.setAttribute('q', '\"x\"'); return d.toXmlString();"
    )

    assert run_apex(code) == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="urn:e" q="&quot;x&quot;">'
        "<s:Body>a&lt;b&amp;</s:Body></s:Envelope>"
    )


HOSTILE_XML = [
    ('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "a DOCTYPE isn\\'t allowed"),
    ("<a><b></a>", "mismatched tag (position: line 1, column 9)"),
    ("", "no element found (position: line 1, column 1)"),
    ("<a>&nope;</a>", "undefined entity (position: line 1, column 4)"),
    ("<a>" * 600, "elements are nested more than 500 levels deep"),
]


def test_hostile_xml_is_refused(subtests):
    for text, message in HOSTILE_XML:
        with subtests.test(text=text):
            quoted = text.replace("'", "\\'")
            failure = fails(f"new Dom.Document().load('{quoted}');")

            expected = message.replace("\\'", "'")
            assert failure == f"System.XmlException: Failed to parse XML due to: {expected}"


def test_aes_round_trips():
    code = (
        "Blob k = Crypto.generateAesKey(256);"
        "Blob c = Crypto.encryptWithManagedIV('AES256', k, Blob.valueOf('hello'));"
        "Blob v = Blob.valueOf('0123456789abcdef');"
        "Blob d = Crypto.encrypt('AES256', k, v, Blob.valueOf('you'));"
        "return Crypto.decryptWithManagedIV('AES256', k, c).toString()"
        "+ Crypto.decrypt('AES256', k, v, d).toString();"
    )

    assert run_apex(code) == "helloyou"


def test_a_query_as_text_has_local_variables_as_binds():
    records = FakeRecords(answer=lambda text, binds: QueryRows("User", [Record("User")]))
    run = make_run(ports=make_ports(records=records))
    code = (
        "String wanted = 'a';"
        "List<User> users = Database.query('SELECT Id FROM User WHERE Name = :wanted');"
        "User one = Database.queryWithBinds('SELECT Id FROM User WHERE Name = :x',"
        "new Map<String, Object>{'x' => 'b'}, AccessLevel.USER_MODE);"
        "return users.size();"
    )

    assert run_in(run, code) == 1
    assert [binds for _, binds in records.queries] == [{"wanted": "a"}, {"x": "b"}]
    assert run.budget.queries == 2


def test_a_query_as_text_reads_only_variables_that_exist():
    for code in (
        "Database.query('SELECT Id FROM User WHERE Name = :wanted');",
        "if (true) { String wanted = 'a'; }"
        "Database.query('SELECT Id FROM User WHERE Name = :wanted');",
        "try { Database.query('SELECT Id FROM User WHERE Name = :wanted'); }"
        "catch (NullPointerException e) { }",
    ):
        message = "System.QueryException: Variable does not exist: wanted"
        assert fails(code) == message, code


def test_dml_by_database_returns_results():
    code = (
        "Database.SaveResult r = Database.insert(new User(Email = 'x'), false);"
        "List<Database.SaveResult> all = Database.update("
        "new List<User>{new User(Id = '005000000000001AAA')}, true);"
        "Database.DeleteResult d = Database.delete(r.getId());"
        "return r.isSuccess() + '' + r.getId() + all[0].getErrors().size() + d.isSuccess();"
    )
    records = FakeRecords()
    run = make_run(ports=make_ports(records=records))

    assert run_in(run, code) == "true005000000000000AAA0true"
    assert [operation for operation, _ in records.changes] == ["insert", "update", "delete"]
    assert run.budget.dml == 3
    assert Id("005000000000000AAA") == records.changes[2][1][0].id


def test_type_literals_of_generic_types(subtests):
    types = "public class T { public static Type m() { return List<String>.class; } }"
    for code, expected in {
        "T.m()": "List<String>",
        "List<String>.class.getName()": "List<String>",
        "Map<String, List<Id>>.class.getName()": "Map<String,List<Id>>",
        "T.m() == List<String>.class": "true",
        "Set<String>.class == List<String>.class": "false",
        "Type.forName('List<String>') == T.m()": "true",
        "((List<String>) T.m().newInstance()).size()": "0",
        "((List<String>) JSON.deserialize('[\"a\"]', T.m()))[0]": "a",
    }.items():
        with subtests.test(code=code):
            assert outcome(code, types) == expected
