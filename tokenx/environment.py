"""All settings that tokenx reads from the environment: name, values, default, and effect.

`manage.py settings_table` prints them as the table in docs/settings.md. This module imports
nothing of Django, because a mistake in a setting must not end in a traceback.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

T = TypeVar("T")

_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class SettingError(Exception):
    """A setting isn't valid. The message is a sentence for the person who set it."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of value: its description, and the function that reads it.

    `read` raises ValueError with a sentence that says what to enter.
    """

    values: str
    read: Callable[[str], T]


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A setting. If a command has an option for it, the option takes precedence."""

    name: str
    kind: Kind[T]
    default: T
    effect: str
    # Replaces the default in the table.
    default_text: str = ""
    option: str = ""

    def read(self) -> T:
        """Return the value from the environment, or the default."""
        text = os.environ.get(self.name, "")
        return self.value_of(text, where=self.name) if text.strip() else self.default

    def value_of(self, text: str, *, where: str) -> T:
        """Return the value of a text from the environment or an option."""
        try:
            return self.kind.read(text if self.kind is TEXT else text.strip())
        except ValueError as error:
            raise SettingError(f"{where} can't be “{_shown(text)}”. {error}") from None

    @property
    def is_set(self) -> bool:
        return bool(os.environ.get(self.name, "").strip())


def _shown(text: str) -> str:
    """Return a value on one line that's short enough for a message."""
    printable = "".join(each if each.isprintable() else "?" for each in text)
    return printable if len(printable) <= 80 else f"{printable[:79]}…"


# --- Kinds of values --------------------------------------------------------------------


def _flag(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError("Enter 1 or 0.")


def _number(least: int, most: int) -> Kind[int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"Enter a number from {least} to {most}.")
        return int(text)

    return Kind(f"{least} to {most}", read)


def _choice(*choices: str) -> Kind[str]:
    listed = f"{', '.join(choices[:-1])}, or {choices[-1]}"

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"Enter {listed}.")
        return text

    return Kind(listed, read)


def _names(text: str) -> list[str]:
    return [name for each in text.split(",") if (name := each.strip())]


def _host(text: str) -> str:
    """Return the name or address without the brackets that an IPv6 address can have."""
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if len(host) > 253 or not re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        raise ValueError("Enter a host name or an IP address.")
    return host


def _scenario(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("Enter the name of a scenario.")
    return text


TEXT = Kind("text", str)
FLAG = Kind("1 or 0", _flag)
FOLDER = Kind("folder", str)
HOSTS = Kind("host names, with commas", _names)
HOST = Kind("host name or IP address", _host)
SCENARIO_NAME = Kind("name of a scenario", _scenario)

# --- The settings -----------------------------------------------------------------------

# By the heading of their table.
GROUPS: dict[str, tuple[Setting, ...]] = {}


def _declare(group: str, *settings: Setting) -> None:
    GROUPS[group] = settings


_declare(
    "Data",
    DATA_DIR := Setting(
        "TOKENX_DATA_DIR",
        FOLDER,
        "",
        "folder of the database, the secret key, and the static files",
        default_text="`.data` in a checkout, otherwise your user data folder",
    ),
    DATABASE_URL := Setting(
        "DATABASE_URL",
        Kind("`sqlite:///…` or `postgres://…`", str),
        "",
        "the database, for example `postgres://user@localhost/tokenx`",
        default_text="`tokenx.sqlite3` in the data folder",
    ),
    SECRET_KEY := Setting(
        "TOKENX_SECRET_KEY",
        TEXT,
        "",
        "signs sessions and links",
        default_text="generated in the data folder",
    ),
)
_declare(
    "Serving",
    LISTEN_ON := Setting(
        "TOKENX_HOST",
        HOST,
        "127.0.0.1",
        "address to listen on; 0.0.0.0 lets other computers connect",
        option="--host",
    ),
    PORT := Setting(
        "TOKENX_PORT",
        _number(0, 65_535),
        8000,
        "port to listen on; 0 selects a free one",
        option="--port",
    ),
    ALLOWED_HOSTS := Setting(
        "TOKENX_ALLOWED_HOSTS",
        HOSTS,
        ["localhost", "127.0.0.1", "[::1]"],
        "host names that the server responds to; `demo` adds its own address",
    ),
    HTTPS := Setting(
        "TOKENX_HTTPS",
        FLAG,
        False,
        "1 behind a proxy with HTTPS: secure cookies, HSTS, and a redirect from HTTP",
    ),
    TRUSTED_PROXY := Setting(
        "TOKENX_TRUSTED_PROXY",
        Kind("IP address, or `*` for any", str),
        "",
        "proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` headers `serve` trusts",
        default_text="127.0.0.1 with TOKENX_HTTPS, otherwise none",
        option="--trusted-proxy",
    ),
    THREADS := Setting(
        "TOKENX_THREADS",
        _number(1, 256),
        4,
        "threads of each server process; half of them can run Apex",
    ),
)
_declare(
    "Orgs of `demo` and `serve`",
    SCENARIO := Setting(
        "TOKENX_SCENARIO",
        SCENARIO_NAME,
        "",
        "scenario to build the org from",
        default_text="`demo` for `demo`, no org for `serve`",
        option="--scenario",
    ),
    INIT := Setting(
        "TOKENX_INIT",
        FOLDER,
        "",
        "folder whose new and changed metadata files are deployed at each start",
        default_text="none",
        option="--init",
    ),
    ADMIN_PASSWORD := Setting(
        "TOKENX_ADMIN_PASSWORD",
        TEXT,
        "",
        "password of the org's administrator and viewer",
        default_text="generated and printed",
    ),
    NEW_PASSWORD := Setting(
        "TOKENX_NEW_PASSWORD",
        FLAG,
        False,
        "set a new password for the administrator and the viewer, and print it",
        option="--new-password",
    ),
    PRESENT := Setting(
        "TOKENX_PRESENT",
        FLAG,
        False,
        "turn on the presenter bar above Setup",
        option="--present",
    ),
    RESET := Setting(
        "TOKENX_RESET",
        FLAG,
        False,
        "delete the org and build it again, at every start",
        option="--reset",
    ),
    NO_INPUT := Setting(
        "TOKENX_NO_INPUT",
        FLAG,
        False,
        "don't ask for confirmation of `--reset`",
        option="--no-input",
    ),
    JSON := Setting(
        "TOKENX_JSON",
        FLAG,
        False,
        "print one JSON object that says how to log in, for scripts",
        option="--json",
    ),
    NO_SERVE := Setting(
        "TOKENX_NO_SERVE",
        FLAG,
        False,
        "build the org and print how to log in, but don't serve it",
        option="--no-serve",
    ),
)
_declare(
    "Practice orgs",
    SIGNUP := Setting(
        "TOKENX_SIGNUP",
        _choice("open", "code", "closed"),
        "closed",
        "who can start a practice org: everyone, anyone who has the code, or no one",
        default_text="closed; `demo`: open",
    ),
    SIGNUP_CODE := Setting(
        "TOKENX_SIGNUP_CODE", TEXT, "", "the code, if `TOKENX_SIGNUP` is `code`"
    ),
    PRACTICE_DAYS := Setting(
        "TOKENX_PRACTICE_DAYS",
        _number(1, 3_650),
        7,
        "days until an unused practice org is deleted",
    ),
    PRACTICE_ORGS := Setting(
        "TOKENX_PRACTICE_ORGS",
        _number(0, 1_000_000),
        1_000,
        "maximum number of practice orgs",
    ),
    PRACTICE_ORGS_PER_ADDRESS := Setting(
        "TOKENX_PRACTICE_ORGS_PER_ADDRESS",
        _number(0, 1_000_000),
        20,
        "maximum number of practice orgs that one network can start",
    ),
    SCENARIOS_DIR := Setting(
        "TOKENX_SCENARIOS", FOLDER, "", "folder with your own scenarios"
    ),
    EXERCISES_DIR := Setting(
        "TOKENX_EXERCISES", FOLDER, "", "folder with your own exercises"
    ),
    RECORD_STORES := Setting(
        "TOKENX_RECORD_STORES",
        HOSTS,
        [],
        "learning record stores in a private network",
        default_text="none; stores with a public address always work",
    ),
)
_declare(
    "Clients and Apex",
    CALLOUT_HOSTS := Setting(
        "TOKENX_CALLOUT_HOSTS",
        HOSTS,
        [],
        "public hosts that Apex can really call",
        default_text="none",
    ),
    THROTTLE_TOKENS := Setting(
        "TOKENX_THROTTLE_TOKENS",
        FLAG,
        True,
        "0 lets clients send any number of invalid tokens",
        default_text="1; `demo`: 0",
    ),
    DEPLOY_INLINE := Setting(
        "TOKENX_DEPLOY_INLINE",
        FLAG,
        False,
        "1 deploys while the client waits, not in the background",
    ),
)
_declare(
    "Development",
    DEBUG := Setting(
        "TOKENX_DEBUG",
        FLAG,
        False,
        "1 shows tracebacks on pages; never where others can connect",
    ),
)

SETTINGS = [setting for group in GROUPS.values() for setting in group]


def misspelled(environ: Iterable[str] = os.environ) -> list[tuple[str, str]]:
    """Return unknown names that look like a setting's, each with that setting's name."""
    names = [setting.name for setting in SETTINGS]
    return [
        (name, close[0])
        for name in sorted(environ)
        if name.startswith("TOKENX") and name not in names
        if (close := get_close_matches(name, names, n=1, cutoff=0.9))
    ]
