"""The exercises that come with tokenx, and those of a folder of a trainer's own."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path as FilePath

from django.conf import settings

from tokenx.training.scenarios.catalogue import DEMO, scenarios

from .exercise import Exercise, ExerciseError, Path, Problem
from .reader import read_exercise

HERE = FilePath(__file__).parent / "content"
PATHS = "paths.toml"


def exercises() -> dict[str, Exercise]:
    """All exercises, in the order of the path. Files with problems are left out."""
    _, own, _ = _own()
    return {**_packaged()[1], **own}


def find_exercise(slug: str) -> Exercise | None:
    return exercises().get(slug)


def paths() -> dict[str, Path]:
    """The paths: `all` has every exercise, those of one's own last."""
    packaged, _, _ = _packaged()
    own_paths, own, _ = _own()
    made = {**packaged, **own_paths}
    every = dict.fromkeys([*packaged["all"].exercises, *own])
    return {**made, "all": Path("all", packaged["all"].label, tuple(every))}


def problems_of_own() -> list[Problem]:
    """What is wrong with the files of one's own folder, or with the folder."""
    folder = own_folder()
    if folder and not folder.is_dir():
        words = "This is no folder, although TOKENX_EXERCISES names it."
        return [Problem(str(folder), 1, words)]
    return _own()[2]


def own_folder() -> FilePath | None:
    return FilePath(settings.EXERCISES_DIR) if settings.EXERCISES_DIR else None


def known_scenarios() -> tuple[str, ...]:
    """What an exercise can start from."""
    return (*scenarios(), DEMO)


_Read = tuple[dict[str, Path], dict[str, Exercise], list[Problem]]


@cache
def _packaged() -> _Read:
    made_paths, made, problems = _read(_files(HERE))
    if problems:
        raise ExerciseError(problems)
    order = made_paths["all"].exercises
    return made_paths, {slug: made[slug] for slug in order}, []


def _own() -> _Read:
    folder = own_folder()
    files = _files(folder) if folder else ()
    if not files:
        return {}, {}, []
    as_of = tuple((file, file.stat().st_mtime_ns) for file in files)
    return _read_as_of(as_of, known_scenarios())


@lru_cache(maxsize=4)
def _read_as_of(files: tuple[tuple[FilePath, int], ...], known: tuple[str, ...]) -> _Read:
    """Read again when a file, or a scenario, came or went, or when a file was saved."""
    return _read(tuple(file for file, _ in files), known)


def _files(folder: FilePath) -> tuple[FilePath, ...]:
    return (*sorted(folder.glob("*.md")), *folder.glob(PATHS))


def _read(files: tuple[FilePath, ...], known: tuple[str, ...] | None = None) -> _Read:
    made: dict[str, Exercise] = {}
    made_paths: dict[str, Path] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
            if file.name == PATHS:
                made_paths = _read_paths(text, {*made, *_known(file)})
            else:
                made[file.stem] = read_exercise(
                    text, file=file.name, slug=file.stem, scenarios=known
                )
        except ExerciseError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file.name, 1, f"It cannot be read: {error}."))
    return made_paths, made, problems


def _known(file: FilePath) -> set[str]:
    """What a path may name besides the files beside it."""
    return set() if file.parent == HERE else set(_packaged()[1])


def _read_paths(text: str, known: set[str]) -> dict[str, Path]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ExerciseError([Problem(PATHS, 1, f"{error}.")]) from error
    made, problems = {}, []
    for slug, table in tables.items():
        names = table.get("exercises", []) if isinstance(table, dict) else []
        line = text[: text.find(f"[{slug}]")].count("\n") + 1
        if not names:
            problems.append(Problem(PATHS, line, f"The path {slug} has no exercises."))
            continue
        unknown = [name for name in names if name not in known]
        problems += [
            Problem(PATHS, line, f"The path {slug} names {name}, which is no exercise.")
            for name in unknown
        ]
        made[slug] = Path(slug, str(table.get("label", slug)), tuple(names))
    if problems:
        raise ExerciseError(problems)
    return made
