"""The command line: `tokenx demo`, and the commands of Django.

A person's mistake ends with one sentence. Only errors of tokenx itself have a traceback.
"""

import os
import sys
from importlib.metadata import version

from tokenx.environment import SettingError

REFUSED, INTERRUPTED = 2, 130


def main() -> None:
    # Django's own --version would print Django's.
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"tokenx {version('tokenx')}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenx.settings")
    try:
        _execute()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:
        sentence = None if "--traceback" in sys.argv else sentence_of(error)
        if not sentence:
            raise
        sys.stderr.write(f"{sentence}\n")
        raise SystemExit(REFUSED) from None


def _execute() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def sentence_of(error: Exception) -> str | None:
    """Return what to do about a person's mistake, or None for an error of tokenx itself."""
    if isinstance(error, SettingError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("tokenx"):
        return f"The Python package {error.name} isn't installed. Run `pip install -e .`."
    from django.db import Error

    if isinstance(error, Error):
        return _database_sentence(str(error))
    return None


def _database_sentence(text: str) -> str | None:
    if "no such table" in text or ("relation" in text and "does not exist" in text):
        return "The database isn't up to date. Run `manage.py migrate`."
    if "not a database" in text or "malformed" in text:
        return "The database is damaged. Restore a backup, or move its file away."
    if "disk is full" in text or "disk I/O error" in text:
        return "The database can't be written: the disk is full or failed."
    if "database is locked" in text:
        return "Another process keeps the database locked. Stop it, and try again."
    if "unable to open database file" in text or "readonly database" in text:
        return "The database can't be opened. Check who owns the data folder."
    if "connection failed" in text or "connection to server" in text:
        return "The PostgreSQL server can't be reached. Check DATABASE_URL."
    return None


if __name__ == "__main__":
    main()
