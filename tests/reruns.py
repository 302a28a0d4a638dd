"""A list of the tests that were rerun, at the end of every test run."""

from collections import defaultdict

import pytest


class Reruns:
    """A pytest plugin that prints which tests were rerun, and which subtests failed first.

    pytest-rerunfailures names the tests, too. It forgets their failed subtests, and
    prints nothing where no test was rerun.
    """

    def __init__(self) -> None:
        self._failed_subtests: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if isinstance(report, pytest.SubtestReport) and report.failed:
            failure = f"{report.head_line}\n{report.longreprtext}"
            self._failed_subtests[report.nodeid].append(failure)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = terminalreporter.stats.get("rerun", [])
        for line in self.lines(sorted({report.nodeid for report in reports})):
            terminalreporter.write_line(line)

    def lines(self, tests: list[str]) -> list[str]:
        """Count and name the tests, each with its failed subtests."""
        if not tests:
            return ["Rerun: no tests."]
        lines = ["Rerun: 1 test" if len(tests) == 1 else f"Rerun: {len(tests)} tests"]
        for test in tests:
            lines += [f"  {test}", *self._failed_subtests[test]]
        return lines
