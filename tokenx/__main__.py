"""The command line: `tokenx demo`, and the commands of Django."""

import os
import sys
from importlib.metadata import version

from django.core.management import execute_from_command_line


def main() -> None:
    # Django's own --version would print Django's.
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"tokenx {version('tokenx')}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenx.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
