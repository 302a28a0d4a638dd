"""Terminal output for commands: safe text, tables, questions, and progress bars.

Text comes out complete and unwrapped if the output isn't a terminal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import OutputWrapper
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

ERROR, WARNING, SUCCESS = "bold red", "bold yellow", "bold green"

# Shows a step's name, how much of it is done, and how much there is in total.
ShowProgress = Callable[[str, int, int], None]
# Returns the same three values; a total of 0 means that it isn't known yet.
ReadProgress = Callable[[], tuple[str, int, int]]


def printable(text: str, encoding: str | None = None) -> str:
    """Return the text on one line, with its unsafe characters escaped.

    Unsafe characters are those that control a terminal or that it can't display.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def console_for(
    out: OutputWrapper, *, no_color: bool = False, force_color: bool = False
) -> Console:
    """Return the console for a command's stdout or stderr."""
    return Console(
        file=_RawOutput(out),  # type: ignore[arg-type]
        force_terminal=out.isatty(),
        color_system=None if no_color else "standard" if force_color else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


class _RawOutput:
    """A command's output without the newline that Django adds to each write."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out

    def write(self, text: str) -> None:
        self.out.write(text, str, ending="")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


def print_line(console: Console, line: str = "", style: str = "") -> None:
    """Print one line, however long it is."""
    console.print(_safe(console, line, style), soft_wrap=True)


def print_table(
    console: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    style_of: Callable[[Sequence[str]], str] = lambda row: "",
) -> None:
    """Print aligned columns: folded to a terminal's width, otherwise one line per row."""
    if console.is_terminal:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(_safe(console, cell) for cell in row), style=style_of(row))
        console.print(table)
        return
    cells = [[printable(cell, console.encoding) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    widths[-1] = 0
    styles = ["", *map(style_of, rows)]
    for row, style in zip((headings, *cells), styles, strict=True):
        padded = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print_line(console, "  ".join(padded), style)


def _safe(console: Console, text: str, style: str = "") -> Text:
    return Text(printable(text, console.encoding), style)


class _Confirm(Confirm):
    """A question that takes whole words too."""

    def process_response(self, value: str) -> bool:
        answer = value.strip().lower()
        return super().process_response({"yes": "y", "no": "n"}.get(answer, answer))


def is_confirmed(console: Console, question: str) -> bool:
    """Ask a yes-or-no question. The answer is no if no one can answer."""
    try:
        return _Confirm.ask(_safe(console, question), console=console, default=False)
    except EOFError:
        print_line(console)
        return False


# --- Progress bars --------------------------------------------------------------------


class _ProgressBars(Progress):
    """Bars with a percentage and the time left; nothing if there's no terminal."""

    def __init__(self, console: Console, *, transient: bool) -> None:
        super().__init__(
            TextColumn("{task.description:<24}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_interactive,
            transient=transient,
            redirect_stdout=False,
            redirect_stderr=False,
        )


@contextmanager
def progress_bars(console: Console) -> Iterator[ShowProgress]:
    """Yield a function that shows the progress of a step. Each step keeps its own bar."""
    with _ProgressBars(console, transient=False) as bars:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


@contextmanager
def followed_by_bar(console: Console, read_progress: ReadProgress) -> Iterator[None]:
    """Show one bar that follows the work in the `with` block, and remove it at the end."""
    with _FollowingBar(console, read_progress):
        yield


class _FollowingBar(_ProgressBars):
    """A bar that reads the progress itself, each time it's drawn."""

    def __init__(self, console: Console, read_progress: ReadProgress) -> None:
        self.read_progress = read_progress
        super().__init__(console, transient=True)
        self.add_task("", total=None)

    def get_renderables(self) -> Iterable[RenderableType]:
        for task in self.task_ids:
            description, done, total = self.read_progress()
            self.update(task, description=description, completed=done, total=total or None)
        yield from super().get_renderables()
