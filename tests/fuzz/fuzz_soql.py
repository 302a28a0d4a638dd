"""Fuzz the SOQL parser.

    python tests/fuzz/fuzz_soql.py --seconds 60

See fuzzing.py. Invalid UTF-8 becomes lone surrogates, because a query is text.
"""

from fuzzing import fuzz, instrumented

with instrumented():
    from tokenx.soql.parser import parse
    from tokenx.soql.tree import Query, SoqlError

QUERIES = [
    "SELECT Id, Profile.Name FROM User u WHERE u.Name LIKE '%\\_a\\'%' ORDER BY Name DESC",
    "SELECT COUNT(Id) n, COUNT(Name) FROM User WHERE NOT (a = true OR Id IN ('x', null))",
    "SELECT COUNT() FROM OauthTokenExchHandlerApp WHERE CreatedDate >= LAST_N_DAYS:30",
    "SELECT FIELDS(ALL) FROM SetupAuditTrail WHERE a < 2026-01-31T12:00:00.5+01:00"
    " AND Action NOT IN ('a') ORDER BY CreatedDate NULLS LAST, Id LIMIT 200 OFFSET 10",
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
    *["\0", "\n", " "],
]
LONGEST_MESSAGE = 1_000


def check(data: bytes) -> None:
    """Check that any text is a query, or an error that can be encoded and is short."""
    text = data.decode(errors="surrogateescape")
    try:
        query = parse(text)
    except SoqlError as error:
        length = len(error.message.encode(errors="surrogateescape"))
    else:
        check_query(text, query)
        return
    assert 0 < length < LONGEST_MESSAGE


def check_query(text: str, query: Query) -> None:
    assert query.select
    # Surrounding whitespace has no meaning.
    again = parse(f" {text}\n")
    assert len(again.select) == len(query.select)
    assert (again.limit, again.offset) == (query.limit, query.offset)


fuzz(check, [text.encode() for text in QUERIES], [word.encode() for word in WORDS])
