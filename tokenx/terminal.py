"""What is written to a terminal, whoever named things and whatever it can show."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

# How far it is: what is being done, how much is, and how much there will be.
Look = Callable[[], tuple[str, int, int]]

_BAR = 40
_EVERY = 0.1


def printable(text: str, out: Any) -> str:
    """The text on one line, without what a terminal would obey or could not show."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else _escaped(each) for each in text)
    encoding = getattr(out, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def is_confirmed(question: str, out: Any) -> bool:
    """Ask somebody at the terminal; where nobody can answer, the answer is no."""
    out.write(f"{question} [y/N] ", ending="")
    out.flush()
    try:
        return input().strip().lower() in {"y", "yes"}
    except EOFError:
        out.write("")
        return False


def draw_bar(out: Any, what: str, done: int, total: int) -> None:
    """A bar that grows in its place on a terminal, and stays out of log files.

    `out` is a command's stdout or stderr.
    """
    if not out.isatty():
        return
    end = "\n" if done >= total else ""
    out.write(f"\r{_bar(out, what, done, total)}", ending=end)
    out.flush()


@contextmanager
def bar_while(out: Any, look: Look) -> Iterator[None]:
    """A bar that looks for itself how far the work inside is, and goes when it is done."""
    if not out.isatty():
        yield
        return
    is_done = Event()
    thread = Thread(target=_draw_until, args=[is_done, out, look], daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def _draw_until(is_done: Event, out: Any, look: Look) -> None:
    width = 0
    while not is_done.wait(_EVERY):
        bar = _bar(out, *look())
        out.write(f"\r{bar:<{width}}", str, ending="")
        out.flush()
        width = len(bar)
    out.write(f"\r{'':{width}}\r", str, ending="")
    out.flush()


def _bar(out: Any, what: str, done: int, total: int) -> str:
    numbers = f"{done:,} of {total:,}"
    # A line that is too long would begin a new one each time.
    length = shutil.get_terminal_size().columns - 27 - len(numbers)
    length = max(5, min(_BAR, length))
    filled = length * min(done, total) // total if total else 0
    full, empty = ("█", "░") if printable("█░", out) == "█░" else ("#", ".")
    return f"{what:<24} {full * filled}{empty * (length - filled)} {numbers}"
