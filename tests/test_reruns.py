from .reruns import Reruns


def test_counts_and_names_the_tests_that_were_rerun():
    reruns = Reruns()

    assert reruns.lines([]) == ["Rerun: no tests."]
    assert reruns.lines(["a.py::a"]) == ["Rerun: 1 test", "  a.py::a"]
    assert reruns.lines(["a.py::a", "b.py::b"])[0] == "Rerun: 2 tests"
