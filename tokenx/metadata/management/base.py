"""What the commands for metadata share: which org, what they say, and how they end."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from tokenx.metadata.format.errors import MetadataError
from tokenx.terminal import printable

# Exit statuses: what was asked for did not come out; it could not be tried; Ctrl+C.
NO, NOT_TRIED, INTERRUPTED = 1, 2, 130

Style = Callable[[str], str]


class MetadataCommand(BaseCommand):
    # A script may call it often, and the checks take longer than a small deployment.
    requires_system_checks = []
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--org", metavar="NAME_OR_ID", help="which org; not needed where there is one"
        )
        parser.add_argument(
            "--json", action="store_true", help="write one JSON object, for scripts"
        )

    def run(self, options: dict[str, Any]) -> None:
        """Do what the command is for. What cannot be tried raises what handle() knows."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.run(options)
        except ValidationError as error:
            self.refuse(*error.messages)
        except MetadataError as error:
            self.refuse(*map(str, error.problems))
        except OperationalError as error:
            self.refuse(f"The database could not be used: {error}")
        except OSError as error:
            self.refuse(f"{error.filename or 'File'}: {error.strerror or error}")
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
            raise SystemExit(INTERRUPTED) from None

    def check_migrations(self) -> None:
        """Refuse a database that this version's tables are not in yet."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.refuse("The database is not set up: run `manage.py migrate` or `demo`.")

    def refuse(self, *lines: str) -> NoReturn:
        """End because it could not be tried."""
        shown = [printable(line, None) for line in "\n".join(lines).split("\n")]
        raise CommandError("\n".join(shown), returncode=NOT_TRIED)

    # --- What it says ----------------------------------------------------------------

    def say(self, line: str = "", style: Style = str) -> None:
        self.stdout.write(style(printable(line, self.stdout)))

    def warn(self, line: str) -> None:
        self.stderr.write(printable(line, self.stderr))

    def say_table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        style_of: Callable[[Sequence[str]], Style] = lambda row: str,
    ) -> None:
        """Columns as wide as they need; the last one ends where it ends."""
        if not rows:
            return
        shown = [[printable(cell, self.stdout) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(headings, *shown, strict=True)]
        widths[-1] = 0
        for row in (headings, *shown):
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            style: Style = str if row is headings else style_of(row)
            self.stdout.write(style("  ".join(cells)))
        self.say()

    def say_json(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, indent=2, default=_time))


def _time(value: object) -> str:
    """A time as Salesforce writes it."""
    if not isinstance(value, datetime):
        raise TypeError(f"No JSON for {value!r}")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
