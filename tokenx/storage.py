"""The data folder and the database: usable, and private to the account that runs tokenx."""

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dj_database_url

from tokenx.environment import SettingError

SQLITE, POSTGRES = "django.db.backends.sqlite3", "django.db.backends.postgresql"
# Files that SQLite puts next to a database. It gives new ones the mode of the database.
_SQLITE_FILES = ("", "-wal", "-shm", "-journal")


def private_folder(path: Path) -> Path:
    """Create the folder if it doesn't exist, and make it private if it does."""
    with _usable(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
        if mode & stat.S_ISVTX or path == Path(path.anchor):
            raise SettingError(
                f"Other programs use the folder {path}. Set TOKENX_DATA_DIR to a folder of "
                "tokenx's own."
            )
        make_private(path)
    return path


def make_private(path: Path) -> None:
    """Take a file or a folder from everyone but its owner."""
    if os.name == "nt":  # Windows has no file modes.
        return
    # Another account owns it, or the file system has no modes.
    with suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = "it's a file" if path.is_file() else (error.strerror or "unknown").lower()
        raise SettingError(
            f"The data folder {path} can't be used: {reason}. Set TOKENX_DATA_DIR to a "
            "folder that you can write to."
        ) from error


def secret_key(file: Path) -> str:
    """Return the key in the file. The first process writes one; others read it."""
    with _usable(file.parent):
        with suppress(FileNotFoundError):
            if key := file.read_text("utf-8").strip():
                make_private(file)
                return key
            # A full disk left an empty file.
            file.unlink()
        handle, name = tempfile.mkstemp(dir=file.parent, prefix="secret.")
        temporary = Path(name)
        try:
            with open(handle, "w") as new:
                new.write(secrets.token_urlsafe(50))
            # The file appears with its content. Of several first processes, one succeeds.
            with suppress(FileExistsError):
                os.link(temporary, file)
        finally:
            temporary.unlink()
        return file.read_text("utf-8").strip()


def database(url: str, data_dir: Path) -> "dj_database_url.DBConfig":
    """Return Django's settings for the database of a URL, or of the data folder."""
    url = url or f"sqlite:///{(data_dir / 'tokenx.sqlite3').as_posix()}"
    try:
        found = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
    except ValueError:
        found = {}
    if found.get("ENGINE") not in {SQLITE, POSTGRES} or not found.get("NAME"):
        # The URL isn't shown: it can contain a password.
        raise SettingError(
            "DATABASE_URL isn't valid. Enter sqlite:///PATH or "
            "postgres://USER:PASSWORD@HOST/DATABASE."
        )
    if found["ENGINE"] == POSTGRES:
        _require_psycopg()
    elif found["NAME"] != ":memory:":
        _make_database_private(Path(found["NAME"]))
    return found


def _require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401  (tells whether it's installed)
    except ImportError:
        raise SettingError(
            "DATABASE_URL names a PostgreSQL database, which needs one more package. Run "
            '`pip install -e ".[postgres]"`.'
        ) from None


def _make_database_private(path: Path) -> None:
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise SettingError(
            f"The database {path} can't be created: {reason}. Check DATABASE_URL and "
            "TOKENX_DATA_DIR."
        ) from error
    for suffix in _SQLITE_FILES:
        make_private(path.with_name(path.name + suffix))
