"""Tests JSON, JSONParser, and JSONGenerator."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.apex.library import json_building, json_quick
from tokenx.apex.runtime.errors import LimitExceededError
from tokenx.apex.types import ApexType, parse_type
from tokenx.apex.values import ApexList, ApexMap, Id, Long, Record, TypeValue

from .library_calls import FakeRun, call, plain, static, thrown_by

ILLEGAL = "Illegal value for primitive"
AN_OBJECT = "Malformed JSON: Expected '{' at the beginning of object"
A_LIST = "Malformed JSON: Expected '[' at the beginning of List/Set"
A_VALUE = (
    "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
)


def untyped(text):
    return static(FakeRun(), "JSON", "deserializeUntyped", text)


def typed(text, type_, method="deserialize"):
    return static(FakeRun(), "JSON", method, text, TypeValue(parse_type(type_)))


def serialized(value, *arguments):
    return static(FakeRun(), "JSON", "serialize", value, *arguments)


def test_untyped_json_becomes_maps_lists_and_simple_values():
    text = (
        ' {"a": [1, 2.50, -3e2, true, null, "x\\u00e9"], "b": {"c": 5000000000}, "d": {}} '
    )

    assert plain(untyped(text)) == {
        "a": [1, Decimal("2.50"), Decimal("-3E+2"), True, None, "xé"],
        "b": {"c": 5_000_000_000},
        "d": {},
    }
    assert isinstance(plain(untyped(text))["b"]["c"], Long)


def test_the_last_of_several_equal_names_counts():
    assert plain(untyped('{"a": 1, "a": 2}')) == {"a": 2}


MALFORMED = [
    ("", "No content to map to Object due to end of input"),
    ("  ", "No content to map to Object due to end of input"),
    (
        "<html>",
        f"Unexpected character ('<' (code 60)): {A_VALUE} at input location [1,2]",
    ),
    (
        "\ufeff{}",
        "Unexpected character ('\ufeff' (code 65279 / 0xfeff)): expected a valid",
    ),
    ("[<", f"Unexpected character ('<' (code 60)): {A_VALUE} at [line:1, column:2]"),
    (
        "{  name: 1}",
        "Unexpected character ('n' (code 110)): was expecting double-quote to start "
        "field name at [line:1, column:4]",
    ),
    (
        '{"a" 1}',
        "Unexpected character ('1' (code 49)): was expecting a colon to separate field "
        "name and value at [line:1, column:6]",
    ),
    (
        '{"a":1 "b":2}',
        "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT "
        "entries at [line:1, column:8]",
    ),
    (
        "[1,\n 2 3]",
        "Unexpected character ('3' (code 51)): was expecting comma to separate ARRAY "
        "entries at [line:2, column:4]",
    ),
    (
        "[1,]",
        "Unexpected character (']' (code 93)): expected a value at [line:1, column:4]",
    ),
    (
        '"abc',
        "Unexpected end-of-input: was expecting closing quote for a string value at "
        "[line:1, column:5]",
    ),
    (
        '{"a":1',
        "Unexpected end-of-input: expected close marker for OBJECT (from [line:1, "
        "column:0]) at [line:1, column:7]",
    ),
    (
        '{"a":1,',
        "Unexpected end-of-input within/between OBJECT entries at [line:1, column:8]",
    ),
    (
        '"a\nb"',
        "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using "
        "backslash to be included in string value at [line:1, column:3]",
    ),
    ("[01]", "Invalid numeric value: Leading zeroes not allowed at [line:1, column:3]"),
    (
        "nul",
        "Unrecognized token 'nul': was expecting 'null', 'true', or 'false' at [line:1",
    ),
    (
        '{"a": 9223372036854775808}',
        'For input string: "9223372036854775808" at [line:1, column:7]',
    ),
]


def test_malformed_json_is_refused_in_salesforces_words(subtests):
    for text, message in MALFORMED:
        with subtests.test(text=text):
            kind, found = thrown_by(untyped, text)
            assert kind == "JSONException"
            assert found.startswith(message)


OTHER_MALFORMED = [
    "{", "[", '{"a"', '{"a":', '{"a":1', "[1", "[1,", "}", "]", "[}", '{"a":]', "{]",
    "1 2", "[] x", "-", "+1", "1.", ".5", "1e", '"\\x"', '"\\u12"', '"\\ud83d\\"',
    '"\\', "tru", "nan", "Infinity", "'a'", "[1}", '{"a":1]', "1e99999999999", "\ud800",
    "\x00", "[\u0661]", "{,}", "[,]", '{"a":1,}',
]  # fmt: skip


def test_other_malformed_json_is_a_jsonexception(subtests):
    for text in OTHER_MALFORMED:
        with subtests.test(text=text):
            assert thrown_by(untyped, text)[0] == "JSONException"


def test_deep_json_is_refused_without_recursion():
    kind, message = thrown_by(untyped, "[" * 2_000_000)

    assert kind == "JSONException"
    assert message == "The document is nested more than 1,000 levels deep"


@pytest.mark.slow
def test_long_json_ends_at_the_limit_of_steps():
    with pytest.raises(LimitExceededError, match="CPU"):
        untyped("[" + "1," * 2_000_000 + "1]")


def test_null_isnt_json():
    assert thrown_by(untyped, None)[0] == "NullPointerException"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inside: (
        st.lists(inside)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inside)
    ),
)


@pytest.mark.slow
@given(JSON)
def test_json_agrees_with_pythons(value):
    assert plain(untyped(json.dumps(value))) == value
    assert serialized(untyped(json.dumps(value))) == json.dumps(
        value, ensure_ascii=False, separators=(",", ":")
    )


@given(st.text())
def test_any_text_is_json_or_a_jsonexception(text):
    try:
        expected = json.loads(text, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError, RecursionError):
        assert thrown_by(untyped, text)[0] == "JSONException"
    else:
        is_whole = isinstance(expected, int) and not isinstance(expected, bool)
        is_simple = not isinstance(expected, float) and not is_whole
        assert not is_simple or plain(untyped(text)) == expected


# --- Typed -----------------------------------------------------------------------------


TYPED = [
    ("[1, 2]", "List<Integer>", [1, 2]),
    ('["a", "b", "a"]', "Set<String>", {"a", "b"}),
    ('{"a": 1.5}', "Map<String, Double>", {"a": 1.5}),
    ('{"1": "x"}', "Map<Integer, String>", {1: "x"}),
    ("5", "String", "5"),
    ("true", "String", "true"),
    ('"true"', "Boolean", True),
    ('"12"', "Integer", 12),
    ("1.10", "Decimal", Decimal("1.10")),
    ("null", "Integer", None),
    ('"2026-11-30"', "Date", date(2026, 11, 30)),
    (
        '"2026-11-30T10:00:00.250+0200"',
        "Datetime",
        datetime(2026, 11, 30, 8, 0, 0, 250_000, UTC),
    ),
    ('"10:15:30.000Z"', "Time", time(10, 15, 30)),
    ('"aGk="', "Blob", b"hi"),
    (
        '{"attributes": {"type": "User", "x": []}, "Email": "a@b.c", "isActive": true}',
        "User",
        {"email": "a@b.c", "isactive": True},
    ),
    ('[[{"a": null}]]', "List<List<Map<String, String>>>", [[{"a": None}]]),
]


def test_typed_json_becomes_values_of_the_type(subtests):
    for text, type_, value in TYPED:
        with subtests.test(text=text, type_=type_, value=value):
            assert plain(typed(text, type_)) == value


OF_ANOTHER_SHAPE = [
    ("{}", "List<String>", A_LIST),
    ("5", "Set<String>", A_LIST),
    ("[]", "Map<String, String>", AN_OBJECT),
    ("[]", "User", AN_OBJECT),
    ('"thirty"', "Integer", "Illegal value for primitive: thirty"),
    ("3000000000", "Integer", "Illegal value for primitive: 3000000000"),
    ("{}", "Integer", "Illegal value for primitive: {"),
    ('"2026-13-01"', "Date", "Illegal value for primitive: 2026-13-01"),
    ('"0001-01-01T00:00Z0"', "Datetime", f"{ILLEGAL}: 0001-01-01T00:00Z0"),
    ('"0001-01-01T00:00+23"', "Time", f"{ILLEGAL}: 0001-01-01T00:00+23"),
    ("{}", "Object", "Apex Type unsupported in JSON: Object"),
    ('{"a": 1}', "Map<String, Object>", "Apex Type unsupported in JSON: Object"),
    ("{}", "HttpRequest", "Apex Type unsupported in JSON: HttpRequest"),
]  # fmt: skip


def test_typed_json_of_another_shape_is_refused(subtests):
    for text, type_, message in OF_ANOTHER_SHAPE:
        with subtests.test(text=text, type_=type_):
            assert thrown_by(typed, text, type_) == ("JSONException", message)


def test_only_the_strict_method_refuses_unknown_columns():
    assert plain(typed('{"Nope": [1], "Email": "a"}', "User")) == {"email": "a"}
    assert thrown_by(typed, '{"Nope": 1}', "User", "deserializeStrict") == (
        "JSONException",
        "No such column 'Nope' on sobject of type User",
    )


# --- Writing ---------------------------------------------------------------------------


def test_values_are_written_as_salesforce_writes_them():
    pairs = ApexMap()
    entries = {
        "text": 'a"\n\u20ac😀',
        "number": Decimal("1.50"),
        "none": None,
        "day": date(2026, 1, 2),
        "at": datetime(2026, 1, 2, 3, 4, 5, 6_000, UTC),
        "time": time(3, 4, 5),
        "blob": b"hi",
        "list": ApexList(items=[True, 1]),
        "empty": ApexList(),
    }
    pairs.items = {key: (key, value) for key, value in entries.items()}

    assert serialized(pairs) == (
        '{"text":"a\\"\\n\u20ac😀","number":1.50,"none":null,"day":"2026-01-02",'
        '"at":"2026-01-02T03:04:05.006Z","time":"03:04:05.000Z","blob":"aGk=",'
        '"list":[true,1],"empty":[]}'
    )


def test_a_record_has_its_type_and_address():
    user_id = Id("005000000000001AAA")
    record = Record("User", {"id": user_id, "email": None, "isactive": True})

    assert serialized(record) == (
        '{"attributes":{"type":"User","url":"/services/data/v67.0/sobjects/User/'
        '005000000000001AAA"},"Id":"005000000000001AAA","Email":null,"IsActive":true}'
    )


def test_pretty_json_looks_like_jacksons():
    inner = ApexMap(items={"b": ("b", ApexList(items=[1, 2]))})
    outer = ApexMap(items={"a": ("a", ApexList(items=[inner])), "c": ("c", ApexMap())})

    assert static(FakeRun(), "JSON", "serializePretty", outer) == (
        '{\n  "a" : [ {\n    "b" : [ 1, 2 ]\n  } ],\n  "c" : { }\n}'
    )


def test_a_list_in_itself_isnt_written():
    endless = ApexList()
    endless.items.append(endless)

    assert thrown_by(serialized, endless) == (
        "JSONException",
        "The value is nested more than 1,000 levels deep",
    )


# --- JSONParser ------------------------------------------------------------------------


def parser(text):
    run = FakeRun()
    return run, static(run, "JSON", "createParser", text)


def test_a_parser_goes_from_token_to_token():
    run, reader = parser('{"active": true, "list": [1, "x"], "n": null}')
    kinds, texts, names = [], [], []
    while token := call(run, reader, "nextToken"):
        kinds.append(token.name)
        texts.append(call(run, reader, "getText"))
        names.append(call(run, reader, "getCurrentName"))

    assert kinds == [
        "START_OBJECT", "FIELD_NAME", "VALUE_TRUE", "FIELD_NAME", "START_ARRAY",
        "VALUE_NUMBER_INT", "VALUE_STRING", "END_ARRAY", "FIELD_NAME", "VALUE_NULL",
        "END_OBJECT",
    ]  # fmt: skip
    assert texts == ["{", "active", "true", "list", "[", "1", "x", "]", "n", "null", "}"]
    assert names == [
        None, "active", "active", "list", "list", None, None, "list", "n", "n", None,
    ]  # fmt: skip
    assert not call(run, reader, "hasCurrentToken")


def test_a_parser_reads_values_of_a_type_and_skips_children():
    run, reader = parser('{"skip": {"a": [1]}, "take": {"x": 1}, "n": 12, "f": 1.5}')
    call(run, reader, "nextToken")
    call(run, reader, "nextValue")
    call(run, reader, "skipChildren")
    call(run, reader, "nextValue")
    taken = call(run, reader, "readValueAs", TypeValue(parse_type("Map<String, Integer>")))

    assert plain(taken) == {"x": 1}
    assert call(run, reader, "getCurrentToken").name == "END_OBJECT"
    assert call(run, reader, "nextValue").name == "VALUE_NUMBER_INT"
    assert call(run, reader, "getLongValue") == 12
    call(run, reader, "nextValue")
    assert call(run, reader, "getDecimalValue") == Decimal("1.5")
    assert thrown_by(call, run, reader, "getIntegerValue")[0] == "JSONException"
    assert thrown_by(call, run, reader, "getBooleanValue")[0] == "JSONException"
    call(run, reader, "clearCurrentToken")
    assert call(run, reader, "getCurrentToken") is None
    assert call(run, reader, "getLastClearedToken").name == "VALUE_NUMBER_FLOAT"


def test_a_parser_reports_an_error_where_it_is():
    run, reader = parser('{"a": 1, oops}')
    for _ in range(3):
        call(run, reader, "nextToken")

    assert thrown_by(call, run, reader, "nextToken")[0] == "JSONException"


# --- JSONGenerator ---------------------------------------------------------------------


def test_a_generator_writes_what_its_told():
    run = FakeRun()
    writer = static(run, "JSON", "createGenerator", False)
    call(run, writer, "writeStartObject")
    call(run, writer, "writeStringField", "a", "x")
    call(run, writer, "writeNumberField", "n", 5)
    call(run, writer, "writeFieldName", "list")
    call(run, writer, "writeStartArray")
    call(run, writer, "writeBoolean", True)
    call(run, writer, "writeObject", ApexList(items=[None]))
    call(run, writer, "writeEndArray")
    call(run, writer, "writeNullField", "none")
    call(run, writer, "writeDateField", "day", date(2026, 1, 2))

    assert call(run, writer, "getAsString") == (
        '{"a":"x","n":5,"list":[true,[null]],"none":null,"day":"2026-01-02"}'
    )
    assert call(run, writer, "isClosed")
    assert thrown_by(call, run, writer, "writeNull")[0] == "JSONException"


REFUSED_CALLS = [
    (
        ["writeStartObject", "writeNull"],
        "Can not write null value, expecting field name",
    ),
    (["writeEndObject"], "Current context not an OBJECT but ROOT"),
    (["writeStartArray", "writeEndObject"], "Current context not an OBJECT but ARRAY"),
]


def test_a_generator_refuses_what_isnt_json(subtests):
    for calls, message in REFUSED_CALLS:
        with subtests.test(calls=calls):
            run = FakeRun()
            writer = static(run, "JSON", "createGenerator", False)
            *before, last = calls
            for name in before:
                call(run, writer, name)

            assert thrown_by(call, run, writer, last) == ("JSONException", message)


def test_type_names_are_those_of_the_platform():
    run, reader = parser("1")

    assert call(run, reader, "nextToken").type == ApexType("JSONToken")


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=True)
    | st.text(max_size=5)
)
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2), inner, max_size=4)
    ),
).map(lambda value: json.dumps(value, ensure_ascii=False, indent=1))


@given(_DOCUMENTS, st.integers(0), st.text('{}[],:"\\1e.x ', max_size=2))
def test_quick_reading_has_the_values_steps_and_bytes_of_reading_by_token(text, at, added):
    at %= len(text) + 1
    text = text[:at] + added + text[at:]
    run, by_token = FakeRun(), FakeRun()

    quick = json_quick.read_quickly(run, text)

    if quick is None:
        assert run.budget.steps == run.heap_size == 0
        return
    reading = json_building.Reading(by_token, text, is_untyped=True)
    expected = json_building.read_document(reading, ApexType("Object"))
    assert plain(quick) == plain(expected)
    assert run.budget.steps == by_token.budget.steps
    assert run.heap_size == by_token.heap_size


@pytest.mark.parametrize(
    "text",
    [
        '{"keys": [{"kid": "a", "kid": "b", "n": 5000000000}, [[], {}], 1.5]}',
        '[true, false, null, -3e2, "é"]',
    ],
)
def test_short_documents_are_read_quickly(text):
    assert json_quick.read_quickly(FakeRun(), text) is not None


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', r'["\u0041"]', "[1e999]", "[" * 950, '{"a": 1,}', "1"]
)
def test_other_documents_are_read_by_token(text):
    assert json_quick.read_quickly(FakeRun(), text) is None
