"""The available scenarios: those that come with tokenx, and a trainer's own."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .reader import ScenarioError, ScenarioProblem, read_scenario
from .scenario import Scenario

__all__ = [
    "DEMO",
    "EMPTY",
    "FIRST_STEPS",
    "Scenario",
    "ScenarioError",
    "ScenarioProblem",
    "find_scenario",
    "names",
    "problems",
    "read_file",
    "scenario_label",
    "scenarios",
]

BUILT_IN = Path(__file__).parent / "files"
FIRST_STEPS, EMPTY = "first-steps", "empty"
# The scenario of the demo org. Pages don't offer it, so scenarios() doesn't include it.
DEMO = "demo"
# People write and read scenarios, so a larger file isn't one.
MAX_BYTES = 1_000_000
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
# The orgs that `manage.py demo` builds without a file in SCENARIOS_DIR.
_TAKEN = {DEMO, "large"}


def scenarios() -> dict[str, Scenario]:
    """Return the valid scenarios by slug, in their order. See also problems()."""
    valid = {}
    for slug, path in _files().items():
        try:
            valid[slug] = read_file(path)
        except ScenarioError:
            continue
    return dict(sorted(valid.items(), key=lambda item: (item[1].order, item[1].label)))


def find_scenario(slug: str) -> Scenario:
    """Return the scenario. Raise ScenarioError if it doesn't exist or has problems."""
    path = _files().get(slug, _demo_file() if slug == DEMO else None)
    if path is None:
        sentence = "No scenario has this name."
        raise ScenarioError([ScenarioProblem(slug, 1, sentence)])
    return read_file(path)


def scenario_label(slug: str) -> str:
    """Return the scenario's label, or its slug if the scenario has no valid file."""
    scenario = scenarios().get(slug)
    return scenario.label if scenario else slug


def names() -> list[str]:
    """Return the slugs of all scenarios, including those with problems."""
    return list(_files())


def problems() -> list[ScenarioProblem]:
    """Return the problems of the files that scenarios() skips."""
    found: list[ScenarioProblem] = []
    if settings.SCENARIOS_DIR and not Path(settings.SCENARIOS_DIR).is_dir():
        sentence = "TOKENX_SCENARIOS doesn't name a folder."
        found.append(ScenarioProblem(settings.SCENARIOS_DIR, 1, sentence))
    for path in _files().values():
        try:
            read_file(path)
        except ScenarioError as error:
            found += error.problems
    return found


def read_file(path: Path) -> Scenario:
    """Read a scenario, or reuse it if its file hasn't changed.

    Raise ScenarioError if the file has problems.
    """
    is_taken = path.stem in _TAKEN and path != _demo_file()
    if is_taken or not _SLUG.fullmatch(path.stem):
        sentence = (
            "Use lowercase letters, digits, and hyphens for the file's name. "
            "The names demo and large are taken."
        )
        raise ScenarioError([ScenarioProblem(path.name, 1, sentence)])
    try:
        stat = path.stat()
        if stat.st_size > MAX_BYTES:
            sentence = f"The file is too large. The limit is {MAX_BYTES:,} bytes."
            raise ScenarioError([ScenarioProblem(path.name, 1, sentence)])
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except UnicodeDecodeError as error:
        sentence = "Save the file as UTF-8."
        raise ScenarioError([ScenarioProblem(path.name, 1, sentence)]) from error
    except OSError as error:
        sentence = f"The file can't be read: {error.strerror}."
        raise ScenarioError([ScenarioProblem(path.name, 1, sentence)]) from error


@lru_cache(maxsize=200)
def _read(path: Path, modified: int, size: int) -> Scenario:
    return read_scenario(path.read_text("utf-8"), slug=path.stem, file=path.name)


def _files() -> dict[str, Path]:
    """Return the files by slug. A trainer's own file replaces a built-in one."""
    folders = [BUILT_IN]
    if settings.SCENARIOS_DIR:
        folders.append(Path(settings.SCENARIOS_DIR))
    files = {
        path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))
    }
    if files.get(DEMO) == _demo_file():
        del files[DEMO]
    return files


def _demo_file() -> Path:
    return BUILT_IN / f"{DEMO}.toml"
