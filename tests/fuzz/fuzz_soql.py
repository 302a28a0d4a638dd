"""Feed the reader of SOQL with texts, until one makes it fail.

    python tests/fuzz/fuzz_soql.py --seconds 60

With atheris (`pip install atheris`; no other test needs it), the texts are led by what
they reach in the reader; without it, they are good queries, damaged at random. What fails
is printed, to become a test.
"""

import argparse
import random
import sys
import time
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

try:
    import atheris
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["tokenx.metadata"]) if atheris else nullcontext():
    from tokenx.metadata.soql import parse
    from tokenx.metadata.soql_tree import Query, SoqlError

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
    *["TODAY", "NEXT_N_YEARS:999999", "2026-02-30", "9999-12-31T23:59:59Z"],
    *["\0", "\n", "\ud800", "é", "🙂", "\u212a"],
]
LONGEST_MESSAGE = 1_000


def check(text: str) -> None:
    """Whatever the text is, it is a query or an error that can be sent to somebody."""
    try:
        found = parse(text)
    except SoqlError as error:
        shown = len(error.message.encode())
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


def checked(text: str) -> None:
    try:
        check(text)
    except BaseException:
        print(f"\nFailed: {text!a}", file=sys.stderr)
        raise


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 5)):
        begin = chance.randint(0, len(text))
        end = min(len(text), begin + chance.choice([0, 0, 1, 2, 8, 40]))
        source = chance.randint(0, len(text))
        piece = chance.choice(
            [
                "",
                f" {chance.choice(WORDS)} ",
                chance.choice(WORDS),
                chr(chance.randint(0, sys.maxunicode)),
                text[source : source + chance.randint(1, 100)],
            ]
        )
        text = text[:begin] + piece * chance.choice([1, 1, 1, 2, 300]) + text[end:]
    return text


def mutate(seconds: int, seed: int) -> None:
    chance = random.Random(seed)
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        checked(mutated(chance.choice(QUERIES), chance))
        count += 1
    print(f"{count:,} texts with seed {seed}; none failed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    options = parser.parse_args()
    if atheris is None:
        mutate(options.seconds, options.seed)
        return
    limits = [
        f"-max_total_time={options.seconds}",
        f"-seed={options.seed}",
        "-max_len=4096",
    ]
    atheris.Setup(
        [sys.argv[0], *limits], lambda data: checked(data.decode(errors="replace"))
    )
    atheris.Fuzz()


main()
