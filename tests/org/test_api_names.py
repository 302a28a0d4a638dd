"""API names: their rules, and the name that is proposed for a label."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tokenx.org.api_names import LENGTH, propose, validate_api_name

LETTERS = "Use only the letters A to Z, digits, and underscores in an API name."


def test_accepts_letters_digits_and_single_underscores(subtests):
    for name in ["A", "a", "My_App", "App1", "X3rd_Party", "a" * LENGTH]:
        with subtests.test(name=name):
            validate_api_name(name)


def test_names_the_broken_part_of_the_rule(subtests):
    for name, sentence in [
        ("", "Start an API name with a letter."),
        ("1st", "Start an API name with a letter."),
        ("_App", "Start an API name with a letter."),
        ("My__App", "An API name can't contain two consecutive underscores."),
        ("App_", "An API name can't end with an underscore."),
        ("a" * (LENGTH + 1), "An API name can have at most 80 characters."),
        *((f"My{sign}App", LETTERS) for sign in " -.é٣🙂<\n\0/％"),
        ("App\n", LETTERS),
        ("שלום", LETTERS),
    ]:
        with subtests.test(name=name):
            with pytest.raises(ValidationError) as raised:
                validate_api_name(name)

            assert raised.value.messages == [sentence]


def test_proposes_a_name_for_a_label_in_any_script(subtests):
    for label, name in [
        ("Billing Sync", "Billing_Sync"),
        ("billing  API (v2)", "Billing_API_V2"),
        ("Café Ørsted", "Cafe_Orsted"),
        ("O’Brien & Söhne", "O_Brien_Sohne"),
        ("3rd Party", "X3rd_Party"),
        ("__init__", "Init"),
        ("日本語ポータル", "App"),
        ("🙂 שלום", "App"),
        ("", "App"),
        ("a" * 200, "A" + "a" * 79),
        ("a" * 78 + " b c", "A" + "a" * 77 + "_B"),
    ]:
        with subtests.test(label=label):
            assert propose(label) == name
            validate_api_name(name)


@pytest.mark.slow
@given(st.text(max_size=100))
def test_a_proposed_name_is_always_an_api_name(label):
    validate_api_name(propose(label))
