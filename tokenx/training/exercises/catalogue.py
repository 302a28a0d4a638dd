"""Exercises that come with tokenx, and those in a trainer's own folder."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from pydantic import ValidationError

from tokenx.training.scenarios import toml_lines
from tokenx.training.scenarios.catalogue import DEMO, scenarios

from .exercise import Exercise, ExerciseError, ExercisePath, ExerciseProblem
from .reader import read_exercise
from .schema import PATH_TABLES, PathTable, keys_of_paths, problems_of

CONTENT = Path(__file__).parent / "content"
PATHS = "paths.toml"


class _Folder(NamedTuple):
    """The contents of a folder."""

    paths: dict[str, ExercisePath]
    exercises: dict[str, Exercise]
    problems: list[ExerciseProblem]


def exercises() -> dict[str, Exercise]:
    """Return all exercises in the order of the path. Skip files with problems."""
    return {**_packaged().exercises, **_own().exercises}


def find_exercise(slug: str) -> Exercise | None:
    return exercises().get(slug)


def paths() -> dict[str, ExercisePath]:
    """Return all paths. The path `all` has every exercise, with custom ones last."""
    packaged, own = _packaged(), _own()
    combined = {**packaged.paths, **own.paths}
    every = dict.fromkeys([*packaged.paths["all"].exercises, *own.exercises])
    label = packaged.paths["all"].label
    return {**combined, "all": ExercisePath("all", label, tuple(every))}


def problems_of_own() -> list[ExerciseProblem]:
    """Return the problems of the trainer's own folder and its files."""
    folder = own_folder()
    if folder and not folder.is_dir():
        sentence = "TOKENX_EXERCISES must be the path of a folder."
        return [ExerciseProblem(str(folder), 1, sentence)]
    return _own().problems


def own_folder() -> Path | None:
    return Path(settings.EXERCISES_DIR) if settings.EXERCISES_DIR else None


def known_scenarios() -> tuple[str, ...]:
    """Return the scenarios that an exercise can start from."""
    return (*scenarios(), DEMO)


@cache
def _packaged() -> _Folder:
    folder = _read_files(_files(CONTENT))
    if folder.problems:
        raise ExerciseError(folder.problems)
    order = folder.paths["all"].exercises
    return folder._replace(exercises={slug: folder.exercises[slug] for slug in order})


def _own() -> _Folder:
    folder = own_folder()
    files = _files(folder) if folder else ()
    if not files:
        return _Folder({}, {}, [])
    versions = tuple((file, file.stat().st_mtime_ns) for file in files)
    return _read_versions(versions, known_scenarios())


@lru_cache(maxsize=4)
def _read_versions(
    versions: tuple[tuple[Path, int], ...], known: tuple[str, ...]
) -> _Folder:
    """Read the files again whenever a file or the list of scenarios changes."""
    return _read_files(tuple(file for file, _ in versions), known)


def _files(folder: Path) -> tuple[Path, ...]:
    return (*sorted(folder.glob("*.md")), *folder.glob(PATHS))


def _read_files(files: tuple[Path, ...], known: tuple[str, ...] | None = None) -> _Folder:
    folder = _Folder({}, {}, [])
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
            if file.name == PATHS:
                slugs = {*folder.exercises, *_packaged_slugs(file)}
                folder.paths.update(_read_paths(text, slugs))
            else:
                folder.exercises[file.stem] = read_exercise(
                    text, file=file.name, slug=file.stem, scenarios=known
                )
        except ExerciseError as error:
            folder.problems.extend(error.problems)
        except (OSError, UnicodeDecodeError) as error:
            sentence = f"The file can't be read: {error}."
            folder.problems.append(ExerciseProblem(file.name, 1, sentence))
    return folder


def _packaged_slugs(file: Path) -> set[str]:
    """Return the packaged exercises that a path in another folder can use."""
    return set() if file.parent == CONTENT else set(_packaged().exercises)


def _read_paths(text: str, known: set[str]) -> dict[str, ExercisePath]:
    tables, lines = _parse_paths(text), toml_lines.lines_of(text)
    problems = []
    for slug, table in tables.items():
        line = toml_lines.line_of(lines, (slug, "exercises"))
        problems += [
            ExerciseProblem(PATHS, line, f"{name} isn't an exercise.")
            for name in table.exercises
            if name not in known
        ]
    if problems:
        raise ExerciseError(problems)
    return {
        slug: ExercisePath(slug, table.label or slug, table.exercises)
        for slug, table in tables.items()
    }


def _parse_paths(text: str) -> dict[str, PathTable]:
    try:
        return PATH_TABLES.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ExerciseError([ExerciseProblem(PATHS, 1, f"{error}.")]) from error
    except ValidationError as error:
        lines = toml_lines.lines_of(text)
        raise ExerciseError(
            [
                ExerciseProblem(PATHS, toml_lines.line_of(lines, path), sentence)
                for path, sentence in problems_of(error, keys_of_paths)
            ]
        ) from error
