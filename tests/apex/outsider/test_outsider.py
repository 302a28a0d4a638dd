"""Handlers by developers who hadn't seen the other tests, on good and bad tokens.

They were written from docs/salesforce alone, and so were their expected outcomes. The third
ten are by someone who had worked on the interpreter.
"""

from pathlib import Path

import pytest

from . import first_cases, second_cases, third_cases
from .trying import run_case

HERE = Path(__file__).parent
FOLDERS = {
    "first": first_cases.CASES,
    "second": second_cases.CASES,
    "third": third_cases.CASES,
}
# One folder shows that handlers run; the others take seconds more.
PARAMETERS = [
    "first",
    pytest.param("second", marks=pytest.mark.slow),
    pytest.param("third", marks=pytest.mark.slow),
]


@pytest.mark.django_db
@pytest.mark.parametrize("folder", PARAMETERS)
def test_handlers_of_an_outsider(folder, subtests):
    for case in FOLDERS[folder]:
        for name, problem in run_case(case, HERE / folder):
            with subtests.test(handler=case.classes[-1], token=name):
                assert problem == ""
