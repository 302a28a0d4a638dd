"""Print each fault as path:line: message, and exit with 1 if there are any."""

import sys

from .check import check_all

faults = check_all()
print(*faults, sep="\n")
sys.exit(f"{len(faults)} wording faults; the rules are in docs/wording.md" if faults else 0)
