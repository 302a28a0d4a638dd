"""Deploy the files of `init/` before a server starts, and report each in its log."""

from pathlib import Path

from rich.console import Console

from tokenx.metadata.deploy.init_files import (
    entries_in,
    forget_other_files,
    queue_changed_file,
)
from tokenx.metadata.models import Deployment
from tokenx.metadata.retrieve.results import messages_of
from tokenx.org.management.console import ERROR, SUCCESS, WARNING, print_line
from tokenx.org.models import User

from .commands.deploy import problem_line, summary
from .running import run_to_completion

# How many problems of a file are printed. Deployment Status has them all.
_PRINTED = 20


def deploy_init_files(path: str, *, by: User, console: Console) -> None:
    """Deploy the folder's new and changed files, by name, if there is a folder.

    A file that fails doesn't stop the others, or the start of the server.
    """
    if not path:
        return
    folder = Path(path)
    try:
        entries, skipped = entries_in(folder)
    except OSError as error:
        print_line(console, f"{folder} can't be read: {error.strerror}.", ERROR)
        return
    for sentence in skipped:
        print_line(console, sentence, WARNING)
    forget_other_files(entries=entries, by=by)
    for entry in entries:
        if deployment := queue_changed_file(entry=entry, by=by):
            if run_to_completion(deployment, by=by, console=console):
                raise KeyboardInterrupt
            _report(deployment, str(entry.paths[0]), console)


def _report(deployment: Deployment, path: str, console: Console) -> None:
    problems = [each for each in messages_of(deployment) if each.problem]
    for message in problems[:_PRINTED]:
        style = WARNING if message.success else ERROR
        print_line(console, problem_line(message, path), style)
    if more := problems[_PRINTED:]:
        print_line(console, f"Deployment Status has the other {len(more)} problems.")
    for line in deployment.error_message.splitlines():
        print_line(console, f"{path}: {line}", ERROR)
    style = SUCCESS if deployment.is_success else ERROR
    print_line(console, f"{path}: {summary(deployment)}", style)
