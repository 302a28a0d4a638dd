"""Progress bars and safe text on a terminal."""

import io
from time import sleep

import pytest
from django.core.management.base import OutputWrapper

from tokenx.terminal import bar_while, draw_bar, printable


class Terminal(io.TextIOWrapper):
    """A terminal with any encoding, whose output can be read."""

    def __init__(self, encoding="utf-8"):
        self.written = io.BytesIO()
        super().__init__(self.written, encoding=encoding, write_through=True)

    def isatty(self):
        return True

    @property
    def shown(self):
        return self.written.getvalue().decode(self.encoding)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Café 日本語 𝓐", "Café 日本語 𝓐"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\u202e\u2028\x85\udc80", "\\u202e\\u2028\\x85\\udc80"),
    ],
)
def test_control_characters_are_escaped(text, shown):
    assert printable(text, io.StringIO()) == shown


def test_characters_outside_the_encoding_are_escaped():
    assert printable("Café 日", Terminal("latin-1")) == "Café \\u65e5"
    assert printable("Café", Terminal("ascii")) == "Caf\\xe9"


def test_a_bar_grows_in_place():
    terminal = Terminal()
    out = OutputWrapper(terminal)

    for done in (0, 500, 1_000):
        draw_bar(out, "Users", done, 1_000)

    first, half, last = terminal.shown.split("\r")[1:]
    assert "█" not in first
    assert half.count("█") == half.count("░") > 4
    assert half.endswith("500 of 1,000")
    assert last.endswith("1,000 of 1,000\n")


def test_a_bar_is_drawn_in_ascii_without_utf_8():
    terminal = Terminal("ascii")

    draw_bar(OutputWrapper(terminal), "Users", 1, 2)

    assert "###" in terminal.shown


def test_a_bar_is_not_written_to_a_log_file():
    log = io.StringIO()

    draw_bar(OutputWrapper(log), "Users", 1, 2)
    with bar_while(OutputWrapper(log), lambda: ("Users", 1, 2)):
        sleep(0.15)

    assert not log.getvalue()


@pytest.mark.parametrize("total", [0, 4])
def test_a_bar_follows_the_work_and_disappears(total):
    terminal = Terminal()

    with bar_while(OutputWrapper(terminal), lambda: ("Deploying", 3, total)):
        sleep(0.25)

    *_, shown, blank, after = terminal.shown.split("\r")
    assert f"3 of {total}" in shown
    assert blank.isspace()
    assert len(blank) == len(shown)
    assert not after
