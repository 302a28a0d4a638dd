"""Check exercise files: the given ones, or those in the trainer's own folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tokenx.training.exercises import (
    ExerciseError,
    ExerciseProblem,
    known_scenarios,
    problems_of_own,
    read_exercise,
)


class Command(BaseCommand):
    help = "Check exercise files and list each problem with its file and line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            help="files to check; default: your own exercises",
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        problems = problems_of_own()
        if files:
            problems = [problem for file in files for problem in _problems_of(file)]
        if problems:
            raise CommandError("\n".join(map(str, problems)))
        self.stdout.write("No problems found.")


def _problems_of(file: Path) -> list[ExerciseProblem]:
    try:
        text = file.read_text(encoding="utf-8")
        read_exercise(text, file=str(file), slug=file.stem, scenarios=known_scenarios())
    except ExerciseError as error:
        return error.problems
    except (OSError, UnicodeDecodeError) as error:
        return [ExerciseProblem(str(file), 1, f"The file can't be read: {error}.")]
    return []
