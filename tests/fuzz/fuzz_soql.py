"""Fuzz the SOQL parser.

    python tests/fuzz/fuzz_soql.py --seconds 60

See fuzzing.py. Invalid UTF-8 becomes lone surrogates, because a query is text.
"""

from typing import Any

from fuzzing import fuzz, instrumented

with instrumented():
    from tokenx.soql.binds import mask_binds
    from tokenx.soql.inline import parse_inline
    from tokenx.soql.parser import parse
    from tokenx.soql.tree import Query, SoqlError

QUERIES = [
    "SELECT Id, Profile.Name FROM User u WHERE u.Name LIKE '%\\_a\\'%' ORDER BY Name DESC",
    "SELECT COUNT(Id) n, COUNT(Name) FROM User WHERE NOT (a = true OR Id IN ('x', null))",
    "SELECT COUNT() FROM OauthTokenExchHandlerApp WHERE CreatedDate >= LAST_N_DAYS:30",
    "SELECT FIELDS(ALL) FROM SetupAuditTrail WHERE a < 2026-01-31T12:00:00.5+01:00"
    " AND Action NOT IN ('a') ORDER BY CreatedDate NULLS LAST, Id LIMIT 200 OFFSET 10",
    "SELECT Id FROM User WHERE a IN :new Set<Id>{x, y[0]} AND b LIKE :('%' + x.y() + '%')"
    " // c\n WITH USER_MODE LIMIT :n OFFSET :(Integer) m ALL ROWS FOR UPDATE",
    "SELECT a.b c, MAX(d), (SELECT e FROM F), TYPEOF g WHEN H THEN i ELSE j END FROM K k,"
    " k.l USING SCOPE m WHERE n INCLUDES ('o;p') AND DISTANCE(q, GEOLOCATION(1, :r), 'mi')"
    " < USD5 WITH DATA CATEGORY s AT (t, u) GROUP BY ROLLUP(v) HAVING COUNT(w) > 1"
    " UPDATE TRACKING",
]
WORDS = [
    *[
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "ORDER",
        "BY",
        "NULLS",
        "FIRST",
        "LIMIT",
        "OFFSET",
    ],
    *[
        "COUNT(",
        "FIELDS(",
        "(",
        ")",
        ",",
        ".",
        ":",
        "'",
        "\\'",
        "\\u00e9",
        "%",
        "_",
        "=",
        "!=",
        "<>",
        "<=",
        "null",
        "true",
        "-1.5",
    ],
    *["TODAY", "NEXT_N_YEARS:999999", "2026-02-30", "9999-12-31T23:59:59Z", "é", "🙂", "K"],
    *[
        ":x",
        ": a.b(",
        "[",
        "]",
        "{",
        "}",
        "new ",
        "(Id)",
        "?",
        "+",
        "/*",
        "*/",
        "//",
        "\x01",
    ],
    *["\0", "\n", " "],
]
LONGEST_MESSAGE = 1_000


def check(data: bytes) -> None:
    """Check that any text is a query, or an error that can be encoded and is short."""
    text = data.decode(errors="surrogateescape")
    check_apex(text)
    try:
        query = parse(text)
    except SoqlError as error:
        length = len(error.message.encode(errors="surrogateescape"))
    else:
        check_query(text, query)
        return
    assert 0 < length < LONGEST_MESSAGE


def check_apex(text: str) -> None:
    """Check that Apex accepts the APIs' queries, and all of SOQL those that can run."""
    masked, binds = mask_binds(text)
    assert len(masked) == len(text)
    assert all(text.startswith(bind.text, bind.at) for bind in binds)
    found = [parsed(parse, text), parsed(parse, text, has_binds=True)]
    found.append(parsed(parse_inline, text))
    accepted = [each is not None for each in found]
    assert accepted == sorted(accepted), accepted
    assert found[0] is None or found[0] == found[1]


def parsed(parse: Any, text: str, **options: bool) -> Any:
    """Return the tree, or None if the query is refused."""
    try:
        return parse(text, **options)
    except SoqlError:
        return None


def check_query(text: str, query: Query) -> None:
    assert query.select
    # Surrounding whitespace has no meaning.
    again = parse(f" {text}\n")
    assert len(again.select) == len(query.select)
    assert (again.limit, again.offset) == (query.limit, query.offset)


fuzz(check, [text.encode() for text in QUERIES], [word.encode() for word in WORDS])
