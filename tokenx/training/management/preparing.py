"""Preparation of the data folder before `demo` and `serve` serve it."""

import logging
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import OutputWrapper

from tokenx.environment import misspelled
from tokenx.org.management.console import console_for, print_line
from tokenx.org.management.database import refuse_newer_database
from tokenx.storage import make_private
from tokenx.training.practice.removal import remove_expired
from tokenx.training.scenarios.catalogue import problems

# Exists if all static files were collected. An interrupted collection leaves half a file.
COMPLETE = ".complete"


def prepare(stdout: OutputWrapper, stderr: OutputWrapper) -> None:
    """Bring the data folder up to date, and report what was skipped or removed."""
    console, errors = console_for(stdout), console_for(stderr)
    for name, meant in misspelled():
        print_line(errors, f"{name} isn't a setting. Did you mean {meant}?")
    refuse_newer_database()
    call_command("migrate", verbosity=0)
    collect_static_files(Path(settings.STATIC_ROOT))
    for problem in problems():
        print_line(errors, f"Skipped: {problem}")
    if removed := remove_expired():
        plural = "" if removed == 1 else "s"
        print_line(console, f"Removed {removed} expired practice org{plural}.")


def collect_static_files(root: Path) -> None:
    """Collect the static files; all of them again if the last time was interrupted."""
    mark = root / COMPLETE
    is_complete = mark.exists()
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=not is_complete)
    for folder in (root, settings.DATA_DIR / "assets"):
        for path in [folder, *folder.rglob("*")]:
            make_private(path)
    mark.touch(mode=0o600)


def log_to_stderr() -> None:
    """Show the server's warnings, as waitress does by itself."""
    logging.basicConfig()
