"""Feed the reader of SOQL with texts, until one makes it fail.

    python tests/fuzz/fuzz_soql.py --seconds 60

fuzzing.py says how. Half a letter becomes another one: a query is a text.
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
    """Whatever the text is, it is a query or an error that can be sent to somebody."""
    text = data.decode(errors="surrogateescape")
    try:
        found = parse(text)
    except SoqlError as error:
        shown = len(error.message.encode(errors="surrogateescape"))
    else:
        check_found(text, found)
        return
    assert 0 < shown < LONGEST_MESSAGE


def check_found(text: str, found: Query) -> None:
    assert found.select
    # White space around it says nothing.
    again = parse(f" {text}\n")
    assert len(again.select) == len(found.select)
    assert (again.limit, again.offset) == (found.limit, found.offset)


fuzz(check, [query.encode() for query in QUERIES], [word.encode() for word in WORDS])
