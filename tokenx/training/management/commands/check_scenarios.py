"""`manage.py check_scenarios FILE…`: reports problems in scenarios by file and line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx.training.scenarios.catalogue import ScenarioError, problems, read_file


class Command(BaseCommand):
    help = "Check scenario files and list each problem with its file and line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, help="files to check; default: all scenarios"
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        file_problems = [] if files else problems()
        for file in files:
            try:
                read_file(file)
            except ScenarioError as error:
                file_problems += error.problems
        if file_problems:
            raise CommandError("\n".join(map(str, file_problems)))
        self.stdout.write("No problems found.")
