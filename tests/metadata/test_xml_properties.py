"""What holds for every definition, and for all bytes there are."""

import io
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metadata.samples import BAD, DEFINITIONS, GOOD, content, definition_of, written
from tokenx.metadata.definition import (
    EnablementDefinition,
    HandlerDefinition,
    Kept,
    Manifest,
)
from tokenx.metadata.elements import elements_of
from tokenx.metadata.errors import MetadataError
from tokenx.metadata.xml import read
from tokenx.metadata.xml_writer import UNWRITTEN

by_definition = pytest.mark.parametrize(
    "definition", DEFINITIONS, ids=[each.type_name for each in DEFINITIONS]
)

# Definitions are large, and there are many of them: few of each, and no clock.
few = settings(max_examples=12, deadline=None)
more = settings(max_examples=60, deadline=None)

# --- Any definition --------------------------------------------------------------------

# Every letter that XML can hold.
LETTERS = st.one_of(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=32
    ),
    st.sampled_from("\t\n\r &<>'\"]"),
)
NAMES = st.builds(
    str.__add__,
    st.sampled_from(string.ascii_letters + "_é漢"),
    st.text(string.ascii_letters + string.digits + "-_.é", max_size=8),
)


def texts(element):
    """What a text element may say."""
    found = st.text(LETTERS, max_size=element.length or 40)
    if element.is_required and not element.may_be_empty:
        return found.filter(str.strip)
    return found


def kept_of(definition):
    """What a file of the type may hold besides, in the order in which it is read."""
    free = NAMES.filter(lambda name: name not in {*elements_of(definition), *UNWRITTEN})
    inside = st.recursive(
        st.text(LETTERS, max_size=20),
        lambda deeper: st.lists(st.builds(Kept, NAMES, deeper), min_size=1, max_size=3).map(
            tuple
        ),
        max_leaves=5,
    )
    kept = st.lists(st.builds(Kept, free, inside), max_size=4)
    return kept.map(lambda found: tuple(sorted(found, key=lambda each: each.name)))


def values(element):
    if element.name in UNWRITTEN:
        return st.none()
    if element.inner is EnablementDefinition:
        return st.lists(ENABLEMENTS, max_size=4, unique_by=lambda each: each.key).map(tuple)
    one = st.booleans() if element.is_boolean else texts(element)
    if element.inner:
        one = definitions(element.inner)
    if element.is_list:
        return st.lists(one, max_size=3).map(tuple)
    return one if element.is_required or element.name == "status" else st.none() | one


def definitions(definition):
    """Every definition of a type."""
    given_fields = {
        element.attribute: values(element) for element in elements_of(definition).values()
    }
    if definition.__dataclass_fields__.get("kept"):
        given_fields["kept"] = kept_of(definition)
    return st.builds(definition, **given_fields)


NAMED = st.text(LETTERS, max_size=80).filter(str.strip)
ENABLEMENTS = st.one_of(
    st.builds(
        EnablementDefinition,
        run_as=NAMED,
        is_default=st.booleans(),
        **{attribute: NAMED},
    )
    for attribute in ("connected_app", "external_app")
)


@by_definition
@few
@given(data=st.data())
def test_reads_what_it_writes_and_writes_what_it_reads(definition, data):
    made = data.draw(definitions(definition))
    file = written(made)

    found = content(definition, file)

    assert found == made
    assert written(found) == file


@by_definition
@few
@given(data=st.data(), encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-be"]))
def test_reads_the_same_in_every_encoding(definition, data, encoding):
    file = written(data.draw(definitions(definition)))
    other = file.decode().replace("UTF-8", encoding[:6].upper(), 1)
    other = other.replace("UTF-8-", "UTF-8")

    assert content(definition, other.encode(encoding)) == content(definition, file)


def shuffled(lines, chance, indent="    "):
    """The blocks of lines in another order; those of one name keep theirs."""
    blocks = {}
    for line in lines:
        if line.startswith(f"{indent}<") and not line.startswith(f"{indent}</"):
            name = line.strip()[1:].partition(">")[0]
            block = blocks.setdefault(name, [])
        block.append(line)
    found = list(blocks.values())
    chance.shuffle(found)
    return [line for block in found for line in block]


@by_definition
@few
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_reads_elements_in_any_order(definition, data, chance: random.Random):
    plain = written(data.draw(definitions(definition))).decode()
    # Texts of one line: then each line is an element.
    inside = plain.replace("&#xd;", "").split("\n")
    begin = inside[:2]
    rows, row = [], ""
    for line in inside[2:-2]:
        row = f"{row}&#10;{line}" if row else line
        if row.endswith(">"):
            rows.append(row)
            row = ""
    same = "\n".join([*begin, *rows, *inside[-2:]])
    other = "\n".join([*begin, *shuffled(rows, chance), *inside[-2:]])

    assert content(definition, other.encode()) == content(definition, same.encode())


# --- Fuzzing ---------------------------------------------------------------------------


def check_refusal(definition, data):
    """Bytes are a definition, or refused at places that the file has."""
    try:
        read(definition, io.BytesIO(data))
    except MetadataError as caught:
        error = caught
    else:
        return
    assert error.problems
    for problem in error.problems:
        assert is_inside(problem, data), problem


def is_inside(problem, data):
    """Whether the place is in the file, or right behind its end.

    Bytes that are no text are a letter each, at most.
    """
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]
    if utf16:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le"
        encoding = "utf-16-be" if data[:1] == b"\0" else encoding
        text = data.decode(encoding, "replace")
    else:
        text = data.decode("latin-1")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if problem.column < 1 or not 1 <= problem.line <= len(lines):
        return False
    return problem.column <= len(lines[problem.line - 1]) + 1


ALPHABET = st.sampled_from([b"<", b">", b"/", b"&", b"a", b'"', b"=", b"\n", b"]]>", b"<!"])


@by_definition
@few
@given(data=st.binary(max_size=300) | st.lists(ALPHABET, max_size=60).map(b"".join))
def test_refuses_bytes_that_are_no_file(definition, data):
    check_refusal(definition, data)


SAMPLES = [(definition_of(path), path.read_bytes()) for path in (*GOOD, *BAD)]


@more
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_refuses_a_file_that_is_cut(sample, data):
    definition, file = sample
    check_refusal(definition, file[: data.draw(st.integers(0, len(file)))])


@more
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_refuses_a_file_that_is_damaged(sample, data):
    definition, file = sample
    changed = bytearray(file)
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(changed)))
        length = data.draw(st.integers(0, 20))
        piece = data.draw(
            st.binary(max_size=6)
            | st.just(bytes(changed[begin : begin + 60]))
            | st.lists(ALPHABET, max_size=3).map(b"".join)
        )
        changed[begin : begin + length] = piece
    check_refusal(definition, bytes(changed))


@more
@given(data=st.data())
def test_places_each_enablement_of_a_handler(data):
    made = data.draw(definitions(HandlerDefinition))
    document = read(HandlerDefinition, io.BytesIO(written(made)))
    lines = written(made).decode().replace("\r", "\n").split("\n")

    for number, enablement in enumerate(made.enablements):
        for name in ("apexExecutionUser", enablement.app[0], "isDefault"):
            line, column = document.place("enablements", number, name)
            assert lines[line - 1][column - 1 :].startswith(f"<{name}>")


@more
@given(data=st.data())
def test_places_each_member_of_a_manifest(data):
    made = data.draw(definitions(Manifest))
    document = read(Manifest, io.BytesIO(written(made)))
    lines = written(made).decode().split("\n")

    for number, types in enumerate(made.types):
        found = [
            document.place("types", number, "members", each)
            for each in range(len(types.members))
        ]
        assert len(set(found)) == len(found)
        assert all(lines[x - 1][y - 1 :].startswith("<members>") for x, y in found)
