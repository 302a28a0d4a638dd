"""Progress bars, tables, questions, and safe text in a terminal."""

import io
import re
from time import sleep

import pytest
from django.core.management.base import OutputWrapper

from tokenx.org.management.console import (
    ERROR,
    console_for,
    followed_by_bar,
    is_confirmed,
    print_line,
    print_table,
    printable,
    progress_bars,
)

COLOR = "\x1b[1;31m"


class Terminal(io.TextIOWrapper):
    """A terminal with any encoding, whose output can be read."""

    def __init__(self, encoding="utf-8"):
        self.written = io.BytesIO()
        super().__init__(self.written, encoding=encoding, write_through=True)

    def isatty(self):
        return True

    @property
    def output(self):
        return self.written.getvalue().decode(self.encoding)

    @property
    def text(self):
        """Return the output without colors and cursor movements."""
        return re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", self.output)


@pytest.fixture(autouse=True)
def terminal_type(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def terminal():
    return Terminal()


@pytest.fixture
def console(terminal):
    return console_for(OutputWrapper(terminal))


@pytest.fixture
def log():
    return io.StringIO()


@pytest.fixture
def log_console(log):
    return console_for(OutputWrapper(log))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Café 日本語 𝓐", "Café 日本語 𝓐"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\u202e\u2028\x85\udc80", "\\u202e\\u2028\\x85\\udc80"),
    ],
)
def test_control_characters_are_escaped(text, expected, log, log_console):
    assert printable(text) == expected

    print_line(log_console, text)
    print_table(log_console, ["Name"], [[text]])

    assert log.getvalue() == f"{expected}\nName\n{expected}\n"


def test_characters_outside_the_encoding_are_escaped():
    assert printable("Café 日", "latin-1") == "Café \\u65e5"
    assert printable("Café", "ascii") == "Caf\\xe9"


def test_markup_and_emoji_codes_are_plain_text(log, log_console):
    print_line(log_console, "[red]a[/red] :smile:")

    assert log.getvalue() == "[red]a[/red] :smile:\n"


def test_long_lines_and_cells_are_complete_in_a_log_file(log, log_console):
    name = "x" * 500

    print_line(log_console, name)
    print_table(log_console, ["Type", "Name", "File"], [["A", name, "f"], ["B", "b", "g"]])

    line, headings, first, second = log.getvalue().splitlines()
    assert line == name
    assert headings == f"Type  {'Name':<500}  File"
    assert first == f"A     {name}  f"
    assert second == f"B     {'b':<500}  g"


def test_long_cells_are_folded_to_the_width_of_a_terminal(terminal, console):
    print_table(console, ["Type", "Name"], [["A", "x" * 250]])

    lines = terminal.text.splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.count("x") for line in lines) == 250


def test_colors_are_for_terminals_unless_chosen(subtests):
    cases = [
        (Terminal(), {}, True),
        (Terminal(), {"no_color": True}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"force_color": True}, True),
    ]
    for out, options, is_colored in cases:
        with subtests.test(out=type(out).__name__, **options):
            print_line(console_for(OutputWrapper(out), **options), "Failed", ERROR)

            output = out.output if isinstance(out, Terminal) else out.getvalue()
            assert (COLOR in output) is is_colored
            assert "Failed" in output


# --- Questions ------------------------------------------------------------------------


def test_a_question_is_confirmed_with_y(monkeypatch, terminal, console, subtests):
    for answer, is_yes in [("y", True), ("Y", True), ("n", False), ("", False)]:
        with subtests.test(answer=answer):
            monkeypatch.setattr("builtins.input", lambda *_, answer=answer: answer)

            assert is_confirmed(console, "Delete it?") is is_yes
    assert "Delete it? [y/n] (n): " in terminal.text


def test_a_question_without_an_answer_is_not_confirmed(monkeypatch, log, log_console):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert not is_confirmed(log_console, "Delete \x1b[2J?")
    assert log.getvalue() == "Delete \\x1b[2J? [y/n] (n): \n"


# --- Progress bars --------------------------------------------------------------------


def test_each_step_keeps_its_bar_with_percentage_and_time_left(terminal, console):
    with progress_bars(console) as show:
        for done in (0, 500, 1_000):
            show("Users", done, 1_000)
        show("Apps", 1, 4)

    users, apps = terminal.text.splitlines()[-2:]
    assert re.fullmatch(r"Users +━+ 100% 1000/1000 0:00:00\s*", users)
    assert re.fullmatch(r"Apps +━+╺━+ +25% 1/4 +-:--:--\s*", apps)


def test_a_bar_follows_the_work_and_disappears(terminal, console, subtests):
    for total, count in [(0, "3/?"), (4, "3/4")]:
        with subtests.test(total=total):
            with followed_by_bar(console, lambda total=total: ("Deploying", 3, total)):
                sleep(0.25)

            assert "Deploying" in terminal.text
            assert count in terminal.text
            # Moves up to the bar's line and erases it.
            assert terminal.output.rstrip("\r").endswith("\x1b[2K")


def test_a_bar_is_drawn_in_ascii_without_utf_8():
    terminal = Terminal("ascii")

    with progress_bars(console_for(OutputWrapper(terminal))) as show:
        show("Users", 1, 2)

    assert "----" in terminal.text


def test_a_bar_is_not_written_to_a_log_file(log, log_console):
    with progress_bars(log_console) as show:
        show("Users", 1, 2)
    with followed_by_bar(log_console, lambda: ("Users", 1, 2)):
        sleep(0.15)

    assert not log.getvalue()
