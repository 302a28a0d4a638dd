"""Record ids: the one that a row has, and the row that one names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.org import record_ids
from tokenx.org.record_ids import pk_of, record_id


@pytest.mark.parametrize(
    "prefix, pk, expected",
    [
        ("005", 1, "005000000000001AAA"),
        ("005", 61, "00500000000000zAAA"),
        ("005", 62, "005000000000010AAA"),
        ("00D", 36, "00D00000000000aEAA"),
        ("0H4", 10, "0H400000000000ACAQ"),
    ],
)
def test_an_id_is_a_prefix_a_number_and_a_checksum(prefix, pk, expected):
    assert record_id(prefix, pk) == expected


def test_the_checksum_is_that_of_salesforce():
    # A well-known example of its documentation.
    assert record_ids._checksum("001A0000006Vm9r") == "IAC"


@given(st.integers(1, 2**63 - 1))
def test_an_id_names_its_row_in_both_lengths(pk):
    found = record_id("01p", pk)

    assert len(found) == 18
    assert pk_of("01p", found) == pk
    assert pk_of("01p", found[:15]) == pk


@pytest.mark.parametrize(
    "text",
    [
        "",
        "005",
        "005000000000001AAB",
        "005000000000001aaa",
        "005000000000001A",
        "00D000000000001EAA",
        "005-00000000001AAA",
        "00500000000000éAAA",
        "005zzzzzzzzzzzz",
        "005000000000001AAA ",
        "\0" * 18,
        "\ud800" * 15,
    ],
    ids=ascii,
)
def test_what_is_no_id_of_the_kind_names_none(text):
    assert pk_of("005", text) is None


@given(st.text(max_size=20))
def test_any_text_names_a_row_or_none(text):
    pk = pk_of("005", text)
    assert pk is None or record_id("005", pk)[:15] == text[:15]


def test_prefixes_are_three_letters_and_different():
    names = "ORG USER APEX_CLASS CONNECTED_APP AUDIT_ENTRY HANDLER ENABLEMENT EXTERNAL_APP"
    found = [getattr(record_ids, name) for name in names.split()]

    assert {len(each) for each in found} == {3}
    assert len(set(found)) == len(found)
