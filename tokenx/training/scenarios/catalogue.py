"""The scenarios that there are: those that come with tokenx, and a trainer's own."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .reader import Problem, Scenario, ScenarioError, read_scenario

__all__ = [
    "EMPTY",
    "FIRST_STEPS",
    "Problem",
    "Scenario",
    "ScenarioError",
    "find_scenario",
    "names",
    "problems",
    "read_file",
    "scenario_label",
    "scenarios",
]

SHIPPED = Path(__file__).parent / "files"
FIRST_STEPS, EMPTY = "first-steps", "empty"
# A scenario is read by people; a file of more than this is none.
MOST_BYTES = 1_000_000
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
# What `demo` builds without a file.
_TAKEN = {"demo", "large"}


def scenarios() -> dict[str, Scenario]:
    """Those that can be used, by slug, in the order of a list. See also problems()."""
    found = {}
    for slug, path in _files().items():
        try:
            found[slug] = read_file(path)
        except ScenarioError:
            continue
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[1].label)))


def find_scenario(slug: str) -> Scenario:
    """Raises ScenarioError where there is none, or something is wrong with it."""
    path = _files().get(slug)
    if path is None:
        raise ScenarioError([Problem(slug, 1, "There is no scenario of this name.")])
    return read_file(path)


def scenario_label(slug: str) -> str:
    """What people know it by; its slug, where it has no file or a wrong one."""
    found = scenarios().get(slug)
    return found.label if found else slug


def names() -> list[str]:
    """By what all of them are called, those that scenarios() leaves out too."""
    return list(_files())


def problems() -> list[Problem]:
    """What is wrong with the files that scenarios() leaves out."""
    found: list[Problem] = []
    if settings.SCENARIOS_DIR and not Path(settings.SCENARIOS_DIR).is_dir():
        words = "This is no folder, although TOKENX_SCENARIOS names it."
        found.append(Problem(settings.SCENARIOS_DIR, 1, words))
    for path in _files().values():
        try:
            read_file(path)
        except ScenarioError as error:
            found += error.problems
    return found


def read_file(path: Path) -> Scenario:
    """Raises ScenarioError; a file that did not change is read once."""
    if not _SLUG.fullmatch(path.stem) or path.stem in _TAKEN:
        words = "Its name has to be small letters, digits and hyphens; demo and large are"
        raise ScenarioError([Problem(path.name, 1, f"{words} taken.")])
    try:
        stat = path.stat()
        if stat.st_size > MOST_BYTES:
            words = f"This is too large: at most {MOST_BYTES:,} bytes may be."
            raise ScenarioError([Problem(path.name, 1, words)])
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(path.name, 1, "This is not UTF-8.")]) from error
    except OSError as error:
        words = f"This cannot be read: {error.strerror}."
        raise ScenarioError([Problem(path.name, 1, words)]) from error


@lru_cache(maxsize=200)
def _read(path: Path, changed: int, size: int) -> Scenario:
    return read_scenario(path.read_text("utf-8"), slug=path.stem, file=path.name)


def _files() -> dict[str, Path]:
    """By slug; a trainer's own file takes the place of one that comes with tokenx."""
    folders = [SHIPPED, *([Path(settings.SCENARIOS_DIR)] if settings.SCENARIOS_DIR else [])]
    return {path.stem: path for each in folders for path in sorted(each.glob("*.toml"))}
