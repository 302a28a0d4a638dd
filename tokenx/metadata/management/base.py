"""The base class of the metadata commands: options, output, and exit statuses."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from tokenx.metadata.format.errors import MetadataError
from tokenx.org.management.console import (
    console_for,
    print_line,
    print_table,
    printable,
)

# Exit statuses: not everything succeeded; nothing was attempted; Ctrl+C.
FAILED, REFUSED, INTERRUPTED = 1, 2, 130


class MetadataCommand(BaseCommand):
    # Scripts run these commands often, and the checks take longer than a small deployment.
    requires_system_checks = []
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--org", metavar="NAME_OR_ID", help="org to use; optional if only one exists"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object, for scripts"
        )

    def run(self, options: dict[str, Any]) -> None:
        """Run the command. Raises an error that handle() reports if it can't be tried."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        colors = {name: options[name] for name in ("no_color", "force_color")}
        self.console = console_for(self.stdout, **colors)
        self.error_console = console_for(self.stderr, **colors)
        try:
            self.run(options)
        except ValidationError as error:
            self.refuse(*error.messages)
        except MetadataError as error:
            self.refuse(*map(str, error.problems))
        except OperationalError as error:
            self.refuse(f"The database isn't available: {error}")
        except OSError as error:
            self.refuse(f"{error.filename or 'File'}: {error.strerror or error}")
        except KeyboardInterrupt:
            self.warn("Stopped.")
            raise SystemExit(INTERRUPTED) from None

    def check_migrations(self) -> None:
        """Refuse a database without this version's tables."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.refuse("The database isn't up to date. Run `manage.py migrate`.")

    def refuse(self, *lines: str) -> NoReturn:
        """End the command because nothing could be attempted."""
        safe = [printable(line) for line in "\n".join(lines).split("\n")]
        raise CommandError("\n".join(safe), returncode=REFUSED)

    # --- Output ----------------------------------------------------------------------

    def say(self, line: str = "", style: str = "") -> None:
        print_line(self.console, line, style)

    def warn(self, line: str) -> None:
        print_line(self.error_console, line)

    def say_table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        style_of: Callable[[Sequence[str]], str] = lambda row: "",
    ) -> None:
        """Print a table and an empty line, or nothing if there are no rows."""
        if rows:
            print_table(self.console, headings, rows, style_of)
            self.say()

    def say_json(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, indent=2, default=_as_text))


def _as_text(value: object) -> str:
    """Return a time in Salesforce's format."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} can't be written as JSON")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
