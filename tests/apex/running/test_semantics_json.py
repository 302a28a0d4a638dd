"""JSON written from and read into classes like those that handlers use."""

from . import outcome

TOKEN = """
public class Token {
    public String sub;
    public Integer exp;
    public List<String> aud;
    public Inner inner;
    public enum Kind { JWT, OTHER }
    public class Inner { public Boolean ok; public Decimal amount; }
    public class Key { public String kid; public String n; public String e { get; set; } }
    public class Keys { public List<Key> keys; }
    public class Defaults { public String a = 'x'; public Integer b; }
    public class Hidden { private String secret = 's'; public transient String t = 't';
        public static String s = 'static'; public String p { get; private set; }
        public Hidden() { p = 'p'; } }
    public virtual class Above { public String up = 'u'; }
    public class Below extends Above { public String low = 'l'; }
    public class Times { public Date d; public Datetime dt; public Time t; public Kind k;
        public Blob b; public Id i; }
    public static String walk(String text) {
        JSONParser parser = JSON.createParser(text);
        String found = '';
        while (parser.nextToken() != null) {
            if (parser.getCurrentToken() == JSONToken.FIELD_NAME) {
                String name = parser.getText();
                parser.nextToken();
                found += name + '=' + parser.getText() + ';';
            }
        }
        return found;
    }
    public static String tokens(String text) {
        JSONParser parser = JSON.createParser(text);
        List<String> found = new List<String>();
        while (parser.nextToken() != null) { found.add('' + parser.getCurrentToken()); }
        return String.join(found, ' ');
    }
    public static Boolean isActive(String text) {
        JSONParser p = JSON.createParser(text);
        while (p.nextToken() != null) {
            if (p.getCurrentToken() == JSONToken.FIELD_NAME && p.getText() == 'active') {
                p.nextToken();
                return p.getBooleanValue();
            }
        }
        return false;
    }
}
"""
GENERATOR = "JSONGenerator g = JSON.createGenerator({}); "
RESULTS = [
    # Writing
    ("JSON.serialize(new Token())", '{"sub":null,"exp":null,"aud":null,"inner":null}'),
    ("JSON.serialize(new Token(), true)", "{}"),
    ("JSON.serialize(new Token.Hidden())", '{"secret":"s","p":"p"}'),
    ("JSON.serialize(new Token.Inner())", '{"ok":null,"amount":null}'),
    ("JSON.serialize(null)", "null"),
    ("JSON.serialize('a\"b/<é>\\n')", '"a\\"b/<é>\\n"'),
    ("JSON.serialize(1.50)", "1.50"),
    ("JSON.serialize(1.0d)", "1.0"),
    ("JSON.serialize(5000000000L)", "5000000000"),
    ("JSON.serialize(true)", "true"),
    ("JSON.serialize(Date.newInstance(2026, 1, 2))", '"2026-01-02"'),
    ("JSON.serialize(Datetime.newInstanceGmt(2026, 1, 2, 3, 4, 5))",
     '"2026-01-02T03:04:05.000Z"'),
    ("JSON.serialize(Time.newInstance(1, 2, 3, 4))", '"01:02:03.004Z"'),
    ("JSON.serialize(Blob.valueOf('hi'))", '"aGk="'),
    ("JSON.serialize(Token.Kind.JWT)", '"JWT"'),
    ("JSON.serialize(new Set<String>{'a'})", '["a"]'),
    ("JSON.serialize(new List<Object>{1, 'a', null})", '[1,"a",null]'),
    ("JSON.serialize(new Map<String, Object>{'a' => null, 'b' => new List<Integer>{1}})",
     '{"a":null,"b":[1]}'),
    ("JSON.serialize(new Map<Integer, String>{1 => 'a'})", '{"1":"a"}'),
    ("JSON.serialize(new Map<String, Object>{'a' => null}, true)", '{"a":null}'),
    ("JSON.serialize(new User(Email = 'e'))",
     '{"attributes":{"type":"User"},"Email":"e"}'),
    ("JSON.serialize(Id.valueOf('005000000000001'))", '"005000000000001AAA"'),
    ("JSON.serializePretty(new Map<String, Object>{'a' => 1,"
     " 'b' => new List<Integer>{1, 2}})",
     '{\n  "a" : 1,\n  "b" : [ 1, 2 ]\n}'),
    ("JSON.serializePretty(new Map<String, Object>{'a' => new Map<String, Object>()})",
     '{\n  "a" : { }\n}'),
    ("JSON.serializePretty(new List<Object>())", "[ ]"),
    # Untyped
    ("Object o = JSON.deserializeUntyped('1'); return o instanceof Integer;", "true"),
    ("Object o = JSON.deserializeUntyped('2147483648'); return (Long) o;", "2147483648"),
    ("Object o = JSON.deserializeUntyped('1.10'); return o instanceof Decimal;", "true"),
    ("JSON.deserializeUntyped('1.10')", "1.10"),
    ("JSON.deserializeUntyped('\"x\"')", "x"),
    ("JSON.deserializeUntyped('true')", "true"),
    ("JSON.deserializeUntyped('null')", "null"),
    ("JSON.deserializeUntyped('[1, {\"a\": [true, null]}]')", "(1, {a=(true, null)})"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"exp\": 1790000000}'); return Datetime.newInstance((Long) m.get('exp') * 1000L)"
     ".getTime();", "1790000000000"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"exp\": 1790000000}'); return (Integer) m.get('exp') * 1000;", "-1001362432"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"exp\": 1790000000}'); return Long.valueOf(String.valueOf(m.get('exp'))) * 1000;",
     "1790000000000"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"a\": 1}'); return (String) m.get('a');",
     "System.TypeException: Invalid conversion from runtime type Integer to String"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"aud\": [\"a\"]}'); return m.get('aud') instanceof List<Object>;", "true"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"aud\": \"a\"}'); return m.get('aud') instanceof String;", "true"),
    ("Map<String, Object> m = (Map<String, Object>) JSON.deserializeUntyped("
     "'{\"keys\": [{\"kid\": \"k\"}]}'); for (Object o : (List<Object>) m.get('keys'))"
     " { return ((Map<String, Object>) o).get('kid'); } return null;", "k"),
    ("(Map<String, Object>) JSON.deserializeUntyped('[]')",
     "System.TypeException: Invalid conversion from runtime type List<ANY> to"
     " Map<String,ANY>"),
    # Typed
    ("((Token) JSON.deserialize('{\"sub\":\"s\",\"exp\":5,\"x\":1}', Token.class)).sub",
     "s"),
    ("((Token) JSON.deserialize('{\"SUB\":\"s\"}', Token.class)).sub", "s"),
    ("((Token) JSON.deserialize('{}', Token.class)).exp", "null"),
    ("((Token) JSON.deserialize('{\"aud\":[\"a\",\"b\"]}', Token.class)).aud[1]", "b"),
    ("((Token) JSON.deserialize('{\"inner\":{\"ok\":true,\"amount\":1.50}}',"
     " Token.class)).inner.amount", "1.50"),
    ("((Token) JSON.deserialize('{\"aud\":null}', Token.class)).aud", "null"),
    ("((Token.Keys) JSON.deserialize('{\"keys\":[{\"kid\":\"a\",\"e\":\"AQAB\"}]}',"
     " Token.Keys.class)).keys[0].e", "AQAB"),
    ("((List<Token.Key>) JSON.deserialize('[{\"kid\":\"a\"},{\"kid\":\"b\"}]',"
     " List<Token.Key>.class)).size()", "2"),
    ("((Map<String, Token.Key>) JSON.deserialize('{\"a\":{\"kid\":\"k\"}}',"
     " Map<String, Token.Key>.class)).get('a').kid", "k"),
    ("((Map<String, String>) JSON.deserialize('{\"a\":\"b\"}',"
     " Map<String, String>.class)).get('a')", "b"),
    ("Token.Times t = (Token.Times) JSON.deserialize('{\"d\":\"2026-01-02\","
     "\"dt\":\"2026-01-02T03:04:05Z\",\"k\":\"JWT\",\"b\":\"aGk=\","
     "\"i\":\"005000000000001\"}', Token.Times.class);"
     " return '' + t.d.day() + t.dt.hourGmt() + t.k + t.b.toString() + t.i;",
     "23JWThi005000000000001AAA"),
    ("(Decimal) JSON.deserialize('100.1', Decimal.class)", "100.1"),
    ("((User) JSON.deserialize('{\"Email\":\"e\"}', User.class)).Email", "e"),
    ("JSON.deserialize('[]', Token.class)",
     "System.JSONException: Malformed JSON: Expected '{' at the beginning of object"),
    # Generator
    (GENERATOR.format("false") + "g.writeStartObject(); g.writeStringField('a', 'b');"
     " g.writeNumberField('n', 1.50); g.writeBooleanField('t', true);"
     " g.writeNullField('z'); g.writeFieldName('l'); g.writeStartArray();"
     " g.writeNumber(1); g.writeString('x'); g.writeEndArray(); g.writeEndObject();"
     " return g.getAsString();",
     '{"a":"b","n":1.50,"t":true,"z":null,"l":[1,"x"]}'),
    (GENERATOR.format("true") + "g.writeStartObject(); g.writeStringField('a', 'b');"
     " g.writeObjectField('o', new List<Integer>{1}); g.writeEndObject();"
     " return g.getAsString();", '{\n  "a" : "b",\n  "o" : [ 1 ]\n}'),
    (GENERATOR.format("false") + "g.writeStartObject();"
     " g.writeDateField('d', Date.newInstance(2026, 1, 2));"
     " g.writeDateTimeField('t', Datetime.newInstanceGmt(2026, 1, 2, 3, 4, 5));"
     " g.writeIdField('i', '005000000000001'); g.writeEndObject(); return g.getAsString();",
     '{"d":"2026-01-02","t":"2026-01-02T03:04:05.000Z","i":"005000000000001AAA"}'),
    (GENERATOR.format("false") + "g.writeObject(new Map<String, Object>{'a' => 1});"
     " return g.getAsString();", '{"a":1}'),
    # Parser
    ("return Token.walk('{\"a\":\"x\",\"n\":1.50,\"t\":true,\"z\":null,\"o\":{\"p\":2},"
     "\"l\":[1]}');", "a=x;n=1.50;t=true;z=null;o={;p=2;l=[;"),
    ("Token.tokens('{\"a\":[1,1.5,\"x\",true,false,null]}')",
     "START_OBJECT FIELD_NAME START_ARRAY VALUE_NUMBER_INT VALUE_NUMBER_FLOAT"
     " VALUE_STRING VALUE_TRUE VALUE_FALSE VALUE_NULL END_ARRAY END_OBJECT"),
    ("Token.isActive('{\"scope\":\"a\",\"active\":true}')", "true"),
    ("JSONParser p = JSON.createParser('{\"a\":1}'); return p.getCurrentToken();", "null"),
    ("JSONParser p = JSON.createParser('{\"a\":1}'); p.nextToken(); p.nextToken();"
     " return p.getCurrentName() + p.getText();", "aa"),
    ("JSONParser p = JSON.createParser('{\"a\":1}'); p.nextToken(); p.nextValue();"
     " return p.getCurrentName() + p.getIntegerValue();", "a1"),
    ("JSONParser p = JSON.createParser('{\"a\":{\"kid\":\"k\"}}'); p.nextToken();"
     " p.nextToken(); p.nextToken();"
     " return ((Token.Key) p.readValueAs(Token.Key.class)).kid;", "k"),
    ("JSONParser p = JSON.createParser('{\"a\":{\"b\":1},\"c\":2}'); p.nextToken();"
     " p.nextToken(); p.nextToken(); p.skipChildren(); p.nextToken(); return p.getText();",
     "c"),
    ("JSONParser p = JSON.createParser('[5000000000]'); p.nextToken(); p.nextToken();"
     " return p.getLongValue();", "5000000000"),
    ("JSONParser p = JSON.createParser('[\"2026-01-02T03:04:05.000Z\"]'); p.nextToken();"
     " p.nextToken(); return p.getDatetimeValue();", "2026-01-02 03:04:05"),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert outcome(code, TOKEN) == expected
