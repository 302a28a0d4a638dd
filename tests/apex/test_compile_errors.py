"""The compiler's errors: docs/salesforce/apex.md, Compile errors."""

from .compiling import errors_in, has_expected_error, read_cases


def test_reports_the_errors_of_the_compiler(subtests):
    for case in read_cases("compile_errors.toml")["error"]:
        with subtests.test(name=case["name"]):
            errors = errors_in(case["code"])

            assert has_expected_error(errors, case), errors
