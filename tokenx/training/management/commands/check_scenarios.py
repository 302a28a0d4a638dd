"""`manage.py check_scenarios FILE…`: reports problems in scenarios by file and line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokenx.training.scenarios.catalogue import ScenarioError, problems, read_file


class Command(BaseCommand):
    help = "Check scenario files: the given ones, or all built-in ones and your own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        found = [] if files else problems()
        for file in files:
            try:
                read_file(file)
            except ScenarioError as error:
                found += error.problems
        if found:
            raise CommandError("\n".join(map(str, found)))
        self.stdout.write("No problems found.")
