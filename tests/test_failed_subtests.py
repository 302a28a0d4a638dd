from contextlib import contextmanager

from .failed_subtests import FailedSubtests


class Recorder:
    """Stands in for pytest's subtests: notes each one, and what it raised."""

    def __init__(self):
        self.reports = []

    @contextmanager
    def test(self, msg=None, **values):
        try:
            yield
        except Exception as error:
            self.reports.append((msg, values, str(error)))


def test_only_failures_are_reported_and_the_loop_goes_on():
    recorder = Recorder()
    steps = FailedSubtests(recorder)

    for number in range(4):
        with steps.test("half", number=number):
            assert number % 2 == 0, "odd"

    assert recorder.reports == [
        ("half", {"number": 1}, "odd\nassert (1 % 2) == 0"),
        ("half", {"number": 3}, "odd\nassert (3 % 2) == 0"),
    ]
