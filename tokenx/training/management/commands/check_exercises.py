"""Say what is wrong with exercise files: those named, or those of one's own folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tokenx.training.exercises import (
    ExerciseError,
    Problem,
    known_scenarios,
    problems_of_own,
    read_exercise,
)


class Command(BaseCommand):
    help = "Check exercise files, and say each problem with its file and line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        found = [it for file in files for it in _problems_of(file)]
        problems = found if files else problems_of_own()
        if problems:
            raise CommandError("\n".join(map(str, problems)))
        self.stdout.write("Nothing is wrong.")


def _problems_of(file: Path) -> list[Problem]:
    try:
        text = file.read_text(encoding="utf-8")
        read_exercise(text, file=str(file), slug=file.stem, scenarios=known_scenarios())
    except ExerciseError as error:
        return error.problems
    except (OSError, UnicodeDecodeError) as error:
        return [Problem(str(file), 1, f"It cannot be read: {error}.")]
    return []
