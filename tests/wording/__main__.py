"""Print wording faults, and exit with 1 if there are any: python -m tests.wording."""

import sys

from .check import check_all

faults = check_all()
print(*faults, sep="\n")
sys.exit("The rules are in docs/wording.md" if faults else 0)
