"""Properties of all definitions and of any bytes.

The fuzz tests are slow. Next to each of them is a test with a few fixed examples.
"""

import io
import random
import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenx.metadata.format.definitions import (
    EnablementDefinition,
    HandlerDefinition,
    Manifest,
    UnknownElement,
)
from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.reader import read
from tokenx.metadata.format.writer import UNWRITTEN

from .samples import BAD, DEFINITIONS, GOOD, content, definition_of, written

by_definition = pytest.mark.parametrize(
    "definition", DEFINITIONS, ids=[each.type_name for each in DEFINITIONS]
)

# Definitions are large, and there are many types: generate only a few of each.
few = settings(max_examples=12, deadline=None)
more = settings(max_examples=60, deadline=None)

# --- Any definition --------------------------------------------------------------------

# All characters that XML can contain.
CHARACTERS = st.one_of(
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
    """Generate a text element's values."""
    text = st.text(CHARACTERS, max_size=element.length or 40)
    if element.is_required and not element.may_be_empty:
        return text.filter(str.strip)
    return text


def kept_of(definition):
    """Generate unknown elements that a file of this type can have, in reading order."""
    free = NAMES.filter(lambda name: name not in {*elements_of(definition), *UNWRITTEN})
    inside = st.recursive(
        st.text(CHARACTERS, max_size=20),
        lambda deeper: st.lists(
            st.builds(UnknownElement, NAMES, deeper), min_size=1, max_size=3
        ).map(tuple),
        max_leaves=5,
    )
    kept = st.lists(st.builds(UnknownElement, free, inside), max_size=4)
    return kept.map(lambda elements: tuple(sorted(elements, key=lambda each: each.name)))


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
    """Generate any definition of a type."""
    given_fields = {
        element.attribute: values(element) for element in elements_of(definition).values()
    }
    if definition.__dataclass_fields__.get("unknown_elements"):
        given_fields["unknown_elements"] = kept_of(definition)
    return st.builds(definition, **given_fields)


NAMED = st.text(CHARACTERS, max_size=80).filter(str.strip)
ENABLEMENTS = st.one_of(
    st.builds(
        EnablementDefinition,
        run_as=NAMED,
        is_default=st.booleans(),
        **{attribute: NAMED},
    )
    for attribute in ("connected_app", "external_app")
)


TEXT = "Café <b>&amp;'\"</b> ]]>\t漢🙂\r\n x"
KEPT = (
    UnknownElement("aa", TEXT),
    UnknownElement(
        "zz", (UnknownElement("b", ""), UnknownElement("a", (UnknownElement("c", TEXT),)))
    ),
)


def example(definition, *, is_full):
    """Return a definition with all elements, or with only the required ones."""
    values = {
        element.attribute: example_of(element, is_full=is_full)
        for element in elements_of(definition).values()
        if is_full or element.is_required
    }
    if is_full and definition.__dataclass_fields__.get("unknown_elements"):
        values["unknown_elements"] = KEPT
    return definition(**values)


def example_of(element, *, is_full):
    if element.name in UNWRITTEN:
        return None
    if element.inner is EnablementDefinition:
        return (
            EnablementDefinition(run_as=TEXT, connected_app=TEXT, is_default=True),
            EnablementDefinition(run_as=TEXT, external_app=TEXT, is_default=False),
        )
    value = is_full if element.is_boolean else TEXT[: element.length or None]
    if element.inner:
        value = example(element.inner, is_full=is_full)
    return (value, value) if element.is_list else value


EXAMPLES = [
    example(definition, is_full=is_full)
    for definition, is_full in product(DEFINITIONS, [True, False])
]


def check_round_trip(definition):
    file = written(definition)

    result = content(type(definition), file)

    assert result == definition
    assert written(result) == file


def test_each_type_round_trips(subtests):
    for definition in EXAMPLES:
        with subtests.test(definition=definition):
            check_round_trip(definition)


@pytest.mark.slow
@by_definition
@few
@given(data=st.data())
def test_any_definition_round_trips(definition, data):
    check_round_trip(data.draw(definitions(definition)))


ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-be"]


def check_encoding(definition, encoding):
    file = written(definition)
    other = file.decode().replace("UTF-8", encoding[:6].upper(), 1)
    other = other.replace("UTF-8-", "UTF-8")

    result = content(type(definition), other.encode(encoding))
    assert result == content(type(definition), file)


def test_reads_each_type_in_every_encoding(subtests):
    for definition, encoding in product(EXAMPLES, ENCODINGS):
        with subtests.test(definition=definition, encoding=encoding):
            check_encoding(definition, encoding)


@pytest.mark.slow
@by_definition
@few
@given(data=st.data(), encoding=st.sampled_from(ENCODINGS))
def test_reads_any_definition_in_every_encoding(definition, data, encoding):
    check_encoding(data.draw(definitions(definition)), encoding)


def shuffled(lines, chance, indent="    "):
    """Shuffle the blocks of lines; blocks with the same name keep their order."""
    blocks = {}
    for line in lines:
        if line.startswith(f"{indent}<") and not line.startswith(f"{indent}</"):
            name = line.strip()[1:].partition(">")[0]
            block = blocks.setdefault(name, [])
        block.append(line)
    shuffled_blocks = list(blocks.values())
    chance.shuffle(shuffled_blocks)
    return [line for block in shuffled_blocks for line in block]


def check_order(definition, chance):
    plain = written(definition).decode()
    # Put each text on one line; then each line is an element.
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

    result = content(type(definition), other.encode())
    assert result == content(type(definition), same.encode())


def test_reads_the_elements_of_each_type_in_any_order(subtests):
    for definition in EXAMPLES:
        with subtests.test(definition=definition):
            check_order(definition, random.Random(1))


@pytest.mark.slow
@by_definition
@few
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_reads_the_elements_of_any_definition_in_any_order(definition, data, chance):
    check_order(data.draw(definitions(definition)), chance)


# --- Fuzzing ---------------------------------------------------------------------------


def check_refusal(definition, data):
    """Check that bytes are a definition, or are refused at positions inside the file."""
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
    """Return whether the position is in the file, or directly after its end.

    Each undecodable byte counts as one character at most.
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


@pytest.mark.slow
@by_definition
@few
@given(data=st.binary(max_size=300) | st.lists(ALPHABET, max_size=60).map(b"".join))
def test_any_bytes_are_read_or_refused(definition, data):
    check_refusal(definition, data)


SAMPLES = [(definition_of(path), path.read_bytes()) for path in (*GOOD, *BAD)]


def test_files_truncated_at_some_positions_are_refused(subtests):
    for path, (definition, file) in zip([*GOOD, *BAD], SAMPLES, strict=True):
        with subtests.test(path.name):
            for part in range(1, 8):
                check_refusal(definition, file[: len(file) * part // 8])


@pytest.mark.slow
@more
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_a_file_truncated_anywhere_is_refused(sample, data):
    definition, file = sample
    check_refusal(definition, file[: data.draw(st.integers(0, len(file)))])


def test_files_damaged_at_some_positions_are_refused(subtests):
    pieces = [b"\xff", b"\0", b"<", b"&", b"]]>", b"<!", b'"', b"</x>"]
    for path, (definition, file) in zip([*GOOD, *BAD], SAMPLES, strict=True):
        with subtests.test(path.name):
            for number, piece in enumerate(pieces):
                begin = len(file) * number // len(pieces)
                check_refusal(definition, file[:begin] + piece + file[begin + 3 :])


@pytest.mark.slow
@more
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_a_file_damaged_anywhere_is_refused(sample, data):
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


def check_enablement_positions(definition):
    document = read(HandlerDefinition, io.BytesIO(written(definition)))
    lines = written(definition).decode().replace("\r", "\n").split("\n")

    for number, enablement in enumerate(definition.enablements):
        for name in ("apexExecutionUser", enablement.app[0], "isDefault"):
            line, column = document.place("enablements", number, name)
            assert lines[line - 1][column - 1 :].startswith(f"<{name}>")


def test_each_enablement_has_a_position():
    check_enablement_positions(example(HandlerDefinition, is_full=True))


@pytest.mark.slow
@more
@given(definition=definitions(HandlerDefinition))
def test_any_enablement_has_a_position(definition):
    check_enablement_positions(definition)


def check_member_positions(definition):
    document = read(Manifest, io.BytesIO(written(definition)))
    lines = written(definition).decode().split("\n")

    for number, types in enumerate(definition.types):
        positions = [
            document.place("types", number, "members", each)
            for each in range(len(types.members))
        ]
        assert len(set(positions)) == len(positions)
        assert all(lines[x - 1][y - 1 :].startswith("<members>") for x, y in positions)


def test_each_member_of_a_manifest_has_a_position():
    check_member_positions(example(Manifest, is_full=True))


@pytest.mark.slow
@more
@given(definition=definitions(Manifest))
def test_any_member_of_a_manifest_has_a_position(definition):
    check_member_positions(definition)
