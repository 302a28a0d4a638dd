"""Record IDs: from a row to its ID, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.org import record_ids
from tokenx.org.record_ids import pk_of, record_id


def test_an_id_has_a_prefix_a_number_and_a_checksum(subtests):
    for prefix, pk, expected in [
        ("005", 1, "005000000000001AAA"),
        ("005", 61, "00500000000000zAAA"),
        ("005", 62, "005000000000010AAA"),
        ("00D", 36, "00D00000000000aEAA"),
        ("0H4", 10, "0H400000000000ACAQ"),
    ]:
        with subtests.test(prefix=prefix, pk=pk):
            assert record_id(prefix, pk) == expected
            assert pk_of(prefix, expected) == pk_of(prefix, expected[:15]) == pk


def test_the_checksum_equals_salesforces():
    # A well-known example from Salesforce's documentation.
    assert record_ids._checksum("001A0000006Vm9r") == "IAC"


@pytest.mark.slow
@given(st.integers(1, 2**63 - 1))
def test_an_id_of_either_length_names_its_row(pk):
    text = record_id("01p", pk)

    assert len(text) == 18
    assert pk_of("01p", text) == pk
    assert pk_of("01p", text[:15]) == pk


def test_a_malformed_id_names_no_row(subtests):
    for text in [
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
    ]:
        with subtests.test(text=text):
            assert pk_of("005", text) is None


@pytest.mark.slow
@given(st.text(max_size=20))
def test_any_text_is_a_record_id_or_is_rejected(text):
    pk = pk_of("005", text)
    assert pk is None or record_id("005", pk)[:15] == text[:15]


def test_prefixes_have_three_characters_and_differ():
    names = "ORG USER APEX_CLASS CONNECTED_APP AUDIT_ENTRY HANDLER ENABLEMENT EXTERNAL_APP"
    prefixes = [getattr(record_ids, name) for name in names.split()]

    assert {len(prefix) for prefix in prefixes} == {3}
    assert len(set(prefixes)) == len(prefixes)
